"""Simulated annealing with exchanges and insertions."""

import math

import numpy as np
import pytest

import optimizers
import problems
from optimizers.native.swap_annealing import SwapAnnealing, insert, neighbour
from optimizers.testing import Weights
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace

NAME = "native-swap-sa"
SPACE = SearchSpace(num_jobs=30, num_cores=4)


def make(**parameters):
    return SwapAnnealing(SPACE, budget=1000, seed=0, **parameters)


class Scaled(Weights):
    """``Weights`` in another unit."""

    def evaluate(self, cores, priorities):
        return 1024.0 * super().evaluate(cores, priorities)


def steps(swap_rate, num_cores=4, count=200):
    rng = np.random.default_rng(0)
    cores, ranks = rng.integers(num_cores, size=30), rng.permutation(30)
    return cores, ranks, [neighbour(rng, cores, ranks, num_cores, swap_rate) for _ in range(count)]


def test_an_exchange_swaps_core_and_rank_of_two_jobs():
    cores, ranks, made = steps(swap_rate=1.0)
    for new_cores, new_ranks in made:
        a, b = np.flatnonzero(new_ranks != ranks)
        assert (new_cores[[a, b]] == cores[[b, a]]).all()
        assert (new_ranks[[a, b]] == ranks[[b, a]]).all()
        assert (np.delete(new_cores, [a, b]) == np.delete(cores, [a, b])).all()


def test_an_insertion_moves_one_job_to_another_core_and_keeps_the_order_of_the_others():
    cores, ranks, made = steps(swap_rate=0.0)
    for new_cores, new_ranks in made:
        (job,) = np.flatnonzero(new_cores != cores)
        assert sorted(new_ranks) == list(range(30))
        assert (np.argsort(np.delete(new_ranks, job)) == np.argsort(np.delete(ranks, job))).all()


def test_on_a_single_core_an_insertion_changes_the_rank_alone():
    cores, ranks, made = steps(swap_rate=0.0, num_cores=1)
    assert all((new_cores == cores).all() for new_cores, _ in made)
    assert any((new_ranks != ranks).any() for _, new_ranks in made)


@pytest.mark.parametrize(
    ("job", "rank", "expected"), [(0, 3, [3, 0, 1, 2]), (3, 0, [1, 2, 3, 0]), (1, 2, [0, 2, 1, 3])]
)
def test_insert_makes_room(job, rank, expected):
    ranks = np.arange(4)
    insert(ranks, job, rank)
    assert ranks.tolist() == expected


def test_a_rejected_neighbour_leaves_the_current_mapping_as_it_was():
    sa = make()
    cores, priorities = sa.ask()
    sa.tell(cores, priorities, np.array([10.0]))
    before = cores.copy(), sa._ranks.copy()
    for _ in range(50):
        sa.tell(*sa.ask(), np.array([math.inf]))
    assert (sa._cores == before[0]).all()
    assert (sa._ranks == before[1]).all()


def test_the_unit_of_the_values_does_not_matter():
    found, scaled = (optimizers.minimize(kind(), NAME, budget=500, seed=1) for kind in (Weights, Scaled))
    assert (scaled.trace_evaluations == found.trace_evaluations).all()
    assert (scaled.trace_values == 1024.0 * found.trace_values).all()


@pytest.mark.parametrize("budget", [1, 100, 1000])
def test_it_minds_dependencies_and_any_budget(budget):
    p = problems.get("mix/S2/bw1/g30/i1/dep")
    assert optimizers.minimize(p, NAME, budget=budget).num_evaluations == budget


def test_it_finds_more_than_annealing_without_exchanges():
    p = problems.get("mix/S2/bw1/g50/i1")
    with_swaps, without = (
        np.median([optimizers.minimize(p, n, budget=3000, seed=s).best_value for s in range(5)])
        for n in (NAME, "native-sa")
    )
    assert with_swaps < without


def test_it_refuses_an_impossible_share_of_swaps():
    with pytest.raises(InvalidInput, match="swap_rate"):
        make(swap_rate=1.5)


def test_it_starts_from_a_mapping_that_it_is_given():
    sa = make(swap_rate=1.0)
    cores, order = np.arange(30) % 4, np.random.default_rng(1).permutation(30)
    sa.start_from(cores, order, 10.0)
    asked, priorities = sa.ask()
    assert (asked[0] != cores).sum() <= 2
    assert (np.argsort(priorities[0]) != order).sum() == 2
