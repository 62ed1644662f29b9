from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

import problems
from bench.campaigns.reading import load_campaign
from optimizers import FullTrace
from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig10 import FIG10, POINTS, encoded, principal_plane

PROBLEM = "mix/S2/bw1/g10/i0"


@pytest.fixture
def explored(make_run, make_campaign, tmp_path):
    """A campaign of runs that stored so many random mappings each."""

    def make(number=50, labels=("magma", "random")):
        problem, rng = problems.get(PROBLEM), np.random.default_rng(0)
        runs = []
        for label in labels:
            cores, priorities = rng.integers(4, size=(number, 10)), rng.random((number, 10))
            values = problem.evaluate(cores, priorities)
            np.savez(tmp_path / f"{label}.npz", values=values, cores=cores, priorities=priorities)
            digest = sha256((tmp_path / f"{label}.npz").read_bytes()).hexdigest()
            runs.append(replace(make_run(label), trace_sha256=digest, place=tmp_path / f"{label}.json"))
        return make_campaign(runs)

    return make


def test_a_job_on_another_core_is_a_distance_of_one():
    points = encoded(np.array([[0, 0, 1], [0, 1, 1]]), np.array([[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]]))
    assert np.linalg.norm((points[0] - points[1])[:6]) == pytest.approx(1.0)


def test_of_priorities_only_the_order_on_a_core_counts():
    cores = np.array([[0, 1, 0, 1]] * 3)
    points = encoded(cores, np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.8, 0.9, 0.99], [0.3, 0.2, 0.1, 0.4]]))
    assert np.array_equal(points[0], points[1])
    assert points[0, -4:].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert points[2, -4:].tolist() == [1.0, 0.0, 0.0, 1.0]


def test_the_plane_is_that_of_the_singular_vectors():
    points = np.random.default_rng(0).normal(size=(40, 6)) * [5.0, 3.0, 1.0, 1.0, 1.0, 0.1]
    plane, shares = principal_plane(points)
    _, sizes, rows = np.linalg.svd(points - points.mean(axis=0))
    assert np.abs(plane) == pytest.approx(np.abs((points - points.mean(axis=0)) @ rows[:2].T))
    assert shares == pytest.approx(sizes[:2] ** 2 / (sizes**2).sum())


@pytest.mark.parametrize("points", [np.ones((5, 4)), np.ones((1, 3))])
def test_points_without_a_plane_are_borne(points):
    plane, shares = principal_plane(points)
    assert np.isfinite(plane).all()
    assert ((shares >= 0.0) & (shares <= 1.0)).all()


def test_points_are_few_and_hold_the_best_of_each_optimizer(explored):
    campaign = explored(3 * POINTS)
    figure, numbers = make_figure(FIG10, make_tables(campaign))
    assert numbers["optimizer"].value_counts().to_dict() == {"magma": POINTS, "random": POINTS}
    bound = problems.get(PROBLEM).lower_bound()
    for run in campaign.runs:
        best = numbers[(numbers["optimizer"] == run.label) & numbers["best"]]
        assert best["value"].tolist() == pytest.approx([run.full_trace()["values"].min() / bound])
    assert [axis.get_title().partition(":")[0] for axis in figure.axes[:2]] == ["magma", "random"]


@pytest.mark.parametrize("number", [1, 2, 30])
def test_one_optimizer_with_few_points_is_drawn(explored, number):
    figure, numbers = make_figure(FIG10, make_tables(explored(number, ("random",))))
    assert len(numbers) == number
    assert figure.get_figwidth() == 3.5


def test_without_stored_mappings_it_says_what_is_missing(tiny):
    figure, numbers = make_figure(FIG10, make_tables(tiny))
    assert numbers.empty
    assert "full_trace" in figure.axes[0].texts[0].get_text()


@pytest.mark.parametrize("quick", [False, True])
def test_the_campaign_stores_every_mapping(quick):
    assert load_campaign("fig10", quick=quick).full_trace is FullTrace.MAPPINGS
