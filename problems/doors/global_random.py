"""Reproducible state of the global random generators, for libraries that use them whatever seed they are given."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

NumpyState = dict[str, object] | tuple[str, npt.NDArray[np.uint32], int, int, float]

_turn = threading.RLock()
"""Held by the thread whose run has its state in the generators, of which a process has one set."""


class _Lenders(threading.local):
    """The runs that have lent their state in this thread, the last one innermost."""

    def __init__(self) -> None:
        self.stack: list[GlobalRandom] = []


_lenders = _Lenders()


class GlobalRandom:
    """Holds one run's own state of the global generators of ``random`` and ``numpy.random``."""

    def __init__(self, seed: int) -> None:
        self._python: tuple[object, ...] = random.Random(seed).getstate()
        self._numpy: NumpyState = np.random.RandomState(seed).get_state(legacy=True)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the global generators into this run's state; restore the previous state afterwards.

        Other threads that want to do so wait until it ends, or until this one has given them back.
        """
        with _turn:
            self._exchange()
            _lenders.stack.append(self)
            try:
                yield
            finally:
                _lenders.stack.pop()
                self._exchange()

    @contextmanager
    def _returned(self) -> Iterator[None]:
        self._exchange()
        _turn.release()
        try:
            yield
        finally:
            _turn.acquire()
            self._exchange()

    def _exchange(self) -> None:
        """Exchange the state that is held for that of the generators."""
        python, numpy = random.getstate(), np.random.get_state(legacy=True)
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        self._python, self._numpy = python, numpy


@contextmanager
def given_back() -> Iterator[None]:
    """Put the global generators back into the state that they had outside of this thread's run, for code of users."""
    if not _lenders.stack:
        yield
        return
    with _lenders.stack[-1]._returned():
        yield
