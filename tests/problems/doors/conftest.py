import numpy as np
import pytest

import problems
from problems.doors.encoding import CODECS
from problems.doors.losses import LARGEST_LOSS
from problems.space import SearchSpace

LATENCY = np.array([[1.0, np.inf, 3.0], [2.0, 4.0, 9.0], [np.inf, np.inf, 2.0], [1.5, 1.5, 1.0]])
BANDWIDTH = np.arange(12.0).reshape(4, 3)


def table(jobs=4, cores=3, **options):
    return problems.from_job_table(LATENCY[:jobs, :cores], BANDWIDTH[:jobs, :cores], 2.0, **options)


MAKERS = {
    "usual": lambda: problems.get("mix/S2/bw1/g20/i0"),
    "dependencies": lambda: problems.get("mix/S2/bw1/g20/i0/dep"),
    "one job": lambda: table(jobs=1),
    "one core": lambda: problems.from_job_table(LATENCY[:2, :1], BANDWIDTH[:2, :1], 1.0),
    "cannot run": table,
    "two objectives": lambda: problems.get("mix/S2/bw1/g10/i0/latency+energy"),
    "two, cannot run": lambda: table(energy=np.where(np.isfinite(LATENCY), 1.0, 0.0), objective="latency+energy"),
}


@pytest.fixture(params=MAKERS)
def p(request):
    """A problem of every kind."""
    return MAKERS[request.param]()


@pytest.fixture(params=[name for name in MAKERS if not name.startswith("two")])
def p1(request):
    """A problem of every kind with one objective."""
    return MAKERS[request.param]()


def mappings_of(p):
    """Mappings ``(P, G)`` each: random ones, and those at the ends of all ranges."""
    rng = np.random.default_rng(7)
    space = SearchSpace(p.num_jobs, p.num_cores)
    cores, priorities = space.sample(rng, 9)
    cores[0], cores[1] = 0, p.num_cores - 1
    priorities[0], priorities[1] = 0.0, 1.0
    priorities[2] = rng.integers(2, size=p.num_jobs)
    return cores, priorities


@pytest.fixture
def points_and_values():
    """Points ``(P, 2G)`` of an encoding, and what ``p.evaluate`` gives them, ``(P, k)``, at most ``worst``."""

    def make(p, encoding, worst=LARGEST_LOSS):
        cores, priorities = mappings_of(p)
        points = CODECS[encoding](SearchSpace(p.num_jobs, p.num_cores)).encode(cores, priorities)
        return points, np.minimum(p.evaluate(cores, priorities).reshape(len(cores), -1), worst)

    return make
