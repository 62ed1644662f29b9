"""What libraries are told of infinite and huge values."""

import numpy as np
import pytest

import optimizers
from problems.doors.losses import LARGEST_FIRST, LARGEST_LOSS, Losses


def test_ordinary_values_are_told_as_they_are_and_infinite_ones_as_the_largest():
    losses = Losses()
    assert losses.of(np.array([3.0, np.inf, 0.1])).tolist() == [[3.0], [LARGEST_LOSS], [0.1]]
    assert losses.of(np.array([1e19])).tolist() == [[1e19]]


@pytest.mark.parametrize("size", [1e16, 1e25, 1e300])
def test_huge_values_lose_no_digit_and_are_not_cut(size):
    values = size * (1.0 + np.random.default_rng(0).random(50))
    losses = Losses()
    told = np.concatenate([losses.of(values[:10]), losses.of(values[10:])])[:, 0]
    assert told.max() < LARGEST_LOSS / 100
    assert (told / told[0] == values / values[0]).all()


def test_the_scale_is_the_least_power_of_two_that_is_enough():
    for power in range(1, 900):
        size = LARGEST_FIRST * 2.0**power
        assert Losses().of(np.array([size])).tolist() == [[LARGEST_FIRST]]
        assert Losses().of(np.array([np.nextafter(size, np.inf)])).item() > LARGEST_FIRST / 2
        assert Losses().of(np.array([np.nextafter(size, np.inf)])).item() < LARGEST_FIRST


def test_each_of_two_objectives_has_its_own_scale_and_waits_for_mappings_that_can_run():
    losses = Losses()
    assert losses.of(np.full((1, 2), np.inf)).tolist() == [[LARGEST_LOSS, LARGEST_LOSS]]
    told = losses.of(np.array([[5.0, 2e25], [np.inf, np.inf]]))
    assert told[0, 0] == 5.0
    assert told[0, 1] < LARGEST_LOSS / 100
    assert (told[1] == LARGEST_LOSS).all()


class Scaled:
    """A sum of priorities and cores, times a factor."""

    num_jobs, num_cores = 10, 3

    def __init__(self, factor):
        self.factor = factor

    def evaluate(self, cores, priorities):
        return self.factor * (1.0 + priorities.sum(axis=1) + cores.sum(axis=1))


@pytest.mark.parametrize("name", ["nevergrad-oneplusone", "optuna-nsga2", "deap-stdga", "pymoo-ga"])
def test_a_search_does_not_depend_on_the_unit_of_the_values(name):
    small, huge = (optimizers.minimize(Scaled(2.0**k), name, budget=300, seed=1) for k in (0, 90))
    assert (huge.trace_values == 2.0**90 * small.trace_values).all()
