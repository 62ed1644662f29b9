"""The evaluation that takes up a mapping where a move changes it, against the suite's."""

import numpy as np
import pytest

import problems
from optimizers.native.informed import annealing, sweep, waiting
from optimizers.native.informed.arrays import AREA, VALUE, empty_plan, empty_trial
from optimizers.native.informed.building import fill, first_cores, priorities_of, table_of
from optimizers.native.informed.limits import limits_of
from optimizers.native.informed.moves import NOTHING, changes, longest_load
from optimizers.native.informed.proposing import propose
from optimizers.native.informed.search import SHARES
from problems.space import jobs_of

MIX = np.cumsum(list(SHARES.values()))


def table(seed, dependent):
    """A problem of random size with jobs of length 0, equal lengths, and jobs that some cores cannot run."""
    rng = np.random.default_rng(seed)
    num_jobs, num_cores = rng.integers(1, 25), rng.integers(1, 6)
    latency = rng.integers(0, 9, (num_jobs, num_cores)) * (1.0 if seed % 2 else rng.random())
    latency[rng.random(latency.shape) < 0.2] = np.inf
    latency[:, 0] = 3.0
    before = [rng.choice(j, min(j, rng.integers(0, 3)), replace=False).tolist() for j in range(num_jobs)]
    bandwidth = rng.random((num_jobs, num_cores)) ** 3
    return problems.from_job_table(latency, bandwidth, 0.7, predecessors=before if dependent else None)


def laid_out(problem, rng):
    known = table_of(jobs_of(problem), counts_energy=False)
    plan, trial = (make(problem.num_jobs, problem.num_cores) for make in (empty_plan, empty_trial))
    fill(plan, *first_cores(known, np.ones(known.latency.shape), rng))
    annealing.lay_out(known, plan, trial)
    return known, plan, trial


def scale(problem):
    latency = problem.job_table.latency
    return 2.0 ** np.frexp(np.where(np.isfinite(latency), latency, 0.0).max())[1]


def suite_value(problem, known, plan):
    return problem.evaluate(plan.cores, priorities_of(known, plan)) / scale(problem)


@pytest.mark.parametrize("dependent", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_after_every_move_the_makespan_is_the_suites(seed, dependent):
    rng, problem = np.random.default_rng(seed), table(seed, dependent)
    known, plan, trial = laid_out(problem, rng)
    room = waiting if known.needs.size else sweep
    evaluate = room.run_through if known.needs.size else room.sweep
    assert plan.totals[VALUE] == pytest.approx(suite_value(problem, known, plan), rel=1e-9, abs=1e-12)
    for _ in range(100):
        move = propose(known, plan, rng, MIX)
        if move[0] == NOTHING:
            continue
        first, second, area, *_ = changes(known, plan, move)
        area += plan.totals[AREA]
        longest = longest_load(plan, move, first, second)
        makespan = evaluate(known, plan, move, trial, np.inf, longest, area)
        if makespan == np.inf:
            assert dependent, "only jobs that wait for each other cannot run"
            continue
        tight, short = makespan * (1 + 1e-9) + 1e-12, makespan * (1 - 1e-6) - 1e-12
        assert evaluate(known, plan, move, trial, short, longest, area) in (np.inf, makespan)
        assert evaluate(known, plan, move, trial, tight, longest, area) == makespan
        room.commit(known, plan, move, trial)
        plan.totals[AREA] = area
        assert makespan == pytest.approx(suite_value(problem, known, plan), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("dependent", [False, True])
def test_what_is_kept_up_to_date_is_what_a_new_layout_gives(dependent):
    rng, problem = np.random.default_rng(3), table(3, dependent)
    known, plan, trial = laid_out(problem, rng)
    best = np.array([plan.totals[VALUE], -np.inf, 0.0]), plan.cores.copy(), plan.positions.copy()
    annealing.anneal(
        known, plan, trial, limits_of(jobs_of(problem), {}), best, rng, np.ones(8), MIX, 0.3, 1.0, 5_000, 0.0
    )
    kept = {name: getattr(plan, name).copy() for name in ("starts", "ends", "loads", "totals")}
    annealing.lay_out(known, plan, trial)
    for name, values in kept.items():
        np.testing.assert_allclose(values, getattr(plan, name), rtol=1e-9, atol=1e-12, err_msg=name)
