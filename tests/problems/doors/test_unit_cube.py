"""The function on the unit cube."""

import cma
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import differential_evolution, dual_annealing

import problems
from problems.doors.unit_cube import function
from problems.foundation.errors import InvalidInput

ID = "mix/S2/bw1/g8/i0"
EDGES = [0.0, 1.0, np.nextafter(1.0, 0.0), 0.25, np.nextafter(0.25, 0.0), 0.5, -0.1, 1.1]


def test_a_call_returns_the_value_of_the_mapping(p1, points_and_values):
    f = function(p1)
    for point, expected in zip(*points_and_values(p1, "continuous"), strict=True):
        assert f(point) == f(point.tolist()) == expected[0]
    assert f.dimension == len(f.bounds) == 2 * p1.num_jobs
    assert f.name == p1.id


@given(st.lists(st.floats(0.0, 1.0) | st.sampled_from(EDGES), min_size=16, max_size=16))
def test_every_point_is_a_mapping_with_that_value(x):
    p = problems.get(ID)
    f = function(p)
    cores, priorities = f.decode(x)
    assert f(x) == p.evaluate(cores, priorities)
    inside = np.clip(x, 0.0, 1.0)
    assert cores.tolist() == np.minimum(np.floor(inside[:8] * 4), 3).tolist()
    assert priorities == pytest.approx(inside[8:], abs=1e-15)


def test_the_optimizers_of_scipy_and_pycma_take_it(p1):
    f = function(p1)
    with np.errstate(all="ignore"):  # differences of values that are all the same
        for found in (
            differential_evolution(f, f.bounds, popsize=5, maxiter=2, polish=False, rng=0),
            dual_annealing(f, f.bounds, maxiter=5, no_local_search=True, rng=0),
        ):
            assert found.fun == min(p1.evaluate(*f.decode(found.x)), 1e20)
    if f.dimension > 2:
        options = {"bounds": [0, 1], "maxfevals": 40, "seed": 1, "verbose": -9, "tolflatfitness": 1e9}
        strategy = cma.CMAEvolutionStrategy([0.5] * f.dimension, 0.3, options)
        points = strategy.ask()
        strategy.tell(points, [f(x) for x in points])
        assert strategy.result.fbest == min(f(x) for x in points)


@pytest.mark.parametrize(
    ("x", "complaint"),
    [
        ([0.5] * 15, r"point: expected 16 numbers each.*got an array of shape \(1, 15\)"),
        ([[0.5] * 16], r"point: expected shape \(16,\), got \(1, 16\)"),
        (0.5, r"point: expected shape \(16,\), got \(\)"),
        ([np.nan] * 16, "point: expected numbers, got NaN"),
        (["a"] * 16, "point: expected numbers, got"),
        (None, "point: expected"),
    ],
)
def test_what_is_no_point_is_told(x, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        function(problems.get(ID))(x)


def test_two_objectives_and_what_is_no_problem_are_told():
    with pytest.raises(InvalidInput, match=r"expected one objective, got two.*doors to Nevergrad"):
        function(problems.get(f"{ID}/corrected/latency+energy"))
    with pytest.raises(InvalidInput, match=r"problem: expected one with .*problems\.get"):
        function(ID)
