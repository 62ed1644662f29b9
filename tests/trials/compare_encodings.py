"""Which encoding suits which method: all that offer two, on twelve instances that are in no shipped campaign.

``python tests/trials/compare_encodings.py`` writes campaigns into ``encodings/``, of 1,000 and of 10,000 evaluations
with five seeds, and of 1,000 with one seed those that are slow or do not learn; run them there with ``m3e run`` (many
CPU hours; they resume). ``--table`` prints what is finished: the geometric mean over instances of value(continuous) /
value(native), each by the geometric mean over its seeds, on how many instances each is ahead, the two-sided p-value of
Wilcoxon's signed-rank test over instances, CPU milliseconds an evaluation (of the last seed: measured at one time), and
the choice: by values if p is below 0.05, else by cost where it differs by a fifth and by a tenth of a millisecond.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import wilcoxon

from optimizers.catalogue import create, entry_of, names
from problems.foundation.errors import M3EError
from problems.space import SearchSpace
from reports.storage.results import read_results

FOLDER = Path("encodings")
ENCODINGS = "native", "continuous"
INSTANCES = (
    "vision/S2/bw4/g100/i50",
    "vision/S4/bw1/g100/i50",
    "vision/S6/bw1/g100/i51",
    "language/S2/bw16/g100/i50",
    "language/S4/bw16/g100/i50",
    "language/S6/bw1/g100/i50",
    "recommendation/S2/bw1/g100/i50",
    "recommendation/S5/bw16/g100/i50",
    "mix/S2/bw1/g100/i50",
    "mix/S4/bw1/g100/i50",
    "mix/S5/bw16/g100/i50",
    "mix/S6/bw16/g100/i50",
)
SEQUENCES = (
    "nevergrad-cauchylhssearch",
    "nevergrad-haltonsearch",
    "nevergrad-hammersleysearch",
    "nevergrad-metarecentering",
    "optuna-qmc",
    "optuna-qmc-scrambled",
)
"""Methods that do not learn, and propose the same mappings in both."""

SLOW = ("optuna-tpe", "optuna-gp", "nevergrad-cga")
"""Methods that take minutes for 1,000 evaluations."""

NOT_LONG = ("optuna-cmaes",)
"""Methods that take minutes for 10,000 evaluations, in both."""

LEAST_COST, LEAST_SHARE = 0.1, 0.2
"""CPU milliseconds an evaluation that make a difference, and as a share of the dearer encoding's."""


def offers_both(name):
    try:
        for encoding in ENCODINGS:
            create(name, SearchSpace(5, 3), budget=100, seed=0, parameters={"encoding": encoding})
    except M3EError:
        return False
    return entry_of(name).family not in ("native", "mapper")


def write_campaigns():
    FOLDER.mkdir(exist_ok=True)
    methods = {name for name in names() if offers_both(name)}
    few = methods & {*SEQUENCES, *SLOW}
    learning = methods - few
    for name, chosen, seeds, budget in (
        ("encodings-1000", learning, 5, 1_000),
        ("encodings-10000", learning - {*NOT_LONG}, 5, 10_000),
        ("encodings-one-seed", few, 1, 1_000),
    ):
        rows = [
            f'  {{ name = "{method}", label = "{method} {encoding}", parameters = {{ encoding = "{encoding}" }} }},'
            for method in sorted(chosen)
            for encoding in ENCODINGS
        ]
        text = ["problems = [", *(f'  "{i}",' for i in INSTANCES), "]", "optimizers = [", *rows, "]"]
        (FOLDER / f"{name}.toml").write_text("\n".join([*text, f"seeds = {seeds}", f"budget = {budget}", ""]))


def pairs_of(budget):
    """Values and CPU seconds by method, instance, seed and encoding."""
    found = defaultdict(dict)
    for run in read_results(sorted((FOLDER / "runs").glob("encodings-*"))).runs:
        if run.spec.budget != budget:
            continue
        method, encoding = str(run.label).rsplit(" ", 1)
        cpu = run.seconds["cpu"] / max(1, run.num_evaluations)
        found[method, run.spec.problem, run.spec.seed][encoding] = run.best_value, 1000 * cpu
    return found


def line_of(method, pairs):
    ratios, costs = defaultdict(list), defaultdict(list)
    for (name, problem, seed), own in pairs.items():
        if name == method and len(own) == 2:
            ratios[problem].append(np.log(own["continuous"][0] / own["native"][0]))
            costs[seed].append([own[encoding][1] for encoding in ENCODINGS])
    if not ratios:
        return None
    logs = np.array([np.mean(own) for own in ratios.values()])
    p = wilcoxon(logs).pvalue if np.any(logs) and len(logs) > 5 else 1.0
    native, continuous = np.median(costs[max(costs)], axis=0)
    differs = abs(continuous - native) > max(LEAST_COST, LEAST_SHARE * max(continuous, native))
    by_cost = ENCODINGS[int(continuous < native)] if differs else "either"
    better = ENCODINGS[int(logs.mean() < 0)] if p < 0.05 else by_cost
    ahead = f"{int((logs > 0).sum())}:{int((logs < 0).sum())}"
    cells = f"{np.exp(logs.mean()):10.4f}{ahead:>9s}{p:9.3f}{native:9.2f}{continuous:9.2f}  {better}"
    return f"{method:30s}{sum(map(len, costs.values())):6d}{cells}"


def print_table(budget):
    pairs = pairs_of(budget)
    print(f"{budget:,} evaluations; ahead: instances, native:continuous; CPU ms an evaluation, median")
    print(f"{'method':30s}{'pairs':>6s}{'cont/nat':>10s}{'ahead':>9s}{'p':>9s}{'native':>9s}{'cont.':>9s}  choice")
    for method in sorted({name for name, _, _ in pairs}):
        line = line_of(method, pairs)
        if line:
            print(line)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", type=int, metavar="BUDGET")
    options = parser.parse_args()
    if options.table:
        print_table(options.table)
    else:
        write_campaigns()
