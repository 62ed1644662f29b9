"""What Nevergrad is told, and that the adapter does to it what a plain ask/tell loop does."""

import json
import random
import threading
import warnings

import nevergrad as ng
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

import optimizers
import problems
from optimizers.adapters import FallbackToRandom
from optimizers.adapters.nevergrad import NevergradOptimizer
from optimizers.builtin import BUILTIN
from optimizers.catalogue import resolve_parameters
from optimizers.testing import Weights
from problems.doors.encoding import ENCODINGS, codec_of
from problems.doors.nevergrad import parametrize, point_of, value_of
from problems.foundation.errors import InvalidInput, LibraryFailure, MissingExtra, UnknownName
from problems.space import SearchSpace

SPACE = SearchSpace(num_jobs=8, num_cores=3)
ENTRIES = [entry for entry in BUILTIN if entry.name.startswith("nevergrad-")]
BUDGET = 90  # beyond one population of all but TBPSA, whose default is four times the dimension
BELOW_ONE = np.nextafter(1.0, 0.0)


def plain_loop(p, configured, encoding, budget, seed, batch=1):
    """The values that Nevergrad's own loop gets, in state of the process-wide generators that it leaves behind."""
    random.seed(seed)
    np.random.seed(seed)
    jobs, cores = p.num_jobs, p.num_cores
    reals = {"lower": 0.0, "upper": 1.0}
    if encoding == "native":
        choices = ng.p.TransitionChoice(range(cores), repetitions=jobs)
        parametrization = ng.p.Dict(cores=choices, priorities=ng.p.Array(shape=(jobs,), **reals))
    else:
        parametrization = ng.p.Array(shape=(2 * jobs,), **reals)
    parametrization.random_state = np.random.RandomState(seed)
    optimizer, values = configured(parametrization, budget=budget, num_workers=batch), []
    waiting = []
    for number in range(budget):
        if number % batch == 0:
            waiting = [optimizer.ask() for _ in range(min(batch, budget - number))]
        candidate = waiting[number % batch]
        value = candidate.value
        if encoding == "native":
            mapping = list(value["cores"]), np.minimum(value["priorities"], BELOW_ONE)
        else:
            cube = np.minimum(value, BELOW_ONE)
            mapping = (cube[:jobs] * cores).astype(int), cube[jobs:]
        values.append(float(p.evaluate(np.array([mapping[0]]), np.array([mapping[1]]))[0]))
        if number % batch == len(waiting) - 1:
            for asked, value in zip(waiting, values[-len(waiting) :], strict=True):
                optimizer.tell(asked, value)
    return values


def trace_of_plain_loop(*args):
    states = random.getstate(), np.random.get_state()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return plain_loop(*args)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        for thread in threading.enumerate():
            if hasattr(thread, "stop"):
                thread.stop()


def trace(p, name, budget, seed, **parameters):
    search = optimizers.Search(
        p, name, budget=budget, seed=seed, parameters=parameters, full_trace=optimizers.FullTrace.VALUES
    )
    search.run()
    return search.result().all_values.tolist()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_trace_is_that_of_nevergrads_plain_ask_and_tell(entry, encoding):
    p = problems.get("mix/S2/bw1/g8/i0")
    configured = ng.optimizers.registry[entry.parameters["method"]]
    if own := entry.parameters.get("configuration"):
        configured = type(configured)(**{**configured.config(), **own})
    expected = trace_of_plain_loop(p, configured, encoding, BUDGET, optimizers.derived_seed(entry.name, 5))
    assert trace(p, entry.name, BUDGET, 5, encoding=encoding) == expected


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_trace_of_batches_is_that_of_as_many_workers(entry):
    p, seed = problems.get("mix/S2/bw1/g8/i0"), optimizers.derived_seed(entry.name, 5)
    configured = ng.optimizers.registry[entry.parameters["method"]]
    if own := entry.parameters.get("configuration"):
        configured = type(configured)(**{**configured.config(), **own})
    expected = trace_of_plain_loop(p, configured, "native", BUDGET, seed, 7)
    assert trace(p, entry.name, BUDGET, 5, batch=7, encoding="native") == expected


def test_a_batch_is_no_larger_than_the_budget():
    """A library makes room for its workers."""
    p = problems.get("mix/S2/bw1/g8/i0")
    whole, larger = (optimizers.minimize(p, "nevergrad-cma", budget=20, seed=1, batch=b) for b in (20, 10**9))
    assert larger.trace_values.tolist() == whole.trace_values.tolist()


def test_a_method_without_a_parallel_form_refuses_batches():
    with pytest.raises(
        InvalidInput, match=r"batch: expected 1 for Nevergrad's 'NelderMead', got 4. It needs each value"
    ):
        optimizers.check_parameters("nevergrad:NelderMead", {"batch": 4})
    with pytest.raises(InvalidInput, match="batch: expected an integer of at least 1, got 0"):
        optimizers.check_parameters("nevergrad-de", {"batch": 0})


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_trace_of_a_configured_method_is_that_of_nevergrads_own_class(encoding):
    p = problems.get("mix/S2/bw1/g8/i0")
    own, name = ng.optimizers.DifferentialEvolution(popsize=7, crossover="twopoints"), "nevergrad:TwoPointsDE"
    expected = trace_of_plain_loop(p, own, encoding, 40, optimizers.derived_seed(name, 2))
    assert trace(p, name, 40, 2, encoding=encoding, configuration={"popsize": 7}) == expected


mappings = st.integers(1, 6).flatmap(
    lambda jobs: st.integers(1, 5).flatmap(
        lambda cores: st.tuples(
            st.just(cores),
            st.lists(st.integers(0, cores - 1), min_size=jobs, max_size=jobs),
            st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=jobs, max_size=jobs),
        )
    )
)


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=50, deadline=None)
@given(mapping=mappings)
def test_a_mapping_survives_nevergrads_own_structure(encoding, mapping):
    num_cores, cores, priorities = mapping[0], np.array([mapping[1]]), np.array([mapping[2]])
    space = SearchSpace(len(mapping[1]), num_cores)
    codec = codec_of(encoding, space)
    value = value_of(codec.encode(cores, priorities)[0], encoding)
    candidate = parametrize(space, encoding).spawn_child(new_value=value)
    back = codec.decode(point_of(candidate, space)[None, :])
    assert back[0].tolist() == cores.tolist()
    np.testing.assert_allclose(back[1], priorities, rtol=1e-12, atol=1e-15)  # kept there as a multiple of its sigma


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("num_cores", [1, 2, 7])
def test_a_point_is_read_as_the_value_that_nevergrad_tells(encoding, num_cores):
    space = SearchSpace(8, num_cores)
    parametrization = parametrize(space, encoding)
    parametrization.random_state = np.random.RandomState(1)
    for _ in range(20):
        candidate = parametrization.sample()
        value = value_of(point_of(candidate, space), encoding)
        if encoding == "native":
            assert candidate.value["cores"] == value["cores"]
            assert candidate.value["priorities"].tolist() == value["priorities"].tolist()
        else:
            assert candidate.value.tolist() == value.tolist()


def test_cores_are_told_as_choices_and_all_of_them_are_drawn():
    space = SearchSpace(num_jobs=200, num_cores=4)
    optimizer = NevergradOptimizer(space, budget=100, seed=0, method="DE", encoding="native")
    cores, _ = optimizer.ask()
    assert isinstance(optimizer._optimizer.parametrization["cores"], ng.p.TransitionChoice)
    assert np.bincount(cores[0], minlength=4).min() > 30


def test_the_encoding_is_that_which_suits_the_method():
    methods = ("PSO", "DiscreteOnePlusOne", "DE", "OldCMA")
    told = {method: resolve_parameters(f"nevergrad:{method}", {})["encoding"] for method in methods}
    assert told == {"PSO": "native", "DiscreteOnePlusOne": "native", "DE": "continuous", "OldCMA": "continuous"}
    assert resolve_parameters("nevergrad-de", {"encoding": "native"})["encoding"] == "native"
    made = NevergradOptimizer(SearchSpace(6, 3), budget=10, seed=0, method="PSO")
    assert isinstance(made._optimizer.parametrization, ng.p.Dict)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_smallest_problem_has_two_dimensions(encoding):
    # in one, CMA sets its registered configuration, for the rest of the process, to another library
    assert parametrize(SearchSpace(1, 1), encoding).dimension == 2


@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES])
def test_settings_are_json_without_addresses(name):
    search = optimizers.Search(Weights(), name, budget=200, seed=0, parameters={})
    told = json.dumps(search.optimizer.settings())
    assert "0x" not in told
    assert told != "{}" or name == "nevergrad-cga"


def test_settings_tell_what_was_configured_and_what_was_chosen():
    def told(method, **parameters):
        return NevergradOptimizer(SPACE, budget=50, seed=0, method=method, **parameters).settings()

    assert told("DE", configuration={"popsize": 7})["popsize"] == 7
    assert told("DE")["F1"] == 0.8
    assert told("NGOpt") == {"chosen": {"name": "DiscreteLenglerOnePlusOne"}}
    assert told("NGOpt", encoding="continuous") == {"chosen": {"name": "Cobyla"}}
    assert [part["name"] for part in told("Portfolio")["chosen"]] == ["MetaCMA", "TwoPointsDE", "ScrHammersleySearch"]


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"method": "Bogus"}, UnknownName, "Bogus"),
        ({"encoding": "bogus"}, UnknownName, "bogus"),
        ({"configuration": {"popsiz": 7}}, UnknownName, "popsiz.*did you mean popsize"),
        ({"configuration": {"popsize": "many"}}, InvalidInput, "configuration: expected values that"),
        ({"configuration": [7]}, InvalidInput, "configuration: expected arguments by name"),
        ({"method": "NGOpt", "configuration": {"popsize": 7}}, InvalidInput, "configuration: expected none.*NGOpt"),
    ],
)
def test_bad_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        NevergradOptimizer(SPACE, budget=5, seed=0, **parameters)


@pytest.mark.parametrize("method", ["AXP", "NLOPT_GN_ESCH"])
def test_a_missing_library_is_one_error_that_names_the_optimizer(method):
    with pytest.raises(MissingExtra, match=f"'{method}' of Nevergrad needs an optional library"):
        optimizers.minimize(Weights(), f"nevergrad:{method}", budget=20)


def test_word_that_a_method_is_another_one_is_an_error():
    with pytest.raises(FallbackToRandom, match="'VoronoiDE' of Nevergrad does not search by its method"):
        optimizers.minimize(Weights(), "nevergrad:VoronoiDE", budget=100)


def test_a_failure_inside_the_library_names_the_optimizer(monkeypatch):
    optimizer = NevergradOptimizer(SPACE, budget=5, seed=0)

    def fail(*_):
        raise TypeError("only scalars")

    monkeypatch.setattr(optimizer._optimizer, "ask", fail)
    monkeypatch.setattr(optimizer._optimizer, "tell", fail)
    with pytest.raises(LibraryFailure, match="'DE' of Nevergrad fails: TypeError: only scalars"):
        optimizer.ask()
    with pytest.raises(LibraryFailure, match="'DE' of Nevergrad fails"):
        optimizer.tell(np.zeros((1, 8), int), np.zeros((1, 8)), np.zeros(1))


@pytest.mark.parametrize("method", ["Cobyla", "Powell"])
def test_methods_with_their_own_loop_leave_no_thread_behind(method):
    before = set(threading.enumerate())
    search = optimizers.Search(Weights(), f"nevergrad:{method}", budget=30, seed=0, parameters={})
    search.run()
    assert search.result().num_evaluations == 30
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES])
@pytest.mark.parametrize("size", [(1, 1), (1, 3), (2, 1), (2, 2)])
def test_nothing_warns_on_the_smallest_problems(name, encoding, size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizers.minimize(Weights(*size), name, budget=25, seed=1, encoding=encoding)


def test_linear_algebra_has_one_thread():
    optimizer = NevergradOptimizer(SPACE, budget=10, seed=0, method="CMA")
    with optimizer.surroundings():
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}


def test_threads_of_others_go_on():
    class Bell(threading.Thread):
        stopped = False

        def run(self):
            go.wait(20.0)

        def stop(self):
            self.stopped = True

    go, bells = threading.Event(), []

    def start(progress):
        bells.append(Bell())
        bells[-1].start()

    try:
        optimizers.minimize(Weights(), "nevergrad:Cobyla", budget=5, callback=start)
        assert bells
        assert not any(bell.stopped for bell in bells)
    finally:
        go.set()
