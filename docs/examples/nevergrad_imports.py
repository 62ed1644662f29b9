"""
Within Nevergrad's benchmarks
=============================

This file registers an experiment on problems of the suite with Nevergrad's benchmarks. Give it to their command, which
needs what ``pip install opencv-python-headless requests torch`` brings::

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
                yield Experiment(function, optimizer, budget=budget, seed=next(seeds))


# %%
# Without the command: the first run, and its loss evaluated again.
if __name__ == "__main__":
    first = next(m3e_small(seed=12))
    first.run()
    best = first._optimizer.recommend().value
    p = problems.get(PROBLEMS[0])
    print(first, first.result["loss"])
    print("the same number:", first.result["loss"] == p.evaluate(*first.function.decode(best)))
