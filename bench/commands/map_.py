"""``m3e map``."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

import optimizers
import problems
from bench.campaigns.run_one import INTERRUPTED, run_apart
from bench.commands.options import (
    RESULTS,
    SEED,
    dependent_option,
    dims_option,
    instance_option,
    jobs_option,
    parse_dims,
    parse_settings,
    set_option,
    taking,
)
from bench.console.console import open_console
from bench.console.interrupts import interrupt_once, interruption
from bench.console.mapping_view import show_mapping
from bench.isolation.starting import preload
from bench.map_workload import (
    BUDGET,
    DEFAULT,
    DEFAULT_OF_FRONTS,
    Request,
    choose_optimizer,
    command_again,
    ending_after,
    extent_of,
    find_mapping,
    limits_from,
    problem_of,
    starting_from,
)
from bench.rates import group_lines
from bench.sources import one_workload
from optimizers.limits import check_cpu_limit, check_wall_limit
from problems import Problem
from problems.foundation.errors import InvalidInput
from problems.foundation.files import make_on_trial, write_bytes
from reports.storage.mapping_file import MAPPING, StoredMapping
from reports.storage.points import write_points
from reports.storage.record import decode
from reports.storage.spec import RunSpec, folder_name
from reports.wording.numbers import counted

DEFAULT_FOLDER = RESULTS / "map"


@dataclass(frozen=True)
class MapOptions:
    """Arguments and options of ``m3e map``.

    Attributes:
        workloads: A task or a problem id, or networks and files, as ``bench.sources`` reads them.
        dims: Dimensions that they leave open, as NAME=SIZE.
        platform: As in ``Request``, and likewise all up to ``objective``.
        limits: Latency limits of networks, as NETWORK=20ms.
        optimizer: Name; None for the default.
        settings: Parameters of the optimizer, as KEY=VALUE.
        warm_start: A mapping file to start from, or None.
        budget: Evaluations.
        steps: Steps of the optimizer's own, or None.
        seconds: Seconds after which it ends instead, or None.
        seed: Seed of the search.
        wall_limit: Seconds after which the search ends, or None.
        cpu_limit: CPU seconds after which it ends, or None.
        out: Results folder; None for one below ``runs/map``.
        force: Whether to write over an existing mapping.
    """

    workloads: tuple[str, ...]
    dims: tuple[str, ...]
    platform: str | None
    bandwidth_gbps: float | None
    num_jobs: int | None
    instance: int
    dependent: bool
    cost_model: str | None
    objective: str
    limits: tuple[str, ...]
    optimizer: str | None
    settings: tuple[str, ...]
    warm_start: Path | None
    budget: int
    steps: int | None
    seconds: float | None
    seed: int
    wall_limit: float | None
    cpu_limit: float | None
    out: Path | None
    force: bool

    def request(self, undo: ExitStack) -> Request:
        """Return the part that says what to map where; several workloads become one file, which ``undo`` removes."""
        folder = self.out or DEFAULT_FOLDER / "workloads"
        return Request(
            workload=one_workload(self.workloads, parse_dims(self.dims), folder, undo),
            platform=self.platform,
            bandwidth_gbps=self.bandwidth_gbps,
            num_jobs=self.num_jobs,
            instance=self.instance,
            dependent=self.dependent,
            cost_model=self.cost_model,
            objective=self.objective,
        )


@click.command("map")
@click.argument("workloads", nargs=-1, required=True, metavar="WORKLOAD[:N]...")
@dims_option
@click.option("--platform", help="Name, or TOML file. [default: S2, or a job table's own cores]")
@click.option(
    "--bandwidth", "bandwidth_gbps", type=float, help="Shared memory bandwidth, GB/s. [default: the platform's]"
)
@jobs_option
@instance_option
@dependent_option
@click.option(
    "--cost-model",
    help="Cost model (m3e list problems). [default: maestro for the paper's tasks, corrected for all else]",
)
@click.option("--objective", default="latency", show_default=True, help="Objective, or two: latency+energy.")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NETWORK=TIME",
    help="Time in which a network must be done, e.g. resnet50=20ms; units: s, ms, us, ns, cycles.",
)
@click.option(
    "--optimizer",
    help=f"Name, package.module:Class or 'exec:COMMAND'. [default: {DEFAULT}; {DEFAULT_OF_FRONTS} for two objectives]",
)
@set_option
@click.option(
    "--warm-start",
    type=click.Path(path_type=Path),
    help="Go on from a mapping.json, or start from that of another group on as many cores.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Plans that the default optimizer tries. [default: 20,000 a job, at most 2,000,000, fewer beyond 1,000 jobs]",
)
@click.option(
    "--seconds", type=float, help="Let it try plans for so long instead; what it finds then depends on the machine."
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    default=BUDGET,
    show_default=True,
    help="Evaluations by the suite, at most. The default optimizer, whose plans are not among them, needs about 100.",
)
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the search.")
@click.option("--wall-limit", type=float, help="Seconds after which the search ends.")
@click.option("--cpu-limit", type=float, help="CPU seconds after which it ends, however busy the machine is.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder. [default: runs/map/<problem>-<optimizer>-s<seed>]"
)
@click.option("--force", is_flag=True, help="Write over an existing mapping.")
@taking(MapOptions)
def map_(options: MapOptions) -> None:
    """Map each WORKLOAD (a task, a problem id, networks, files): the best mapping found, its charts and a trace.

    Several networks are mapped together; with resnet50:2 one runs twice, with resnet50:30/s and bert.onnx:10/s as often
    as these rates ask for. Writes mapping.json (for m3e replay), schedule.png, .svg and .html, and trace.json (for
    ui.perfetto.dev); with two objectives also the front and a mapping file for each of its points. Interrupted, it
    keeps the best mapping so far.
    """
    console = open_console()
    preload(run_apart, [options.optimizer or DEFAULT])  # loads while the problem is read
    with ExitStack() as undo:
        problem = problem_of(options.request(undo))
        spec = _spec(problem, options)
        folder = _prepared(spec, options, undo)
        for line in group_lines(problem):
            console.say(line)
        extent = extent_of(spec.parameters) or counted(spec.budget, "evaluation")
        console.say(f"searching: {spec.optimizer}, {extent}; Ctrl-C ends it and keeps the best so far")
        record = find_mapping(spec, problem)
        write_bytes(folder / MAPPING, record)
        undo.pop_all()
    console.wrote([folder / MAPPING])
    if problem.num_objectives > 1:
        points = write_points(record, problem, folder)
        console.say(f"wrote {counted(len(points), 'mapping')} of the front, {points[0]} to {points[-1].name}")
    interrupt_once()  # an interrupted search still draws its mapping, unless interrupted again
    run = decode(record)
    account = show_mapping(console, StoredMapping(run, problem), folder)
    late = any(not use.in_time for use in account.networks)
    again = command_again(spec, options.optimizer, options.settings)
    if run.status == "complete" and again:
        console.say(f"the same again, on any machine: {again}")
    if run.status == "failed":
        click.echo(f"m3e: optimizer {spec.optimizer!r} failed: {run.message}; what it had found is kept", err=True)
    if late:
        click.echo("m3e: no mapping that keeps all limits was found, nor a proof that there is none", err=True)
    sys.exit(interruption().exit_code if run.message == INTERRUPTED else run.status == "failed" or late)


def _spec(problem: Problem, options: MapOptions) -> RunSpec:
    """Return what to search for and how, checked."""
    parameters = parse_settings(options.settings)
    optimizer = choose_optimizer(problem, options.optimizer, parameters)
    parameters |= ending_after(problem, optimizer, options.steps, options.seconds)
    parameters |= limits_from(options.limits, problem, optimizer)
    parameters |= starting_from(options.warm_start, problem, optimizer)
    return RunSpec(
        suite_version=problems.SUITE_VERSION,
        problem=problem.id,
        optimizer=optimizer,
        parameters=optimizers.resolve_parameters(optimizer, parameters),
        seed=options.seed,
        budget=options.budget,
        wall_limit_seconds=check_wall_limit(options.wall_limit),
        cpu_limit_seconds=check_cpu_limit(options.cpu_limit),
    )


def _prepared(spec: RunSpec, options: MapOptions, undo: ExitStack) -> Path:
    """Make the folder for the results, before time is spent on them; ``undo`` leaves no empty folder behind.

    Raises:
        InvalidInput: If it holds a mapping already.
        StorageError: If it cannot be written.
    """
    folder = options.out or DEFAULT_FOLDER / folder_name(f"{spec.problem}-{spec.optimizer}-s{options.seed}")
    if (folder / MAPPING).exists() and not options.force:
        hint = "--force writes over it, --out names another folder."
        what = f"output folder {str(folder)!r}"
        raise InvalidInput(what, expected="no mapping yet", actual="there is one", hint=hint)
    make_on_trial(folder, undo)
    return folder
