"""Problems small enough to try every mapping."""

import itertools

import numpy as np
import pytest

import problems


@pytest.fixture(scope="session")
def best_of_all_mappings():
    """A function from a small problem to its least value over all assignments and orders."""

    def best(p):
        orders = [np.argsort(o) / p.num_jobs for o in itertools.permutations(range(p.num_jobs))]
        assignments = list(itertools.product(range(p.num_cores), repeat=p.num_jobs))
        cores = np.repeat(assignments, len(orders), axis=0)
        return p.evaluate(cores, np.tile(orders, (len(assignments), 1))).min()

    return best


@pytest.fixture(scope="session")
def small():
    """A function from a number to a problem of one to four jobs on one to three cores, and a random generator.

    Ties, zeros, cores that cannot run a job; every fifth has dependencies, or all if so told.
    """
    return _small


def _small(number, waits=False):
    rng = np.random.default_rng(number)
    jobs, cores = rng.integers(1, 5), rng.integers(1, 4)
    if number % 3 == 0:
        latency, bandwidth = (rng.integers(0, 4, (jobs, cores)).astype(float) for _ in range(2))
    elif number % 3 == 1:
        latency = rng.random((jobs, cores))
        bandwidth = rng.random((jobs, cores)) * (rng.random((jobs, cores)) < 0.7)
    else:
        latency = np.tile(rng.integers(1, 9, (jobs, 1)), (1, cores)).astype(float)
        bandwidth = np.tile(rng.integers(0, 3, (jobs, 1)), (1, cores)).astype(float)
    if number % 4 == 1:
        unable = rng.random((jobs, cores)) < 0.3
        unable[np.arange(jobs), rng.integers(cores, size=jobs)] = False
        latency = np.where(unable, np.inf, latency)
    before = [[i for i in range(j) if rng.random() < 0.4] for j in range(jobs)] if waits or number % 5 == 0 else None
    system_bandwidth = float(rng.choice([0.05, 0.5, 1.0, 2.0, 5.0]))
    return problems.from_job_table(latency, bandwidth, system_bandwidth, predecessors=before), rng
