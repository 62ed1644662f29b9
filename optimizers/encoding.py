"""The one canonical mapping and its image in the unit cube, for methods that know only real numbers."""

from __future__ import annotations

import numpy as np

from bench.errors import UnknownName
from optimizers.contract import FloatArray, IntArray, Mappings

BELOW_ONE = float(np.nextafter(1.0, 0.0))


def to_priorities(values: FloatArray) -> FloatArray:
    """Real numbers clipped into [0, 1): a library's closed upper bound becomes the float below it."""
    return np.clip(values, 0.0, BELOW_ONE)


def decode_cube(points: FloatArray, num_cores: int) -> Mappings:
    """Mappings of ``points`` ``(P, 2G)``: a core per coordinate in the first half, a priority in the second.

    Core c is the interval [c/A, (c+1)/A); coordinates outside [0, 1) count as its edge.
    """
    clipped = to_priorities(np.asarray(points, dtype=np.float64))
    half = clipped.shape[1] // 2
    cores = np.minimum((clipped[:, :half] * num_cores).astype(np.int64), num_cores - 1)
    return cores, np.ascontiguousarray(clipped[:, half:])


def encode_cube(cores: IntArray, priorities: FloatArray, num_cores: int) -> FloatArray:
    """Points ``(P, 2G)`` of mappings, each core at the middle of its interval; ``decode_cube`` inverts it."""
    return np.concatenate([(cores + 0.5) / num_cores, priorities], axis=1)


ENCODINGS = ("native", "continuous")
"""How an adapter tells its library of the mapping: in the library's own integers and reals, or as the unit cube."""

LARGEST_LOSS = 1e20
"""What libraries that refuse infinite losses are told of a mapping that cannot run."""


def check_encoding(encoding: str) -> None:
    """Refuse an unknown encoding.

    Raises:
        UnknownName: If it is none of ``ENCODINGS``.
    """
    if encoding not in ENCODINGS:
        raise UnknownName("encoding", encoding, ENCODINGS)
