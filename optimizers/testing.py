"""The conformance suite for optimizers, with or without pytest.

In a test file of your package::

    from optimizers.testing import OptimizerConformance

    class TestMine(OptimizerConformance):
        optimizer = "mine"  # a registered name, or package.module:Class

Without pytest:

>>> from optimizers.testing import check_optimizer
>>> check_optimizer("random")
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from optimizers.builtin import OPTIMIZERS
from optimizers.catalogue import resolve_parameters
from optimizers.result import FullTrace, Result
from optimizers.search import Search, minimize
from problems.arrays import BoolArray, FloatArray, IntArray
from problems.foundation.errors import InvalidInput
from problems.space import Evaluator

BUDGET = 130
"""Enough for a second generation of every optimizer here; slow optimizers may be checked with less."""

FEW_SEEDS = 4
"""Most runs in which a mapping that can run must be found."""

TraceParts = list[object]
"""The parts of a trace, as JSON values."""


class Weights:
    """A cheap objective with the interface of a problem: the largest weighted load of a core, plus a disorder term.

    It checks every proposal and counts evaluations.
    """

    def __init__(self, num_jobs: int = 6, num_cores: int = 3, forbidden: bool = False) -> None:
        self.num_jobs = num_jobs
        self.num_cores = num_cores
        self._weights = np.random.default_rng(1).random((num_jobs, num_cores)) + 0.5
        if forbidden:
            self._weights[0, 0] = np.inf
        self.job_table = SimpleNamespace(latency=self._weights, bandwidth=np.ones((num_jobs, num_cores)))
        self.system_bandwidth = 1.0
        self.num_evaluations = 0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` of ``(P, G)`` mappings."""
        assert cores.shape == priorities.shape == (len(cores), self.num_jobs)
        assert cores.dtype.kind in "iu"
        assert ((cores >= 0) & (cores < self.num_cores)).all()
        assert ((priorities >= 0.0) & (priorities < 1.0)).all()
        self.num_evaluations += len(cores)
        chosen = self._weights[np.arange(self.num_jobs), cores]
        loads = np.stack([np.where(cores == c, chosen, 0.0).sum(axis=1) for c in range(self.num_cores)])
        return np.asarray(loads.max(axis=0) + 0.1 * np.abs(np.diff(priorities, axis=1)).sum(axis=1), dtype=np.float64)


class TwoWeights(Weights):
    """``Weights`` with a second objective, a sum of other weights, so that there is a Pareto front."""

    num_objectives = 2
    reference = np.array([9.0, 12.0])
    """Reference point of the hypervolume; the opposite corner of the box is 0."""

    def __init__(self, num_jobs: int = 6, num_cores: int = 3, forbidden: bool = False) -> None:
        super().__init__(num_jobs, num_cores, forbidden)
        self._costs = np.random.default_rng(2).random((num_jobs, num_cores)) + 0.5

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P, 2)`` of ``(P, G)`` mappings; both are infinite where a mapping cannot run."""
        first = super().evaluate(cores, priorities)
        second = self._costs[np.arange(self.num_jobs), cores].sum(axis=1)
        return np.stack([first, np.where(np.isfinite(first), second, np.inf)], axis=1)

    def hypervolume(self, values: FloatArray) -> float:
        """Return the fraction of the box that ``values`` ``(n, 2)`` dominate, as a sum of strips."""
        front = np.minimum(values[np.argsort(values[:, 0], kind="stable")], self.reference)
        ends = np.append(front[1:, 0], self.reference[0])
        heights = self.reference[1] - np.minimum.accumulate(front[:, 1])
        return float(((ends - front[:, 0]) * heights).sum() / self.reference.prod())


class Dice(Weights):
    """An objective with random values, which depend on ``seed`` but not on the proposals.

    Attributes:
        proposals: All proposals as bytes.
    """

    def __init__(self, seed: int, num_jobs: int = 6, num_cores: int = 3) -> None:
        super().__init__(num_jobs, num_cores)
        self._rng = np.random.default_rng(seed)
        self.proposals: list[bytes] = []

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` in [0.5, 1.5)."""
        super().evaluate(cores, priorities)
        self.proposals += [c.tobytes() + p.tobytes() for c, p in zip(cores, priorities, strict=True)]
        return self._rng.random(len(cores)) + 0.5


class Slope(Dice):
    """``Dice`` whose values rise, so that the first is the best, or fall, so that each is better than all before.

    A search that learns moves at every value of the one, and at none of the other.

    Args:
        sign: 1 for values that rise, -1 for values that fall.
    """

    def __init__(self, sign: int) -> None:
        super().__init__(seed=0)
        self._sign = sign

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` above 0."""
        numbers = self.num_evaluations + np.arange(len(cores))
        super().evaluate(cores, priorities)
        return np.asarray(np.exp(0.01 * self._sign * numbers), dtype=np.float64)


class UpsideDown(Weights):
    """``Weights`` with ``sign`` 1, and its values to be maximized with -1.

    Attributes:
        values: What ``Weights`` gives each proposal.
    """

    def __init__(self, sign: int, num_jobs: int = 6, num_cores: int = 3) -> None:
        super().__init__(num_jobs, num_cores)
        self._sign = sign
        self.values: list[float] = []

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` of ``(P, G)`` mappings, at least 0."""
        values = super().evaluate(cores, priorities)
        self.values += values.tolist()
        return values if self._sign > 0 else 2.0 * self.num_jobs - values


class Spoiled:
    """An objective that replaces some values of another one.

    Args:
        inner: The other objective.
        value: Replacement; two numbers for two objectives.
        which: Function from the numbers ``(P,)`` of evaluations, from 0, to whether each is replaced.
    """

    def __init__(self, inner: Weights, value: npt.ArrayLike, which: Callable[[IntArray], BoolArray]) -> None:
        self._inner = inner
        self._value = value
        self._which = which

    def __getattr__(self, name: str) -> Any:  # an attribute of whatever type the other objective has
        return getattr(self._inner, name)

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``."""
        numbers = self._inner.num_evaluations + np.arange(len(cores))
        values = self._inner.evaluate(cores, priorities)
        values[self._which(numbers)] = self._value
        return values


HOLES: Mapping[str, Callable[[IntArray], BoolArray]] = {
    "many": lambda numbers: numbers % 3 != 1,
    "first": lambda numbers: numbers == 0,
    "all": lambda numbers: numbers >= 0,
}
"""Which evaluations of an objective have no value."""


def check_spends_the_budget_to_the_evaluation(name: str, budget: int = BUDGET) -> None:
    """Spends exactly the budget, whatever the batch size, also a budget of 1; less only if it has finished."""
    for evaluations in (1, 7, budget):
        objective = Weights()
        result = minimize(objective, name, budget=evaluations, seed=0)
        assert objective.num_evaluations == result.num_evaluations <= evaluations, (name, evaluations)
        assert result.num_evaluations == evaluations or result.stopped == "finished", (name, evaluations)


def check_same_seed_gives_the_same_trace(name: str, budget: int = BUDGET) -> None:
    """Evaluates the same for the same seed, and something else for another unless the class is not ``seeded``."""
    first, again, other = (_everything(Weights(), name, budget, seed) for seed in (3, 3, 4))
    assert first == again, name
    assert (first != other) == getattr(OPTIMIZERS.get(name).load(), "seeded", True), name


def check_same_trace_in_a_new_process(name: str, budget: int = BUDGET) -> None:
    """Gives the same trace in a new interpreter with another hash seed."""
    assert traces_in_a_new_process([name], budget)[name] == reference_trace(name, budget), name


def check_leaves_global_randomness_alone(name: str, budget: int = BUDGET) -> None:
    """Neither reads nor advances the global random generators."""
    first = _trace(minimize(Weights(), name, budget=budget, seed=5))
    random.seed(1)
    np.random.seed(1)
    before = _global_states()
    second = _trace(minimize(Weights(), name, budget=budget, seed=5))
    after = _global_states()
    assert first == second, name
    assert before == after, name


def _global_states() -> tuple[object, object]:
    """Return the states of the global random generators in a form that can be compared."""
    return random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist()


def check_takes_the_smallest_problems(name: str, budget: int = BUDGET) -> None:
    """Runs on problems with one job, one core, or one of each."""
    for num_jobs, num_cores in ((1, 3), (6, 1), (1, 1)):
        result = minimize(Weights(num_jobs, num_cores), name, budget=min(budget, 30), seed=0)
        assert result.num_evaluations == min(budget, 30) or result.stopped == "finished", name


def check_best_mapping_has_the_best_value(name: str, budget: int = BUDGET) -> None:
    """The best mapping evaluates to the best value, which is the last and lowest of the trace."""
    result = minimize(Weights(), name, budget=budget, seed=2)
    value = Weights().evaluate(result.best_cores[None, :], result.best_priorities[None, :])[0]
    assert value == result.best_value == result.trace_values[-1] == result.trace_values.min(), name


def check_survives_mappings_that_cannot_run(name: str, budget: int = BUDGET) -> None:
    """Handles infinite values like any other, and finds mappings that can run: in one of a few runs at least."""
    for seed in range(FEW_SEEDS):
        result = minimize(Weights(forbidden=True), name, budget=min(budget, 60), seed=seed)
        assert result.num_evaluations == min(budget, 60) or result.stopped == "finished", name
        if np.isfinite(result.best_value):  # a search that begins where none can run may need longer
            return
    raise AssertionError(f"{name}: no mapping that can run in {FEW_SEEDS} runs of {min(budget, 60)} evaluations")


def check_counts_nan_as_infinite(name: str, budget: int = BUDGET) -> None:
    """Handles NaN, also as one of two values, like a mapping that cannot run, which is never the best."""
    cases: list[tuple[type[Weights], npt.ArrayLike, str]] = [(Weights, np.nan, holes) for holes in HOLES]
    if getattr(OPTIMIZERS.get(name).load(), "multi_objective", False):
        cases.append((TwoWeights, [np.nan, 0.0], "many"))
    for kind, nan, holes in cases:
        found, expected = (_everything(Spoiled(kind(), v, HOLES[holes]), name, budget) for v in (nan, np.inf))
        assert found == expected, (name, kind.__name__, holes)


def check_says_how_long_no_value_matters(name: str, budget: int = BUDGET) -> None:
    """Proposals do not depend on values before ``first_population`` mappings, or never do if that is None."""
    pairs: Sequence[tuple[Dice, Dice]] = ((Dice(1), Dice(2)), (Slope(1), Slope(-1)))
    for seed, objectives in enumerate(pairs, start=3):
        proposals = []
        told = set()
        for objective in objectives:
            search = Search(objective, name, budget=budget, seed=seed, parameters={})
            search.run()
            proposals.append(objective.proposals)
            told.add(search.first_population)
        assert len(told) == 1, name
        first = told.pop()
        assert proposals[0][:first] == proposals[1][:first], (name, first)


def check_does_not_maximize(name: str, budget: int = BUDGET) -> None:
    """Does not propose clearly higher values than where the same values are to be maximized, once it can learn."""
    learned: dict[int, list[float]] = {1: [], -1: []}
    for sign, values in learned.items():
        for seed in (0, 1):
            objective = UpsideDown(sign)
            search = Search(objective, name, budget=budget, seed=seed, parameters={})
            search.run()
            first = search.first_population
            values += [] if first is None else objective.values[max(first, budget // 2) :]
    minimized, maximized = map(np.array, learned.values())
    if not len(minimized) or not len(maximized):
        return
    doubt = 3.0 * np.sqrt(minimized.var() / len(minimized) + maximized.var() / len(maximized))
    assert minimized.mean() <= maximized.mean() + doubt, name


def check_starts_from_a_given_mapping(name: str, budget: int = BUDGET) -> None:
    """If there is a parameter ``warm_start``: evaluates the mapping that is given first of all, or says why not."""
    if "warm_start" not in resolve_parameters(name, {}):
        return
    cores, priorities = [2, 0, 1, 1, 0, 2], [0.5, 0.25, 0.75, 0.125, 0.875, 0.375]
    given = {"warm_start": [{"cores": cores, "priorities": priorities}]}
    search = Search(Weights(), name, budget=min(budget, 40), seed=6, parameters=given, full_trace=FullTrace.MAPPINGS)
    try:
        search.run()
    except InvalidInput:
        return
    result = search.result()
    assert result.all_cores[0].tolist() == cores, name
    assert np.argsort(result.all_priorities[0], kind="stable").tolist() == np.argsort(priorities).tolist(), name


def check_finds_a_front_of_two_objectives(name: str, budget: int = BUDGET) -> None:
    """If several objectives are supported: finds a consistent Pareto front, the same for the same seed."""
    if not getattr(OPTIMIZERS.get(name).load(), "multi_objective", False):
        return
    for forbidden in (False, True):
        objective = TwoWeights(forbidden=forbidden)
        result, again = (minimize(objective, name, budget=budget, seed=2) for _ in range(2))
        values = result.front_values
        assert objective.num_evaluations == 2 * result.num_evaluations, name
        assert result.num_evaluations == budget or result.stopped == "finished", name
        assert (objective.evaluate(result.front_cores, result.front_priorities) == values).all(), name
        assert np.isfinite(values).all(), name
        assert (np.diff(values[:, 0]) > 0).all(), name
        assert (np.diff(values[:, 1]) < 0).all(), name
        assert abs(1.0 - objective.hypervolume(values) - result.best_value) < 1e-12, name
        assert (np.diff(result.trace_values) < 0).all(), name
        assert _trace(result) == _trace(again), name


def check_parameters_are_json(name: str, budget: int = BUDGET) -> None:
    """Parameter defaults and settings are JSON values, and the settings are reproducible."""
    parameters = resolve_parameters(name, {})
    assert json.loads(json.dumps(parameters)) == parameters, name
    settings, again = (Search(Weights(), name, budget=9, seed=0, parameters={}).optimizer.settings() for _ in range(2))
    assert json.loads(json.dumps(settings)) == settings == again, name
    assert " at 0x" not in json.dumps(settings), name


CHECKS: Sequence[Callable[[str, int], None]] = (
    check_spends_the_budget_to_the_evaluation,
    check_same_seed_gives_the_same_trace,
    check_same_trace_in_a_new_process,
    check_leaves_global_randomness_alone,
    check_takes_the_smallest_problems,
    check_best_mapping_has_the_best_value,
    check_survives_mappings_that_cannot_run,
    check_counts_nan_as_infinite,
    check_says_how_long_no_value_matters,
    check_does_not_maximize,
    check_starts_from_a_given_mapping,
    check_finds_a_front_of_two_objectives,
    check_parameters_are_json,
)


def check_optimizer(name: str, budget: int = BUDGET) -> None:
    """Run all checks on an optimizer, with runs of at most ``budget`` evaluations.

    Args:
        name: A registered name, or ``package.module:Class``.
        budget: Evaluations of the longest runs; see ``OptimizerConformance``.

    Raises:
        AssertionError: At the first check that fails, or where the optimizer raises anything; it names both, and has
            the reason as its cause.
    """
    for check in CHECKS:
        try:
            check(name, budget)
        except Exception as error:  # also those of the optimizer itself
            raise AssertionError(f"{name} fails {check.__name__}: {check.__doc__}") from error


class OptimizerConformance:
    """The suite as a test class: derive from it and set ``optimizer``, and pytest runs one test per check.

    Attributes:
        optimizer: A registered name, or ``package.module:Class``.
        budget: Evaluations of the longest runs; fewer for a slow optimizer, but more than its first generation.
    """

    optimizer: ClassVar[str]
    budget: ClassVar[int] = BUDGET


def _as_test(check: Callable[[str, int], None]) -> Callable[[OptimizerConformance], None]:
    def test(self: OptimizerConformance) -> None:
        check(self.optimizer, self.budget)

    test.__doc__ = check.__doc__
    return test


for _check in CHECKS:
    setattr(OptimizerConformance, _check.__name__.replace("check_", "test_"), _as_test(_check))


def reference_trace(name: str, budget: int = BUDGET) -> TraceParts:
    """Return the trace that every process must reproduce."""
    return _trace(minimize(Weights(), name, budget=budget, seed=3))


def traces_in_a_new_process(names: Sequence[str], budget: int = BUDGET) -> dict[str, TraceParts]:
    """Return the reference traces of several optimizers from a new interpreter with another hash seed."""
    code = (
        "import json, sys; from optimizers.testing import reference_trace; "
        f"json.dump({{name: reference_trace(name, {budget}) for name in sys.argv[1:]}}, sys.stdout)"
    )
    environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *names],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    traces: dict[str, TraceParts] = json.loads(done.stdout)
    return traces


def _everything(objective: Evaluator, name: str, budget: int, seed: int = 2) -> TraceParts:
    """Return the trace of a run and all its evaluations; check that the best value is the lowest."""
    search = Search(objective, name, budget=budget, seed=seed, parameters={}, full_trace=FullTrace.MAPPINGS)
    search.run()
    result = search.result()
    assert result.all_values.ndim == 2 or result.best_value == result.all_values.min(), name
    return [*_trace(result), result.all_values.tolist(), result.all_cores.tolist(), result.all_priorities.tolist()]


def _trace(result: Result) -> TraceParts:
    """Return the reproducible parts of a result as JSON values."""
    return [
        result.trace_evaluations.tolist(),
        result.trace_values.tolist(),
        result.best_cores.tolist(),
        result.best_priorities.tolist(),
        result.front_values.tolist(),
        result.front_cores.tolist(),
        result.front_priorities.tolist(),
    ]
