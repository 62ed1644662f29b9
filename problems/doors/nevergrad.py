"""Mappings as Nevergrad represents them: a parametrization, and the points of its candidates.

Import Nevergrad as ``ng`` from here: the library seeds, and draws from, the global random generators when it is first
imported, and only here they are protected from that.
"""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray
from problems.doors.encoding import NATIVE
from problems.doors.global_random import GlobalRandom
from problems.space import SearchSpace

with GlobalRandom(0).lent():
    import nevergrad as ng

__all__ = ["ng", "parametrize", "point_of", "value_of"]


def parametrize(space: SearchSpace, encoding: str) -> ng.p.Parameter:
    """Make Nevergrad's parametrization of the mappings."""
    if encoding != NATIVE:
        return _array(2 * space.num_jobs)
    choices = range(max(space.num_cores, 2))  # discrete mutations reject a single choice, and CMA a single dimension
    cores = ng.p.TransitionChoice([min(c, space.num_cores - 1) for c in choices], repetitions=space.num_jobs)
    return ng.p.Dict(cores=cores, priorities=_array(space.num_jobs))


def _array(size: int) -> ng.p.Array:
    return ng.p.Array(shape=(size,), lower=0.0, upper=1.0)


def point_of(candidate: ng.p.Parameter, space: SearchSpace) -> FloatArray:
    """Convert a candidate to the point ``(2G,)`` that the codecs decode.

    The indices of the choices are the cores; reading them is faster than ``value``, which looks up each one.
    """
    if isinstance(candidate, ng.p.Array):
        return np.asarray(candidate.value, dtype=np.float64)
    cores = np.minimum(candidate["cores"].indices.value, space.num_cores - 1)
    return np.concatenate([cores, candidate["priorities"].value])


def value_of(point: FloatArray, encoding: str) -> FloatArray | dict[str, tuple[int, ...] | FloatArray]:
    """Convert a point ``(2G,)`` to the ``value`` of its candidate: a dictionary, or the point itself."""
    if encoding != NATIVE:
        return point
    half = len(point) // 2
    return {"cores": tuple(point[:half].astype(np.int64).tolist()), "priorities": point[half:]}
