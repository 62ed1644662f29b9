"""The result of a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray

Moment = tuple[float, float]
"""Wall seconds and CPU seconds since the start of a run."""


class FullTrace(Enum):
    """What to keep of every evaluation, in addition to the improvements; the values are those of stored runs."""

    NOTHING = "nothing"
    VALUES = "values"
    MAPPINGS = "mappings"
    """The mappings and their values."""


@dataclass(frozen=True)
class Seconds:
    """Seconds of a run.

    Attributes:
        ask: Wall seconds in ``ask``; 0 for optimizers with a loop of their own.
        tell: Wall seconds in ``tell``; likewise.
        evaluate: Wall seconds in the problem's ``evaluate``.
        total: Wall seconds of the whole run.
        cpu: CPU seconds of the whole run: of this process, all its threads together, and of the program of
            ``exec:``, but not of other children.
    """

    ask: float
    tell: float
    evaluate: float
    total: float
    cpu: float


@dataclass(frozen=True, eq=False)
class Result:
    """The result of a run.

    Attributes:
        best_value: Lowest value, by default the makespan in cycles; with two objectives the hypervolume shortfall of
            the Pareto front, 0 to 1. ``inf`` if no mapping that can run was found.
        best_cores: ``(G,)`` cores of the best mapping; with two objectives of the first mapping of the front.
        best_priorities: ``(G,)`` priorities of the same mapping.
        front_values: ``(m, num_objectives)`` values of the Pareto front in ascending order of the first value; with
            one objective of the best mapping alone. Empty if no mapping can run.
        front_cores: ``(m, G)`` cores of the front.
        front_priorities: ``(m, G)`` priorities of the front.
        num_evaluations: Number of evaluations.
        trace_evaluations: ``(n,)`` evaluations, counted from 1, at which ``best_value`` improved.
        trace_values: ``(n,)`` values of ``best_value`` at these evaluations.
        trace_seconds: ``(n,)`` wall seconds since the start at these evaluations.
        trace_cpu_seconds: ``(n,)`` CPU seconds since the start at these evaluations; see ``Seconds``.
        checkpoints: ``(m, 3)`` evaluations, wall seconds and CPU seconds since the start, about ten per decade of
            evaluations.
        all_values: ``(num_evaluations,)``, with two objectives ``(num_evaluations, 2)``, all values; empty unless
            kept.
        all_cores: ``(num_evaluations, G)`` cores of all mappings, as evaluated: where a problem repairs them, repaired;
            16-bit integers; of size 0 unless kept.
        all_priorities: ``(num_evaluations, G)`` priorities of all mappings, single precision; of size 0 unless kept.
        stopped: ``budget``, ``wall`` (limit), ``cpu`` (limit), ``callback`` or ``finished`` (nothing more to try).
        seconds: Seconds of the run and of its parts.
    """

    best_value: float
    best_cores: IntArray
    best_priorities: FloatArray
    front_values: FloatArray
    front_cores: IntArray
    front_priorities: FloatArray
    num_evaluations: int
    trace_evaluations: IntArray
    trace_values: FloatArray
    trace_seconds: FloatArray
    trace_cpu_seconds: FloatArray
    checkpoints: FloatArray
    all_values: FloatArray
    all_cores: npt.NDArray[np.int16]
    all_priorities: npt.NDArray[np.float32]
    stopped: str
    seconds: Seconds
