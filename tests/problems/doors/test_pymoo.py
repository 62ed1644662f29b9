"""The door to pymoo."""

import numpy as np
import pytest

import problems
from problems.doors.encoding import ENCODINGS
from problems.foundation.errors import InvalidInput, UnknownName
from problems.space import SearchSpace

pytest.importorskip("pymoo")

from pymoo.algorithms.moo.nsga2 import NSGA2, RankAndCrowding
from pymoo.algorithms.soo.nonconvex.de import DE
from pymoo.config import Config
from pymoo.core.mixed import MixedVariableGA
from pymoo.optimize import minimize

from problems.doors.pymoo import genomes_of, problem

ID = "mix/S2/bw1/g20/i0"


@pytest.fixture(autouse=True)
def _silent(monkeypatch):
    monkeypatch.setitem(Config.warnings, "not_compiled", False)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_f_is_the_value_of_the_mapping(p, encoding, points_and_values):
    f = problem(p, encoding)
    points, expected = points_and_values(p, encoding)
    native = genomes_of(points, SearchSpace(p.num_jobs, p.num_cores), encoding)
    x = np.array(native, dtype=object) if encoding == "native" else points
    assert f.evaluate(x).tolist() == expected.tolist()
    assert f.n_obj == p.num_objectives
    assert f.name() == p.id


def test_what_an_algorithm_finds_is_a_mapping_with_that_value(p):
    algorithm = DE(pop_size=12) if p.num_objectives == 1 else NSGA2(pop_size=12)
    with np.errstate(all="ignore"):  # differences of values that are all the same
        found = minimize(problem(p), algorithm, ("n_gen", 4), seed=0)
    for x, values in zip(np.atleast_2d(found.X), np.atleast_2d(found.F), strict=True):
        expected = np.minimum(np.ravel(p.evaluate(*found.problem.decode(x))), 1e20)
        assert values.tolist() == expected.tolist()


def test_mixed_variables_are_for_their_algorithm():
    p, both = problems.get(ID), problems.get(f"{ID}/latency+energy")
    found = minimize(problem(p, "native"), MixedVariableGA(pop_size=10), ("n_gen", 3), seed=0)
    assert found.F[0] == p.evaluate(*found.problem.decode(found.X))
    algorithm = MixedVariableGA(pop_size=10, survival=RankAndCrowding())
    found = minimize(problem(both, "native"), algorithm, ("n_gen", 3), seed=0)
    values = [both.evaluate(*found.problem.decode(x)).tolist() for x in found.X]
    assert found.F.tolist() == values


def test_what_is_no_problem_encoding_or_mapping_is_told():
    with pytest.raises(InvalidInput, match=r"problem: expected one with .*problems\.get"):
        problem(ID)
    p = problems.get(ID)
    with pytest.raises(UnknownName, match="did you mean native"):
        problem(p, "nativ")
    with pytest.raises(InvalidInput, match="point: expected numbers, got NaN"):
        problem(p).evaluate(np.full((2, 40), np.nan))
