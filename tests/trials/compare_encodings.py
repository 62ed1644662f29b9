"""Which encoding suits which method: all that offer two, on twelve instances that are in no shipped campaign.

``python tests/trials/compare_encodings.py`` writes campaigns into ``encodings/``, of 1,000 and of 10,000 evaluations
with five seeds, and of 1,000 those that are slow with three and those that do not learn with one, without seeds that
are in ``encodings.csv``; run them there with ``m3e run`` (CPU hours; they resume). ``--collect`` adds what is done to
``encodings.csv``, a row for each pair of runs. ``--table`` prints of it the geometric mean over instances of
value(continuous) / value(native), each by the geometric mean over its seeds, on how many instances each is ahead, the
two-sided p-value of Wilcoxon's signed-rank test over instances, CPU milliseconds an evaluation, and which encoding
suits: by values if p is below 0.05, else by cost where it differs by a fifth and by a tenth of a millisecond.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import wilcoxon

from optimizers.catalogue import create, entry_of, names
from problems.foundation.errors import M3EError
from problems.space import SearchSpace
from reports.storage.results import read_results

FOLDER = Path("encodings")
MEASURED = Path(__file__).with_name("encodings.csv")
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

MOST_P = 0.05
"""The p-value below which values decide."""

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
    learning = methods - {*SEQUENCES, *SLOW}
    for name, chosen, num_seeds, budget in (
        ("encodings-1000", learning, 5, 1_000),
        ("encodings-10000", learning - {*NOT_LONG}, 5, 10_000),
        ("encodings-slow", methods & {*SLOW}, 3, 1_000),
        ("encodings-sequences", methods & {*SEQUENCES}, 1, 1_000),
    ):
        known = measured(budget)
        asked = [(method, instance) for method in chosen for instance in INSTANCES]
        seeds = [seed for seed in range(num_seeds) if any((*one, seed) not in known for one in asked)]
        if not seeds:
            continue
        rows = [
            f'  {{ name = "{method}", label = "{method} {encoding}", parameters = {{ encoding = "{encoding}" }} }},'
            for method in sorted(chosen)
            for encoding in ENCODINGS
        ]
        text = ["problems = [", *(f'  "{i}",' for i in INSTANCES), "]", "optimizers = [", *rows, "]"]
        (FOLDER / f"{name}.toml").write_text("\n".join([*text, f"seeds = {seeds}", f"budget = {budget}", ""]))


def measured(budget):
    """Values and CPU milliseconds an evaluation, of both encodings, by method, instance and seed."""
    if not MEASURED.exists():
        return {}
    with MEASURED.open(newline="") as file:
        return {
            (row["method"], row["instance"], int(row["seed"])): tuple(
                (float(row[encoding]), float(row[f"{encoding}_ms"])) for encoding in ENCODINGS
            )
            for row in csv.DictReader(file)
            if int(row["budget"]) == budget
        }


def collect():
    """Add the finished pairs of runs to those measured."""
    found = defaultdict(dict)
    folders = sorted((FOLDER / "runs").glob("encodings-*"))
    if not folders:
        raise SystemExit(f"{FOLDER / 'runs'}: no campaigns here; run what this script writes without arguments")
    for run in read_results(folders).runs:
        method, encoding = str(run.label).rsplit(" ", 1)
        cpu = float(run.seconds["cpu"]) / max(1, run.num_evaluations)
        one = run.spec.budget, method, run.spec.problem, run.spec.seed
        found[one][encoding] = run.best_value, round(1000 * cpu, 3)
    pairs = {(budget, *one): pair for budget in (1_000, 10_000) for one, pair in measured(budget).items()}
    pairs |= {one: tuple(own[e] for e in ENCODINGS) for one, own in found.items() if len(own) == 2}
    with MEASURED.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["budget", "method", "instance", "seed", *ENCODINGS, *(f"{e}_ms" for e in ENCODINGS)])
        for one, pair in sorted(pairs.items()):
            writer.writerow([*one, *(value for value, _ in pair), *(cost for _, cost in pair)])


def compared(method, pairs):
    """Of one method: how many pairs, ratios by instance, their p-value, CPU milliseconds, what suits, and why."""
    logs, costs = defaultdict(list), []
    for (name, instance, _), (native, continuous) in pairs.items():
        if name == method:
            logs[instance].append(np.log(continuous[0] / native[0]))
            costs.append([native[1], continuous[1]])
    ratios = np.array([np.mean(own) for own in logs.values()])
    p = wilcoxon(ratios).pvalue if np.any(ratios) and len(ratios) > 5 else 1.0
    cost = np.median(costs, axis=0)
    if p < MOST_P:
        return len(costs), ratios, p, cost, (ENCODINGS[int(ratios.mean() < 0)], "values")
    differs = abs(cost[0] - cost[1]) > max(LEAST_COST, LEAST_SHARE * cost.max())
    return len(costs), ratios, p, cost, (ENCODINGS[int(cost.argmin())] if differs else "either", "cost")


def chosen():
    """The encoding of each method, or "either", by both budgets: values before cost, many evaluations before few."""
    found = {}
    for budget in (1_000, 10_000):
        pairs = measured(budget)
        for method in {name for name, _, _ in pairs}:
            encoding, reason = compared(method, pairs)[-1]
            if reason == "values" or found.get(method, ("", "cost"))[1] == "cost":
                found[method] = encoding, reason
    return {method: encoding for method, (encoding, _) in found.items()}


def table(budget):
    """The lines of the table of all methods that were measured with a budget."""
    pairs = measured(budget)
    if not pairs:
        raise SystemExit(f"no values with a budget of {budget:,}; there are some with 1000 and 10000")
    lines = [
        f"{budget:,} evaluations; ahead: instances, native:continuous; CPU ms an evaluation, median",
        f"{'method':30s}{'pairs':>6s}{'cont/nat':>10s}{'ahead':>9s}{'p':>9s}{'native':>9s}{'cont.':>9s}  suits, by",
    ]
    for method in sorted({name for name, _, _ in pairs}):
        count, ratios, p, (native, continuous), suits = compared(method, pairs)
        ahead = f"{int((ratios > 0).sum())}:{int((ratios < 0).sum())}"
        cells = f"{np.exp(ratios.mean()):10.4f}{ahead:>9s}{p:9.3f}{native:9.2f}{continuous:9.2f}  {', '.join(suits)}"
        lines.append(f"{method:30s}{count:6d}{cells}")
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--collect", action="store_true")
    parser.add_argument("--table", type=int, metavar="BUDGET")
    options = parser.parse_args()
    if options.collect:
        collect()
    elif options.table:
        print("\n".join(table(options.table)))
    else:
        write_campaigns()
