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


@pytest.fixture
def conforms(monkeypatch):
    """Check a class of this file, in this process: a new one does not find it."""
    checks = [check for check in testing.CHECKS if check is not testing.check_same_trace_in_a_new_process]
    monkeypatch.setattr(testing, "CHECKS", checks)
    monkeypatch.syspath_prepend(__file__.rsplit("/", 1)[0])
    return lambda optimizer: check_optimizer(f"test_conformance_of_others:{optimizer.__name__}")


@pytest.mark.parametrize("optimizer", [Minimizes, EndsEarly, FirstTheMiddle])
def test_right_ones_conform(conforms, optimizer):
    conforms(optimizer)


@pytest.mark.parametrize(
    ("optimizer", "check"),
    [
        (Maximizes, "check_does_not_maximize"),
        (Climbs, "check_starts_from_a_given_mapping"),
        (Reseeds, "check_leaves_global_randomness_alone"),
    ],
)
def test_wrong_ones_do_not(conforms, optimizer, check):
    with pytest.raises(AssertionError, match=check):
        conforms(optimizer)
