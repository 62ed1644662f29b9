"""Mappings as the distributions of cmaes represent them: cores are reals, integers or categories."""

from __future__ import annotations

import numpy as np
from cmaes import CatCMAwM

from problems.arrays import FloatArray
from problems.space import SearchSpace


def bounds_and_steps(space: SearchSpace) -> tuple[FloatArray, FloatArray]:
    """Return bounds ``(D, 2)`` and steps ``(D,)`` of integer cores and real priorities, whose step is 0.

    D is 2G, or G if there is only one core: an integer needs two choices.
    """
    num_choices = space.num_jobs if space.num_cores > 1 else 0
    bounds = [[0.0, space.num_cores - 1.0]] * num_choices + [[0.0, 1.0]] * space.num_jobs
    return np.array(bounds), np.repeat([1.0, 0.0], [num_choices, space.num_jobs])


def with_cores(point: FloatArray, space: SearchSpace) -> FloatArray:
    """Return the point ``(2G,)`` that the codecs decode, of a point ``(D,)`` within ``bounds_and_steps``."""
    return np.concatenate([np.zeros(2 * space.num_jobs - len(point)), point])


def without_fixed_cores(point: FloatArray, space: SearchSpace) -> FloatArray:
    """Return the point ``(D,)`` within ``bounds_and_steps`` of a point ``(2G,)``: the inverse of ``with_cores``."""
    return point if space.num_cores > 1 else point[space.num_jobs :]


def categories(space: SearchSpace) -> list[int] | None:
    """Return the number of cores for every job; None if there is only one core: a category needs two choices."""
    return [space.num_cores] * space.num_jobs if space.num_cores > 1 else None


def probabilities(point: FloatArray, space: SearchSpace, change: float) -> FloatArray | None:
    """Return probabilities ``(G, A)`` of cores around those of a point ``(2G,)``; None if there is only one core.

    A core is another one with probability ``change``, at most that of the uniform distribution, 1 - 1/A.
    """
    if space.num_cores == 1:
        return None
    each = min(change / (space.num_cores - 1), 1.0 / space.num_cores)
    shares = np.full((space.num_jobs, space.num_cores), each)
    shares[np.arange(space.num_jobs), point[: space.num_jobs].astype(np.int64)] = 1.0 - each * (space.num_cores - 1)
    return shares


def point_of(solution: CatCMAwM.Solution) -> FloatArray:
    """Convert a solution, whose categories are one-hot, to the point ``(2G,)`` that the codecs decode."""
    priorities = np.asarray(solution.x, dtype=np.float64)
    cores = np.zeros(len(priorities)) if solution.c is None else solution.c.argmax(axis=1)
    return np.concatenate([cores, priorities])
