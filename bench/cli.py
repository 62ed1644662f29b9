"""The ``m3e`` command: parses, calls the library, prints.

Exit codes: 0 done; 1 done, but runs failed; 2 bad input or storage; 130 interrupted.
Heavy libraries are imported by the commands that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench.errors import M3EError, StorageError, UnknownName

if TYPE_CHECKING:
    from rich.console import Console

    from bench.harness import Plan
    from bench.mapping import MappingFile

INTERRUPTED = 130
DEFAULT_CAMPAIGN = "quick"
DEFAULT_FOLDER = Path("runs")


class SuggestingGroup(click.Group):
    """A group whose unknown commands answer "did you mean"."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of that name; an unknown one is a usage error with a suggestion."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(str(UnknownName("command", args[0], self.list_commands(ctx))), ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=SuggestingGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="m3e")
def cli() -> None:
    """Benchmark black-box optimizers on mapping DNN layers onto multi-core accelerators."""


@cli.command("list")
@click.argument("what", type=click.Choice(["problems", "networks", "optimizers", "campaigns"]))
def list_(what: str) -> None:
    """List what there is: problems, networks, optimizers or campaigns."""
    from bench import listing

    console = _console()
    for table in getattr(listing, f"{what}_tables")():
        console.print(table)


@cli.command()
@click.argument("campaign", default=DEFAULT_CAMPAIGN)
@click.option(
    "--out", type=click.Path(path_type=Path), default=DEFAULT_FOLDER, show_default=True, help="Results folder."
)
@click.option("--workers", type=click.IntRange(min=1), help="Worker processes; 1 runs in this one. [default: cores]")
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
    from bench import harness
    from bench.campaign import load_campaign, make_contender, with_overrides

    contenders = [make_contender(name) for name in added]
    changes: dict[str, Any] = {"budget": budget, "seeds": seeds, "full_trace": full_trace, "contenders": contenders}
    chosen = with_overrides(load_campaign(campaign), **changes)
    console = _console()
    with harness.claimed(out / chosen.name):
        plan = harness.plan_campaign(chosen, out / chosen.name, retry=retry)
        _announce(console, chosen.name, plan)
        counts = _run_with_progress(plan, workers or harness.available_cores())
        if report:
            _report(console, [plan.folder], plan.folder / "report")
    if counts["failed"]:
        console.print(f"failed runs: {counts['failed']}; the report says why. Do them again with --retry.")
        sys.exit(1)


@cli.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help="Report folder. [default: report, in the first of RUNS]")
def report(runs: tuple[Path, ...], out: Path | None) -> None:
    """Report on the results in RUNS: one or more campaign folders, finished or not.

    Without RUNS, on the newest campaign in ./runs.
    """
    folders = list(runs) or [_newest_campaign(DEFAULT_FOLDER)]
    _report(_console(), folders, out or folders[0] / "report")


@cli.command()
@click.argument("problem")
def show(problem: str) -> None:
    """Describe PROBLEM: its job table, a certified lower bound, and whether it tells optimizers apart."""
    from bench import listing

    console = _console()
    for part in listing.problem_tables(problem):
        console.print(part)


@cli.command("import")
@click.argument("source")
@click.option("--dim", "dims", multiple=True, metavar="NAME=SIZE", help="A dimension that SOURCE leaves open.")
@click.option("--out", type=click.Path(path_type=Path), help="Workload file. [default: <source>.json]")
@click.option("--force", is_flag=True, help="Write over an existing file.")
def import_(source: str, dims: tuple[str, ...], out: Path | None, force: bool) -> None:
    """Make a workload of SOURCE: an ONNX file, a job CSV, a ready job table (CSV, NPZ), or a network by name.

    The result is a file that every command takes in place of a task, as file:PATH.
    """
    from rich.text import Text

    from bench import importing

    console = _console()
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

    Writes mapping.json (for m3e replay), schedule.png, schedule.svg, and trace.json (for ui.perfetto.dev).
    Interrupted, it keeps the best mapping so far.
    """
    from bench import mapper

    console = _console()
    problem = mapper.problem_of(mapper.Request(**what))
    chosen = mapper.choose_optimizer(problem, optimizer)
    parameters = mapper.starting_from(warm_start, problem, chosen)
    folder = mapper.prepare_folder(problem, chosen, seed, out, force=force)
    limits: dict[str, Any] = {"budget": budget, "wall_limit_seconds": wall_limit}
    mapping = mapper.find_mapping(problem, chosen, seed=seed, parameters=parameters, **limits)
    _show_mapping(console, mapping, folder)
    if mapping.found_by["stopped"] == mapper.INTERRUPTED:
        sys.exit(INTERRUPTED)


@cli.command()
@click.argument("mapping", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for new charts and a trace.")
def replay(mapping: Path, out: Path | None) -> None:
    """Evaluate a mapping file of 'm3e map' again; exit with 1 if it is not worth what it claims."""
    from bench import mapper
    from bench.mapping import read_mapping

    console = _console()
    read = read_mapping(mapping)
    verdict, same = mapper.verdict(read)
    console.print(verdict, soft_wrap=True)
    if not same:
        sys.exit(1)
    _show_mapping(console, read, out)


def _show_mapping(console: Console, mapping: MappingFile, folder: Path | None) -> None:
    """Print what a mapping is worth, and write its files into ``folder``."""
    from bench import mapper

    for part in mapper.summary(mapping):
        console.print(part)
    for path in mapper.write_all(mapping, folder) if folder else []:
        console.print(f"wrote {path}", soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: errors become one message and an exit code, never a traceback."""
    sys.path.append(os.getcwd())  # for package.module:Class; last, so that it shadows nothing
    try:
        code = cli.main(args=arguments, prog_name="m3e", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except M3EError as error:
        click.echo(f"m3e: {error}", err=True)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nm3e: interrupted; finished runs are kept, and the same m3e run continues", err=True)
        code = INTERRUPTED
    except Exception as error:
        if os.environ.get("M3E_DEBUG"):
            raise
        click.echo(f"m3e: internal error: {type(error).__name__}: {error} (M3E_DEBUG=1 shows where)", err=True)
        code = 3
    sys.exit(code)


def _console() -> Console:
    from rich.console import Console

    class PatientConsole(Console):
        """Falls silent when the reader of a pipe has left, e.g. ``m3e run | head``; the work goes on."""

        def on_broken_pipe(self) -> None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return PatientConsole(highlight=False)


def _announce(console: Console, name: str, plan: Plan) -> None:
    done = f", {len(plan.done)} of them done" if plan.done else ""
    size = f", at most {max(plan.bytes_at_most / 1e6, 0.1):.1f} MB to store" if plan.missing else ""
    console.print(f"campaign {name}: {plan.total} runs{done}{size}, in {plan.folder}", soft_wrap=True)


def _run_with_progress(plan: Plan, workers: int) -> Any:
    """Do the missing runs behind a progress bar; the counts of each status."""
    from bench import harness
    from bench.progress import progress

    make = harness.SerialExecutor if workers == 1 else harness.process_executor(min(workers, len(plan.missing) or 1))
    with progress(total=plan.total, done=len(plan.done)) as advance:
        return harness.run_plan(plan, make, advance)


def _report(console: Console, folders: list[Path], out: Path) -> None:
    from bench.store import read_campaign
    from reports import write_report
    from reports.terminal import print_summary

    campaign = read_campaign(folders)
    if not campaign.runs:
        inside = [str(f.parent) for folder in folders for f in sorted(folder.glob("*/campaign.json"))]
        hint = f". Did you mean {', '.join(inside)}?" if inside else ""
        raise StorageError(f"no runs in {', '.join(map(str, folders))}: expected campaign folders of 'm3e run'{hint}")
    print_summary(campaign, console)
    path = write_report(campaign, out)
    console.print(f"report: {path.resolve()}", soft_wrap=True)


def _newest_campaign(folder: Path) -> Path:
    """The campaign folder that was written last."""
    files = sorted(folder.glob("*/campaign.json"), key=lambda f: f.stat().st_mtime)
    if not files:
        raise StorageError(f"no results in {folder.resolve()}: run 'm3e run' first, or give their folder")
    return files[-1].parent
