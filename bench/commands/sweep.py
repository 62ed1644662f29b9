"""``m3e sweep``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

import problems
from bench.campaigns.run_one import run_apart
from bench.commands.options import (
    RESULTS,
    SEED,
    dependent_option,
    dims_option,
    instance_option,
    jobs_option,
    parse_dims,
    retry_option,
    taking,
    workers_option,
)
from bench.console.console import PatientConsole, open_console
from bench.console.progress import LINES
from bench.engines.process import Process
from bench.isolation.starting import preload
from bench.map_workload import DEFAULT
from bench.rates import group_lines
from bench.run_campaign import do_campaign
from bench.sources import one_workload
from bench.sweeps.certifying import certified_bounds
from bench.sweeps.kept import check_folder, keep, with_kept
from bench.sweeps.lists import integers, names, numbers
from bench.sweeps.points import Sweep, points_of
from bench.sweeps.running import RUNS, campaign_of, parameters_of
from problems.foundation.errors import InvalidInput
from problems.foundation.files import make_folder
from problems.ids import files_only_in, is_id
from problems.platform import MOST_CORES
from reports.storage.campaign_folder import FILES_FOLDER
from reports.storage.record import StoredRun
from reports.storage.spec import folder_name
from reports.sweeps.point import Point
from reports.wording.numbers import counted

DEFAULT_FOLDER = RESULTS / "sweep"

BANDWIDTHS = "1,2,4,...,256"
"""Default bandwidths, GB/s."""


@dataclass(frozen=True)
class SweepOptions:
    """Arguments and options of ``m3e sweep``.

    Attributes:
        workloads: A task, or networks and files, as ``bench.sources`` reads them.
        dims: Dimensions that they leave open, as NAME=SIZE.
        platforms: Lists of platforms.
        bandwidths: List of bandwidths.
        cost_models: List of cost models, or None.
        cores: List of numbers of cores, or None.
        num_jobs: As in ``Sweep``, and likewise all up to ``objective``.
        steps: Steps of each search, or None.
        seconds: Seconds after which a search ends instead, or None.
        seed: Seed of the searches.
        workers: Searches at a time; None for as many as there are cores.
        retry: Whether to do failed searches again.
        out: Results folder; None for one below ``runs/sweep``.
    """

    workloads: tuple[str, ...]
    dims: tuple[str, ...]
    platforms: tuple[str, ...]
    bandwidths: str
    cost_models: str | None
    cores: str | None
    num_jobs: int | None
    instance: int
    dependent: bool
    objective: str
    steps: int | None
    seconds: float | None
    seed: int
    workers: int | None
    retry: bool
    out: Path | None

    @property
    def folder(self) -> Path:
        """Results folder."""
        return self.out or DEFAULT_FOLDER / folder_name("-".join(Path(name).stem for name in self.workloads))

    def sweep(self, undo: ExitStack) -> Sweep:
        """Return what to map where; several workloads become one file in the results folder, which ``undo`` removes."""
        lists = Sweep(
            workload="",
            platforms=names(self.platforms, "--platform") if self.platforms else (None,),
            bandwidths_gbps=numbers(self.bandwidths, "--bandwidth"),
            cost_models=(None,) if self.cost_models is None else names([self.cost_models], "--cost-model"),
            cores=() if self.cores is None else integers(self.cores, "--cores", MOST_CORES),
            num_jobs=self.num_jobs,
            instance=self.instance,
            dependent=self.dependent,
            objective=self.objective,
        )  # before anything is written
        if is_id(self.workloads[0]):
            hint = "Give its parts: m3e sweep mix --platform S2 --bandwidth 1 --jobs 100."
            raise InvalidInput("workload", expected="a task, networks or files", actual="a problem id", hint=hint)
        workload = one_workload(self.workloads, parse_dims(self.dims), self.folder / "workloads", undo)
        return replace(lists, workload=workload)


@click.command()
@click.argument("workloads", metavar="WORKLOAD[:N]...", nargs=-1, required=True)
@dims_option
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="NAME|FILE,...",
    help="Platforms: names, also S{1..6}, and TOML files. [default: S2, or a job table's own cores]",
)
@click.option(
    "--bandwidth",
    "bandwidths",
    default=BANDWIDTHS,
    show_default=True,
    metavar="GB/s,...",
    help="Shared bandwidths; an ellipsis goes on geometrically or, if that does not fit, in equal steps.",
)
@click.option("--cost-model", "cost_models", metavar="NAME,...", help="Cost models. [default: as for m3e map]")
@click.option(
    "--cores", metavar="N,...", help="Numbers of cores: the platform's, repeated in their order. [default: its own]"
)
@jobs_option
@instance_option
@dependent_option
@click.option(
    "--objective", default="latency", show_default=True, help="Objective of the searches (m3e list problems)."
)
@click.option(
    "--steps", type=click.IntRange(min=1), help="Plans that each search tries. [default: a tenth of those of m3e map]"
)
@click.option("--seconds", type=float, help="Let each try plans for so long instead.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the searches.")
@workers_option
@retry_option
@click.option("--out", type=click.Path(path_type=Path), help="Results folder. [default: runs/sweep/<workload>]")
@taking(SweepOptions)
def sweep(options: SweepOptions) -> None:
    """Map WORKLOAD at every platform, bandwidth, number of cores and cost model.

    Shows where each design turns from memory-bound to compute-bound. Writes sweep.csv, designs.csv and figures: time
    and energy over bandwidth, Pareto fronts, ceilings. Points that are there already are not searched again; more
    points and other settings add to them.
    """
    console = open_console()
    preload(run_apart, [DEFAULT])  # loads while the problems are made
    folder = options.folder
    with ExitStack() as undo:
        points = points_of(options.sweep(undo), folder, undo)
        check_folder(points, folder)
        problem = next(problems.get(point.problem) for point in points if not point.impossible)
        campaign = campaign_of(points, parameters_of(problem, options.steps, options.seconds), options.seed, folder)
        points = with_kept(points, folder)
        make_folder(folder)
        undo.pop_all()
    keep(points, folder)
    for line in group_lines(problem):
        console.say(line)
    engine = Process(options.workers)
    _, counts = do_campaign(console, campaign, folder, engine, retry=options.retry)
    with files_only_in([folder / RUNS / FILES_FOLDER]):
        _report(console, points, _bounds(console, points, folder, engine), folder)
    if counts["failed"]:
        console.say(f"failed searches: {counts['failed']}. Do them again with --retry.")
        sys.exit(1)


def _bounds(console: PatientConsole, points: Sequence[Point], folder: Path, engine: Process) -> dict[str, float]:
    """Return the certified bounds of all points that are problems."""
    return certified_bounds(
        [name for point in points if not point.impossible for name in (point.problem, point.unlimited)],
        folder,
        folder / RUNS / FILES_FOLDER,
        engine,
        partial(_certifying, console),
    )


def _certifying(console: PatientConsole, done: int, total: int) -> None:
    """Say how many bounds there are to compute, and now and then how many are done."""
    if not done:
        console.say(f"computing {counted(total, 'certified bound')}")
    elif done * LINES // total > (done - 1) * LINES // total and total > LINES:
        console.say(f"{done:,} of {counted(total, 'bound')}")


def _report(console: PatientConsole, points: Sequence[Point], bounds: Mapping[str, float], folder: Path) -> None:
    """Print the tables, and write numbers and figures unless they are there."""
    from reports.storage.results import read_results  # here, as these load the libraries that draw, for a second
    from reports.sweeps.frame import sweep_frame
    from reports.sweeps.tables import DETAILED_ROWS, designs_table, points_table
    from reports.sweeps.writing import lacking, write_sweep
    from reports.terminal import print_table

    results = read_results([folder / RUNS])
    runs: dict[str, list[StoredRun]] = {}
    for run in results.runs:
        runs.setdefault(run.spec.problem, []).append(run)
    frame = sweep_frame(points, runs, bounds)
    if len(frame) <= DETAILED_ROWS:
        print_table(points_table(frame), console)
    print_table(designs_table(frame), console)
    for sentence in lacking(frame):
        console.say(sentence)
    written = write_sweep(frame, folder)
    console.wrote(written)
    if not written:
        console.say(f"nothing has changed: numbers and figures are in {folder}")
