"""Showing a run's progress to the caller, who may end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from optimizers.evaluators.recorded import Recorded
from optimizers.evaluators.wrapper import RunEnded, Wrapper
from problems.arrays import FloatArray, IntArray
from problems.doors.global_random import given_back
from problems.foundation.errors import InvalidInput
from problems.space import Evaluator


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a run has come.

    Attributes:
        evaluations: Evaluations so far.
        best_value: Lowest value so far; see ``Result``.
        best_cores: ``(G,)`` cores of the best mapping, a copy; empty if there is none.
        best_priorities: ``(G,)`` priorities of the same mapping, a copy.
        seconds: Wall seconds since the start.
    """

    evaluations: int
    best_value: float
    best_cores: IntArray
    best_priorities: FloatArray
    seconds: float


Callback = Callable[[Progress], object]
"""What is called with the progress of a run; True ends the run, False or None does not."""


class Watched(Wrapper):
    """Calls back after each batch with an improvement, or in which another ``every`` evaluations are complete.

    Args:
        inner: The evaluator to wrap.
        record: Where it records.
        callback: What is called; True ends the run, an exception does too.
        every: Evaluations between calls without improvement; None for none.

    Attributes:
        has_stopped: Whether the callback has ended the run.
    """

    def __init__(self, inner: Evaluator, record: Recorded, callback: Callback, every: int | None) -> None:
        super().__init__(inner)
        self._record, self._callback, self._every = record, callback, every
        self._shown = inf
        self.has_stopped = False

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``; raise ``RunEnded`` if the callback ends the run."""
        if self.has_stopped:
            raise RunEnded
        before = self._record.num_evaluations
        values = super().evaluate(cores, priorities)
        if self._is_due(before):
            self._call()
        return values

    def _is_due(self, before: int) -> bool:
        improved, self._shown = self._record.best_value < self._shown, self._record.best_value
        every = self._every
        return improved or (every is not None and self._record.num_evaluations // every > before // every)

    def _call(self) -> None:
        record = self._record
        progress = Progress(
            record.num_evaluations,
            record.best_value,
            record.best_cores.copy(),
            record.best_priorities.copy(),
            record.stopwatch.wall(),
        )
        with given_back():
            answer = self._callback(progress)
        if answer is not None and not isinstance(answer, bool | np.bool_):  # e.g. a coroutine
            hint = "True ends the run, False or None goes on."
            raise InvalidInput("callback", expected="True, False or None", actual=answer, hint=hint)
        if answer:
            self.has_stopped = True  # once and for all: threads may be at work in other batches
            raise RunEnded
