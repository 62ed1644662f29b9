"""Repairing mappings: moving jobs off cores that cannot run them."""

from __future__ import annotations

from optimizers.evaluators.wrapper import Wrapper
from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator, ProblemLike, Repairs, offers


class Repaired(Wrapper):
    """Moves every job that its core cannot run to the next core that can, if the problem offers a repair.

    The repaired mapping is recorded; the optimizer keeps its own proposal.
    """

    def __init__(self, inner: Evaluator, problem: ProblemLike) -> None:
        super().__init__(inner)
        self._repair = problem.repair if offers(problem, Repairs) else None

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``."""
        return self._inner.evaluate(cores if self._repair is None else self._repair(cores), priorities)
