"""The table of what optimizers cost."""

import pytest

import optimizers
from optimizers.catalogue import entry_of
from optimizers.costs import FEW, MANY, Cost, costs


def test_every_optimizer_of_the_core_installation_was_measured():
    core = {name for name in optimizers.names() if not entry_of(name).requires}
    assert core <= set(costs())


def test_only_optimizers_are_in_it():
    assert set(costs()) <= set(optimizers.names())


@pytest.mark.parametrize("name", costs())
def test_costs_are_of_a_sensible_size(name):
    cost = costs()[name]
    assert 0.0 < cost.few < 3600.0
    assert cost.many is None or cost.few / 10 < cost.many < 1000 * cost.few


def test_what_was_measured_is_expected_again():
    cost = Cost(2.0, 50.0)
    assert cost.seconds(FEW) == pytest.approx(2.0)
    assert cost.seconds(MANY) == pytest.approx(50.0)
    assert cost.seconds(FEW, num_jobs=50) == pytest.approx(1.0)
    assert 2.0 < cost.seconds(3_000) < 50.0


def test_what_was_not_measured_is_in_proportion_to_the_budget():
    assert Cost(2.0, None).seconds(5 * FEW) == pytest.approx(10.0)
