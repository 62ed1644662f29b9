"""The mapper by CP-SAT: evaluates what it finds, the best also if there is but one evaluation."""

import numpy as np
import pytest

import optimizers
import problems
from problems.foundation.errors import InvalidInput

pytest.importorskip("ortools")
from problems.doors.cp_sat import Search
from problems.space import jobs_of

ID = "vision/S2/bw4/g30/i5/dep"
EFFORT = 0.3


@pytest.fixture(scope="module")
def values():
    """Values of the plans that CP-SAT finds, by the suite."""
    p = problems.get(ID)
    with Search(jobs_of(p), EFFORT) as search:
        return [p.evaluate(plan.cores, search.ticks.priorities(plan)) for plan in search]


def searched(budget, problem=ID):
    search = optimizers.Search(
        problems.get(problem),
        "cp-sat",
        budget=budget,
        seed=0,
        parameters={"deterministic_time": EFFORT},
        full_trace=optimizers.FullTrace.VALUES,
    )
    search.run()
    return search.result()


def test_every_plan_is_evaluated(values):
    result = searched(1000)
    assert result.all_values.tolist() == values
    assert result.stopped == "finished"


@pytest.mark.parametrize("budget", [1, 2])
def test_the_last_evaluation_is_kept_for_the_shortest_plan(budget, values):
    assert len(values) > 2
    assert searched(budget).all_values.tolist() == [*values[: budget - 1], values[-1]]


def test_jobs_go_where_they_can_run_in_an_order_that_dependencies_allow():
    latency = np.array([[np.inf, 8.0], [2.0, np.inf], [np.inf, 9.0], [1.0, 1.0]])
    p = problems.from_job_table(latency, np.zeros((4, 2)), 1.0, predecessors=[[3], [0], [], []])
    result = optimizers.minimize(p, "cp-sat", budget=10)
    assert result.best_cores[:3].tolist() == [1, 0, 1]
    assert result.best_value == 18.0  # 1, then 8 and 9 on core 1


def test_an_effort_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="deterministic_time: expected a finite number above 0"):
        optimizers.minimize(problems.get(ID), "cp-sat", deterministic_time=0.0)
