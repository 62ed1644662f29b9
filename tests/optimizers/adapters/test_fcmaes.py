"""That the adapter does to fcmaes what a plain ask/tell loop does, and that importing it changes nothing."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import Bounds

import optimizers
import problems
from optimizers.adapters.fcmaes import FcmaesOptimizer
from problems.doors.fcmaes import CRFMNES_C, Bite_C
from problems.foundation.errors import LibraryFailure, UnknownName
from problems.space import SearchSpace

SPACE = SearchSpace(num_jobs=8, num_cores=3)
ID = "mix/S2/bw16/g8/i0/corrected"


def bite(rng):
    return Bite_C(16, Bounds(np.zeros(16), np.ones(16)), batch_size=1, rg=rng)


def crfmnes(rng):
    return CRFMNES_C(16, Bounds(np.zeros(16), np.ones(16)), np.full(16, 0.5), rg=rng)


@pytest.mark.parametrize(("name", "make"), [("fcmaes-biteopt", bite), ("fcmaes-crfmnes", crfmnes)])
def test_the_trace_is_that_of_plain_ask_and_tell(name, make):
    p, values = problems.get(ID), []
    searcher = make(np.random.default_rng(optimizers.derived_seed(name, 5)))
    while len(values) < 320:
        x = np.minimum(searcher.ask(), np.nextafter(1.0, 0.0))
        values += p.evaluate((x[:, :8] * p.num_cores).astype(int), x[:, 8:].copy()).tolist()
        searcher.tell(np.array(values[-len(x) :]))
    search = optimizers.Search(p, name, budget=320, seed=5, parameters={}, full_trace=optimizers.FullTrace.VALUES)
    search.run()
    assert search.result().all_values.tolist() == values


def test_a_search_that_has_ended_is_replaced(monkeypatch):
    optimizer = FcmaesOptimizer(SPACE, budget=100, seed=0)
    first = optimizer._searcher
    monkeypatch.setattr(first, "tell", lambda values: 1)
    optimizer.tell(*optimizer.ask(), np.ones(1))
    assert optimizer._searcher is not first


def test_an_error_of_the_library_is_told(monkeypatch):
    optimizer = FcmaesOptimizer(SPACE, budget=100, seed=0)
    monkeypatch.setattr(optimizer._searcher, "ask", lambda: None)
    with pytest.raises(LibraryFailure, match="'BiteOpt' of fcmaes proposes nothing"):
        optimizer.ask()


def test_unknown_methods_are_refused():
    with pytest.raises(UnknownName, match="BiteOp"):
        FcmaesOptimizer(SPACE, budget=5, seed=0, method="BiteOp")


def test_importing_it_leaves_alone_how_numpy_prints():
    code = (
        "import numpy as np; before = np.get_printoptions(); import optimizers.adapters.fcmaes; "
        "assert np.get_printoptions() == before"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
