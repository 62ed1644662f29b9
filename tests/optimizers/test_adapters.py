"""What holds for all adapters on problems of the suite."""

import warnings

import pytest

import optimizers
import problems
from optimizers.builtin import BUILTIN


@pytest.mark.parametrize("name", [entry.name for entry in BUILTIN if not entry.missing_libraries()])
def test_no_library_warns_on_a_problem_of_the_suite(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizers.minimize(problems.get("mix/S2/bw1/g12/i0"), name, budget=20 if name == "optuna-gp" else 120, seed=1)
