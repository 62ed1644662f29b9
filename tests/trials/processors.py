"""Which optimizers find otherwise on another processor.

``python tests/trials/processors.py [NAME...]`` carries out the same searches as the libraries choose their code by this
processor, with none of its vector instructions in NumPy or the oldest alone, and with OpenBLAS's kernels for an old
processor, and tells with which of these an optimizer finds otherwise, certified bounds differ, or mappings are carried
over to other jobs. Optimizers that differ are listed in ``bench/campaigns/again.py``. One that takes more than
``--patience`` seconds for 10,000 evaluations has 500 instead.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys

import numpy as np

import optimizers
import problems
from optimizers.costs import costs
from optimizers.limits import ONE_THREAD
from optimizers.result import FullTrace
from optimizers.search import Search
from problems.foundation.errors import M3EError, MissingExtra
from problems.transfer import transfer

PROBLEMS = "mix/S2/bw4/g20/i2", "vision/S6/bw1/g100/i2", "language/S2/bw16/g100/i0/dep"
BUDGET, FEWER = 10_000, 500
BOUNDS, TRANSFERS = "certified bounds", "transfers"
LEVELS = np._core._multiarray_umath.__cpu_dispatch__
"""Vector instructions that NumPy can use beyond its baseline, those of old processors first."""

OTHERS = {
    "none in NumPy": {"NPY_DISABLE_CPU_FEATURES": " ".join(LEVELS)},
    "the oldest in NumPy": {"NPY_DISABLE_CPU_FEATURES": " ".join(LEVELS[1:])},
    "old kernels in OpenBLAS": {"OPENBLAS_CORETYPE": "Nehalem"},
}
"""Surroundings in which libraries choose their code as on another processor, by its vector instructions."""


def digest(name, problem_id, budget):
    try:
        trace = FullTrace.MAPPINGS
        search = Search(problems.get(problem_id), name, budget=budget, seed=1, parameters={}, full_trace=trace)
        search.run()
    except MissingExtra:
        return "not installed"
    except M3EError as error:
        return f"fails: {error}"
    result = search.result()
    parts = result.all_values, result.all_cores, result.all_priorities, result.front_priorities
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


def of_the_problems():
    """Certified bounds, and mappings that are carried over to the next instance."""
    cores, priorities = np.arange(100)[None] % 4, np.arange(100.0)[None] / 100
    yield BOUNDS, [repr(problems.get(problem_id).lower_bound()) for problem_id in PROBLEMS]
    groups = [[problems.get(f"{task}/S2/bw1/g100/i{i}") for i in (0, 1)] for task in ("vision", "language", "mix")]
    yield TRANSFERS, [np.argsort(transfer(cores, priorities, *pair)[1]).tolist() for pair in groups]


def digests(chosen, patience):
    """Print what the problems' own computations give, and the digests of what each optimizer found on each problem."""
    for own in of_the_problems():
        print(json.dumps(own), flush=True)
    for name in chosen:
        cost = costs().get(name)
        budget = BUDGET if cost and cost.seconds(BUDGET) < patience else FEWER
        print(json.dumps([name, [digest(name, problem_id, budget) for problem_id in PROBLEMS]]), flush=True)


def begun(arguments, more):
    command = [sys.executable, __file__, *arguments, "--digests"]
    return subprocess.Popen(command, env=os.environ | ONE_THREAD | more, stdout=subprocess.PIPE, text=True)


def main(chosen, arguments):
    sides = [begun(arguments, more) for more in ({}, *OTHERS.values())]
    for name in (BOUNDS, TRANSFERS, *chosen):
        here, *others = (json.loads(side.stdout.readline()) for side in sides)
        assert here[0] == name
        differ = [what for what, found in zip(OTHERS, others, strict=True) if found != here]
        told = here[1][0] if " " in here[1][0] else ", ".join(differ) or "the same"
        print(f"{name:32s}{told}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--patience", type=float, default=20.0)
    parser.add_argument("--digests", action="store_true")
    options = parser.parse_args()
    chosen = options.names or optimizers.names()
    if options.digests:
        digests(chosen, options.patience)
    else:
        main(chosen, sys.argv[1:])
