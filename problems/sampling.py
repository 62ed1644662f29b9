"""The random mappings by which instances are measured: always the same ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RANDOM_MAPPINGS = 1000

_SEED = 20_220_402


def random_mappings(num_jobs: int, num_cores: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """1,000 uniform mappings, cores and priorities ``(1000, G)``; NumPy has frozen this generator."""
    stream = np.random.RandomState(_SEED)
    shape = (RANDOM_MAPPINGS, num_jobs)
    return stream.randint(num_cores, size=shape, dtype=np.int64), stream.random_sample(shape)
