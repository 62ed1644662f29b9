import time
from contextlib import suppress

import numpy as np
import pytest
from nevergrad.optimization.multiobjective.hypervolume import HypervolumeIndicator

import optimizers
import problems
from optimizers.builtin import BUILTIN
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.result import FullTrace
from optimizers.testing import Weights
from problems.foundation.errors import BadProposal, BadValue, BrokenEntry, InvalidInput, UnknownName
from problems.foundation.registry import Entry
from problems.objectives import pareto_front


@pytest.fixture
def p():
    problem = problems.get("mix/S2/bw1/g20/i0")
    problem.evaluate(np.zeros(20, dtype=np.int64), np.zeros(20))  # the compiled evaluator is loaded: clocks can start
    return problem


@pytest.fixture
def two():
    """A problem with two objectives, of which random search finds a front of several mappings."""
    return problems.get("mix/S2/bw16/g20/i0/corrected/latency+energy")


@pytest.fixture
def registered(monkeypatch):
    """Register an optimizer class for one test."""

    def register(factory):
        optimizers.names()  # loads the built-in ones
        entry = Entry("under-test", "a:b")
        object.__setattr__(entry, "load", lambda: factory)
        monkeypatch.setitem(optimizers.OPTIMIZERS._items, "under-test", entry)
        return "under-test"

    return register


class Proposes(AskTellOptimizer):
    """Asks for what the class attribute holds, for ever."""

    proposal = None

    def ask(self):
        return self.proposal

    def tell(self, cores, priorities, values):
        pass


def test_the_result_holds_what_was_found(p):
    r = optimizers.minimize(p, "magma", budget=700, seed=1)
    assert r.num_evaluations == 700
    assert r.stopped == "budget"
    assert p.evaluate(r.best_cores, r.best_priorities) == r.best_value == r.trace_values[-1]
    assert (np.diff(r.trace_values) < 0).all()
    assert (np.diff(r.trace_evaluations) > 0).all()
    assert r.trace_evaluations[0] == 1
    assert r.trace_evaluations[-1] <= 700
    assert p.lower_bound() <= r.best_value


def test_the_front_of_one_objective_is_the_best_mapping(p):
    r = optimizers.minimize(p, "random", budget=100, seed=1)
    assert r.front_values.tolist() == [[r.best_value]]
    assert r.front_cores.tolist() == [r.best_cores.tolist()]
    assert r.front_priorities.tolist() == [r.best_priorities.tolist()]


@pytest.mark.parametrize("name", ["random", "optuna-nsga2", "deap-nsga2"])
def test_the_result_of_two_objectives_holds_the_front_and_its_shortfall(two, name):
    search = optimizers.Search(two, name, budget=300, seed=1, parameters={}, full_trace=optimizers.FullTrace.VALUES)
    search.run()
    r = search.result()
    assert r.all_values.shape == (300, 2)
    assert r.front_values.tolist() == pareto_front(r.all_values).tolist()
    assert two.evaluate(r.front_cores, r.front_priorities).tolist() == r.front_values.tolist()
    assert r.best_value == r.trace_values[-1] == pytest.approx(1.0 - two.hypervolume(r.all_values), abs=1e-12)
    assert (r.best_cores == r.front_cores[0]).all()
    assert (r.best_priorities == r.front_priorities[0]).all()
    for evaluation, shortfall in zip(r.trace_evaluations, r.trace_values, strict=True):
        assert shortfall == pytest.approx(1.0 - two.hypervolume(r.all_values[:evaluation]), abs=1e-12)


def test_the_shortfall_agrees_with_the_hypervolume_of_nevergrad(two):
    r = optimizers.minimize(two, "random", budget=300, seed=1)
    ideal, reference = two.ideal_point(), two.reference_point()
    volume = HypervolumeIndicator(reference).compute(r.front_values[(r.front_values < reference).all(axis=1)])
    assert r.best_value == pytest.approx(1.0 - volume / np.prod(reference - ideal), abs=1e-12)


@pytest.mark.parametrize("name", ["magma", "nevergrad-de", "optuna-cmaes", "deap-stdga"])
def test_others_refuse_two_objectives_and_name_those_that_take_them(two, name):
    with pytest.raises(
        InvalidInput, match=f"'{name}': expected one objective, got 2. .*: random, .*optuna-nsga2.*deap-nsga2"
    ):
        optimizers.minimize(two, name, budget=10)


def test_an_optimizer_that_cannot_be_loaded_does_not_spoil_the_refusal(two, monkeypatch):
    optimizers.names()
    monkeypatch.setitem(optimizers.OPTIMIZERS._items, "broken", Entry("broken", "no_such_module:X"))
    with pytest.raises(InvalidInput, match="expected one objective"):
        optimizers.minimize(two, "magma", budget=10)
    with pytest.raises(BrokenEntry, match="no_such_module"):
        optimizers.minimize(two, "broken", budget=10)


def test_times_are_kept_apart_and_add_up(p):
    s = optimizers.minimize(p, "nevergrad-oneplusone", budget=50).seconds
    assert min(s.ask, s.tell, s.evaluate) > 0.0
    assert s.ask + s.tell + s.evaluate <= s.total


def test_parameters_reach_the_optimizer_and_unknown_ones_are_refused_with_a_suggestion(p):
    few = optimizers.minimize(p, "magma", budget=300, population_size=10)
    assert few.best_value != optimizers.minimize(p, "magma", budget=300).best_value
    with pytest.raises(UnknownName, match=r"population_sise.*did you mean population_size"):
        optimizers.minimize(p, "magma", budget=300, population_sise=10)


def test_what_the_registry_fixes_cannot_be_given(p):
    with pytest.raises(UnknownName, match="parameter of optimizer 'nevergrad-de'"):
        optimizers.minimize(p, "nevergrad-de", budget=3, method="PSO")


def test_unknown_optimizers_are_key_errors_with_a_suggestion(p):
    with pytest.raises(KeyError, match="did you mean magma"):
        optimizers.minimize(p, "magna", budget=10)


@pytest.mark.parametrize(
    "wrong",
    [{"budget": 0}, {"budget": -5}, {"budget": 2.5}, {"budget": True}, {"seed": -1}, {"seed": "x"}, {"seed": 2**32}],
)
def test_bad_budgets_and_seeds_are_named(p, wrong):
    with pytest.raises(InvalidInput, match=f"{next(iter(wrong))}: expected an integer"):
        optimizers.minimize(p, "random", **wrong)


@pytest.mark.parametrize("name", [e.name for e in BUILTIN if not e.missing_libraries()])
def test_every_optimizer_takes_the_largest_seed(p, name):
    assert optimizers.minimize(p, name, budget=3, seed=2**32 - 1).num_evaluations <= 3


GOOD = (np.zeros((2, 20), int), np.zeros((2, 20)))


@pytest.mark.parametrize(
    ("proposal", "complaint"),
    [
        ((np.zeros((2, 19), int), np.zeros((2, 19))), "shape"),
        ((np.zeros(20, int), np.zeros(20)), "shape"),
        ((np.zeros((0, 20), int), np.zeros((0, 20))), "shape"),
        ((GOOD[0], np.zeros((3, 20))), "shape"),
        ((np.zeros((2, 20)), GOOD[1]), "integer cores"),
        ((GOOD[0] + 4, GOOD[1]), "cores from 0 to 3"),
        ((GOOD[0] - 1, GOOD[1]), "cores from 0 to 3"),
        ((GOOD[0], GOOD[1] + np.nan), "priorities in"),
        ((GOOD[0], GOOD[1] + 1.0), "priorities in"),
        ((GOOD[0], GOOD[1] - 0.1), "priorities in"),
    ],
)
def test_proposals_that_are_no_mappings_are_refused_with_the_optimizers_name(p, registered, proposal, complaint):
    name = registered(type("Bad", (Proposes,), {"proposal": proposal}))
    with pytest.raises(BadProposal, match=f"'{name}'.*{complaint}"):
        optimizers.minimize(p, name, budget=10)


def test_an_optimizer_that_proposes_nothing_is_refused(p, registered):
    class Idle(Optimizer):
        def run(self, evaluator):
            return None

    with pytest.raises(BadProposal, match="nothing at all"):
        optimizers.minimize(p, registered(Idle), budget=10)


def test_an_optimizer_may_finish_before_its_budget(p, registered):
    class Once(Optimizer):
        def run(self, evaluator):
            evaluator.evaluate(*GOOD)

    r = optimizers.minimize(p, registered(Once), budget=10)
    assert (r.num_evaluations, r.stopped) == (2, "finished")


def test_an_optimizer_that_ignores_the_end_is_cut_again_and_again(p, registered):
    class Deaf(Optimizer):
        def run(self, evaluator):
            for _ in range(1000):
                try:
                    evaluator.evaluate(*GOOD)
                except Exception:
                    continue

    assert optimizers.minimize(p, registered(Deaf), budget=9).num_evaluations == 9


@pytest.mark.parametrize(
    "stall", [lambda: time.sleep(60), lambda: [None for _ in iter(int, 1)]], ids=["sleeps", "spins"]
)
def test_an_optimizer_that_overstays_is_cut_at_the_wall_limit_and_keeps_what_it_found(p, registered, stall):
    class Stalls(Proposes):
        calls = 0

        def ask(self):
            self.calls += 1
            if self.calls > 3:
                stall()
            return GOOD

    r = optimizers.minimize(p, registered(Stalls), budget=1000, wall_limit_seconds=0.3)
    assert (r.stopped, r.num_evaluations) == ("wall", 6)
    assert r.seconds.total < 30
    assert p.evaluate(r.best_cores, r.best_priorities) == r.best_value


def test_an_optimizer_that_comes_back_to_evaluate_is_not_interrupted_in_between(p, registered):
    interrupted = []

    class Naps(Optimizer):
        def run(self, evaluator):
            while True:
                evaluator.evaluate(*GOOD)
                try:
                    time.sleep(0.1)
                except BaseException as error:
                    interrupted.append(error)
                    raise

    assert optimizers.minimize(p, registered(Naps), budget=1000, wall_limit_seconds=0.35).stopped == "wall"
    assert not interrupted


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), float("inf")])
def test_a_bad_wall_limit_is_refused(p, limit):
    with pytest.raises(InvalidInput, match="wall limit: expected a finite number of seconds above 0"):
        optimizers.minimize(p, "random", budget=10, wall_limit_seconds=limit)


def test_a_run_of_many_evaluations_ends_at_the_wall_limit(p):
    r = optimizers.minimize(p, "random", budget=10**9, wall_limit_seconds=0.2)
    assert r.stopped == "wall"
    assert 0 < r.num_evaluations < 10**9


def test_all_values_are_kept_if_asked_for(p):
    search = optimizers.Search(p, "random", budget=250, seed=0, parameters={}, full_trace=optimizers.FullTrace.VALUES)
    search.run()
    r = search.result()
    assert r.all_values.shape == (250,)
    assert np.minimum.accumulate(r.all_values)[r.trace_evaluations - 1].tolist() == r.trace_values.tolist()


def test_a_failing_run_can_still_be_looked_at(p, registered):
    class Fails(Proposes):
        calls = 0

        def ask(self):
            self.calls += 1
            if self.calls > 2:
                raise RuntimeError("out of ideas")
            return GOOD

    search = optimizers.Search(p, registered(Fails), budget=100, seed=0, parameters={})
    with pytest.raises(RuntimeError, match="out of ideas"):
        search.run()
    assert search.result().num_evaluations == 4


@pytest.mark.parametrize(
    ("asked", "actual"), [(None, "NoneType"), (GOOD[0], "ndarray"), ((*GOOD, 3), "3 things"), ((), "0 things")]
)
def test_what_is_no_pair_of_cores_and_priorities_is_told(p, registered, asked, actual):
    class Forgets(Proposes):
        def ask(self):
            return asked

    with pytest.raises(BadProposal, match=f"proposed no mapping: expected cores and priorities, got {actual}"):
        optimizers.minimize(p, registered(Forgets), budget=100)


class Stubborn(Optimizer):
    """Catches what ends a run, and goes on with what is no mapping."""

    def run(self, evaluator):
        cores, priorities = self.space.sample(self.rng, 3)
        for _ in range(50):
            for high in (0.0, 5.0):
                with suppress(Exception):
                    evaluator.evaluate(cores, priorities + high)


class MoreStubborn(Optimizer):
    """Catches even what is no Exception."""

    def run(self, evaluator):
        for _ in range(50):
            with suppress(BaseException):
                evaluator.evaluate(*self.space.sample(self.rng, 3))


def test_a_bad_proposal_ends_a_run_also_if_the_optimizer_catches_the_error(p, registered):
    with pytest.raises(BadProposal, match=r"'under-test' proposed no mapping: expected priorities in \[0, 1\)"):
        optimizers.minimize(p, registered(Stubborn), budget=1000)


def test_a_run_that_spent_its_budget_says_so_also_if_the_optimizer_catches_the_end(p, registered):
    r = optimizers.minimize(p, registered(MoreStubborn), budget=20)
    assert (r.num_evaluations, r.stopped) == (20, "budget")


def test_a_run_that_reached_its_wall_limit_says_so_also_if_the_optimizer_catches_the_end(p, registered):
    class Sleeper(Optimizer):
        def run(self, evaluator):
            evaluator.evaluate(*self.space.sample(self.rng, 3))
            with suppress(BaseException):
                time.sleep(30)

    search = optimizers.Search(p, registered(Sleeper), budget=20, seed=0, parameters={})
    search.run(0.2)
    assert (search.result().num_evaluations, search.result().stopped) == (3, "wall")


@pytest.mark.parametrize("kind", ["positional", "any"])
def test_parameters_that_could_not_be_stored_are_refused(p, registered, kind):
    class Positional(Proposes):
        def __init__(self, space, budget, seed, k=3):
            super().__init__(space, budget=budget, seed=seed)

    class Any(Proposes):
        def __init__(self, space, *, budget, seed, **k):
            super().__init__(space, budget=budget, seed=seed)

    with pytest.raises(InvalidInput, match="'under-test': parameter k: expected a keyword-only one"):
        optimizers.minimize(p, registered(Positional if kind == "positional" else Any), budget=10)


@pytest.mark.parametrize("limit", ["3", True, 0.0, float("nan")])
def test_bad_wall_limits_are_named(p, limit):
    with pytest.raises(InvalidInput, match="wall limit: expected a finite number"):
        optimizers.minimize(p, "random", budget=10, wall_limit_seconds=limit)


def test_what_is_no_problem_or_no_name_is_told(p):
    with pytest.raises(InvalidInput, match="expected a problem, not its id, got mix/S2"):
        optimizers.minimize("mix/S2/bw1/g8/i0", "random", budget=10)
    with pytest.raises(InvalidInput, match=r"optimizer: expected a name, or a class .*, got 5"):
        optimizers.minimize(p, 5, budget=10)


def test_numbers_of_numpy_are_parameters_too(p):
    assert optimizers.resolve_parameters("magma", {"population_size": np.int64(20)})["population_size"] == 20
    with pytest.raises(InvalidInput, match="mutation_rate: expected a number"):
        optimizers.minimize(p, "magma", budget=10, mutation_rate=True)


@pytest.mark.parametrize("size", [1, 7, 100, 10**9])
def test_random_search_does_not_depend_on_its_batches(p, size):
    traces = [optimizers.minimize(p, "random", budget=150, batch_size=b).trace_values.tolist() for b in (100, size)]
    assert traces[0] == traces[1]


class Raises(Weights):
    """An objective with an error of its own at its fifth mapping, and ever after."""

    def evaluate(self, cores, priorities):
        values = super().evaluate(cores, priorities)
        if self.num_evaluations >= 5:
            raise ValueError("mine")
        return values


class Endless(Weights):
    def evaluate(self, cores, priorities):
        return np.full(len(cores), -np.inf)


@pytest.mark.parametrize(
    "name", ["scipy-de", "scipy-dual-annealing", "nevergrad-de", "optuna-nsga2", "alns", "native-sa"]
)
def test_an_error_of_the_objective_is_what_the_caller_sees(name):
    with pytest.raises(ValueError, match=r"^mine$"):
        optimizers.minimize(Raises(), name, budget=400)
    with pytest.raises(BadValue, match="-inf"):
        optimizers.minimize(Endless(), name, budget=400)


class CatchesAll(Optimizer):
    def run(self, evaluator):
        while True:
            with suppress(Exception):
                evaluator.evaluate(*self.space.sample(self.rng, 1))


def test_an_objective_that_fails_is_not_asked_again():
    objective = Raises()
    with pytest.raises(ValueError, match=r"^mine$"):
        optimizers.minimize(objective, CatchesAll, budget=50)
    assert objective.num_evaluations == 5


def test_the_mappings_of_a_full_trace_are_those_that_were_evaluated():
    latency = np.array([[1.0, np.inf], [2.0, 3.0], [np.inf, 1.0]])
    p = problems.from_job_table(latency, np.ones((3, 2)), system_bandwidth=4.0)
    search = optimizers.Search(p, "random", budget=20, seed=0, parameters={}, full_trace=FullTrace.MAPPINGS)
    search.run()
    r = search.result()
    assert np.isfinite(r.all_values).all()
    assert p.evaluate(r.all_cores, r.all_priorities) == pytest.approx(r.all_values)


@pytest.mark.parametrize(
    ("name", "size"), [("num_jobs", 0), ("num_jobs", 2.5), ("num_cores", None), ("num_objectives", 3)]
)
def test_sizes_of_a_problem_that_are_none_are_told(name, size):
    objective = Weights()
    setattr(objective, name, size)
    with pytest.raises(InvalidInput, match=f"{name} of the problem"):
        optimizers.minimize(objective, "random", budget=5)


@pytest.mark.parametrize("name", ["nevergrad-de", "nevergrad-pso", "optuna-random", "deap-de", "native-sa"])
def test_sizes_of_numpy_are_sizes(name):
    objective = Weights()
    objective.num_jobs, objective.num_cores = np.int64(6), np.int32(3)
    assert optimizers.minimize(objective, name, budget=30).num_evaluations == 30


class Lopsided(AskTellOptimizer):
    def ask(self):
        return self.space.sample(self.rng, 10)[0], self.space.sample(self.rng, 7)[1]

    def tell(self, cores, priorities, values):
        pass


@pytest.mark.parametrize("budget", [5, 10, 50])
def test_a_batch_whose_parts_do_not_fit_is_refused_whatever_the_budget(budget):
    with pytest.raises(BadProposal, match="cores and priorities of shape"):
        optimizers.minimize(Weights(), Lopsided, budget=budget)
