"""What the informed search reaches in two seconds, and the suite's black box with 10,000 evaluations, on instances that
are in no shipped campaign.

``python tests/trials/unseen.py`` prints for each instance what each seed ends with, as multiples of the best value that
anything here found; among that are informed searches of two million steps. Nothing else should use the machine
meanwhile.
"""

import argparse

import numpy as np

import optimizers
import problems

FAMILIES = (
    "recommendation/S2/bw1/g100",
    "mix/S2/bw1/g100",
    "mix/S4/bw1/g100",
    "vision/S4/bw4/g100",
    "language/S6/bw1/g100",
    "recommendation/S5/bw16/g100",
    "mix/S5/bw16/g100",
    "recommendation/S4/bw1/g100",
    "vision/S6/bw1/g100",
    "language/S4/bw4/g100",
    "recommendation/S6/bw16/g100",
)
INFORMED, BLACK_BOX = "native-annealing-informed", "native-identifying"


def instances(number):
    """An instance of each family, and two with dependencies."""
    return [f"{family}/i{number}" for family in FAMILIES] + [
        f"mix/{s}/g100/i{number}/dep" for s in ("S2/bw4", "S4/bw1")
    ]


def ends(p, name, seeds, **parameters):
    return [optimizers.minimize(p, name, seed=seed, **parameters).best_value for seed in seeds]


def told(name, table):
    table = np.array(table)
    print(f"{name}: geometric mean {np.exp(np.log(table).mean()):.4f}, worst {table.max():.4f}")


def main(numbers, seeds, seconds):
    for problem_id in (instances(0)[0], instances(0)[-1]):  # loads what is compiled
        ends(problems.get(problem_id), INFORMED, [0], budget=10, steps=100)
    print(f"{seeds} seeds; multiples of the best found, sorted")
    print(f"{'instance':38s}{f'informed, {seconds:g} s':36s}{'black box, 10,000 evaluations'}")
    tables = [], []
    for number in numbers:
        for problem_id in instances(number):
            p = problems.get(problem_id)
            best = min(ends(p, INFORMED, (100, 101), budget=1_000, steps=2_000_000))
            informed = ends(p, INFORMED, range(seeds), budget=1_000, seconds=seconds)
            black_box = ends(p, BLACK_BOX, range(seeds), budget=10_000)
            best = min(best, *informed, *black_box)
            cells = []
            for own, table in zip((informed, black_box), tables, strict=True):
                table.append(np.sort(own) / best)
                cells.append(" ".join(f"{ratio:.4f}" for ratio in table[-1]))
            print(f"{problem_id:38s}{cells[0]:36s}{cells[1]}", flush=True)
    for name, table in zip((INFORMED, BLACK_BOX), tables, strict=True):
        told(name, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--instances", type=int, nargs="+", default=[31, 32])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    main(options.instances, options.seeds, options.seconds)
