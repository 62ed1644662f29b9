"""A descent from a mapping: moves of one job and swaps of two, until none of them lowers the value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.best_known.entry import Instance

LEAST_STEP = 1e-10
"""Relative gain of a step that is taken."""

MOST_EVALUATIONS = 500_000
"""Where a descent ends at the latest: beyond what 200 jobs need."""


@dataclass(frozen=True, eq=False)
class Descent:
    """Where a descent ended.

    Attributes:
        cores: ``(G,)`` cores of the jobs.
        priorities: ``(G,)`` priorities of the jobs, as ranks.
        value: In the unit of the objective.
        evaluations: Mappings evaluated.
    """

    cores: IntArray
    priorities: FloatArray
    value: float
    evaluations: int


def descend(
    problem: Instance,
    cores: IntArray,
    priorities: FloatArray,
    *,
    most_evaluations: int = MOST_EVALUATIONS,
) -> Descent:
    """Lower the value of a mapping step by step, until it is a local optimum.

    A step is the best place of one job, on any core at any place of its queue, or else its best swap with another job.

    Args:
        problem: A problem with one objective.
        cores: ``(G,)`` cores of the jobs.
        priorities: ``(G,)`` priorities of the jobs.
        most_evaluations: No step begins after so many.
    """
    ranks, value = _ranks(priorities), _value(problem, cores, priorities)
    evaluations = 1
    neighbours: tuple[Callable[[IntArray, FloatArray, int], tuple[IntArray, FloatArray]], ...] = (
        lambda own, rank, job: _moves(own, rank, job, problem.job_table.num_cores),
        _swaps,
    )
    jobs, kind, idle, job = len(cores), 0, 0, 0
    while kind < len(neighbours) and evaluations < most_evaluations:
        others, other_ranks = neighbours[kind](cores, ranks, job)
        values = np.asarray(problem.evaluate(others, other_ranks)).reshape(-1)
        evaluations += len(values)
        best = int(values.argmin())
        if values[best] < value * (1.0 - LEAST_STEP):
            cores, ranks, value = others[best], _ranks(other_ranks[best]), float(values[best])
            kind, idle = 0, 0
        else:
            idle += 1
        if idle == jobs:
            kind, idle = kind + 1, 0
        job = (job + 1) % jobs
    return Descent(cores, ranks, value, evaluations)


def _moves(cores: IntArray, ranks: FloatArray, job: int, num_cores: int) -> tuple[IntArray, FloatArray]:
    """Return all mappings that differ in the place of one job; between two ranks there is room for one half."""
    others = np.delete(np.arange(len(cores)), job)
    places = [np.append(np.sort(ranks[others[cores[others] == core]]), np.inf) for core in range(num_cores)]
    last = float(len(cores))
    new_cores = np.repeat(np.arange(num_cores), [len(own) for own in places])
    new_ranks = np.minimum(np.concatenate(places), last) - 0.5
    moved, moved_ranks = np.tile(cores, (len(new_cores), 1)), np.tile(ranks, (len(new_cores), 1))
    moved[:, job], moved_ranks[:, job] = new_cores, new_ranks
    return moved, moved_ranks


def _swaps(cores: IntArray, ranks: FloatArray, job: int) -> tuple[IntArray, FloatArray]:
    """Return all mappings in which one job has changed its place with another, and the mapping itself."""
    jobs = np.arange(len(cores))
    swapped, swapped_ranks = np.tile(cores, (len(cores), 1)), np.tile(ranks, (len(cores), 1))
    swapped[:, job], swapped_ranks[:, job] = cores, ranks
    swapped[jobs, jobs], swapped_ranks[jobs, jobs] = cores[job], ranks[job]
    return swapped, swapped_ranks


def _ranks(priorities: FloatArray) -> FloatArray:
    """Return the ranks of priorities, equal ones equal: the queues stay as they are."""
    return np.unique(priorities, return_inverse=True)[1].astype(np.float64)


def _value(problem: Instance, cores: IntArray, priorities: FloatArray) -> float:
    return float(np.asarray(problem.evaluate(cores, priorities)).reshape(()))
