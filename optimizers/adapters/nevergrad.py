"""Nevergrad's optimizers, by ask and tell, one mapping at a time (``num_workers=1``)."""

from __future__ import annotations

from typing import Any

import nevergrad as ng
import numpy as np

from bench.errors import UnknownName
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace
from optimizers.encoding import ENCODINGS, LARGEST_LOSS, check_encoding, decode_cube, to_priorities


class NevergradOptimizer(AskTellOptimizer):
    """An optimizer of Nevergrad's registry.

    Args:
        method: Its name there, e.g. ``DE``.
        encoding: ``native``: cores are an integer array, priorities a real one; ``continuous``: the unit cube.

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
        self._encoding = encoding
        parametrization = _native(space) if encoding == "native" else _array(2 * space.num_jobs, 1.0)
        parametrization.random_state = np.random.RandomState(seed)
        self._optimizer = ng.optimizers.registry[method](parametrization, budget=budget, num_workers=1)
        self._candidate: Any = None

    def ask(self) -> Mappings:
        """One mapping, ``(1, G)``."""
        self._candidate = self._optimizer.ask()
        if self._encoding == "continuous":
            return decode_cube(np.asarray(self._candidate.value)[None, :], self.space.num_cores)
        value = self._candidate.value
        cores = np.zeros(self.space.num_jobs, np.int64) if self.space.num_cores == 1 else np.asarray(value["cores"])
        return cores[None, :].astype(np.int64), to_priorities(np.asarray(value["priorities"]))[None, :]

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """The makespan of that mapping."""
        self._optimizer.tell(self._candidate, min(float(values[0]), LARGEST_LOSS))


def _native(space: SearchSpace) -> Any:
    """Integers and reals as Nevergrad has them; a single core leaves no choice, and bounds must differ."""
    parts = {"priorities": _array(space.num_jobs, 1.0)}
    if space.num_cores > 1:
        parts["cores"] = _array(space.num_jobs, space.num_cores - 1.0).set_integer_casting()
    return ng.p.Dict(**parts)


def _array(size: int, upper: float) -> Any:
    return ng.p.Array(shape=(size,), lower=0.0, upper=upper)
