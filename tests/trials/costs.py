"""What every optimizer costs: CPU seconds of runs on one problem with 100 jobs.

``python tests/trials/costs.py`` measures all optimizers that are installed, or those named, and writes them into
``optimizers/costs.json``, which ``m3e list optimizers --costs`` prints. Of two runs the faster counts. One whose first
1,000 evaluations take over ``--patience`` seconds is not run with 10,000. As in campaigns linear algebra has one
thread, and collections of garbage pass over what was loaded before. Nothing else should use the machine meanwhile.
"""

import argparse
import gc
import json
import os
import sys

import optimizers
import problems
from optimizers import catalogue
from optimizers.costs import FEW, FILE, MANY
from optimizers.limits import ONE_THREAD
from problems.foundation.errors import MissingExtra

PROBLEM = "mix/S2/bw1/g100/i0"
TIMES = 2


def seconds(problem, name, budget):
    """CPU seconds of the faster of some runs."""
    return min(float(optimizers.minimize(problem, name, budget=budget, seed=s).seconds.cpu) for s in range(TIMES))


def measured(problem, name, patience):
    catalogue.warm_up(name)
    gc.collect()
    gc.freeze()
    few = seconds(problem, name, FEW)
    return [rounded(few), rounded(seconds(problem, name, MANY)) if few < patience else None]


def rounded(value):
    return float(f"{max(value, 1e-4):.2g}")


def main(chosen, patience):
    if unknown := sorted(set(chosen) - set(optimizers.names())):
        raise SystemExit(f"only registered optimizers are stored, see m3e list optimizers: not {', '.join(unknown)}")
    problem = problems.get(PROBLEM)
    table = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in chosen or optimizers.names():
        try:
            table[name] = measured(problem, name, patience)
        except MissingExtra as error:
            print(f"{name}: {error}")
            continue
        print(name, *table[name], flush=True)
        known = {name: table[name] for name in optimizers.names() if name in table}
        FILE.write_text("{\n" + ",\n".join(f"  {json.dumps(n)}: {json.dumps(c)}" for n, c in known.items()) + "\n}\n")


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():  # libraries read it when they are loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--patience", type=float, default=60.0)
    options = parser.parse_args()
    main(options.names, options.patience)
