"""MAGMA's operators, one by one, and the search as a whole."""

import numpy as np
import pytest

import optimizers
import problems
from optimizers.native import magma_operators as operators
from optimizers.native.magma import Magma
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace

G, A = 30, 4


@pytest.fixture
def parents(rng):
    return [(rng.integers(A, size=G), rng.random(G)) for _ in range(2)]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def child_of(parents):
    return parents[0][0].copy(), parents[0][1].copy()


def changed_stretch(before, after):
    """First and last changed position, or None."""
    where = np.flatnonzero(before != after)
    return (where[0], where[-1]) if where.size else None


def test_crossover_gen_takes_the_shorter_side_of_a_pivot_in_one_genome(rng):
    zeros, ones = (np.zeros(G, int), np.zeros(G)), (np.ones(G, int), np.ones(G) / 2)
    touched = set()
    for _ in range(300):
        cores, priorities = child_of([zeros])
        operators.crossover_gen(rng, cores, priorities, *ones)
        genome = cores if cores.any() else priorities
        assert not (cores.any() and priorities.any())
        first, last = changed_stretch(np.zeros(G), genome)
        assert first == 0 or last == G - 1
        assert (genome != 0).sum() == last - first + 1 <= G // 2
        touched.add((genome is cores, first == 0))
    assert len(touched) == 4


def test_crossover_rg_takes_a_range_of_both_genomes(rng, parents):
    seen = set()
    for _ in range(200):
        cores, priorities = child_of(parents)
        operators.crossover_rg(rng, cores, priorities, *parents[1])
        first, last = changed_stretch(parents[0][1], priorities)
        inside = np.arange(G)[first : last + 1]
        assert (priorities[inside] == parents[1][1][inside]).all()
        assert (cores[inside] == parents[1][0][inside]).all()
        outside = np.setdiff1d(np.arange(G), inside)
        assert (cores[outside] == parents[0][0][outside]).all()
        seen.add((first, last))
    assert len(seen) > 100


def test_crossover_accel_takes_over_one_core_of_the_second_parent_with_its_order(rng, parents):
    (first_cores, first_priorities), (mate_cores, mate_priorities) = parents
    seen = set()
    for _ in range(100):
        cores, priorities = child_of(parents)
        operators.crossover_accel(rng, cores, priorities, mate_cores, mate_priorities, A)
        taken = [c for c in range(A) if ((cores == c) == (mate_cores == c)).all()]
        taken = [c for c in taken if (priorities[mate_cores == c] == mate_priorities[mate_cores == c]).all()]
        assert len(taken) == 1
        core = taken[0]
        moved = (first_cores == core) & (mate_cores != core)
        kept = (first_cores != core) & (mate_cores != core)
        assert (cores[kept] == first_cores[kept]).all()
        assert (cores[moved] != core).all()
        assert (priorities[mate_cores != core] == first_priorities[mate_cores != core]).all()
        seen.add(core)
    assert seen == set(range(A))


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.5, 1.0])
def test_mutation_resamples_each_gene_at_its_rate(rng, rate):
    n = 40_000
    cores, priorities = np.full(n, -1), np.full(n, -1.0)
    operators.mutate(rng, cores, priorities, A, rate)
    for genome in (cores, priorities):
        share = (genome >= 0).mean()
        assert share == pytest.approx(rate, abs=5 * np.sqrt(rate * (1 - rate) / n))
    if rate:
        assert set(cores.tolist()) - {-1} == set(range(A))
        assert priorities.max() < 1.0


@pytest.mark.parametrize("only", range(3))
def test_every_child_is_crossed_by_an_operator_that_has_a_rate(rng, only):
    rates = np.zeros(3)
    rates[only] = 0.01
    drawn = [operators._draw_operators(rng, rates) for _ in range(200)]
    assert {tuple(map(bool, d)) for d in drawn} == {tuple(i == only for i in range(3))}


def test_without_crossovers_only_mutation_is_left(rng):
    assert operators._draw_operators(rng, np.zeros(3)) == (False, False, False)


def test_children_have_two_distinct_parents(rng):
    parents = (np.repeat(np.arange(5)[:, None], G, axis=1), np.repeat(np.arange(5)[:, None] / 10, G, axis=1))
    cores, priorities = operators.breed(rng, parents, 500, 5, np.array([1.0, 0.0, 0.0]), 0.0)
    sources = [set(c.tolist()) | {round(10 * p) for p in r.tolist()} for c, r in zip(cores, priorities, strict=True)]
    assert {len(s) for s in sources} == {2}


def test_elites_are_kept_and_not_evaluated_again():
    p = problems.get("mix/S2/bw1/g30/i0")
    search = optimizers.Search(p, "magma", budget=1050, seed=0, parameters={}, full_trace=optimizers.FullTrace.VALUES)
    search.run()
    values = search.result().all_values
    assert values.size == 1050 == 100 + 10 * 95
    again = optimizers.minimize(p, "magma", budget=1050, seed=0)
    assert again.best_value == values.min()


@pytest.mark.parametrize("task", ["vision", "language", "recommendation", "mix"])
def test_it_beats_random_search_on_a_heterogeneous_platform(task):
    p = problems.get(f"{task}/S2/bw1/g100/i0")
    magma, random = (
        np.median([optimizers.minimize(p, name, budget=5000, seed=s).best_value for s in range(3)])
        for name in ("magma", "random")
    )
    assert magma < 0.95 * random


@pytest.mark.parametrize("jobs", [1, 2, 3, 1000])
def test_groups_of_any_size_can_be_searched(jobs):
    r = optimizers.minimize(problems.get(f"mix/S4/bw1/g{jobs}/i0"), "magma", budget=300)
    assert r.num_evaluations == 300


@pytest.mark.parametrize(
    "parameters",
    [
        {"population_size": 1},
        {"elite_fraction": 1.5},
        {"mutation_rate": -0.1},
        {"crossover_gen_rate": float("nan")},
        {"crossover_gen_rate": 0.0, "crossover_rg_rate": 0.0, "crossover_accel_rate": 0.0, "mutation_rate": 0.0},
    ],
)
def test_impossible_parameters_are_refused(parameters):
    with pytest.raises(InvalidInput, match="expected"):
        optimizers.minimize(problems.get("mix/S2/bw1/g5/i0"), "magma", budget=10, **parameters)


@pytest.mark.parametrize(
    "operator", ["crossover_gen_rate", "crossover_rg_rate", "crossover_accel_rate", "mutation_rate"]
)
def test_each_operator_can_be_switched_off(operator):
    r = optimizers.minimize(problems.get("mix/S2/bw1/g20/i0"), "magma", budget=400, **{operator: 0.0})
    assert r.num_evaluations == 400


def test_a_warm_start_begins_with_the_given_mappings_and_mutated_copies_of_them():
    space = SearchSpace(num_jobs=G, num_cores=A)
    given = space.sample(np.random.default_rng(1), 2)
    tables = [{"cores": c.tolist(), "priorities": p.tolist()} for c, p in zip(*given, strict=True)]
    cores, priorities = Magma(space, budget=1000, seed=0, warm_start=tables).ask()
    assert cores.shape == priorities.shape == (100, G)
    assert (cores[:2] == given[0]).all()
    assert (priorities[:2] == given[1]).all()
    parents = np.resize(given[1], priorities.shape)
    assert (priorities[2:] != parents[2:]).mean() == pytest.approx(0.05, abs=0.02)
    assert len(np.unique(priorities, axis=0)) > 60


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        7,
        [{"cores": [0] * G}],
        [{"cores": [0] * G, "priorities": [0.5] * (G - 1)}],
        [{"cores": [A] * G, "priorities": [0.5] * G}],
        [{"cores": [0.5] * G, "priorities": [0.5] * G}],
        [{"cores": [0] * G, "priorities": [1.0] * G}],
        [{"cores": [0] * G, "priorities": [float("nan")] * G}],
    ],
)
def test_what_is_no_mapping_is_no_warm_start(wrong):
    with pytest.raises(InvalidInput, match="warm_start: expected mappings"):
        Magma(SearchSpace(num_jobs=G, num_cores=A), budget=10, seed=0, warm_start=wrong)


def test_a_warm_start_without_mutation_is_filled_up_at_random():
    space = SearchSpace(num_jobs=G, num_cores=A)
    tables = [{"cores": [0] * G, "priorities": [0.5] * G}]
    cores, priorities = Magma(space, budget=1000, seed=0, warm_start=tables, mutation_rate=0.0).ask()
    assert (cores[0] == 0).all()
    assert (priorities[0] == 0.5).all()
    assert len(np.unique(priorities, axis=0)) == 100
