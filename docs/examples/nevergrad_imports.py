"""
Within Nevergrad's benchmarks
=============================

This file registers an experiment on problems of the suite with Nevergrad's benchmarks. Give it to their command, which
needs what ``pip install gym opencv-python-headless pyproj requests torch torchvision`` brings::

    python -m nevergrad.benchmark m3e_small --imports=nevergrad_imports.py --seed=12 --num_workers=2

It writes ``m3e_small.csv``, a row a run: ``loss`` is the value of the recommendation, here the makespan in cycles.
"""

# %%
# An experiment is a generator of runs, registered under its name. Each run copies its function.
from collections.abc import Iterator

from nevergrad.benchmark.xpbase import Experiment, create_seed_generator, registry

import problems
from problems.doors.nevergrad import experiment_function

PROBLEMS = ("mix/S2/bw1/g20/i0", "vision/S2/bw1/g20/i0")
OPTIMIZERS = ("DE", "PSO", "OnePlusOne")


@registry.register
def m3e_small(seed: int | None = None) -> Iterator[Experiment]:
    """Two problems with 20 jobs, three optimizers and two budgets."""
    seeds = create_seed_generator(seed)
    for problem_id in PROBLEMS:
        function = experiment_function(problems.get(problem_id), encoding="continuous")
        for optimizer in OPTIMIZERS:
            for budget in (100, 200):
                yield Experiment(function, optimizer, budget=budget, seed=as_int(next(seeds)))


def as_int(seed: int | None) -> int | None:
    """Convert a seed, which is a number of NumPy's, to one of Python's: since 3.11 ``random`` takes no others."""
    return None if seed is None else int(seed)


# %%
# Without the command: the first run, and the mapping that it recommends, evaluated again.
if __name__ == "__main__":
    first = next(m3e_small(seed=12))
    print(first.run())
    best = first.function.decode(first._optimizer.recommend().value)
    value = problems.get(PROBLEMS[0]).evaluate(*best)
    assert first.result["loss"] == value
    print("the same number:", first.result["loss"] == value)
