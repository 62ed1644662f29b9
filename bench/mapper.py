"""Mapping one workload onto one platform, for those who want the schedule and not a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.table import Table

import optimizers
import problems
from bench import warm_start
from bench.apart import DIED, FAILED, INTERRUPTED, SearchRequest, search_apart
from bench.errors import InvalidInput, NothingFound
from bench.files import make_folder
from bench.mapping import MAPPING, MappingFile, read_mapping, write_mapping
from bench.processes import preload
from bench.spec import folder_name
from bench.text import printable
from problems.ids import FILE, TABLE_PLATFORM, ProblemId, canonical_platform, canonical_task, is_id
from problems.importing.files import is_there
from problems.suite import platform_named, workload_named

DEFAULT_FOLDER = Path("runs") / "map"

ENDS = {
    "wall": "; ended by its wall limit",
    INTERRUPTED: "; interrupted",
    DIED: "; its process died",
    FAILED: "; it failed",
}
"""What is said of searches that ended so."""

EXIT_CODES = {INTERRUPTED: 130, DIED: 1, FAILED: 1}
"""Of searches that ended otherwise than by budget, wall limit, or having nothing more to try."""

TOLERANCE = 1e-12
"""Relative difference that another processor's rounding may make."""

TASK_JOBS = 100
"""Jobs of a group that is drawn from a task, as in the paper."""


@dataclass(frozen=True)
class Request:
    """What to map where; None is the usual choice.

    Attributes:
        workload: A task, a network, or the path of a workload file or job table.
        platform: A platform, or the path of its file; None is S2, or the job table's own cores.
        bandwidth_gbps: None is the platform's own.
        num_jobs: How many jobs to draw; None is all of a network or file, 100 of a task.
        instance: Of the draw.
        dependent: Whether jobs wait for those of their network whose outputs they need.
        cost_model: Registered name.
        objective: Registered name.
    """

    workload: str
    platform: str | None = None
    bandwidth_gbps: float | None = None
    num_jobs: int | None = None
    instance: int = 0
    dependent: bool = False
    cost_model: str = "maestro"
    objective: str = "latency"

    def problem_id(self) -> str:
        """The id of the problem that is asked for.

        Raises:
            UnknownName, InvalidInput: If a name is not known or a file does not fit.
        """
        workloads = [*problems.TASKS.names(), *problems.NETWORKS.names()]
        task = canonical_task(_as_name(self.workload, "workload", workloads))
        ready = isinstance(workload_named(task), problems.JobTable)
        name = self.platform or (TABLE_PLATFORM if ready else "S2")
        platform = canonical_platform(_as_name(name, "platform", [*problems.PLATFORMS.names(), TABLE_PLATFORM]))
        drawn = self.num_jobs or (TASK_JOBS if task in problems.TASKS.names() else None)
        if self.instance and not drawn:
            hint = "Draw a group with --jobs."
            raise InvalidInput("instance", expected="0, as nothing is drawn", actual=self.instance, hint=hint)
        return str(
            ProblemId(
                task=task,
                platform=platform,
                bandwidth_gbps=self._bandwidth(platform),
                num_jobs=drawn,
                instance=self.instance,
                dependent=self.dependent,
                cost_model=self.cost_model,
                objective=self.objective,
            )
        )

    def _bandwidth(self, platform: str) -> float:
        if self.bandwidth_gbps is not None:
            if not 0.0 < self.bandwidth_gbps < math.inf:
                raise InvalidInput("bandwidth", expected="finite GB/s above 0", actual=self.bandwidth_gbps)
            return self.bandwidth_gbps
        if platform == TABLE_PLATFORM:
            expected = "GB/s, as a ready job table has no platform that tells it"
            raise InvalidInput("bandwidth", expected=expected, actual="none", hint="Give it with --bandwidth.")
        return platform_named(platform).bandwidth_gbps


def _as_name(text: str, what: str, known: Sequence[str]) -> str:
    """``text``, with ``file:`` before it if it is no known name but a file.

    Raises:
        InvalidInput: If it looks like a path, and there is no such file.
    """
    if text in known or text.startswith(FILE):
        return text
    path = Path(text)
    looks_so = bool(path.suffix) or len(path.parts) > 1
    if is_there(path) and (looks_so or path.is_file()):
        return f"{FILE}{text}"
    if looks_so:
        raise InvalidInput(f"{what} {text!r}", expected="a file, or a name that is known", actual="no such file")
    return text


def problem_of(request: Request) -> problems.Problem:
    """The problem that is asked for; the workload may be a whole problem id, which then says it all.

    Raises:
        UnknownName, InvalidInput: If a name is not known, a file does not fit, or an id comes with other options.
    """
    if not is_id(request.workload):
        return problems.get(request.problem_id())
    if request != Request(request.workload):
        raise InvalidInput(
            f"problem id {request.workload!r}",
            expected="no further options of the problem, it says them all",
            actual="some",
            hint="Change the id, or give a workload by its name.",
        )
    return problems.get(request.workload)


def prepare_folder(problem: problems.Problem, optimizer: str, seed: int, out: Path | None, *, force: bool) -> Path:
    """The folder for the results, made, before time is spent on them.

    Raises:
        InvalidInput: If it holds a mapping already.
        StorageError: If it cannot be written.
    """
    folder = out or DEFAULT_FOLDER / folder_name(f"{problem.id}-{optimizer}-s{seed}")
    if (folder / MAPPING).exists() and not force:
        hint = "--force writes over it, --out names another folder."
        what = f"output folder {str(folder)!r}"
        raise InvalidInput(what, expected="no mapping yet", actual="there is one", hint=hint)
    make_folder(folder)
    return folder


def make_ready(optimizer: str | None) -> None:
    """Let the search's process get ready while the problem is read.

    Raises:
        UnknownName: If there is no such optimizer.
    """
    preload([optimizer or "magma"])


def choose_optimizer(problem: problems.Problem, name: str | None) -> str:
    """The optimizer of that name, or the usual one if that is None.

    Raises:
        UnknownName, MissingExtra: If there is no such optimizer, or its library is missing.
        InvalidInput: If it does not take the problem's objectives.
    """
    chosen = name or ("magma" if problem.num_objectives == 1 else "deap-nsga2")
    optimizers.check_objectives(chosen, problem.num_objectives)
    optimizers.check_parameters(chosen, {})
    return optimizers.canonical_name(chosen)


def starting_from(path: Path | None, problem: problems.Problem, optimizer: str) -> dict[str, Any]:
    """Parameters with which ``optimizer`` starts from a mapping file; none without one.

    Raises:
        StorageError: If it is no mapping file.
        InvalidInput: If it is for another number of cores.
        UnknownName: If the optimizer cannot start from mappings.
    """
    if path is None:
        return {}
    parameters = warm_start.from_file(read_mapping(path), problem)
    optimizers.resolve_parameters(optimizer, parameters)
    return parameters


def find_mapping(
    problem: problems.Problem,
    optimizer: str,
    *,
    budget: int,
    seed: int,
    wall_limit_seconds: float | None = None,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> MappingFile:
    """The best mapping that ``optimizer`` finds, or with two objectives its front; an interruption keeps what there is.

    Raises:
        M3EError: What the search raises before it has found a mapping.
        NothingFound: If there is no mapping that can run.
        KeyboardInterrupt: If nothing was found before it.
    """
    result, stopped, error = search_apart(
        SearchRequest(problem, optimizer, budget, seed, dict(parameters), wall_limit_seconds)
    )
    if not len(result.front_values):
        if error is not None:
            raise error
        raise _nothing_found(optimizer, result, stopped, wall_limit_seconds)
    found_by = {
        "optimizer": optimizer,
        "parameters": optimizers.resolve_parameters(optimizer, parameters),
        "seed": seed,
        "budget": budget,
        "evaluations": result.num_evaluations,
        "stopped": stopped,
        **({"error": printable(error)} if error else {}),
    }
    return MappingFile(
        problem=problem,
        cores=result.front_cores,
        priorities=result.front_priorities,
        values=result.front_values,
        suite_version=problems.SUITE_VERSION,
        found_by=found_by,
    )


def _nothing_found(
    optimizer: str, result: optimizers.Result, stopped: str, wall_limit_seconds: float | None
) -> BaseException:
    """What to raise of a search without a mapping that can run."""
    if stopped == INTERRUPTED:
        return KeyboardInterrupt()
    if stopped == DIED:
        reason = "its process died (killed, out of memory, or crashed) before it had evaluated a mapping"
    elif result.num_evaluations:
        reason = f"none of the {result.num_evaluations:,} mappings that it tried can run"
    else:
        reason = f"it evaluated no mapping within its wall limit of {wall_limit_seconds:g} s"
    return NothingFound(f"optimizer {optimizer!r} found nothing: {reason}")


@contextmanager
def folder_kept_if_filled(folder: Path) -> Iterator[None]:
    """Leave no empty folder behind."""
    try:
        yield
    finally:
        with suppress(OSError):  # it is not empty
            folder.rmdir()


def summary(mapping: MappingFile) -> Iterator[RenderableType]:
    """What was mapped, how well, and how far from the bound at most."""
    p, found = mapping.problem, mapping.found_by
    facts = Table.grid(padding=(0, 2))
    facts.add_row("problem", p.id)
    facts.add_row("jobs, cores", f"{p.num_jobs} on {p.num_cores}")
    effort = f"seed {found.get('seed')}, {found.get('evaluations')} evaluations"
    facts.add_row("found by", f"{found.get('optimizer')}, {effort}{ENDS.get(str(found.get('stopped')), '')}")
    ideal = p.ideal_point()
    for number, unit in enumerate(p.objective.units):
        best = float(mapping.values[:, number].min())
        bound = float(ideal[number])
        name = "best" if p.num_objectives == 1 else f"least, of {len(mapping.values)} in the front"
        facts.add_row(name, f"{best:,.6g} {unit}")
        distance = f": the best is at most {best / bound - 1:.2%} above the optimum" if bound > 0 else ""
        facts.add_row("certified bound", f"{bound:,.6g} {unit}{distance}")
    if p.objective_name == "latency" and p.total_macs:
        facts.add_row("throughput", f"{float(p.throughput(mapping.values[0, 0])):,.1f} GFLOP/s at 1 GHz")
    if p.num_objectives == 2:
        facts.add_row("hypervolume", f"{p.hypervolume(mapping.values):.4f} of the box from ideal to reference point")
    yield facts


def verdict(mapping: MappingFile) -> tuple[str, bool]:
    """Whether a replay gives what the file claims, in words and as a truth value."""
    now = mapping.replay()
    same = bool(np.allclose(now, mapping.values, rtol=TOLERANCE, atol=0.0))
    exact = "to the last digit" if np.array_equal(now, mapping.values) else f"to {TOLERANCE:g}"
    known = {
        True: "the problem is the one that the registry has under this id",
        False: "the registry has ANOTHER problem under this id: the numbers are for the one in the file",
        None: "the registry here does not know the id; the file brings its problem along",
    }[mapping.agrees_with_registry()]
    if same:
        return f"replayed: the value is what the file claims, {exact}; {known}", True
    return f"replayed: the value is {now.tolist()}, NOT {mapping.values.tolist()} as the file claims; {known}", False


def write(mapping: MappingFile, folder: Path) -> Path:
    """Write the mapping file; its path.

    Raises:
        StorageError: If the folder cannot be written.
    """
    make_folder(folder)
    write_mapping(folder / MAPPING, mapping)
    return folder / MAPPING


def views(mapping: MappingFile, folder: Path) -> list[Path]:
    """Write the views of a mapping's (first) schedule; their paths.

    Raises:
        StorageError: If the folder cannot be written.
    """
    from reports.schedules import write_views

    return write_views(mapping.problem, mapping.cores[0], mapping.priorities[0], folder)
