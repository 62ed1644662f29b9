"""The ``m3e`` command: parses, calls the library, prints.

Exit codes: 0 done; 1 done, but runs failed, or a comparison is lost; 2 bad input or storage; 130 interrupted.
Heavy libraries are imported by the commands that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import atexit
import io
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench import steps
from bench.errors import CommandInterrupted, InvalidInput, M3EError, UnknownName, explain
from bench.files import not_linked
from bench.interrupts import ignore_interrupts, interrupt_once
from bench.text import printable, visible

if TYPE_CHECKING:
    from rich.console import Console

    from bench.mapping import MappingFile

DEFAULT_CAMPAIGN = "quick"
DEFAULT_FOLDER = Path("runs")


INTERRUPTED = {
    "run": "finished runs are kept, and the same command continues",
    "figures": "finished runs are kept, and the same command continues",
    "report": "the report is not complete, the same command writes it again",
    "map": "no mapping was found yet, and nothing is written",
    "import": "nothing is written",
}
"""What holds when a command was interrupted."""


class Group(click.Group):
    """A group whose unknown commands answer "did you mean", and that says what holds when one is interrupted."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for; an interruption becomes one that knows the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise CommandInterrupted(error, INTERRUPTED.get(ctx.invoked_subcommand or "", "")) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of that name; an unknown one is a usage error with a suggestion."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(str(UnknownName("command", args[0], self.list_commands(ctx))), ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="m3e")
def cli() -> None:
    """Benchmark black-box optimizers on mapping DNN layers onto multi-core accelerators."""


@cli.command("list")
@click.argument("what", type=click.Choice(["problems", "networks", "optimizers", "campaigns", "figures"]))
def list_(what: str) -> None:
    """List what there is: problems, networks, optimizers, campaigns or figures."""
    from bench import listing

    console = steps.open_console()
    for table in getattr(listing, f"{what}_tables")():
        console.print(table)


_out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=DEFAULT_FOLDER, show_default=True, help="Results folder."
)
_workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Runs at a time, each in a process of its own. [default: cores]"
)
_quick_option = click.option("--quick", is_flag=True, help="The campaign's quick form: minutes.")


@cli.command()
@click.argument("campaign", default=DEFAULT_CAMPAIGN)
@_out_option
@_workers_option
@_quick_option
@click.option("--budget", type=click.IntRange(min=1), help="Evaluations of a run, instead of the campaign's.")
@click.option("--seeds", type=click.IntRange(min=1), help="Number of seeds, instead of the campaign's.")
@click.option(
    "--optimizer",
    "added",
    multiple=True,
    metavar="NAME",
    help="One more optimizer beside the campaign's: a name, or package.module:Class. May be repeated.",
)
@click.option("--full-trace", is_flag=True, help="Store every makespan, not only improvements.")
@click.option("--retry", is_flag=True, help="Do failed and cut runs again.")
@click.option("--report/--no-report", default=True, help="Write the report at the end.")
def run(
    campaign: str,
    out: Path,
    workers: int | None,
    quick: bool,
    budget: int | None,
    seeds: int | None,
    added: tuple[str, ...],
    full_trace: bool,
    retry: bool,
    report: bool,
) -> None:
    """Run CAMPAIGN (a name, or a TOML file); what is done already is not done again.

    Results go to OUT/<campaign>. Interrupt it at any time: the same command continues.
    """
    from bench.campaign import load_campaign, make_contender, with_overrides

    contenders = [make_contender(name) for name in added]
    changes: dict[str, Any] = {"budget": budget, "seeds": seeds, "full_trace": full_trace, "contenders": contenders}
    chosen = with_overrides(load_campaign(campaign, quick=quick), **changes)
    console = steps.open_console()
    with steps.campaign_done(console, chosen, out, workers, retry=retry) as (folder, counts):
        if report:
            steps.report_on(console, [folder], not_linked(folder / "report"))
    if counts["failed"]:
        why = f"'m3e report {shlex.quote(str(folder))}' says why"
        console.print(f"failed runs: {counts['failed']}; {why}. Do them again with --retry.", soft_wrap=True)
        sys.exit(1)


@cli.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
@_out_option
@_workers_option
@_quick_option
@click.option("--retry", is_flag=True, help="Do failed and cut runs again.")
def figures(names: tuple[str, ...], every: bool, out: Path, workers: int | None, quick: bool, retry: bool) -> None:
    """Regenerate the paper's figures: fig07 to fig17, table5 ('m3e list figures').

    Runs the campaigns that they need, or what is missing of them, into OUT/<campaign>; writes PNG, PDF, the numbers as
    CSV, and what they mean as TXT to OUT/figures.
    """
    from bench.campaign import load_campaign
    from bench.figures import chosen, write_figure

    console, failed = steps.open_console(), 0
    for figure in chosen(names, every=every):
        stem = f"{figure.name}-quick" if quick else figure.name
        folder = None
        if figure.campaign:
            campaign = load_campaign(figure.campaign, quick=quick)
            with steps.campaign_done(console, campaign, out, workers, retry=retry) as (folder, counts):
                failed += counts["failed"]
        for path in write_figure(figure, folder, out / "figures", stem):
            console.print(f"wrote {path}", soft_wrap=True)
    if failed:
        console.print(f"failed runs: {failed}; 'm3e report' on their campaigns says why. Do them again with --retry.")
        sys.exit(1)


@cli.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help="Report folder. [default: report, in the first of RUNS]")
@click.option(
    "--targets",
    type=click.Choice(["bound", "best"]),
    default="bound",
    show_default=True,
    help="What targets are gaps to: the certified lower bound, or the best value known from RUNS.",
)
def report(runs: tuple[Path, ...], out: Path | None, targets: str) -> None:
    """Report on the results in RUNS: one or more campaign folders, finished or not.

    Without RUNS, on the newest campaign in ./runs.
    """
    folders = list(runs) or [steps.newest_campaign(DEFAULT_FOLDER)]
    steps.report_on(steps.open_console(), folders, out or not_linked(folders[0] / "report"), targets=targets)


@cli.command()
@click.argument("problem")
def show(problem: str) -> None:
    """Describe PROBLEM: its job table, a certified lower bound, and whether it tells optimizers apart."""
    from bench import listing

    console = steps.open_console()
    for part in listing.problem_tables(problem):
        console.print(part)


@cli.command("import")
@click.argument("source")
@click.option("--dim", "dims", multiple=True, metavar="NAME=SIZE", help="A dimension that SOURCE leaves open.")
@click.option("--out", type=click.Path(path_type=Path), help="Workload file. [default: <source>.json]")
@click.option("--force", is_flag=True, help="Write over an existing file.")
def import_(source: str, dims: tuple[str, ...], out: Path | None, force: bool) -> None:
    """Make a workload of SOURCE: a file, or a network by name.

    Files are networks of ONNX or MAESTRO (.m), job files and topologies of SCALE-Sim (CSV), or ready job tables (CSV,
    NPZ). The result is a file that every command takes in place of a task, as file:PATH.
    """
    from rich.text import Text

    from bench import importing

    console = steps.open_console()
    for part in importing.import_workload(source, importing.parse_dims(dims), out, force=force):
        console.print(part, soft_wrap=isinstance(part, Text))


@cli.command("map")
@click.argument("workload")
@click.option("--platform", help="Name, or TOML file. [default: S2; of a job table its own cores]")
@click.option(
    "--bandwidth", "bandwidth_gbps", type=float, help="Shared memory bandwidth, GB/s. [default: the platform's]"
)
@click.option(
    "--jobs",
    "num_jobs",
    type=click.IntRange(min=1),
    help="Draw a group of so many jobs. [default: 100 of a task, else all]",
)
@click.option("--instance", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
@click.option("--dep", "dependent", is_flag=True, help="Jobs wait for those of their network whose outputs they need.")
@click.option("--cost-model", default="maestro", show_default=True)
@click.option("--objective", default="latency", show_default=True)
@click.option("--optimizer", help="Name, or package.module:Class. [default: magma; deap-nsga2 for two objectives]")
@click.option(
    "--warm-start",
    type=click.Path(path_type=Path),
    help="Start from a mapping.json of another group on as many cores; for magma.",
)
@click.option("--budget", type=click.IntRange(min=1), default=10_000, show_default=True, help="Evaluations.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--wall-limit", type=float, help="Seconds after which the search ends.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder. [default: runs/map/<problem>-<optimizer>-s<seed>]"
)
@click.option("--force", is_flag=True, help="Write over an existing mapping.")
def map_(
    optimizer: str | None,
    warm_start: Path | None,
    budget: int,
    seed: int,
    wall_limit: float | None,
    out: Path | None,
    force: bool,
    **what: Any,
) -> None:
    """Map WORKLOAD (a task, network, file, or problem id): the best mapping found, its charts and a trace.

    Writes mapping.json (for m3e replay), schedule.png, .svg and .html, and trace.json (for ui.perfetto.dev).
    Interrupted, it keeps the best mapping so far.
    """
    from bench import mapper

    console = steps.open_console()
    mapper.make_ready(optimizer)
    problem = mapper.problem_of(mapper.Request(**what))
    chosen = mapper.choose_optimizer(problem, optimizer)
    parameters = mapper.starting_from(warm_start, problem, chosen)
    folder = mapper.prepare_folder(problem, chosen, seed, out, force=force)
    limits: dict[str, Any] = {"budget": budget, "wall_limit_seconds": wall_limit}
    with mapper.folder_kept_if_filled(folder):
        mapping = mapper.find_mapping(problem, chosen, seed=seed, parameters=parameters, **limits)
        console.print(f"wrote {mapper.write(mapping, folder)}", soft_wrap=True)
    interrupt_once()  # an interrupted search has its mapping drawn, unless the user wants that to end as well
    _show_mapping(console, mapping, folder)
    if "error" in mapping.found_by:
        click.echo(f"m3e: {mapping.found_by['error']}; what it had found is kept", err=True)
    sys.exit(mapper.EXIT_CODES.get(mapping.found_by["stopped"], 0))


@cli.command()
@click.argument("mapping", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for new charts and a trace.")
def replay(mapping: Path, out: Path | None) -> None:
    """Evaluate MAPPING again, as 'm3e gantt' takes it; exit with 1 if it is not worth what it claims."""
    from bench import mapper
    from bench.gantt import mappings_at

    console = steps.open_console()
    read = mappings_at(mapping)
    verdict, same = mapper.verdict(read)
    console.print(verdict, soft_wrap=True)
    if not same:
        sys.exit(1)
    _show_mapping(console, read, out)


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder. [default: schedule, in the run's]")
def gantt(run: Path, out: Path | None) -> None:
    """Draw the schedule that RUN found: what each core does when, and how full the memory's bandwidth is.

    RUN is a run's folder in a campaign's, or what 'm3e map' wrote. Writes schedule.png, .svg and .html, and trace.json
    (for ui.perfetto.dev).
    """
    from bench.gantt import FOLDER, stored_mapping
    from reports.schedules import write_views

    console, problem, cores, priorities = steps.open_console(), *stored_mapping(run)
    for path in write_views(
        problem, cores, priorities, out or not_linked((run if run.is_dir() else run.parent) / FOLDER)
    ):
        console.print(f"wrote {path}", soft_wrap=True)


@cli.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--pair",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="LABEL_A LABEL_B",
    help="Compare these optimizers of A and B. May be repeated. [default: those with the same label in both]",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables, as CSV and LaTeX.")
def compare(a: Path, b: Path, pairs: tuple[tuple[str, str], ...], out: Path | None) -> None:
    """Compare the results in B with those in A, two campaign folders: better, worse, or no evidence.

    Paired tests, over seeds on each problem and over problems overall, corrected for their number; a failed run counts
    as infinitely bad. Exits with 1 if B is worse on an instance or overall, and with 2 if it lacks runs of A, or there
    are too few for any verdict.
    """
    from reports.comparison import compare as compared
    from reports.terminal import print_table
    from reports.writing import write_table

    console = steps.open_console()
    comparison = compared(steps.results_in([a]), steps.results_in([b]), pairs)
    for table in (comparison.by_instance, comparison.overall):
        print_table(table, console)
        for path in write_table(table, out) if out else []:
            console.print(f"wrote {path}", soft_wrap=True)
    for sentence in comparison.lost:
        console.print(f"lost: {sentence}", style="red", soft_wrap=True)
    if comparison.lost and not comparison.is_worse:
        raise InvalidInput("B", expected="all runs that A has", actual="fewer; see above")
    if not comparison.can_tell:
        raise InvalidInput("runs", expected="enough pairs for a verdict", actual="too few; see the warnings")
    sys.exit(int(comparison.is_worse))


def _show_mapping(console: Console, mapping: MappingFile, folder: Path | None) -> None:
    """Print what a mapping is worth, and draw its schedule into ``folder``."""
    from bench import mapper

    for part in mapper.summary(mapping):
        console.print(part)
    try:
        for path in mapper.views(mapping, folder) if folder else []:
            console.print(f"wrote {path}", soft_wrap=True)
    except KeyboardInterrupt as error:
        raise CommandInterrupted(error, "the mapping is kept, not all of its charts are drawn") from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: errors become one message and an exit code, never a traceback."""
    interrupt_once()
    atexit.register(ignore_interrupts)  # the result is decided then, and a signal must not change it
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # letters that a terminal does not have
    try:
        code = cli.main(args=arguments, prog_name="m3e", standalone_mode=False)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        click.echo("\n".join(map(visible, shown.getvalue().splitlines())), err=True)
        code = error.exit_code
    except CommandInterrupted as error:
        click.echo(f"\nm3e: {printable(error)}", err=True)
        code = error.exit_code
    except M3EError as error:
        click.echo(f"m3e: {printable(error)}", err=True)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:  # before the command was known
        click.echo("\nm3e: interrupted", err=True)
        code = getattr(error.__cause__ or error, "exit_code", 130)
    except Exception as error:
        if os.environ.get("M3E_DEBUG"):
            raise
        click.echo(f"m3e: internal error: {explain(error)} (M3E_DEBUG=1 shows where)", err=True)
        code = 3
    sys.exit(code)
