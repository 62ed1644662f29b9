"""The commands of ``m3e``, a file each. To add one: its file, and a line here."""

from __future__ import annotations

from dataclasses import dataclass

from problems.foundation.registry import Entry, Registry


@dataclass(frozen=True)
class CommandEntry(Entry):
    """The entry of a command.

    Attributes:
        interrupted: Clause on what holds when it is interrupted, for instance "nothing is written".
    """

    interrupted: str = ""


COMMANDS: Registry[Entry] = Registry("command", group="m3e.commands")
"""All commands by name, plug-ins included; factories are instances of ``click.Command``.

A command that returns an integer ends with it as exit code.
"""

CONTINUES = "finished runs are kept, and the same command continues"

BUILTIN = (
    CommandEntry(
        "list", "bench.commands.list_:list_", summary="List problems, networks, optimizers, campaigns, figures."
    ),
    CommandEntry(
        "show", "bench.commands.show:show", summary="Describe a problem: jobs, bound, and what it is good for."
    ),
    CommandEntry(
        "run",
        "bench.commands.run:run",
        summary="Run a campaign; what is done already is not done again.",
        interrupted=CONTINUES,
    ),
    CommandEntry(
        "report",
        "bench.commands.report:report",
        summary="Report on results: a page, figures and tables.",
        interrupted="the report is not complete, the same command writes it again",
    ),
    CommandEntry(
        "compare", "bench.commands.compare:compare", summary="Compare two campaigns: better, worse, or no evidence."
    ),
    CommandEntry(
        "figures", "bench.commands.figures:figures", summary="Regenerate the paper's figures.", interrupted=CONTINUES
    ),
    CommandEntry(
        "archive",
        "bench.commands.archive:archive",
        summary="Make, extend, list and verify archives of results.",
        interrupted="the archive is as it was, the same command writes it again",
    ),
    CommandEntry(
        "import",
        "bench.commands.import_:import_",
        summary="Make a workload of a network or a table of jobs.",
        interrupted="nothing is written",
    ),
    CommandEntry(
        "map",
        "bench.commands.map_:map_",
        summary="Map a workload onto a platform: mapping, charts, trace.",
        interrupted="no mapping was found yet, and nothing is written",
    ),
    CommandEntry(
        "sweep",
        "bench.commands.sweep:sweep",
        summary="Map a workload over platforms, bandwidths, cores, cost models.",
        interrupted=CONTINUES,
    ),
    CommandEntry(
        "best",
        "bench.commands.best:best",
        summary="The best mappings and bounds known: list, check a claim, update.",
        interrupted="what was taken is kept, and the same command continues",
    ),
    CommandEntry(
        "race",
        "bench.commands.race:race",
        summary="Run one optimizer, and say where it stands among reference results.",
        interrupted=CONTINUES,
    ),
    CommandEntry(
        "score",
        "bench.commands.score:score",
        summary="Score files with an optimizer each, whose code is not trusted.",
        interrupted="the file at work has no score",
    ),
    CommandEntry("replay", "bench.commands.replay:replay", summary="Evaluate a stored mapping again."),
    CommandEntry("gantt", "bench.commands.gantt:gantt", summary="Draw the schedule that a run has found."),
    CommandEntry(
        "elites",
        "bench.commands.elites:elites",
        summary="Draw the best value that a run has found of every kind of mapping.",
    ),
    CommandEntry(
        "status", "bench.commands.status:status", summary="Say how far campaigns are, who is at work, what is left."
    ),
    CommandEntry(
        "check", "bench.commands.check:check", summary="Check stored results: digests, traces, values; name faults."
    ),
    CommandEntry(
        "pack",
        "bench.commands.pack:pack",
        summary="Pack a campaign into one file, which every command reads.",
        interrupted="nothing is written",
    ),
    CommandEntry(
        "unpack",
        "bench.commands.unpack:unpack",
        summary="Unpack a campaign into a folder.",
        interrupted="nothing is written",
    ),
    CommandEntry(
        "merge",
        "bench.commands.merge:merge",
        summary="Merge parts of a campaign from several machines.",
        interrupted="nothing is written",
    ),
    CommandEntry(
        "export",
        "bench.commands.export:export",
        summary="Export results: CSV, Parquet, IOHprofiler.",
        interrupted="the export is not complete, the same command writes it again",
    ),
    CommandEntry(
        "clean",
        "bench.commands.clean:clean",
        summary="Remove what ended processes have left in campaigns.",
        interrupted="the same command removes the rest",
    ),
)
