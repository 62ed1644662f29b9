"""Nothing is charged to the wrong account: no run imports, compiles or loads anything in its own time."""

import json
import subprocess
import sys
from functools import cache

import pytest

from optimizers import OPTIMIZERS

LATE = """
import json, os, sys, warnings
from contextlib import suppress
from numba.core.dispatcher import Dispatcher
import problems
from optimizers import OPTIMIZERS, Search
from problems.foundation.errors import MissingExtra

warnings.simplefilter("ignore")

class Watched(Search):
    def _warm_up(self):
        super()._warm_up()
        self.modules = set(sys.modules)
        compile = Dispatcher.compile
        def noted(dispatcher, signature):
            compiled.append(dispatcher.py_func.__name__)
            return compile(dispatcher, signature)
        Dispatcher.compile = noted

p = problems.get("mix/S2/bw1/g20/i0")
p.warm_up()
for name in OPTIMIZERS.names():
    if OPTIMIZERS.get(name).family != sys.argv[1]:
        continue
    with suppress(MissingExtra):
        OPTIMIZERS.get(name).load()
        sys.stdout.flush()
        if os.fork():  # every run starts with what the import of its adapter has loaded
            os.wait()
            continue
        compiled = []
        search = Watched(p, name, budget=json.loads(sys.argv[2]).get(name, int(sys.argv[3])), seed=0, parameters={})
        search.run()
        print(json.dumps([name, sorted(set(sys.modules) - search.modules), compiled]), flush=True)
        os._exit(0)
"""


SLOW = {"optuna-gp": 20}
"""Evaluations of what takes seconds for each; it leaves its random phase after 10."""


@cache
def late_in(family):
    """Modules and functions by optimizer."""
    budget = {"native": 2000}.get(family, 200)  # its methods reach all their phases
    command = [sys.executable, "-W", "ignore", "-c", LATE, family, json.dumps(SLOW), str(budget)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: (modules, functions) for name, modules, functions in map(json.loads, lines)}


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_a_run_neither_imports_nor_compiles(name):
    late = late_in(OPTIMIZERS.get(name).family)
    if name not in late and OPTIMIZERS.get(name).requires:
        pytest.skip(f"needs {OPTIMIZERS.get(name).requires}")
    assert late[name] == ([], [])
