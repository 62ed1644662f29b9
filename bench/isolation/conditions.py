"""The conditions of every search, which make times and results comparable."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

import problems


@contextmanager
def one_thread() -> Iterator[None]:
    """Run linear algebra on one thread, and silence warnings.

    The rounding, and so the run, may depend on the number of threads. Warnings would garble the progress bar; those
    that matter are errors in the adapters.
    """
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def warm_up(problem: problems.Problem) -> None:
    """Evaluate once, so that no search is charged for loading the compiled evaluator or finding the ideal point."""
    values = problem.evaluate(np.zeros(problem.num_jobs, dtype=np.int64), np.zeros(problem.num_jobs))
    if problem.num_objectives > 1:
        problem.hypervolume(values)
