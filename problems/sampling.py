"""The fixed random mappings by which instances are measured."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray

RANDOM_MAPPINGS = 1000

_SEED = 20_220_402


def random_mappings(num_jobs: int, num_cores: int) -> tuple[IntArray, FloatArray]:
    """Return 1,000 uniform mappings: cores and priorities, each ``(1000, G)``.

    They are always the same: NumPy has frozen the stream of ``RandomState``.
    """
    stream = np.random.RandomState(_SEED)
    shape = (RANDOM_MAPPINGS, num_jobs)
    return stream.randint(num_cores, size=shape, dtype=np.int64), stream.random_sample(shape)
