"""What a mapping is judged by: the objectives, all of them minimised.

- ``latency``: the makespan, cycles at 1 GHz.
- ``throughput``: its reciprocal, ns a FLOP (2 FLOP a MAC): the makespan, made comparable between groups.
- ``energy``: nJ of all jobs on their cores. It is a sum over the jobs: the best core of each job is the best
  mapping, and priorities do not matter.
- ``edp``: the energy-delay product, nJ x cycles.
- ``latency+energy``: both at once. A set of mappings is then judged by its hypervolume, the share of the box
  between the ideal and the reference point that it dominates (Zitzler 1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.registry import Registry

FloatArray = npt.NDArray[np.float64]

DEFAULT_OBJECTIVE = "latency"


@dataclass(frozen=True)
class Objective:
    """One objective, or several at once.

    Attributes:
        name: Its place in a problem id.
        units: Of each of its values.
        summary: One line for lists.
        needs_energy: Whether the job table must know the energy.
        needs_makespan: Whether the schedule counts.
    """

    name: str
    units: tuple[str, ...]
    summary: str
    needs_energy: bool = False
    needs_makespan: bool = True

    @property
    def count(self) -> int:
        """How many values a mapping has."""
        return len(self.units)

    def of(self, makespan: FloatArray, energy: FloatArray, flop: float) -> FloatArray:
        """The values ``(P,)``, or ``(P, count)`` of several, from cycles ``(P,)``, nJ ``(P,)`` and the group's work.

        What exceeds the floats, or would be a product of 0 and infinity, is infinite.
        """
        if self.name == "throughput":
            return makespan / flop
        if self.name == "energy":
            return energy
        if self.name == "edp":
            with np.errstate(over="ignore", invalid="ignore"):
                return np.where(np.isinf(makespan) | np.isinf(energy), np.inf, makespan * energy)
        return makespan if self.count == 1 else np.stack([makespan, energy], axis=-1)


OBJECTIVES: Registry[Objective] = Registry("objective")
for _objective in (
    Objective("latency", ("cycles",), "makespan"),
    Objective("throughput", ("ns/FLOP",), "reciprocal of the throughput"),
    Objective("energy", ("nJ",), "energy of all jobs", needs_energy=True, needs_makespan=False),
    Objective("edp", ("nJ*cycles",), "energy-delay product", needs_energy=True),
    Objective("latency+energy", ("cycles", "nJ"), "both, judged by hypervolume", needs_energy=True),
):
    OBJECTIVES.add(_objective)


def hypervolume(points: npt.ArrayLike, ideal: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """Share of the box from ``ideal`` to ``reference``, each ``(2,)``, that ``points`` ``(n, 2)`` dominate; 0 to 1."""
    low, high = np.asarray(ideal, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    inside = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    inside = inside[(inside < high).all(axis=1)]
    if not inside.size:
        return 0.0
    front = pareto_front(inside)
    heights = np.diff(np.concatenate([[high[1]], front[:, 1]]))  # each point adds what lies below the one before
    area = -((high[0] - front[:, 0]) * heights).sum()
    return float(min(area / np.prod(high - low), 1.0))


def pareto_front(points: FloatArray) -> FloatArray:
    """The points ``(m, 2)`` that no other dominates, each once, by ascending first value."""
    return points[front_indices(points)]


def front_indices(points: FloatArray) -> npt.NDArray[np.int64]:
    """The numbers ``(m,)`` of the points ``(n, 2)`` that no other dominates, by ascending first value, equals once.

    NaN counts as infinite, both values of the point.
    """
    points = np.where(np.isnan(points).any(axis=1, keepdims=True), np.inf, points)
    order = np.lexsort((points[:, 1], points[:, 0]))
    best = np.minimum.accumulate(np.concatenate([[np.inf], points[order, 1]]))[:-1]
    return np.asarray(order[points[order, 1] < best], dtype=np.int64)
