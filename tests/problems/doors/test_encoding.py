import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizers
import problems
from problems.doors.encoding import CODECS, ENCODINGS
from problems.foundation.errors import UnknownName
from problems.space import SearchSpace


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.integers(1, 40), st.integers(1, 70), st.integers(0, 10**6))
def test_a_mapping_survives_the_way_through_every_codec_and_back(encoding, jobs, cores, seed):
    space = SearchSpace(jobs, cores)
    codec = CODECS[encoding](space)
    mapping, priorities = space.sample(np.random.default_rng(seed), 3)
    again, same = codec.decode(codec.encode(mapping, priorities))
    assert again.dtype == np.int64
    assert (again == mapping).all()
    assert (same == priorities).all()


@given(st.integers(1, 70), st.lists(st.floats(-2.0, 3.0), min_size=2, max_size=2))
def test_every_point_is_a_mapping(cores, point):
    mapping, priorities = CODECS["continuous"](SearchSpace(1, cores)).decode(np.array([point]))
    assert 0 <= mapping[0, 0] < cores
    assert 0.0 <= priorities[0, 0] < 1.0


@pytest.mark.parametrize("name", ["nevergrad-de", "nevergrad-cma", "optuna-nsga2", "optuna-cmaes", "optuna-tpe"])
def test_adapters_offer_both_encodings_and_record_which(name):
    p = problems.get("mix/S2/bw1/g10/i0")
    suits = "continuous" if name == "nevergrad-de" else "native"
    assert optimizers.resolve_parameters(name, {})["encoding"] == suits
    native, cube = (optimizers.minimize(p, name, budget=40, encoding=e).trace_values for e in ("native", "continuous"))
    assert native.tolist() != cube.tolist()
    with pytest.raises(UnknownName, match="did you mean continuous"):
        optimizers.minimize(p, name, budget=3, encoding="continous")
