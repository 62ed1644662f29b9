"""The numbers that designs are decided by, against sums over the jobs."""

import numpy as np
import pytest

import problems
from problems.passes import Passes
from reports.schedules.accounting import account_of
from reports.schedules.deciding import above_bound, costs_of, network_rows, sentence_of

CASES = ["mix/S2/bw1/g40/i0", "mix/S4/bw16/g60/i3/dep", "resnet50/S3/bw4/gall/i0/corrected", "vision/S1/bw16/g5/i0"]


@pytest.fixture(params=CASES)
def mapped(request):
    p = problems.get(request.param)
    rng = np.random.default_rng(1)
    schedule = p.schedule(rng.integers(p.num_cores, size=p.num_jobs), rng.random(p.num_jobs))
    return p, schedule, account_of(p, schedule)


def test_time_energy_and_bandwidth_are_those_of_the_jobs(mapped):
    p, schedule, account = mapped
    jobs = [(p.job_table.latency[j, c], p.job_table.bandwidth[j, c], p.job_table.energy[j, c])
            for j, c in enumerate(schedule.cores)]  # fmt: skip
    assert account.milliseconds == pytest.approx(schedule.ends.max() / 1e6, rel=1e-12)
    assert account.energy_mj == pytest.approx(sum(energy for _, _, energy in jobs) / 1e6, rel=1e-12)
    assert account.edp == pytest.approx(account.energy_mj * account.milliseconds)
    assert account.watts == pytest.approx(sum(e for *_, e in jobs) * 1e-9 / (schedule.makespan * 1e-9))
    volume = sum(latency * bandwidth for latency, bandwidth, _ in jobs)  # every byte of a job is moved
    assert account.bandwidth_used == pytest.approx(volume / (p.system_bandwidth * schedule.makespan), rel=1e-9)


def test_a_core_is_busy_stalled_or_idle(mapped):
    p, schedule, account = mapped
    for c, core in enumerate(account.cores):
        own = schedule.cores == c
        alone = p.job_table.latency[own, c].sum()
        taken = (schedule.ends - schedule.starts)[own].sum()
        assert core.jobs == own.sum()
        assert core.busy == pytest.approx(alone / schedule.makespan)
        assert core.stalled == pytest.approx((taken - alone) / schedule.makespan, abs=1e-9)
        assert core.busy + core.stalled + core.idle == pytest.approx(1.0)


def test_networks_end_with_their_last_job(mapped):
    p, schedule, account = mapped
    for use in account.networks:
        ends = [end for name, end in zip(p.job_names, schedule.ends, strict=True) if name.startswith(f"{use.name}/")]
        assert use.finish_ms == pytest.approx(max(ends) / 1e6)
    assert [use.finish_ms for use in account.networks] == sorted((u.finish_ms for u in account.networks), reverse=True)


def rated(**passes):
    """Two jobs of a pass each of ``net``, and one of ``other``, a millisecond each, on one core."""
    names = ("net#1/a", "net#2/a", "other/b")
    table = problems.JobTable(np.full((3, 1), 1e6), np.zeros((3, 1)), None, names)
    p = problems.Problem("own", table, 1.0, passes={"net": Passes(**passes), "other": Passes()})
    return p, p.schedule([0, 0, 0], [0.0, 2.0, 1.0])


@pytest.mark.parametrize(
    ("per_second", "told"),
    [
        (None, "2,667 images/s"),
        (600.0, "2,667 images/s, enough for 2,400"),
        (700.0, "2,667 images/s, NOT for 2,800"),
    ],
)
def test_a_rate_is_items_over_the_makespan(per_second, told):
    account = account_of(*rated(count=2, items=4, unit="images", per_second=per_second))
    assert network_rows(account) == [
        ("net", "2 x 4 images", "3", told),
        ("other", "1", "2", "333.333 passes/s"),
    ]


@pytest.mark.parametrize(("limit", "told", "late"), [(3e6, "3 ms, kept", ""), (2.9e6, "2.9 ms, MISSED", "1 network")])
def test_a_limit_is_for_the_last_pass(limit, told, late):
    account = account_of(*rated(count=2), limits={"net": limit})
    assert [row[-1] for row in network_rows(account)] == [told, ""]
    assert sentence_of(account).startswith(late)


def test_a_schedule_that_takes_no_time_has_numbers_all_the_same():
    p = problems.from_job_table([[0.0]], [[1.0]], 1.0)
    account = account_of(p, p.schedule([0], [0.0]))
    assert (account.milliseconds, account.bandwidth_used, account.cores[0].idle) == (0.0, 0.0, 1.0)
    assert np.isnan(account.energy_mj)
    assert account.networks == ()


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("resnet50/S1/bw1/gall/i0", "model maestro, 5.826 GMAC in its count, where 4.089 GMAC are usually published"),
        ("resnet50/S1/bw1/gall/i0/corrected", "model corrected, 4.089 GMAC as usually published"),
        ("file:gone.json#12345678/S1/bw1/gall/i0/corrected-flexible", "model corrected-flexible"),
    ],
)
def test_the_cost_model_and_its_count_are_told(problem, told):
    try:
        p = problems.get(problem)
    except problems.foundation.errors.InvalidInput:
        p = problems.Problem(problem, problems.JobTable(np.ones((1, 1)), np.ones((1, 1))), 1.0)
    assert costs_of(p) == told


@pytest.mark.parametrize(
    ("best", "bound", "told"),
    [
        (100.0, 100.0, "the least possible (certified)"),
        (100.001, 100.0, "at most 0.01 % above the least possible (certified)"),
        (300.0, 100.0, "at most 200 % above the least possible (certified)"),
        (1.0, 0.0, ""),
    ],
)
def test_a_gap_is_rounded_up(best, bound, told):
    assert above_bound(best, bound) == told
