"""Annealing of an identified model, as an optimizer."""

import re

import numpy as np
import pytest

import optimizers
import problems
from optimizers.evaluators.limited import Limited
from optimizers.testing import Weights
from problems.foundation.errors import InvalidInput

NAME = "native-identifying"
MIX = "mix/S2/bw1/g30/i100"


def search(problem, budget=2000, seed=0, **parameters):
    made = optimizers.Search(problem, NAME, budget=budget, seed=seed, parameters=parameters)
    made.run()
    return made


def test_it_trusts_its_model_and_ends_before_the_budget():
    made = search(problems.get(MIX))
    assert made.result().stopped == "finished"
    assert made.result().num_evaluations < 500
    assert made.optimizer.settings()["searched"] == "the model"


def test_it_comes_close_to_annealing_that_sees_the_job_table_and_closer_than_annealing_of_values():
    p = problems.get("mix/S4/bw1/g100/i100")
    informed = optimizers.minimize(p, "native-annealing-informed", budget=500, steps=200_000).best_value
    assert search(p, steps_per_evaluation=50).result().best_value <= 1.01 * informed
    assert optimizers.minimize(p, "native-swap-sa", budget=2000, seed=0).best_value > 1.01 * informed


def test_it_sees_no_job_table():
    made = search(problems.get(MIX))
    assert made.optimizer.space.jobs is None


def test_throughput_and_makespan_give_the_same_mapping():
    makespan, throughput = (search(problems.get(i)).result() for i in (MIX, f"{MIX}/throughput"))
    assert throughput.best_value == pytest.approx(
        makespan.best_value
        / problems.get(MIX).evaluate(makespan.best_cores, makespan.best_priorities)
        * problems.get(f"{MIX}/throughput").evaluate(makespan.best_cores, makespan.best_priorities),
        rel=1e-2,
    )


@pytest.mark.parametrize("option", ["dep", "edp"])
def test_what_the_model_does_not_explain_is_annealed_by_value(option):
    made = search(problems.get(f"{MIX}/{option}"))
    assert (made.result().stopped, made.result().num_evaluations) == ("budget", 2000)
    assert re.search(r"values: (the model|it) misses them by [\d.]+%", made.optimizer.settings()["searched"])


def test_values_are_annealed_on_where_the_model_misses_them_by_little(monkeypatch):
    monkeypatch.setattr("optimizers.native.identifying.search.MISFIT", -1.0)
    made = search(problems.get(MIX))
    assert (made.result().stopped, made.result().num_evaluations) == ("budget", 2000)
    assert re.fullmatch(r"the model, then values: it misses them by \d\.\d%", made.optimizer.settings()["searched"])


@pytest.mark.parametrize("budget", [1, 5, 300])
def test_a_budget_that_is_too_small_for_experiments_is_annealed_by_value(budget):
    made = search(problems.get(MIX), budget=budget)
    assert made.result().num_evaluations == budget
    assert re.match("values: the budget is too small|nothing: the budget ended", made.optimizer.settings()["searched"])


def test_cores_of_which_no_two_are_equal_are_annealed_by_value():
    made = search(problems.from_job_table([[2.0, 3.0], [4.0, 5.0], [1.0, 2.5]], np.ones((3, 2)), 1.5), budget=200)
    assert made.optimizer.settings()["searched"] == "values: no two cores are equal"


@pytest.mark.parametrize("objective", [Weights(), Weights(forbidden=True)])
def test_any_objective_is_searched(objective):
    assert search(objective, budget=300).result().num_evaluations == 300


def test_it_refuses_no_steps_at_all():
    with pytest.raises(InvalidInput, match="steps_per_evaluation"):
        search(problems.get(MIX), steps_per_evaluation=0)


def test_limits_are_checked_between_pieces_of_an_annealing_which_change_nothing(monkeypatch):
    p = problems.get(MIX)
    whole = search(p).result()
    asked = []
    check = Limited.check
    monkeypatch.setattr(Limited, "check", lambda self: (asked.append(1), check(self)))
    search(p)
    few = len(asked)
    monkeypatch.setattr("optimizers.native.identifying.search.LONGEST_SLICE", 1 << 13)
    pieces = search(p).result()
    assert len(asked) - few > few + 100
    assert pieces.trace_values.tolist() == whole.trace_values.tolist()
    assert pieces.best_cores.tolist() == whole.best_cores.tolist()
