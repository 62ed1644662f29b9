"""Keeping all mappings of a run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optimizers.evaluators.wrapper import Wrapper
from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator


class Remembered(Wrapper):
    """Keeps all evaluated mappings in compact types.

    Attributes:
        all_cores: Batches of cores ``(P, G)`` in order, 16-bit integers.
        all_priorities: Batches of priorities ``(P, G)`` in order, single precision.
    """

    def __init__(self, inner: Evaluator) -> None:
        super().__init__(inner)
        self.all_cores: list[npt.NDArray[np.int16]] = []
        self.all_priorities: list[npt.NDArray[np.float32]] = []

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``."""
        values = self._inner.evaluate(cores, priorities)
        self.all_cores.append(cores.astype(np.int16))
        self.all_priorities.append(priorities.astype(np.float32))
        return values
