"""How often the verdict is wrong, and how often it finds what is there: simulated on the runs of real optimizers.

``python tests/trials/verdicts.py RUNS...`` takes the runs of campaigns on ``core``. Of one optimizer, all seeds of a
problem are the pool from which both sides of a comparison draw five, with replacement: two optimizers that are
equal. A real difference multiplies one side's values by a factor. The share of verdicts is over ``--times`` draws and
all optimizers.
"""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from reports.statistics.paired import log_ratios
from reports.statistics.verdict import BETTER, EQUAL, NO_EVIDENCE, WORSE, verdicts
from reports.storage.results import read_results

FACTORS = (1.0, 1.005, 1.01, 1.02, 1.03, 1.05, 1.1)
SEEDS = 5


def pools_of(folders):
    """Values by optimizer and problem."""
    pools = defaultdict(lambda: defaultdict(list))
    for folder in folders:
        for run in read_results([folder]).runs:
            pools[str(run.label)][run.spec.problem].append(run.best_value)
    return {name: [np.array(own) for own in pool.values()] for name, pool in pools.items()}


def shares(pool, factor, spread, times, rng):
    """How often each verdict is given on an optimizer that is better by ``factor`` in the mean.

    On a problem its advantage is drawn: ``spread`` times as large or small as in the mean, by a standard deviation.
    """
    counts = Counter()
    for _ in range(times):
        own, other = (np.array([np.median(rng.choice(v, SEEDS)) for v in pool]) for _ in range(2))
        gains = np.log(factor) * (1.0 + spread * rng.standard_normal(len(pool)))
        (verdict,) = verdicts([log_ratios(own * np.exp(-gains), other, False)])
        counts[verdict.verdict] += 1
    return counts


def main(folders, times):
    rng = np.random.default_rng(0)
    pools = pools_of(folders)
    print(f"{len(pools)} optimizers, {len(next(iter(pools.values())))} problems, {SEEDS} seeds, {times} draws of each")
    print(f"{'better by':>10s}{'advantage':>20s}" + "".join(f"{v:>18s}" for v in (BETTER, WORSE, EQUAL, NO_EVIDENCE)))
    for factor in FACTORS:
        for spread in (0.0, 1.0) if factor > 1.0 else (0.0,):
            counts = sum((shares(pool, factor, spread, times, rng) for pool in pools.values()), Counter())
            cells = "".join(f"{counts[v] / counts.total():18.1%}" for v in (BETTER, WORSE, EQUAL, NO_EVIDENCE))
            print(f"{factor - 1:10.1%}{'same on all' if not spread else 'differs':>20s}{cells}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    main(options.folders, options.times)
