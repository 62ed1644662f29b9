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

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.foundation.registry import Registry

Formula = Callable[[FloatArray, FloatArray, float], FloatArray]
"""From makespans ``(P,)`` in cycles, energies ``(P,)`` in nJ and the group's FLOP to values ``(P,)`` or ``(P, k)``.

A formula gets zeros for what its objective does not need.
"""


def _unknown_rate(value: float, flop: float) -> float:
    return math.nan


@dataclass(frozen=True)
class Objective:
    """One objective, or several at once.

    Attributes:
        name: Its place in a problem id.
        units: Of each of its values.
        summary: One line for lists.
        formula: Its values.
        needs_energy: Whether the job table must know the energy.
        needs_makespan: Whether the schedule counts.
        needs_work: Whether the jobs' multiply-accumulates must be known.
        title: What it is called in sentences; its name if it is "".
        short_unit: Unit in narrow tables, and how many of ``units[0]`` it is; the same unit if it is ("", 1).
        gflops: Throughput in GFLOP/s at 1 GHz from a value and the group's FLOP; NaN where the value does not tell it.
    """

    name: str
    units: tuple[str, ...]
    summary: str
    formula: Formula
    needs_energy: bool = False
    needs_makespan: bool = True
    needs_work: bool = False
    title: str = ""
    short_unit: tuple[str, float] = ("", 1.0)
    gflops: Callable[[float, float], float] = _unknown_rate

    def __reduce__(self) -> tuple[Callable[[str], Objective], tuple[str]]:
        return _registered, (self.name,)  # formulas cannot be sent to other processes

    @property
    def count(self) -> int:
        """How many values a mapping has."""
        return len(self.units)

    @property
    def tells_throughput(self) -> bool:
        """Whether quotients of its values are quotients of throughputs."""
        return self.gflops is not _unknown_rate


def _energy_delay(makespan: FloatArray, energy: FloatArray, flop: float) -> FloatArray:
    """The product; infinite where it exceeds the floats, or would be one of 0 and infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(np.isinf(makespan) | np.isinf(energy), np.inf, makespan * energy)


LATENCY = Objective(
    "latency",
    ("cycles",),
    "makespan",
    lambda makespan, energy, flop: makespan,
    title="makespan",
    short_unit=("thousand cycles", 1e3),
    gflops=lambda value, flop: flop / value,
)

DEFAULT_OBJECTIVE = LATENCY.name

OBJECTIVES: Registry[Objective] = Registry("objective")
"""The objectives that a mapping can be judged by, by name."""

for _objective in (
    LATENCY,
    Objective(
        "throughput",
        ("ns/FLOP",),
        "reciprocal of the throughput",
        lambda makespan, energy, flop: makespan / flop,
        needs_work=True,
        gflops=lambda value, flop: 1.0 / value,
    ),
    Objective(
        "energy",
        ("nJ",),
        "energy of all jobs",
        lambda makespan, energy, flop: energy,
        needs_energy=True,
        needs_makespan=False,
    ),
    Objective("edp", ("nJ*cycles",), "energy-delay product", _energy_delay, needs_energy=True),
    Objective(
        "latency+energy",
        ("cycles", "nJ"),
        "both, judged by hypervolume",
        lambda makespan, energy, flop: np.stack([makespan, energy], axis=-1),
        needs_energy=True,
    ),
):
    OBJECTIVES.add(_objective)


def _registered(name: str) -> Objective:
    return OBJECTIVES.get(name)


def option_of(objective: str) -> str:
    """The option that names an objective in a problem id; "" of the default one."""
    return "" if objective == DEFAULT_OBJECTIVE else objective


def objective_at_the_end_of(problem_id: str) -> str:
    """The objective that an id names, also an id that cannot be read here."""
    last = problem_id.rpartition("/")[2]
    return last if last in OBJECTIVES.names() else DEFAULT_OBJECTIVE


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


def front_indices(points: FloatArray) -> IntArray:
    """The numbers ``(m,)`` of the points ``(n, 2)`` that no other dominates, by ascending first value, equals once.

    NaN counts as infinite, both values of the point.
    """
    points = np.where(np.isnan(points).any(axis=1, keepdims=True), np.inf, points)
    order = np.lexsort((points[:, 1], points[:, 0]))
    best = np.minimum.accumulate(np.concatenate([[np.inf], points[order, 1]]))[:-1]
    return np.asarray(order[points[order, 1] < best], dtype=np.int64)
