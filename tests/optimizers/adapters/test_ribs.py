"""What the archive of MAP-Elites keeps."""

import numpy as np
import pytest

import problems
from optimizers.adapters.ribs import MapElites
from problems.foundation.errors import InvalidInput
from problems.space import Jobs, SearchSpace, jobs_of

LATENCY = np.array([[1.0, 2.0], [3.0, 3.0]])


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
