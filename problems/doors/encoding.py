"""Codecs between the canonical mapping and its encodings for other libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import UnknownName
from problems.space import Mappings, SearchSpace

BELOW_ONE = float(np.nextafter(1.0, 0.0))


class Codec(Protocol):
    """Converts P mappings to points ``(P, 2G)``, one per row, and back; ``decode`` inverts ``encode`` exactly."""

    def encode(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Convert mappings ``(P, G)`` to points ``(P, 2G)``."""

    def decode(self, points: FloatArray) -> Mappings:
        """Convert points ``(P, 2G)`` to mappings ``(P, G)``."""


class NativeCodec:
    """For libraries that mix integers or categories with reals: a row is G core numbers, then G priorities."""

    def __init__(self, space: SearchSpace) -> None:
        self._num_cores = space.num_cores

    def encode(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Convert mappings ``(P, G)`` to points ``(P, 2G)``."""
        return np.concatenate([cores.astype(np.float64), priorities], axis=1)

    def decode(self, points: FloatArray) -> Mappings:
        """Convert points ``(P, 2G)`` to mappings; a priority of 1, if a library includes it, is clipped."""
        cores, priorities = _halves(points)
        return cores.astype(np.int64), to_priorities(priorities)


class ContinuousCodec:
    """For methods that support only reals: the unit cube. Core c is [c/A, (c+1)/A), encoded by its middle."""

    def __init__(self, space: SearchSpace) -> None:
        self._num_cores = space.num_cores

    def encode(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Convert mappings ``(P, G)`` to points ``(P, 2G)``."""
        return np.concatenate([(cores + 0.5) / self._num_cores, priorities], axis=1)

    def decode(self, points: FloatArray) -> Mappings:
        """Convert points ``(P, 2G)`` to mappings; coordinates are clipped into [0, 1)."""
        cores, priorities = _halves(to_priorities(np.asarray(points, dtype=np.float64)))
        return np.minimum((cores * self._num_cores).astype(np.int64), self._num_cores - 1), priorities


def _halves(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    half = points.shape[1] // 2
    return points[:, :half], np.ascontiguousarray(points[:, half:])


def to_priorities(values: FloatArray) -> FloatArray:
    """Clip real numbers into [0, 1)."""
    return np.clip(values, 0.0, BELOW_ONE)


NATIVE, CONTINUOUS = "native", "continuous"

CODECS: Mapping[str, Callable[[SearchSpace], Codec]] = {NATIVE: NativeCodec, CONTINUOUS: ContinuousCodec}

ENCODINGS = tuple(CODECS)
"""How an adapter presents mappings to its library: with the library's own types of variables, or as the unit cube."""


def codec_of(encoding: str, space: SearchSpace, offered: Sequence[str] = ENCODINGS) -> Codec:
    """Make the codec of an encoding.

    Raises:
        UnknownName: If the encoding is not among those ``offered``.
    """
    if encoding not in offered:
        raise UnknownName("encoding", encoding, offered)
    return CODECS[encoding](space)
