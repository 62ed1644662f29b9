"""What the conformance suite makes of optimizers that are not the suite's own, right and wrong ones."""

import numpy as np
import pytest

from optimizers import testing
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.testing import check_optimizer


class Climbs(Optimizer):
    """(1+1): one job moves."""

    sign = 1.0

    def __init__(self, space, *, budget, seed, warm_start=None):
        super().__init__(space, budget=budget, seed=seed)

    def first_population(self):
        return 2

    def run(self, evaluator):
        cores, priorities = self.space.sample(self.rng, 1)
        best = self.sign * evaluator.evaluate(cores, priorities)[0]
        while True:
            moved, order = cores.copy(), priorities.copy()
            job = self.rng.integers(self.space.num_jobs)
            moved[0, job], order[0, job] = self.rng.integers(self.space.num_cores), self.rng.random()
            value = self.sign * evaluator.evaluate(moved, order)[0]
            if value <= best:
                cores, priorities, best = moved, order, value


class Minimizes(Climbs):
    def __init__(self, space, *, budget, seed):
        super().__init__(space, budget=budget, seed=seed)


class Maximizes(Minimizes):
    sign = -1.0


class Reseeds(AskTellOptimizer):
    def ask(self):
        return self.space.sample(self.rng, 50)

    def tell(self, cores, priorities, values):
        np.random.seed(0)


class EndsEarly(Optimizer):
    multi_objective = True

    def first_population(self):
        return None

    def run(self, evaluator):
        evaluator.evaluate(*self.space.sample(self.rng, 20))


class FirstTheMiddle(AskTellOptimizer):
    """The first mapping is the same for every seed, and may be the best."""

    def __init__(self, space, *, budget, seed):
        super().__init__(space, budget=budget, seed=seed)
        self._first = True

    def first_population(self):
        return None

    def ask(self):
        cores, priorities = self.space.sample(self.rng, 1)
        if self._first:
            self._first = False
            return np.arange(self.space.num_jobs)[None] % self.space.num_cores, np.full(priorities.shape, 0.5)
        return cores, np.where(np.arange(self.space.num_jobs) % 2, 0.0, priorities)

    def tell(self, cores, priorities, values):
        pass


class Forgets(Minimizes):
    """Says that no value matters before the fifth."""

    def first_population(self):
        return 5


class NeverMatters(Minimizes):
    """Says that no value matters."""

    def first_population(self):
        return None


class Raises(Minimizes):
    def run(self, evaluator):
        raise ZeroDivisionError("mine")


class Stuck(Optimizer):
    """Proposes what cannot run, again and again."""

    def run(self, evaluator):
        cores, priorities = self.space.sample(self.rng, 1)
        while True:
            evaluator.evaluate(0 * cores, priorities)


FALTERING = [type(f"Faltering{number}", (Minimizes,), {}) for number in range(12)]
"""The same search under other names, and so with other seeds."""

globals().update({each.__name__: each for each in FALTERING})


@pytest.fixture
def conforms(monkeypatch):
    """Check a class of this file, in this process: a new one does not find it."""
    checks = [check for check in testing.CHECKS if check is not testing.check_same_trace_in_a_new_process]
    monkeypatch.setattr(testing, "CHECKS", checks)
    monkeypatch.syspath_prepend(__file__.rsplit("/", 1)[0])
    return lambda optimizer: check_optimizer(f"test_conformance_of_others:{optimizer.__name__}")


@pytest.mark.parametrize("optimizer", [Minimizes, EndsEarly, FirstTheMiddle, *FALTERING])
def test_right_ones_conform(conforms, optimizer):
    conforms(optimizer)


@pytest.mark.parametrize(
    ("optimizer", "check"),
    [
        (Maximizes, "check_does_not_maximize"),
        (Climbs, "check_starts_from_a_given_mapping"),
        (Reseeds, "check_leaves_global_randomness_alone"),
        (Forgets, "check_says_how_long_no_value_matters"),
        (NeverMatters, "check_says_how_long_no_value_matters"),
        (Stuck, "check_survives_mappings_that_cannot_run"),
        (Raises, "Raises fails check_spends_the_budget_to_the_evaluation"),
    ],
)
def test_wrong_ones_do_not(conforms, optimizer, check):
    with pytest.raises(AssertionError, match=check):
        conforms(optimizer)
