"""What certificates, best-known values and searches are worth on the instances of ``core``.

``python tests/trials/certificates.py`` prints, an instance a line: the bound by duality alone, the certificate at two
efforts, its CPU seconds, the best mapping known, gap and status, and what searches reach as multiples of the best
known. ``--sizes`` prints instead what the certificate costs at 10, 100 and 1,000 jobs on 4, 16 and 64 cores. Nothing
else should use the machine meanwhile.
"""

import argparse
import time
from collections import Counter

import numpy as np

import optimizers
import problems
from bench.campaigns.reading import load_campaign

SEARCHES = {
    "magma": {},
    "native-ga": {},
    "native-sa": {},
    "native-swap-sa": {},
    "native-identifying": {},
    "native-annealing-informed": {"steps": 300_000},
}
"""Searches and their parameters; those that are not registered are left out."""


def geometric_mean(values):
    return float(np.exp(np.mean(np.log(values))))


def certified(p, effort):
    """The bound of an effort, computed and not looked up, and its CPU seconds."""
    start = time.process_time()
    value = p.new_certificate(effort).value
    return value, time.process_time() - start


def reached(p, name, seeds, budget):
    """The values that a search ends with, and its CPU seconds a run."""
    start = time.process_time()
    values = [optimizers.minimize(p, name, budget=budget, seed=s, **SEARCHES[name]).best_value for s in range(seeds)]
    return values, (time.process_time() - start) / seeds


def over_core(seeds, budget):
    names = [name for name in SEARCHES if name in optimizers.names()]
    warm = problems.get("mix/S2/bw4/g20/i0")
    warm.new_certificate("fast")
    print(f"{seeds} seeds, {budget:,} evaluations; the informed search: {SEARCHES['native-annealing-informed']}")
    heads = ["old", "fast", "default", "CPU s", "CPU s", "gap", "status", *names]
    print(f"{'instance':34s}" + "".join(f"{head[:16]:>17s}" for head in heads))
    table, statuses, costs, worst = [], Counter(), [], []
    for problem_id in load_campaign("core").problems:
        p = problems.get(problem_id)
        best = p.best_known()
        (fast, quick), (default, slow) = certified(p, "fast"), certified(p, "default")
        found, cost, bad = [], [], []
        for name in names:
            values, seconds = reached(p, name, seeds, budget)
            found.append(geometric_mean(np.array(values) / best.value))
            bad.append(max(values) / best.value)
            cost.append(seconds)
        row = [best.value / p.latency_bound(), best.value / fast, best.value / default]
        cells = [*(f"{v:.4f}" for v in row), f"{quick:.2f}", f"{slow:.2f}", f"{best.gap:.3%}", best.status]
        cells += [f"{v:.4f}" for v in found]
        print(f"{problem_id:34s}" + "".join(f"{cell:>17s}" for cell in cells), flush=True)
        table.append([*row, *found])
        costs.append([quick, slow, *cost])
        worst.append([*row, *bad])
        statuses[best.status] += 1
    means = [geometric_mean(column) for column in np.transpose(table)]
    most, spent = np.max(worst, axis=0), np.mean(costs, axis=0)
    blank = ["", "", "", ""]
    for head, own in (("geometric mean", means), ("worst", most)):
        cells = [*(f"{v:.4f}" for v in own[:3]), *blank, *(f"{v:.4f}" for v in own[3:])]
        print(f"{head:34s}" + "".join(f"{cell:>17s}" for cell in cells))
    cells = ["", "", "", f"{spent[0]:.2f}", f"{spent[1]:.2f}", "", "", *(f"{v:.2f}" for v in spent[2:])]
    print(f"{'CPU seconds, mean':34s}" + "".join(f"{cell:>17s}" for cell in cells))
    most = np.max(costs, axis=0)
    print(f"CPU seconds of a certificate, most: fast {most[0]:.2f}, default {most[1]:.2f}")
    print(f"best known / bound in use (best certificate): {dict(statuses)} of {len(table)}")


def by_size():
    problems.get("mix/S2/bw4/g20/i0").new_certificate("fast")
    print(f"{'jobs':>6s}{'cores':>7s}" + "".join(f"{head:>12s}" for head in ("fast, s", "default, s", "default/fast")))
    for name in ("S2", "S6", ""):
        for jobs in (10, 100, 1000):
            p = problems.get(f"mix/{name}/bw16/g{jobs}/i0") if name else wide(jobs)
            (fast, quick), (default, slow) = certified(p, "fast"), certified(p, "default")
            print(f"{jobs:6d}{p.num_cores:7d}{quick:12.2f}{slow:12.2f}{default / fast:12.4f}", flush=True)


def wide(jobs):
    """Jobs of ``mix`` on 64 cores: four of the suite's platform S6 behind one memory of 64 GB/s."""
    base = problems.get(f"mix/S6/bw16/g{jobs}/i0").job_table
    copies = 64 // base.num_cores
    return problems.from_job_table(np.tile(base.latency, copies), np.tile(base.bandwidth, copies), 64.0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=int, default=10_000)
    parser.add_argument("--sizes", action="store_true")
    options = parser.parse_args()
    if options.sizes:
        by_size()
    else:
        over_core(options.seeds, options.budget)
