"""What each part of the informed search gives: the same number of steps without it.

``python tests/trials/ablation.py`` prints the geometric mean and the worst of value / best value that anything here
found, over instances that are in no shipped campaign.
"""

import argparse
import time

import numpy as np

import optimizers
import problems
from optimizers.native.informed import search

IDS = (
    "mix/S2/bw1/g100/i7",
    "vision/S4/bw4/g100/i8",
    "language/S6/bw1/g100/i9",
    "recommendation/S5/bw16/g100/i7",
    "mix/S4/bw1/g100/i7",
    "mix/S5/bw16/g500/i7",
    "mix/S2/bw4/g100/i7/dep",
    "language/S4/bw16/g100/i8/dep",
)

SHARES, ROUNDS = dict(search.SHARES), search.COLD_START


def without(*names):
    """The shares of the moves, those left out given to the others in proportion."""
    left = {name: 0.0 if name in names else share for name, share in SHARES.items()}
    total = sum(left.values())
    return {name: share / total for name, share in left.items()}


VARIANTS = {
    "all": (SHARES, ROUNDS),
    **{f"without {name}": (without(name), ROUNDS) for name in SHARES},
    "without relieve and level": (without("relieve", "level"), ROUNDS),
    "without the guides": (SHARES, tuple(own._replace(weight=0.0) for own in ROUNDS)),
    "guides without the excess": (SHARES, tuple(own._replace(excess=False) for own in ROUNDS)),
    "guides with the excess": (SHARES, tuple(own._replace(excess=True) for own in ROUNDS)),
    "without restarts": (SHARES, (search.Round(0.85, weight=1.0), ROUNDS[-1])),
    "without the last round": (SHARES, (*ROUNDS[:-2], search.Round(ROUNDS[-2].share + ROUNDS[-1].share))),
}


def run(p, shares, rounds, steps, seed):
    search.SHARES, search.COLD_START = shares, rounds
    start = time.process_time()
    result = optimizers.minimize(p, "native-annealing-informed", budget=100, seed=seed, steps=steps)
    return result.best_value, time.process_time() - start


def main(steps, seeds):
    found, spent = {name: [] for name in VARIANTS}, dict.fromkeys(VARIANTS, 0.0)
    for problem_id in IDS:
        p = problems.get(problem_id)
        run(p, SHARES, ROUNDS, 100, 0)  # loads what is compiled
        values = {}
        for name, (shares, rounds) in VARIANTS.items():
            values[name] = []
            for seed in range(seeds):
                value, seconds = run(p, shares, rounds, steps, seed)
                values[name].append(value)
                spent[name] += seconds
        least = min(min(own) for own in values.values())
        for name, own in values.items():
            found[name].append(np.array(own) / least)
    print(f"{len(IDS)} instances, {seeds} seeds, {steps:,} steps; value / best of all here")
    print(f"{'':28s}{'geo. mean':>11s}{'worst':>9s}{'CPU s a run':>13s}")
    for name, own in found.items():
        ratios = np.array(own)
        mean = np.exp(np.log(ratios).mean())
        print(f"{name:28s}{mean:11.4f}{ratios.max():9.4f}{spent[name] / ratios.size:13.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    main(options.steps, options.seeds)
