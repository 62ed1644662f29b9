"""The door to DEAP."""

import random

import numpy as np
import pytest
from deap import algorithms, creator, tools

import problems
from problems.doors.deap import individuals_of, toolbox
from problems.doors.encoding import ENCODINGS
from problems.foundation.errors import InvalidInput, UnknownName

ID = "mix/S2/bw1/g20/i0"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_individual_has_the_value_of_the_mapping(p, encoding, points_and_values):
    box = toolbox(p, encoding)
    points, values = points_and_values(p, encoding)
    for individual, expected in zip(individuals_of(points), values, strict=True):
        assert box.evaluate(individual) == tuple(expected)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_variation_and_selection_keep_individuals_valid(p, encoding):
    random.seed(0)
    box = toolbox(p, encoding)
    if p.num_jobs == 1:
        box.register("mate", tools.cxUniform, indpb=0.5)
    population, _ = algorithms.eaMuPlusLambda(box.population(n=12), box, 12, 12, 0.5, 0.4, 4, verbose=False)
    for individual in population:
        cores, priorities = box.decode(individual)
        assert individual.fitness.values == tuple(np.minimum(np.ravel(p.evaluate(cores, priorities)), 1e20))
        if encoding == "native":
            assert all(isinstance(gene, int) for gene in individual[: p.num_jobs])


def test_the_same_seed_gives_the_same_run_and_nothing_is_created():
    before = dict(vars(creator))

    def run():
        random.seed(3)
        box = toolbox(problems.get(ID))
        return algorithms.eaSimple(box.population(n=10), box, 0.5, 0.5, 3, verbose=False)[0]

    assert run() == run()
    assert vars(creator) == before


def test_with_two_objectives_selection_is_by_fronts():
    box = toolbox(problems.get(f"{ID}/latency+energy"))
    assert box.select.func is tools.selNSGA2
    assert box.individual().fitness.weights == (-1.0, -1.0)


def test_what_is_no_problem_encoding_or_mapping_is_told():
    with pytest.raises(InvalidInput, match=r"problem: expected one with .*problems\.get"):
        toolbox(ID)
    p = problems.get(ID)
    with pytest.raises(UnknownName, match="did you mean native"):
        toolbox(p, "nativ")
    with pytest.raises(InvalidInput, match=r"core of job 0: expected an integer from 0 to 3, got 0\.5"):
        toolbox(p).evaluate([0.5] * 40)
    with pytest.raises(InvalidInput, match=r"point: expected 40 numbers each.*got an array of shape \(1, 3\)"):
        toolbox(p).evaluate([0, 0, 0])
