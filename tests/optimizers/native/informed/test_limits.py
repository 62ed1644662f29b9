"""Limits of networks, against all mappings of small problems and the suite's schedules."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

import optimizers
import problems
from bench.campaigns.campaign import make_contender
from optimizers.native.informed import annealing
from optimizers.native.informed.arrays import AREA, VALUE, empty_plan, empty_trial
from optimizers.native.informed.building import fill, first_cores, priorities_of, table_of
from optimizers.native.informed.limits import lateness_of, limits_of
from optimizers.native.informed.moves import NOTHING, changes, longest_load
from optimizers.native.informed.proposing import propose
from optimizers.native.informed.search import SHARES
from problems.feasibility import infeasible
from problems.foundation.errors import InvalidInput, UnknownName
from problems.space import jobs_of

NAME = "native-annealing-informed"
MIX = np.cumsum(list(SHARES.values()))


def tiny(seed, *, dependent=False, jobs=5, cores=2):
    """Random jobs of three networks that share a narrow bandwidth."""
    rng = np.random.default_rng(seed)
    names = tuple(f"{'abc'[j % 3]}/{j}" for j in range(jobs))
    latency, bandwidth = rng.integers(1, 9, (jobs, cores)).astype(float), rng.random((jobs, cores))
    before = [[j - 3] if j >= 3 else [] for j in range(jobs)] if dependent else None
    made = problems.from_job_table(latency, bandwidth, 0.8, predecessors=before)
    return replace(made, job_table=problems.JobTable(latency, bandwidth, None, names))


def every_schedule(p):
    orders = [np.argsort(order) / p.num_jobs for order in permutations(range(p.num_jobs))]
    for cores in product(range(p.num_cores), repeat=p.num_jobs):
        for order in orders:
            yield p.schedule(cores, order)


def done(p, schedule, network):
    return max(end for own, end in zip(p.job_networks, schedule.ends, strict=True) if own == network)


@pytest.mark.parametrize("dependent", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_search_finds_the_fastest_mapping_that_keeps_the_limits(seed, dependent):
    p = tiny(seed, dependent=dependent)
    ends = [(s.makespan, done(p, s, "a")) for s in every_schedule(p)]
    fastest = min(ends)[0]
    soonest = min(end for _, end in ends)
    limit = (soonest + min(end for makespan, end in ends if makespan <= fastest * (1 + 1e-12))) / 2
    best = min(makespan for makespan, end in ends if end <= limit)
    found = optimizers.minimize(p, NAME, budget=50, seed=0, steps=20_000, limits={"a": limit})
    assert found.best_value == pytest.approx(best, rel=1e-9)
    assert done(p, p.schedule(found.best_cores, found.best_priorities), "a") <= limit


@pytest.mark.parametrize("seed", range(3))
def test_what_no_mapping_keeps_is_missed_by_as_little_as_can_be(seed):
    p = tiny(seed)
    soonest = min(done(p, s, "b") for s in every_schedule(p))
    found = optimizers.minimize(p, NAME, budget=50, seed=0, steps=20_000, limits={"b": 0.9 * soonest})
    late = done(p, p.schedule(found.best_cores, found.best_priorities), "b")
    assert late == pytest.approx(soonest, rel=1e-9)


@pytest.mark.parametrize("dependent", [False, True])
def test_a_proof_of_infeasibility_is_true_and_can_be_checked(dependent):
    p = tiny(7, dependent=dependent)
    ends = np.array([[done(p, s, n) for n in "ab"] for s in every_schedule(p)])
    for limit in np.linspace(0.2, 1.2, 21) * ends.max(axis=1).min():
        proof = infeasible(p, {"a": limit, "b": limit})
        if proof is not None:
            assert (ends.max(axis=1) > limit).all()
            assert proof.certificate.verify(proof.problem)
            assert set(proof.problem.job_networks) == {"a", "b"}
    assert infeasible(p, {"a": 0.2 * ends[:, 0].min()}) is not None
    assert infeasible(p, {"a": ends[:, 0].min() * (1 + 1e-9)}) is None


@pytest.mark.parametrize("dependent", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_lateness_is_the_suites_and_moves_can_be_taken_back(seed, dependent):
    p = tiny(seed, dependent=dependent, jobs=14, cores=3)
    jobs, rng = jobs_of(p), np.random.default_rng(seed)
    known = table_of(jobs, counts_energy=False)
    scale = 2.0 ** np.frexp(p.job_table.latency.max())[1]
    limits = limits_of(jobs, {"a": 10.0, "c": 4.0}, int(np.log2(1 / scale)))
    plan, trial = empty_plan(14, 3), empty_trial(14, 3)
    fill(plan, *first_cores(known, np.ones((14, 3)), rng))
    annealing.lay_out(known, plan, trial)
    room = annealing.waiting if known.needs.size else annealing.sweep
    evaluate = room.run_through if known.needs.size else room.sweep
    for _ in range(60):
        schedule = p.schedule(plan.cores, priorities_of(known, plan))
        late = max(done(p, schedule, "a") - 10.0, done(p, schedule, "c") - 4.0)
        assert lateness_of(plan, limits) * scale == pytest.approx(late, abs=1e-9)
        move = propose(known, plan, rng, MIX)
        if move[0] == NOTHING:
            continue
        first, second, area, *_ = changes(known, plan, move)
        longest = longest_load(plan, move, first, second)
        if evaluate(known, plan, move, trial, np.inf, longest, plan.totals[AREA] + area) == np.inf:
            continue
        before = {name: getattr(plan, name).copy() for name in ("cores", "positions", "starts", "ends", "loads")}
        room.commit(known, plan, move, trial)
        annealing._take_back(known, plan, move, trial)
        for name, values in before.items():
            np.testing.assert_allclose(getattr(plan, name), values, atol=1e-12, err_msg=name)
        evaluate(known, plan, move, trial, np.inf, longest, plan.totals[AREA] + area)
        room.commit(known, plan, move, trial)
        plan.totals[AREA] += area
    assert plan.totals[VALUE] > 0.0


@pytest.mark.parametrize(
    ("limits", "error"),
    [({"d": 1.0}, UnknownName), ({"a": 0.0}, InvalidInput), ({"a": float("inf")}, InvalidInput)],
)
def test_limits_that_make_no_sense_are_refused(limits, error):
    with pytest.raises(error, match="limit"):
        optimizers.minimize(tiny(0), NAME, budget=5, limits=limits)


def test_a_warm_start_that_is_late_does_not_count():
    p = tiny(1)
    late = [{"cores": [0] * 5, "priorities": [0.9, 0.1, 0.2, 0.8, 0.3]}]
    found = optimizers.minimize(p, NAME, budget=50, steps=5_000, warm_start=late, limits={"a": 12.0})
    assert done(p, p.schedule(found.best_cores, found.best_priorities), "a") <= 12.0


def test_a_campaign_takes_limits_of_networks_that_its_problems_have():
    made = make_contender("native-annealing-informed", parameters={"limits": {"efficientnet_b0": 1e9}})
    assert made.parameters == {"limits": {"efficientnet_b0": 1e9}}
    for wrong in ("x", ["efficientnet_b0"], 0, {"efficientnet_b0": -1}):
        with pytest.raises(InvalidInput, match="limit"):
            make_contender("native-annealing-informed", parameters={"limits": wrong})


@pytest.mark.parametrize(
    "wrong", [{"limits": ["a"]}, {"final_temperature": "a"}, {"initial_temperature": float("nan")}], ids=str
)
def test_what_is_no_limit_or_temperature_is_told(wrong):
    with pytest.raises(InvalidInput, match=r"limits|temperature"):
        optimizers.minimize(problems.get("mix/S2/bw1/g10/i100"), "native-annealing-informed", budget=5, **wrong)
