"""Transfer of mappings from one group of jobs to another on the same cores, to warm-start a search."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import InvalidInput
from problems.problem import Problem

UNABLE = 1e3
"""Distance, in logarithms of cycles, between a job that a core can run and one that it cannot."""

DIGITS = 9
"""Decimals of the logarithms that count, so that equal distances are equal on every processor."""


def transfer(cores: IntArray, priorities: FloatArray, source: Problem, target: Problem) -> tuple[IntArray, FloatArray]:
    """Return mappings of ``target`` in which every job is treated like the most similar job of ``source``.

    Jobs are matched one to one, so that the sum of their distances, in logarithms of latency and bandwidth over all
    cores, is minimal; where ``target`` has more jobs, each job of ``source`` may be matched several times.

    Args:
        cores: ``(P, G)`` cores of mappings of ``source``.
        priorities: ``(P, G)`` priorities of mappings of ``source``.
        source: The problem that the mappings belong to.
        target: The problem to map.

    Returns:
        Cores and priorities, each ``(P, G')``, for the G' jobs of ``target``.

    Raises:
        InvalidInput: If the numbers of cores differ, or there are not ``(P, G)`` cores and priorities.
    """
    if source.num_cores != target.num_cores:
        what = f"mappings of {source.id!r} for {target.id!r}"
        raise InvalidInput(what, expected=f"mappings to {target.num_cores} cores", actual=f"to {source.num_cores}")
    for what, array in (("cores", cores), ("priorities", priorities)):
        if np.ndim(array) != 2 or np.shape(array) != (len(cores), source.num_jobs):
            expected, actual = f"an array (P, {source.num_jobs})", f"one of {np.shape(array)}"
            raise InvalidInput(f"{what} of {source.id!r}", expected=expected, actual=actual)
    features = _features(source), _features(target)
    if np.array_equal(*features):  # the same jobs, each of which stays itself: equal ones may wait for others
        return cores.copy(), priorities.copy()
    matched = _most_alike(*features)
    return cores[:, matched], priorities[:, matched]


def _features(problem: Problem) -> FloatArray:
    """Return the logarithms of latency and bandwidth, ``(G, 2A)``, to the decimals that are the same everywhere."""
    table = problem.job_table
    latency = np.where(np.isfinite(table.latency), np.log1p(table.latency), UNABLE)
    bandwidth = np.where(np.isfinite(table.latency), np.log1p(table.bandwidth), 0.0)
    return np.round(np.concatenate([latency, bandwidth], axis=1), DIGITS)


def _most_alike(source: FloatArray, target: FloatArray) -> IntArray:
    """Return the row of ``source`` that each row of ``target`` is matched with."""
    from scipy.optimize import linear_sum_assignment  # most searches start cold
    from scipy.spatial.distance import cdist

    copies = -(-len(target) // len(source))
    _, matched = linear_sum_assignment(np.tile(cdist(target, source), (1, copies)))
    return np.asarray(matched % len(source), dtype=np.int64)
