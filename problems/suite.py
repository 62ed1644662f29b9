"""The problem registry: make the instances that ids name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.costs import DEFAULT_MODEL, CostModel, Costs, cost_model
from problems.foundation.errors import BrokenEntry, InvalidInput
from problems.foundation.registry import Entry
from problems.ids import FILE, MOST_JOBS, TABLE_PLATFORM, ProblemId, checked_file, parse_id, split_file
from problems.importing import Workload, read_workload
from problems.job_table import JobTable
from problems.layers import Layer, Layers
from problems.networks import NETWORKS
from problems.objectives import DEFAULT_OBJECTIVE
from problems.platforms import PLATFORMS, Core, Platform, read_platform
from problems.precedence import Precedence
from problems.problem import Problem
from problems.tasks import TASKS, draw_jobs, predecessors_of

SUITE_VERSION = 1
"""Within one version of the suite, an id always means the same numbers."""


def get(problem_id: str) -> Problem:
    """Return the problem with an id, e.g. ``mix/S2/bw1/g100/i0``.

    Raises:
        UnknownName: (also a ``KeyError``) If a part of the id is unknown; suggests the nearest name.
        InvalidInput: If the group is empty, the bandwidth not above 0, a file invalid, or a job fits no core.
    """
    parts = parse_id(problem_id)
    workload = workload_named(parts.task)
    return _from_table(parts, workload) if isinstance(workload, JobTable) else _from_networks(parts, workload)


@lru_cache(maxsize=32)
def workload_named(task: str) -> Workload | JobTable:
    """Return the networks of a task, a network or a file, or the job table in a file.

    Args:
        task: Task as in a ``ProblemId``; a file comes with its digest.

    Raises:
        UnknownName: (also a ``KeyError``) If there is no such task or network; suggests the nearest name.
        InvalidInput: If a file is invalid.
        BrokenEntry: If a plug-in cannot make its workload.
    """
    if task.startswith(FILE):
        return read_workload(checked_file(task, "workload"))
    if task in NETWORKS.names():  # first, so that no plug-in can change the meaning of these ids
        network = NETWORKS.get(task)
        return Workload(task, {task: network.layers()}, passes={task: network.passes()})
    return _made(TASKS.get(task))


def _made(entry: Entry) -> Workload | JobTable:
    """Make the workload of a task.

    Raises:
        BrokenEntry: If the factory raises, or returns something else.
    """
    make = entry.load()
    try:
        made = make(**entry.parameters)
        return made if isinstance(made, JobTable) else Workload(entry.name, made)
    except Exception as error:  # the factory of a plug-in may raise anything
        what = f"the workload {entry.name!r} cannot be made by {entry.factory!r}"
        raise BrokenEntry(f"{what}: {type(error).__name__}: {error}") from error


def platform_named(name: str) -> Platform:
    """Return the platform with this name, or in this file.

    Raises:
        UnknownName: (also a ``KeyError``) If there is no such platform; suggests the nearest name.
        InvalidInput: If a file is invalid.
    """
    return read_platform(checked_file(name, "platform")) if name.startswith(FILE) else PLATFORMS.get(name)


def _stream_name(task: str) -> str:
    """Return the name that seeds the draws; for a file it depends on its content, not its path."""
    return f"{FILE}{split_file(task)[1]}" if task.startswith(FILE) else task


def _from_table(parts: ProblemId, table: JobTable) -> Problem:
    """Make a problem whose workload is a ready job table."""
    for option, value, default in (
        ("platform", parts.platform, TABLE_PLATFORM),
        ("cost model", parts.cost_model, DEFAULT_MODEL),
        ("dependencies", parts.dependent, False),
    ):
        if value != default:
            hint = "A ready job table has its own cores and costs: ids read file:PATH/table/bwB/gG/iI."
            raise InvalidInput(f"problem {str(parts)!r}: {option}", expected=repr(default), actual=value, hint=hint)
    if parts.num_jobs is None:
        _check_count(parts, table.num_jobs)
    else:
        drawn = draw_jobs(_stream_name(parts.task), {"jobs": table.num_jobs}, parts.num_jobs, parts.instance)
        table = table.take([job for _, job in drawn])
    return Problem(str(parts), table, parts.bandwidth_gbps, objective_name=parts.objective)


def _check_count(parts: ProblemId, count: int) -> None:
    """Raise if a workload has more jobs than a group may have."""
    if count > MOST_JOBS:
        what = f"problem {str(parts)!r}: gall"
        hint = "Draw a group, e.g. g1000."
        raise InvalidInput(what, expected=f"at most {MOST_JOBS:,} jobs", actual=f"{count:,}", hint=hint)


def _from_networks(parts: ProblemId, workload: Workload) -> Problem:
    """Make a problem whose jobs are layers of networks."""
    if parts.platform == TABLE_PLATFORM:
        expected = f"a platform, e.g. {', '.join(PLATFORMS.names())}"
        raise InvalidInput(f"problem {str(parts)!r}: platform", expected=expected, actual=TABLE_PLATFORM)
    networks = workload.runs
    sizes = {name: len(layers) for name, layers in networks.items()}
    if parts.num_jobs is None:
        _check_count(parts, sum(sizes.values()))
        drawn = [(name, number) for name, size in sizes.items() for number in range(size)]
    else:
        drawn = draw_jobs(_stream_name(parts.task), sizes, parts.num_jobs, parts.instance)
    jobs = [(network, networks[network][number]) for network, number in drawn]
    table, macs, published = _analyze(jobs, platform_named(parts.platform), cost_model(parts.cost_model), str(parts))
    precedence = Precedence.of(predecessors_of(networks, drawn)) if parts.dependent else None
    return Problem(
        str(parts),
        table,
        parts.bandwidth_gbps,
        macs,
        parts.objective,
        precedence,
        layer_macs=published,
        passes=dict(workload.passes) if parts.num_jobs is None else {},
    )


def analyze_jobs(layers: Sequence[Layer], platform: Platform | str, model: str = DEFAULT_MODEL) -> JobTable:
    """Return the job analysis table of ``layers`` on a platform, given itself or by name.

    Cycles and bytes/cycle refer to a clock of 1 GHz, whatever the clocks of the cores: they are ns and GB/s.

    Raises:
        UnknownName: If there is no such platform or cost model, or the model does not know a core's dataflow.
        InvalidInput: If there are no layers, or no core can run one of them.
    """
    if not len(layers):
        raise InvalidInput("layers", expected="at least one", actual="none")
    on = platform_named(platform) if isinstance(platform, str) else platform
    return _analyze([("", layer) for layer in layers], on, cost_model(model), "job table")[0]


def _analyze(
    jobs: Sequence[tuple[str, Layer]], platform: Platform, model: CostModel, what: str
) -> tuple[JobTable, int, int]:
    """Return the job table, and the multiply-accumulates of all jobs as the model and as the layers count them.

    Equal layers, of which groups have many, and equal cores are evaluated once.
    """
    numbers: dict[Layer, int] = {}
    rows = np.array([numbers.setdefault(layer, len(numbers)) for _, layer in jobs])
    distinct = Layers(numbers)
    kinds = list(dict.fromkeys(platform.cores))
    costs = [model.costs(distinct, core) for core in kinds]
    columns = [_columns(c, core) for c, core in zip(costs, kinds, strict=True)]
    names = tuple(f"{network}/{layer.name}" if network else layer.name for network, layer in jobs)
    _check_possible([c[0] for c in columns], rows, names, platform, what)
    place = {core: number for number, core in enumerate(kinds)}
    latency, bandwidth, energy = (
        np.stack([columns[place[core]][part] for core in platform.cores], axis=1)[rows] for part in range(3)
    )
    macs = np.max([np.where(c.valid, c.macs, 0.0) for c in costs], axis=0)
    published = sum(layer.macs * count for layer, count in zip(distinct, np.bincount(rows).tolist(), strict=True))
    return JobTable(latency, bandwidth, energy, names, platform.core_names), int(macs[rows].sum()), published


def _columns(costs: Costs, core: Core) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return latency in cycles and bandwidth in bytes/cycle at 1 GHz, and energy in nJ, each ``(n,)``."""
    possible = costs.valid & (costs.buffer_bytes <= (np.inf if core.buffer_bytes is None else core.buffer_bytes))
    return (
        np.where(possible, costs.latency_cycles / core.clock_ghz, np.inf),
        np.where(possible, costs.bandwidth * core.clock_ghz, 0.0),
        np.where(possible, costs.energy_nj, np.inf),
    )


def _check_possible(
    latencies: Sequence[FloatArray], rows: IntArray, names: Sequence[str], platform: Platform, what: str
) -> None:
    stuck = np.isinf(np.min(np.stack(latencies), axis=0))[rows]
    if stuck.any():
        jobs = list(dict.fromkeys(names[j] for j in np.flatnonzero(stuck).tolist()))
        more = f" and {len(jobs) - 3} others" if len(jobs) > 3 else ""
        raise InvalidInput(
            what,
            expected=f"jobs that some core of {platform.name} can run",
            actual=f"{', '.join(jobs[:3])}{more}, which none can",
            hint="Its buffers may be too small; 'maestro' rejects filters larger than their input, where "
            "'corrected' counts the padding.",
        )


def from_job_table(
    latency: npt.ArrayLike,
    bandwidth: npt.ArrayLike,
    system_bandwidth: float,
    *,
    energy: npt.ArrayLike | None = None,
    predecessors: Sequence[Sequence[int]] | None = None,
    objective: str = DEFAULT_OBJECTIVE,
) -> Problem:
    """Make a problem from a ready job table; its id is derived from the content.

    Args:
        latency: ``(G, A)`` no-stall cycles, at least 0; ``inf`` where a core cannot run a job.
        bandwidth: ``(G, A)`` bytes/cycle, at least 0 and finite.
        system_bandwidth: Bytes/cycle that the cores share, above 0.
        energy: ``(G, A)`` nJ, or None.
        predecessors: For each job the numbers of the jobs that must end before it starts, or None.
        objective: ``latency``, or, given energies, ``energy``, ``edp`` or ``latency+energy``.

    Raises:
        InvalidInput: If a value is invalid; names the first one.
        UnknownName: If there is no such objective.
    """
    table = JobTable(latency, bandwidth, energy)  # type: ignore[arg-type]  # it converts any array-like
    precedence = None if predecessors is None else Precedence.of(predecessors)
    problem = Problem("table", table, system_bandwidth, objective_name=objective, precedence=precedence)
    return replace(problem, id=f"table/{problem.content_digest()}")
