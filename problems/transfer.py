"""Carrying mappings over from one group of jobs to another on the same cores, to start a search from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from bench.errors import InvalidInput
from problems.problem import Problem

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

UNABLE = 1e3
"""Distance, in logarithms of cycles, between a job that a core can run and one that it cannot."""


def transfer(cores: IntArray, priorities: FloatArray, source: Problem, target: Problem) -> tuple[IntArray, FloatArray]:
    """Mappings of ``target`` in which every job is treated like the job of ``source`` that is most like it.

    Jobs are matched one to one, so that the sum of their distances, in logarithms of latency and bandwidth over all
    cores, is least; where ``target`` has more jobs, those of ``source`` stand for several.

    Args:
        cores: ``(P, G)`` of mappings of ``source``.
        priorities: ``(P, G)``, likewise.
        source: What they are mappings of.
        target: What mappings are wanted for.

    Returns:
        Cores and priorities ``(P, G')`` of the G' jobs of ``target``.

    Raises:
        InvalidInput: If the two have not the same number of cores.
    """
    if source.num_cores != target.num_cores:
        what = f"mappings of {source.id!r} for {target.id!r}"
        raise InvalidInput(what, expected=f"mappings to {target.num_cores} cores", actual=f"to {source.num_cores}")
    like = _most_alike(_features(source), _features(target))
    return cores[:, like], priorities[:, like]


def _features(problem: Problem) -> FloatArray:
    """``(G, 2A)``: logarithms of latency and bandwidth."""
    table = problem.job_table
    latency = np.where(np.isfinite(table.latency), np.log1p(table.latency), UNABLE)
    bandwidth = np.where(np.isfinite(table.latency), np.log1p(table.bandwidth), 0.0)
    return np.concatenate([latency, bandwidth], axis=1)


def _most_alike(source: FloatArray, target: FloatArray) -> IntArray:
    """The row of ``source`` that each row of ``target`` is matched with."""
    copies = -(-len(target) // len(source))
    _, matched = linear_sum_assignment(np.tile(cdist(target, source), (1, copies)))
    return np.asarray(matched % len(source), dtype=np.int64)
