"""The one canonical mapping, and the codecs by which libraries see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from bench.errors import UnknownName
from optimizers.contract import FloatArray, IntArray, Mappings, SearchSpace

BELOW_ONE = float(np.nextafter(1.0, 0.0))


class Codec(Protocol):
    """Turns P mappings into points ``(P, 2G)``, a row a mapping, and back: ``decode(encode(mappings))`` is the same."""

    def encode(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Points ``(P, 2G)`` of mappings ``(P, G)``."""

    def decode(self, points: FloatArray) -> Mappings:
        """Mappings of points ``(P, 2G)``."""


class NativeCodec:
    """For libraries with integers or categories beside reals: a row is G cores as they are, then G priorities."""

    def __init__(self, space: SearchSpace) -> None:
        self._num_cores = space.num_cores

    def encode(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Points ``(P, 2G)``."""
        return np.concatenate([cores.astype(np.float64), priorities], axis=1)

    def decode(self, points: FloatArray) -> Mappings:
        """Mappings; a library's closed upper bound of a priority becomes the float below it."""
        cores, priorities = _halves(points)
        return cores.astype(np.int64), to_priorities(priorities)


class ContinuousCodec:
    """For methods that know only reals: the unit cube. Core c is the interval [c/A, (c+1)/A), told as its middle."""

    def __init__(self, space: SearchSpace) -> None:
        self._num_cores = space.num_cores

    def encode(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Points ``(P, 2G)``."""
        return np.concatenate([(cores + 0.5) / self._num_cores, priorities], axis=1)

    def decode(self, points: FloatArray) -> Mappings:
        """Mappings; coordinates outside [0, 1) count as its edge."""
        cores, priorities = _halves(to_priorities(np.asarray(points, dtype=np.float64)))
        return np.minimum((cores * self._num_cores).astype(np.int64), self._num_cores - 1), priorities


def _halves(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    half = points.shape[1] // 2
    return points[:, :half], np.ascontiguousarray(points[:, half:])


def to_priorities(values: FloatArray) -> FloatArray:
    """Real numbers clipped into [0, 1)."""
    return np.clip(values, 0.0, BELOW_ONE)


NATIVE, CONTINUOUS = "native", "continuous"

CODECS: Mapping[str, Callable[[SearchSpace], Codec]] = {NATIVE: NativeCodec, CONTINUOUS: ContinuousCodec}

ENCODINGS = tuple(CODECS)
"""How an adapter tells its library of the mapping: in the library's own integers and reals, or as the unit cube."""


def codec_of(encoding: str, space: SearchSpace, offered: Sequence[str] = ENCODINGS) -> Codec:
    """The codec of an encoding.

    Raises:
        UnknownName: If it is none of those ``offered``.
    """
    if encoding not in offered:
        raise UnknownName("encoding", encoding, offered)
    return CODECS[encoding](space)
