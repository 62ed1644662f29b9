"""Reproducible state of the global random generators, for libraries that use them whatever seed they are given."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

NumpyState = dict[str, object] | tuple[str, npt.NDArray[np.uint32], int, int, float]


class GlobalRandom:
    """Holds one run's own state of the global generators of ``random`` and ``numpy.random``."""

    def __init__(self, seed: int) -> None:
        self._python: tuple[object, ...] = random.Random(seed).getstate()
        self._numpy: NumpyState = np.random.RandomState(seed).get_state(legacy=True)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the global generators into this run's state; restore the previous state afterwards."""
        outside_python, outside_numpy = random.getstate(), np.random.get_state(legacy=True)
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        try:
            yield
        finally:
            self._python, self._numpy = random.getstate(), np.random.get_state(legacy=True)
            random.setstate(outside_python)
            np.random.set_state(outside_numpy)
