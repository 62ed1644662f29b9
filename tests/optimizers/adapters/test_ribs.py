"""The measures of MAP-Elites, and what its archive keeps."""

import numpy as np
import pytest

import problems
from optimizers.adapters.ribs import MapElites, Measures
from problems.foundation.errors import InvalidInput
from problems.space import Jobs, SearchSpace, jobs_of

LATENCY = np.array([[1.0, 2.0], [3.0, 3.0]])
ENERGY = np.array([[5.0, 4.0], [1.0, 2.0]])


def measures(energy=ENERGY, latency=LATENCY):
    return Measures(Jobs(latency, np.ones((2, 2)), 1.0, energy=energy))


def test_the_first_measure_is_mean_over_largest_load():
    assert measures().of(np.array([[0, 0], [0, 1], [1, 1]]))[:, 0].tolist() == [0.5, 2 / 3, 0.5]


def test_the_second_measure_is_the_energy_between_least_and_most():
    told = measures()
    assert told.second == "energy"
    assert told.of(np.array([[1, 0], [0, 0], [0, 1]]))[:, 1].tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("energy", [None, np.full((2, 2), np.nan)])
def test_the_second_measure_is_latency_where_energy_is_not_known(energy):
    told = measures(energy)
    assert told.second == "latency"
    assert told.of(np.array([[0, 0], [1, 0]]))[:, 1].tolist() == [0.0, 1.0]


def test_a_core_that_cannot_run_a_job_adds_nothing():
    told = measures(latency=np.array([[np.inf, 2.0], [3.0, 3.0]])).of(np.array([[0, 0], [0, 1]]))
    assert np.isfinite(told).all()
    assert told[0].tolist() == [0.5, 0.0]


def test_equal_costs_are_in_the_middle_of_nothing():
    assert measures(np.ones((2, 2))).of(np.array([[0, 1]]))[0, 1] == 0.0


def test_the_archive_keeps_the_best_mapping_of_every_cell():
    p = problems.get("mix/S2/bw16/g8/i0")
    space = SearchSpace(p.num_jobs, p.num_cores, jobs=jobs_of(p))
    optimizer, values = MapElites(space, budget=1000, seed=0, cells=8, batch_size=30), []
    for _ in range(20):
        mappings = optimizer.ask()
        values += p.evaluate(*mappings).tolist()
        optimizer.tell(*mappings, np.array(values[-30:]))
    assert 5 < len(optimizer._archive) <= 64
    assert -optimizer._archive.best_elite["objective"] == min(values)


def test_it_is_no_black_box_optimizer():
    with pytest.raises(InvalidInput, match="one with a job table"):
        MapElites(SearchSpace(4, 2), budget=5, seed=0)


@pytest.mark.parametrize("parameters", [{"cells": 0}, {"batch_size": 0}, {"mutations": 0.0}])
def test_impossible_parameters_are_refused(parameters):
    space = SearchSpace(2, 2, jobs=Jobs(LATENCY, LATENCY, 1.0))
    with pytest.raises(InvalidInput, match="expected"):
        MapElites(space, budget=5, seed=0, **parameters)
