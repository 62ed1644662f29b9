"""For libraries that draw from the process-wide generators, whatever seed they are given."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


class GlobalRandom:
    """One run's own state of the generators of ``random`` and ``numpy.random``."""

    def __init__(self, seed: int) -> None:
        self._states = random.Random(seed).getstate(), np.random.RandomState(seed).get_state(legacy=True)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The global generators in this run's state; afterwards they are as they were."""
        outside = random.getstate(), np.random.get_state(legacy=True)
        _set(self._states)
        try:
            yield
        finally:
            self._states = random.getstate(), np.random.get_state(legacy=True)
            _set(outside)


def _set(states: tuple[object, object]) -> None:
    random.setstate(states[0])  # type: ignore[arg-type]
    np.random.set_state(states[1])  # type: ignore[arg-type]
