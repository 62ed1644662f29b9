"""Nevergrad's optimizers, by ask and tell, one mapping at a time (``num_workers=1``).

Most of their randomness is the parametrization's; some draw from NumPy's global generator all the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nevergrad as ng
import numpy as np

from bench.errors import UnknownName
from optimizers.adapters import as_json
from optimizers.adapters.global_random import GlobalRandom
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace
from optimizers.encoding import ENCODINGS, LARGEST_LOSS, check_encoding, decode_cube, to_priorities


class NevergradOptimizer(AskTellOptimizer):
    """An optimizer of Nevergrad's registry.

    Args:
        method: Its name there, e.g. ``DE``.
        encoding: ``native``: cores are a ``TransitionChoice``, which the library advises for small ranges of
            integers, and priorities an array; ``continuous``: one array, the unit cube.

    Raises:
        UnknownName: If Nevergrad has no such optimizer.
    """

    libraries = ("nevergrad",)

    def __init__(
        self, space: SearchSpace, *, budget: int, seed: int, method: str = "DE", encoding: str = ENCODINGS[0]
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_encoding(encoding)
        if method not in ng.optimizers.registry:
            raise UnknownName("optimizer of Nevergrad", method, ng.optimizers.registry)
        self._method, self._encoding = method, encoding
        self._random = GlobalRandom(seed)
        with self._calling():
            parametrization = _native(space) if encoding == "native" else _array(2 * space.num_jobs)
            parametrization.random_state = np.random.RandomState(seed)
            self._optimizer = ng.optimizers.registry[method](parametrization, budget=budget, num_workers=1)
        self._candidate: Any = None

    def settings(self) -> dict[str, Any]:
        """The optimizer's own configuration, where Nevergrad tells it."""
        configuration = getattr(ng.optimizers.registry[self._method], "config", dict[str, Any])
        return as_json(configuration())

    def ask(self) -> Mappings:
        """One mapping, ``(1, G)``."""
        with self._calling():
            self._candidate = self._optimizer.ask()
            value = self._candidate.value
        if self._encoding == "continuous":
            return decode_cube(np.asarray(value)[None, :], self.space.num_cores)
        return np.array([value["cores"]], dtype=np.int64), to_priorities(np.asarray(value["priorities"]))[None, :]

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """The value of that mapping."""
        with self._calling():
            self._optimizer.tell(self._candidate, min(float(values[0]), LARGEST_LOSS))

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """The library's surroundings: its own randomness, and no complaints about problems of a gene or two.

        There it divides 0 by 0 where all values are equal, and its CMA misses solutions that it injected.
        """
        with self._random.lent(), np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="orphanated injected solution")
            yield


def _native(space: SearchSpace) -> Any:
    """A choice and a real number for each job."""
    cores = ng.p.TransitionChoice(range(space.num_cores), repetitions=space.num_jobs)
    return ng.p.Dict(cores=cores, priorities=_array(space.num_jobs))


def _array(size: int) -> Any:
    return ng.p.Array(shape=(size,), lower=0.0, upper=1.0)
