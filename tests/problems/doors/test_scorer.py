"""What holds for every door: it can be sent to other processes where it should, and names the extra that it needs."""

import importlib.util
import multiprocessing
import sys

import numpy as np
import optuna
import pytest

import problems
from problems.doors import batch, deap, nevergrad, unit_cube
from problems.doors import optuna as optuna_door
from problems.foundation.errors import MissingExtra

ID = "mix/S2/bw1/g8/i0"
POINT = np.linspace(0.0, 1.0, 16)


def made():
    """Callables by their doors, with arguments."""
    p = problems.get(ID)
    f = optuna_door.objective(p, "continuous")
    params = optuna_door.params_of(POINT, f.distributions)
    calls = {
        "batch": (batch.function(p), POINT[None]),
        "deap": (deap.toolbox(p, "continuous").evaluate, deap.individuals_of(POINT[None])[0]),
        "nevergrad": (nevergrad.experiment_function(p, "continuous"), POINT),
        "optuna": (f, optuna.trial.FixedTrial(params)),
        "unit_cube": (unit_cube.function(p), POINT),
    }
    if importlib.util.find_spec("optunahub"):
        from problems.doors import optunahub

        calls["optunahub"] = (optunahub.problem(p, "continuous").evaluate, params)
    if importlib.util.find_spec("pymoo"):
        from problems.doors import pymoo

        calls["pymoo"] = (pymoo.problem(p).evaluate, POINT[None])
    return calls


def test_doors_give_the_same_number_in_a_spawned_process():
    expected = problems.get(ID).evaluate(*unit_cube.function(problems.get(ID)).decode(POINT))
    calls = made()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        results = {name: pool.apply(f, (argument,)) for name, (f, argument) in calls.items()}
    assert {name: np.ravel(result).tolist() for name, result in results.items()} == {n: [expected] for n in calls}


@pytest.mark.parametrize(
    ("door", "library"),
    [
        ("gymnasium", "gymnasium"),
        ("ioh", "ioh"),
        ("optunahub", "optunahub.benchmarks"),
        ("pymoo", "pymoo.core.problem"),
    ],
)
def test_a_door_without_its_library_names_what_to_install(door, library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"problems.doors.{door}", raising=False)
    with pytest.raises(MissingExtra, match=rf"needs a library that is not there: pip install '.*{door}"):
        importlib.import_module(f"problems.doors.{door}")
