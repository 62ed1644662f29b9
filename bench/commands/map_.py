"""``m3e map``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from bench.commands.options import RESULTS, taking
from bench.console.console import open_console
from bench.console.interrupts import interrupt_once
from bench.console.mapping_view import show_mapping
from bench.isolation.apart import DIED, FAILED, INTERRUPTED, SearchRequest, search_apart
from bench.isolation.starting import preload
from bench.map_workload import Request, choose_optimizer, find_mapping, problem_of, starting_from
from problems import Problem
from problems.foundation.errors import InvalidInput
from problems.foundation.files import make_folder
from reports.storage.mapping_file import MAPPING, write_mapping
from reports.storage.spec import folder_name

DEFAULT_FOLDER = RESULTS / "map"

EXIT_CODES = {INTERRUPTED: 130, DIED: 1, FAILED: 1}
"""Exit codes by how a search ended; 0 for budget, wall limit, and nothing more to try."""


@dataclass(frozen=True)
class MapOptions:
    """Arguments and options of ``m3e map``.

    Attributes:
        workload: As in ``Request``, and likewise all up to ``objective``.
        optimizer: Name; None for the default.
        warm_start: A mapping file to start from, or None.
        budget: Evaluations.
        seed: Seed of the search.
        wall_limit: Seconds after which the search ends, or None.
        out: Results folder; None for one below ``runs/map``.
        force: Whether to write over an existing mapping.
    """

    workload: str
    platform: str | None
    bandwidth_gbps: float | None
    num_jobs: int | None
    instance: int
    dependent: bool
    cost_model: str
    objective: str
    optimizer: str | None
    warm_start: Path | None
    budget: int
    seed: int
    wall_limit: float | None
    out: Path | None
    force: bool

    def request(self) -> Request:
        """Return the part that says what to map where."""
        return Request(
            workload=self.workload,
            platform=self.platform,
            bandwidth_gbps=self.bandwidth_gbps,
            num_jobs=self.num_jobs,
            instance=self.instance,
            dependent=self.dependent,
            cost_model=self.cost_model,
            objective=self.objective,
        )


@click.command("map")
@click.argument("workload")
@click.option("--platform", help="Name, or TOML file. [default: S2, or a job table's own cores]")
@click.option(
    "--bandwidth", "bandwidth_gbps", type=float, help="Shared memory bandwidth, GB/s. [default: the platform's]"
)
@click.option(
    "--jobs",
    "num_jobs",
    type=click.IntRange(min=1),
    help="Number of jobs to draw. [default: 100 for a task, else all]",
)
@click.option(
    "--instance",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Which random draw of the group.",
)
@click.option("--dep", "dependent", is_flag=True, help="Jobs wait for those of their network whose outputs they need.")
@click.option("--cost-model", default="maestro", show_default=True, help="Cost model (m3e list problems).")
@click.option("--objective", default="latency", show_default=True, help="Objective, or two: latency+energy.")
@click.option("--optimizer", help="Name, or package.module:Class. [default: magma; deap-nsga2 for two objectives]")
@click.option(
    "--warm-start",
    type=click.Path(path_type=Path),
    help="Start from a mapping.json of another group on as many cores; for magma.",
)
@click.option("--budget", type=click.IntRange(min=1), default=10_000, show_default=True, help="Evaluations.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the search.")
@click.option("--wall-limit", type=float, help="Seconds after which the search ends.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder. [default: runs/map/<problem>-<optimizer>-s<seed>]"
)
@click.option("--force", is_flag=True, help="Write over an existing mapping.")
@taking(MapOptions)
def map_(options: MapOptions) -> None:
    """Map WORKLOAD (a task, network, file, or problem id): the best mapping found, its charts and a trace.

    Writes mapping.json (for m3e replay), schedule.png, .svg and .html, and trace.json (for ui.perfetto.dev).
    Interrupted, it keeps the best mapping so far.
    """
    console = open_console()
    preload(search_apart, [options.optimizer or "magma"])  # loads while the problem is read
    problem = problem_of(options.request())
    optimizer = choose_optimizer(problem, options.optimizer)
    parameters = starting_from(options.warm_start, problem, optimizer)
    folder = _prepared(problem, optimizer, options)
    with _kept_if_filled(folder):
        search = SearchRequest(problem, optimizer, options.budget, options.seed, parameters, options.wall_limit)
        mapping = find_mapping(search)
        make_folder(folder)
        write_mapping(folder / MAPPING, mapping)
        console.wrote([folder / MAPPING])
    interrupt_once()  # an interrupted search still draws its mapping, unless interrupted again
    show_mapping(console, mapping, folder)
    if "error" in mapping.found_by:
        click.echo(f"m3e: {mapping.found_by['error']}; what it had found is kept", err=True)
    sys.exit(EXIT_CODES.get(str(mapping.found_by["stopped"]), 0))


def _prepared(problem: Problem, optimizer: str, options: MapOptions) -> Path:
    """Make the folder for the results, before time is spent on them.

    Raises:
        InvalidInput: If it holds a mapping already.
        StorageError: If it cannot be written.
    """
    folder = options.out or DEFAULT_FOLDER / folder_name(f"{problem.id}-{optimizer}-s{options.seed}")
    if (folder / MAPPING).exists() and not options.force:
        hint = "--force writes over it, --out names another folder."
        what = f"output folder {str(folder)!r}"
        raise InvalidInput(what, expected="no mapping yet", actual="there is one", hint=hint)
    make_folder(folder)
    return folder


@contextmanager
def _kept_if_filled(folder: Path) -> Iterator[None]:
    """Leave no empty folder behind."""
    try:
        yield
    finally:
        with suppress(OSError):  # it is not empty
            folder.rmdir()
