"""Timing the parts of a run."""

from __future__ import annotations

from time import perf_counter

from optimizers.contract import AskTellOptimizer
from optimizers.evaluators.wrapper import Wrapper
from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator, Mappings


class Timed(Wrapper):
    """Measures the total time in ``evaluate``.

    Attributes:
        seconds: Total so far.
    """

    def __init__(self, inner: Evaluator) -> None:
        super().__init__(inner)
        self.seconds = 0.0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``."""
        start = perf_counter()
        values = self._inner.evaluate(cores, priorities)
        self.seconds += perf_counter() - start
        return values


class TimedAskTell(AskTellOptimizer):
    """An ask/tell optimizer that measures the total time in ``ask`` and ``tell`` of another.

    Attributes:
        ask_seconds: Total in ``ask`` so far.
        tell_seconds: Total in ``tell`` so far.
    """

    def __init__(self, inner: AskTellOptimizer) -> None:
        self._inner = inner
        self.ask_seconds = 0.0
        self.tell_seconds = 0.0

    def ask(self) -> Mappings:
        """Return the next mappings."""
        start = perf_counter()
        try:
            return self._inner.ask()
        finally:
            self.ask_seconds += perf_counter() - start

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Receive the values of the mappings asked last."""
        start = perf_counter()
        self._inner.tell(cores, priorities, values)
        self.tell_seconds += perf_counter() - start
