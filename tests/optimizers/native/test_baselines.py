"""Simulated annealing, with and without exchanges, and the plain genetic algorithm."""

import math

import numpy as np
import pytest

import optimizers
import problems
from optimizers.native.annealing import SimulatedAnnealing
from optimizers.native.genetic import GeneticAlgorithm
from optimizers.native.swap_annealing import SwapAnnealing
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace

SPACE = SearchSpace(num_jobs=30, num_cores=4)


@pytest.fixture(params=[SimulatedAnnealing, SwapAnnealing])
def make(request):
    """Makes an annealing of either kind."""
    return lambda **parameters: request.param(SPACE, budget=1000, seed=0, **parameters)


def test_annealing_moves_one_job_to_another_core_or_priority():
    sa = SimulatedAnnealing(SPACE, budget=1000, seed=0)
    cores, priorities = sa.ask()
    sa.tell(cores, priorities, np.array([10.0]))
    kinds = set()
    for _ in range(200):
        new_cores, new_priorities = sa.ask()
        changed = (int((new_cores != cores).sum()), int((new_priorities != priorities).sum()))
        assert sum(changed) == 1
        kinds.add(changed)
        sa.tell(new_cores, new_priorities, np.array([math.inf]))  # never accepted
    assert kinds == {(0, 1), (1, 0)}


def test_annealing_accepts_worse_mappings_with_the_probability_of_metropolis(make):
    sa = make(initial_temperature=0.05, final_temperature=0.05)
    accepted = 0
    for _ in range(2000):
        sa._value = sa._best = 100.0
        sa.tell(*sa.ask(), np.array([105.0]))
        accepted += sa._value == 105.0
    assert accepted / 2000 == pytest.approx(math.exp(-1.0), abs=0.05)


def test_annealing_cools_from_the_first_to_the_last_temperature_over_the_budget(make):
    sa = make(initial_temperature=0.1, final_temperature=0.001)
    for _ in range(1000):
        sa.tell(*sa.ask(), np.array([1.0]))
    assert sa._temperature == pytest.approx(0.001)


@pytest.mark.parametrize(
    "wrong",
    [
        {"final_temperature": 0.0},
        {"initial_temperature": 1e-9},
        {"initial_temperature": math.inf},
        {"initial_temperature": "hot"},
    ],
)
def test_annealing_refuses_impossible_temperatures(make, wrong):
    with pytest.raises(InvalidInput, match="temperature"):
        make(**wrong)


def test_children_of_the_genetic_algorithm_are_made_of_their_parents_genes():
    ga = GeneticAlgorithm(SPACE, budget=1000, seed=0, mutation_rate=0.0, population_size=6)
    cores, priorities = ga.ask()
    ga.tell(cores, priorities, np.arange(6.0))
    children, child_priorities = ga.ask()
    assert children.shape == (5, 30)
    assert all(np.isin(child_priorities[:, j], priorities[:, j]).all() for j in range(30))
    parents_of_child = [
        {int(np.flatnonzero(priorities[:, j] == p)[0]) for j, p in enumerate(c)} for c in child_priorities
    ]
    assert max(map(len, parents_of_child)) == 2


def test_better_mappings_of_the_genetic_algorithm_win_tournaments():
    ga = GeneticAlgorithm(SPACE, budget=1000, seed=0, tournament_size=3)
    ga.tell(*ga.ask(), np.arange(100.0))
    chosen = np.concatenate([ga._select() for _ in range(100)])
    assert chosen.mean() == pytest.approx(99 / 4, abs=1.0)  # least of three uniform ones


def test_mutation_of_the_genetic_algorithm_changes_one_gene_in_the_mean():
    ga = GeneticAlgorithm(SPACE, budget=1000, seed=0, crossover_rate=0.0, tournament_size=1)
    cores, priorities = ga.ask()
    ga.tell(cores, priorities, np.arange(100.0))
    children = [ga.ask() for _ in range(30)]
    changed = np.mean([(~np.isin(p, priorities)).sum(axis=1).mean() for _, p in children])
    assert changed == pytest.approx(0.5, abs=0.1)  # of the priorities; as many of the cores are resampled


@pytest.mark.parametrize("wrong", [{"population_size": 1}, {"tournament_size": 0}, {"mutation_rate": 1.5}])
def test_the_genetic_algorithm_refuses_impossible_parameters(wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        GeneticAlgorithm(SPACE, budget=10, seed=0, **wrong)


@pytest.mark.parametrize("name", ["native-ga", "native-sa"])
def test_both_find_more_than_random_search(name):
    p = problems.get("mix/S2/bw1/g50/i1")
    found, at_random = (
        np.median([optimizers.minimize(p, n, budget=3000, seed=s).best_value for s in range(3)])
        for n in (name, "random")
    )
    assert found < 0.9 * at_random
