"""Both clocks of a run: what they limit, and what is recorded of them."""

import signal
import time
from contextlib import suppress

import numpy as np
import pytest

import optimizers
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.evaluators import stopwatch
from optimizers.testing import TwoWeights, Weights
from problems.foundation.errors import InvalidInput


class Asks(AskTellOptimizer):
    """Asks for three random mappings at a time; from the third time on it first does ``between``."""

    calls = 0

    def ask(self):
        self.calls += 1
        if self.calls > 2:
            self.between()
        return self.space.sample(self.rng, 3)

    def tell(self, cores, priorities, values):
        pass

    def between(self):
        pass


class Spins(Asks):
    def between(self):
        while True:
            pass


class Naps(Asks):
    def between(self):
        time.sleep(0.05)


def test_a_run_of_many_evaluations_ends_at_the_cpu_limit():
    r = optimizers.minimize(Weights(), "random", budget=10**9, cpu_limit_seconds=0.2)
    assert r.stopped == "cpu"
    assert 0 < r.num_evaluations < 10**9
    assert 0.2 <= r.seconds.cpu < 2.0


def test_an_optimizer_that_computes_without_end_is_interrupted_at_the_cpu_limit_and_keeps_what_it_found():
    r = optimizers.minimize(Weights(), Spins, budget=1000, cpu_limit_seconds=0.1)
    assert (r.stopped, r.num_evaluations) == ("cpu", 6)
    assert Weights().evaluate(r.best_cores[None], r.best_priorities[None]) == r.best_value


def test_an_optimizer_that_sleeps_is_not_ended_by_the_cpu_limit():
    r = optimizers.minimize(Weights(), Naps, budget=30, cpu_limit_seconds=0.3)
    assert (r.stopped, r.num_evaluations) == ("budget", 30)
    assert r.seconds.total > 0.3 > r.seconds.cpu


@pytest.mark.parametrize(("wall", "cpu", "first"), [(0.1, 60.0, "wall"), (60.0, 0.1, "cpu")])
@pytest.mark.parametrize("optimizer", ["random", Spins])
def test_the_limit_that_is_reached_first_ends_the_run(optimizer, wall, cpu, first):
    r = optimizers.minimize(Weights(), optimizer, budget=10**9, wall_limit_seconds=wall, cpu_limit_seconds=cpu)
    assert r.stopped == first


def test_a_run_that_reached_its_cpu_limit_says_so_also_if_the_optimizer_catches_the_end():
    class Stubborn(Optimizer):
        def run(self, evaluator):
            for _ in range(10):
                with suppress(BaseException):
                    evaluator.evaluate(*self.space.sample(self.rng, 3))
                    while True:
                        pass

    r = optimizers.minimize(Weights(), Stubborn, budget=1000, cpu_limit_seconds=0.1)
    assert (r.stopped, r.num_evaluations) == ("cpu", 3)


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), float("inf"), "3", True])
def test_a_bad_cpu_limit_is_refused(limit):
    with pytest.raises(InvalidInput, match="CPU limit: expected a finite number of seconds above 0"):
        optimizers.minimize(Weights(), "random", budget=10, cpu_limit_seconds=limit)


@pytest.mark.parametrize("problem", [Weights(), TwoWeights()])
def test_both_clocks_are_recorded(problem):
    r = optimizers.minimize(problem, "random", budget=500, batch_size=7)
    assert r.trace_seconds.shape == r.trace_cpu_seconds.shape == r.trace_values.shape
    assert r.checkpoints.shape == (len(r.checkpoints), 3)
    for seconds, total in (
        (r.trace_seconds, r.seconds.total),
        (r.trace_cpu_seconds, r.seconds.cpu),
        (r.checkpoints[:, 1], r.seconds.total),
        (r.checkpoints[:, 2], r.seconds.cpu),
    ):
        assert (np.diff(seconds) >= 0.0).all()
        assert 0.0 <= seconds[0] <= seconds[-1] <= total


def test_sleep_is_wall_time_alone():
    r = optimizers.minimize(Weights(), Naps, budget=30)
    assert r.seconds.total >= 0.4
    assert r.seconds.cpu < r.seconds.total / 2


def test_the_cpu_clock_is_read_only_where_something_is_recorded(monkeypatch):
    reads = []

    def counting():
        reads.append(None)
        return time.process_time()

    monkeypatch.setattr(stopwatch, "cpu_seconds", counting)
    r = optimizers.minimize(Weights(), "native-sa", budget=2000)
    assert 0 < len(reads) <= len(r.trace_values) + len(r.checkpoints) + 3


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no limits of CPU time")
def test_the_clock_of_cpu_time_is_fine_under_a_limit_of_cpu_time():
    signal.setitimer(signal.ITIMER_PROF, 1_000.0)
    try:
        clock, end = stopwatch.Stopwatch(), time.perf_counter() + 0.1
        readings = set()
        while time.perf_counter() < end:
            readings.add(clock.cpu())
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    assert len(readings) > 200  # in ticks of 1 to 10 ms there are 100 at most


def test_a_short_run_under_a_limit_of_cpu_time_takes_some():
    runs = [optimizers.minimize(Weights(), "random", budget=500, seed=s, cpu_limit_seconds=60.0) for s in range(20)]
    assert all(run.seconds.cpu > 0.0 for run in runs)


def test_a_timer_of_the_caller_goes_off_when_it_would_have(monkeypatch):
    """It is set to what is left of it; one that is overdue goes off at once."""
    rung = []
    handler = signal.signal(signal.SIGALRM, lambda *_: rung.append(time.monotonic()))
    try:
        start = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 1000.0)
        optimizers.minimize(Weights(), Naps, budget=20, wall_limit_seconds=30.0)
        left, _ = signal.setitimer(signal.ITIMER_REAL, 1e-4)
        assert left == pytest.approx(1000.0 - (time.monotonic() - start), abs=0.5)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        optimizers.minimize(Weights(), Naps, budget=20, wall_limit_seconds=30.0)
        rung.clear()
        time.sleep(0.1)
        assert rung
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, handler)
