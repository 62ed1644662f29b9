"""Two measures of a mapping."""

import numpy as np
import pytest

from problems.doors.measures import Measures, cells_of
from problems.space import Jobs

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


def test_cells_are_counted_from_the_least_and_hold_their_lower_edges():
    measures = np.array([[0.0, 1.0], [0.25, 0.2499], [0.75 - 1e-12, 0.5]])
    assert cells_of(measures, 4).tolist() == [[0, 3], [1, 0], [3, 2]]
