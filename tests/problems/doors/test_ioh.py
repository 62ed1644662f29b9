"""The door to IOHexperimenter."""

import json

import numpy as np
import pytest

import problems
from problems.doors import unit_cube
from problems.foundation.errors import InvalidInput

ioh = pytest.importorskip("ioh")


def problem(p):
    from problems.doors.ioh import problem

    return problem(p)


ID = "mix/S2/bw1/g20/i3"


def test_a_call_returns_the_value_of_the_mapping(p1, points_and_values):
    f = problem(p1)
    for point, expected in zip(*points_and_values(p1, "continuous"), strict=True):
        assert f(point) == expected[0]
    assert f.state.evaluations == 9


def test_name_instance_and_bounds_are_those_of_the_problem():
    f = problem(problems.get(f"{ID}/dep"))
    assert (f.meta_data.name, f.meta_data.instance) == ("mix_S2_bw1_g20_dep", 3)
    assert f.meta_data.n_variables == 40
    assert f.bounds.lb.tolist() == [0.0] * 40
    assert f.bounds.ub.tolist() == [1.0] * 40
    assert problem(problems.get("mix/S2/bw1/g8/i70000")).meta_data.name == "mix_S2_bw1_g8_i70000"


def test_problems_of_one_name_keep_their_own_values():
    ids = ["mix/S2/bw1/g8/i0", "mix/S2/bw1/g8/i1"]
    made = [problem(problems.get(i)) for i in ids]
    x = np.full(16, 0.4)
    expected = [unit_cube.function(problems.get(i))(x) for i in ids]
    assert [f(x) for f in made] == expected
    assert len({f.meta_data.problem_id for f in made}) == 1


def test_a_log_holds_every_run_also_one_without_a_mapping_that_can_run(tmp_path):
    table = problems.from_job_table([[np.inf, 1.0]], [[1.0, 1.0]], 1.0)
    logger = ioh.logger.Analyzer(root=str(tmp_path), folder_name="logs", algorithm_name="mine")
    for p in (problems.get(ID), table):
        f = problem(p)
        f.attach_logger(logger)
        f(np.zeros(2 * p.num_jobs))
        f.detach_logger()
    logger.close()
    told = [json.loads(path.read_text()) for path in (tmp_path / "logs").glob("*.json")]
    best = {t["function_name"]: t["scenarios"][0]["runs"][0]["best"]["y"] for t in told}
    assert len(best) == 2
    assert best["mix_S2_bw1_g20"] == pytest.approx(unit_cube.function(problems.get(ID))(np.zeros(40)))
    assert max(best.values()) == 1e20


def test_two_objectives_and_what_is_no_problem_are_told():
    with pytest.raises(InvalidInput, match=r"expected one objective, got two"):
        problem(problems.get(f"{ID}/corrected/latency+energy"))
    with pytest.raises(InvalidInput, match=r"problem: expected one with .*problems\.get"):
        problem(ID)
