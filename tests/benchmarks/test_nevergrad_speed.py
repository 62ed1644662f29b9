"""The adapter against Nevergrad's own loop: ``python -m pytest tests/benchmarks/test_nevergrad_speed.py``.

Both run step by step in turns in one process, by CPU time, so that other load counts little; the ratio is printed.
"""

from time import process_time

import nevergrad as ng
import numpy as np
import pytest

import problems
from optimizers.adapters.nevergrad import NevergradOptimizer
from problems.doors.encoding import ENCODINGS
from problems.space import SearchSpace

STEPS, SEED = 300, 1
METHODS = ("DE", "PSO", "OnePlusOne", "CMA", "TBPSA", "NGOpt", "DiscreteOnePlusOne", "HaltonSearch")
PROBLEM = "language/S5/bw4/g100/i7"


class PlainLoop:
    """Nevergrad alone, with a parametrization of its own: ask, read the value, evaluate, tell."""

    def __init__(self, p, method, encoding):
        self._p, self._encoding = p, encoding
        np.random.seed(SEED)
        reals = {"lower": 0.0, "upper": 1.0}
        if encoding == "native":
            cores = ng.p.TransitionChoice(range(p.num_cores), repetitions=p.num_jobs)
            parametrization = ng.p.Dict(cores=cores, priorities=ng.p.Array(shape=(p.num_jobs,), **reals))
        else:
            parametrization = ng.p.Array(shape=(2 * p.num_jobs,), **reals)
        parametrization.random_state = np.random.RandomState(SEED)
        self._optimizer = ng.optimizers.registry[method](parametrization, budget=STEPS, num_workers=1)

    def step(self):
        candidate = self._optimizer.ask()
        value = candidate.value
        if self._encoding == "native":
            cores, priorities = np.array(value["cores"]), value["priorities"]
        else:
            half = self._p.num_jobs
            cores, priorities = (value[:half] * self._p.num_cores).astype(np.int64), value[half:]
        cores, priorities = np.minimum(cores, self._p.num_cores - 1), np.minimum(priorities, np.nextafter(1.0, 0.0))
        self._optimizer.tell(candidate, float(self._p.evaluate(cores[None], priorities[None])[0]))


class Adapted:
    """The same by the adapter, within its surroundings."""

    def __init__(self, p, method, encoding):
        space = SearchSpace(p.num_jobs, p.num_cores)
        self._p = p
        self._optimizer = NevergradOptimizer(space, budget=STEPS, seed=SEED, method=method, encoding=encoding)
        self.surroundings = self._optimizer.surroundings

    def step(self):
        mapping = self._optimizer.ask()
        self._optimizer.tell(*mapping, self._p.evaluate(*mapping))


def seconds_of(step):
    start = process_time()
    step()
    return process_time() - start


def interleaved(p, method, encoding):
    """Median and total seconds a step of both, the first in turns."""
    loops = Adapted(p, method, encoding), PlainLoop(p, method, encoding)
    seconds = np.zeros((STEPS, 2))
    with loops[0].surroundings():
        for i in range(STEPS):
            for k in (0, 1) if i % 2 else (1, 0):
                seconds[i, k] = seconds_of(loops[k].step)
    return np.median(seconds, axis=0), seconds.sum(axis=0)


@pytest.mark.benchmark(group="Nevergrad, a step at 100 jobs")
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("method", METHODS)
def test_the_adapter_against_the_plain_loop(benchmark, method, encoding):
    medians, totals = benchmark.pedantic(interleaved, (problems.get(PROBLEM), method, encoding), rounds=1)
    benchmark.extra_info["ratio of medians"] = round(medians[0] / medians[1], 3)
    benchmark.extra_info["ratio of totals"] = round(totals[0] / totals[1], 3)
    print(f"{method} {encoding}: {medians[0] * 1e6:.0f} us, {medians[0] / medians[1]:.3f} times the plain loop")
