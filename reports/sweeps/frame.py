"""The frame of a sweep: every point with its best mapping, and what is certified of it.

All running jobs slow down by the same factor, so that a mapping's makespan is the integral of max(1, demand /
bandwidth) over the time that it takes without stall: it never rises with the bandwidth. So each mapping counts for all
bandwidths of its platform, and for more cores, of which its own are the first. Certified bounds hold for all points
with no more bandwidth and no more cores.

Searches end at values that differ by less than a thousandth from run to run, while energies differ by far more: of
mappings as good as the best by that measure, the one with the least energy stands for the point. It is never worse than
what stands for a point with less bandwidth and fewer cores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import pandas as pd

import problems
from problems.arrays import FloatArray, IntArray
from problems.ids import TABLE_PLATFORM
from problems.objectives import DEFAULT_OBJECTIVE
from reports.schedules.accounting import energy_mj
from reports.storage.record import StoredRun
from reports.sweeps.point import Point
from reports.wording.numbers import percentage
from reports.wording.units import CYCLES_PER_MS

EQUAL = 1e-3
"""Relative difference below which values count as equal, as searches leave such."""

CHOICE = f"of mappings within {percentage(EQUAL)} of the best one found, the one with the least energy is shown"
"""Which mapping stands for a point."""

ROUNDING = 1e-12
"""Relative part of a bound that rounding may have added."""

COLUMNS = {
    "design": "platform, with its number of cores where that is swept",
    "platform": "platform",
    "cores": "number of cores",
    "pes": "processing elements of all cores; empty for a ready job table",
    "cost_model": "cost model",
    "bandwidth_gbps": "shared memory bandwidth, GB/s",
    "objective": "objective that was minimised",
    "value": f"value of the best mapping found, in the objective's unit: {CHOICE} (by energy: the fastest)",
    "makespan_cycles": "its makespan, cycles at 1 GHz",
    "makespan_ms": "its makespan, ms",
    "energy_mj": "its energy, mJ; empty where the cost model does not know it",
    "edp_mj_ms": "energy times makespan, mJ ms",
    "bound_ms": "certified bound: no mapping is faster, ms",
    "gap": "certified gap of the value: it is above the best possible value by this fraction at most",
    "compute_bound_ms": "certified bound with unlimited bandwidth, ms",
    "memory_bound_ms": "least bytes that the jobs can move, over the bandwidth, ms",
    "limited_by": "compute or memory: the greater of these two bounds; both, if the certified bound exceeds them",
    "turning_point_gbps": "bandwidth at which these two bounds are equal, GB/s",
    "throughput_gflops": "throughput of the mapping, GFLOP/s; empty where the work is unknown",
    "bandwidth_used": "bytes that the mapping moves, as a share of what the memory could in the makespan",
    "search_cpu_seconds": "CPU seconds of the searches at this point",
    "problem": "problem id",
    "record": "record that holds the mapping: of this point, or of another whose mapping is better here as well",
    "reason": "why there is no mapping, or empty",
}


def sweep_frame(
    points: Sequence[Point], runs: Mapping[str, Sequence[StoredRun]], bounds: Mapping[str, float]
) -> pd.DataFrame:
    """Return a row for each point, with columns as in ``COLUMNS``.

    Args:
        points: The points.
        runs: The runs of each point that has some, by problem id.
        bounds: Certified bounds on the makespan in cycles by problem id, of each point that is not impossible, also
            with unlimited bandwidth.
    """
    by_family = sorted(points, key=lambda point: point.family)
    rows: dict[Point, dict[str, object]] = {}
    for _, family in groupby(by_family, key=lambda point: point.family):
        rows |= dict(_rows(list(family), runs, bounds))
    return pd.DataFrame([rows[point] for point in points], columns=list(COLUMNS))


def costs_of(frame: pd.DataFrame) -> str:
    """Return a sentence that names the cost models."""
    if set(frame["platform"]) == {TABLE_PLATFORM}:
        return "Costs: those of the job table."
    names = sorted(frame["cost_model"].unique())
    return f"Cost model{'s' if len(names) > 1 else ''}: {', '.join(names)}."


def _rows(
    family: Sequence[Point], runs: Mapping[str, Sequence[StoredRun]], bounds: Mapping[str, float]
) -> Iterator[tuple[Point, dict[str, object]]]:
    found = [(p, run) for p in family for run in runs.get(p.problem, ()) if _has_mapping(run)]
    shown: dict[Point, float] = {}
    for point in sorted(family, key=lambda point: (point.cores, point.bandwidth_gbps)):
        row = {name: getattr(point, name) for name in COLUMNS if hasattr(point, name)}
        if point.impossible:
            yield point, row | {"reason": point.impossible}
            continue
        usable = [pair for pair in found if pair[0].cores <= point.cores]
        usable.sort(key=lambda pair: pair[0] != point)  # of equal mappings the own one counts
        problem = problems.get(point.problem)
        certified = _certified(problem, _bound(point, family, bounds), bounds[point.unlimited])
        row |= {**certified, "objective": problem.objective.name, "limited_by": _limit(certified)}
        if own := runs.get(point.problem):
            row["search_cpu_seconds"] = sum(run.seconds["cpu"] for run in own)
        if usable:
            less = (v for o, v in shown.items() if o.cores <= point.cores and o.bandwidth_gbps <= point.bandwidth_gbps)
            best = _best(problem, [run for _, run in usable], min(less, default=np.inf))
            row |= _mapped(problem, *best, CYCLES_PER_MS * certified["bound_ms"])
            shown[point] = best[1]
        yield point, row | ({} if usable else {"reason": _reason(own)})


def _has_mapping(run: StoredRun) -> bool:
    return run.status != "failed" and len(run.cores) > 0


def _reason(runs: Sequence[StoredRun] | None) -> str:
    return runs[-1].message or "no mapping was found" if runs else "not run"


def _bound(point: Point, family: Sequence[Point], bounds: Mapping[str, float]) -> float:
    """Return the greatest bound in cycles that holds for a point."""
    larger = (o for o in family if not o.impossible and o.cores >= point.cores)
    return max(bounds[o.problem if o.bandwidth_gbps >= point.bandwidth_gbps else o.unlimited] for o in larger)


def _certified(problem: problems.Problem, bound: float, compute: float) -> dict[str, float]:
    """Return the numbers that are known without a mapping."""
    volume = float(_volumes(problem).min(axis=1).sum())
    memory = volume / problem.system_bandwidth
    return {
        "bound_ms": max(bound, memory * (1.0 - ROUNDING)) / CYCLES_PER_MS,
        "compute_bound_ms": compute / CYCLES_PER_MS,
        "memory_bound_ms": memory / CYCLES_PER_MS,
        "turning_point_gbps": volume / compute if compute > 0.0 else np.nan,
    }


def _limit(certified: Mapping[str, float]) -> str:
    """Return which of the simple bounds limits a point; ``both`` if neither alone explains the certified one."""
    memory, compute = certified["memory_bound_ms"], certified["compute_bound_ms"]
    if certified["bound_ms"] > max(memory, compute) * (1.0 + EQUAL):
        return "both"
    return "memory" if memory > compute else "compute"


def _volumes(problem: problems.Problem) -> FloatArray:
    """Return the bytes ``(G, A)`` that each job moves on each core; infinite where it cannot run."""
    table = problem.job_table
    possible = np.isfinite(table.latency)
    return np.where(possible, np.where(possible, table.latency, 0.0) * table.bandwidth, np.inf)


def _mapped(
    problem: problems.Problem, run: StoredRun, value: float, makespan: float, least: float
) -> dict[str, object]:
    """Return what depends on the mapping of ``run``; no makespan is below ``least``, in cycles."""
    energy = energy_mj(problem, run.cores)
    moved = float(_volumes(problem)[np.arange(problem.num_jobs), run.cores].sum())
    bound = problem.value_at_least(least)
    return {
        "value": value,
        "makespan_cycles": makespan,
        "makespan_ms": makespan / CYCLES_PER_MS,
        "energy_mj": energy,
        "edp_mj_ms": energy * makespan / CYCLES_PER_MS,
        "gap": max(0.0, value / bound - 1.0) if bound > 0.0 else np.nan,
        "throughput_gflops": float(problem.throughput(makespan)),
        "bandwidth_used": moved / (problem.system_bandwidth * makespan) if makespan > 0.0 else np.nan,
        "record": str(run.place),
        "reason": "",
    }


def _best(problem: problems.Problem, runs: Sequence[StoredRun], most: float) -> tuple[StoredRun, float, float]:
    """Return the run whose mapping stands for a point, with its value and its makespan.

    Of values that count as equal to the least and are at most ``most``, it has the least energy or, where that was the
    objective, makespan.
    """
    cores: IntArray = np.stack([run.cores for run in runs])
    priorities = np.stack([run.priorities for run in runs])
    values = np.asarray(problem.evaluate(cores, priorities))
    times = np.asarray(replace(problem, objective_name=DEFAULT_OBJECTIVE).evaluate(cores, priorities))
    other = np.array([energy_mj(problem, own) for own in cores]) if problem.objective.needs_makespan else times
    least = values.min()
    equal = np.flatnonzero(values <= max(least, min(least * (1.0 + EQUAL), most)))
    best = int(equal[np.lexsort((times[equal], values[equal], other[equal]))[0]])
    return runs[best], float(values[best]), float(times[best])
