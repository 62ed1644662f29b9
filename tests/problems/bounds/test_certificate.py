"""Certificates: sound by brute force, checked without a solver, the same for renumbered jobs and cores."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

import problems
from problems.bounds import certificate as certificates
from problems.bounds.certificate import CONFIGURATIONS, Certificate
from problems.bounds.generation import Effort, Generation
from problems.bounds.relaxation import Relaxation
from problems.foundation.errors import InvalidInput, UnknownName
from problems.sampling import random_mappings

EFFORT = Effort(work=2e8, levels=1_000, finest=4_000, tolerance=1e-6, states=64, rows=400, cells=1 << 22)


@pytest.mark.parametrize("block", range(10))
def test_no_mapping_of_a_small_problem_beats_its_certificate(block, small, best_of_all_mappings):
    for number in range(30 * block, 30 * block + 30):
        p, _ = small(number)
        certificate = p.certificate("fast")
        assert certificate.value <= best_of_all_mappings(p), number
        assert certificate.verify(p)


def test_no_mapping_beats_what_any_prices_and_any_tracked_jobs_prove(small, best_of_all_mappings):
    shares = []
    for number in range(200):
        p, rng = small(number)
        tracked = np.flatnonzero(rng.random(p.num_jobs) < 0.5)
        relaxation = Relaxation.of(p.job_table, p.system_bandwidth, p.precedence, tracked, 4096)
        best = best_of_all_mappings(p)
        if relaxation.scale == 0.0 or best == 0.0:
            continue
        generation = Generation(relaxation, EFFORT)
        generation.run(EFFORT.work)
        for prices in (generation.best, rng.random(len(generation.best)), generation.best * rng.random()):
            own = tuple(prices[relaxation.kinds.job_kind].tolist())
            certificate = Certificate(CONFIGURATIONS, 0.0, 0.0, own, tuple(tracked.tolist()), 64)
            proven = certificates.proven_makespan(certificate, p.job_table, p.system_bandwidth, p.precedence)
            assert proven <= best, number
        shares.append(certificates.proven_by(relaxation, generation.best, 4_000) / best)
    assert np.mean(shares) > 0.85  # measured: 0.93


def test_the_programme_agrees_with_a_solver_on_all_configurations(small):
    from scipy.optimize import linprog

    for number in (1, 4, 7, 13, 16):
        p, _ = small(number)
        table = p.job_table
        configurations = list(itertools.product(range(-1, p.num_jobs), repeat=p.num_cores))
        fastest = table.latency.min(axis=1)
        cost, matrix = [], []
        for chosen in configurations:
            on = [(j, c) for c, j in enumerate(chosen) if j >= 0 and np.isfinite(table.latency[j, c])]
            cost.append(max(1.0, sum(table.bandwidth[j, c] for j, c in on) / p.system_bandwidth))
            column = np.zeros(p.num_jobs)
            for j, c in on:
                column[j] += fastest[j] / table.latency[j, c]
            matrix.append(column)
        answer = linprog(cost, A_ub=-np.array(matrix).T, b_ub=-fastest)
        relaxation = Relaxation.of(table, p.system_bandwidth, p.precedence, np.empty(0, np.int64), 4096)
        generation = Generation(relaxation, EFFORT)
        generation.run(EFFORT.work)
        assert certificates.proven_by(relaxation, generation.best, 16_384) == pytest.approx(answer.fun, rel=2e-3)


def test_renumbered_jobs_and_cores_have_the_same_bound(small):
    for number in [n for n in range(60) if n % 5]:
        p, rng = small(number)
        jobs, cores = rng.permutation(p.num_jobs), rng.permutation(p.num_cores)
        latency, bandwidth = p.job_table.latency[jobs][:, cores], p.job_table.bandwidth[jobs][:, cores]
        q = problems.from_job_table(latency, bandwidth, p.system_bandwidth)
        assert q.certificate("fast").value == pytest.approx(p.certificate("fast").value, rel=1e-9)


@pytest.fixture(scope="module")
def instance():
    return problems.get("vision/S4/bw1/g100/i3")


def test_a_certificate_is_far_better_than_the_bound_by_cores_and_memory(instance):
    certificate = instance.certificate()
    assert certificate.kind == CONFIGURATIONS
    assert certificate.value > 1.05 * instance.latency_bound()
    assert instance.certificate("fast").value <= certificate.value * (1.0 + 1e-3)


def test_a_certificate_survives_json_and_is_checked_there(instance):
    certificate = instance.certificate()
    assert Certificate.from_json(json.loads(json.dumps(certificate.to_json()))) == certificate


@pytest.mark.parametrize("what", ["makespan", "value"])
def test_a_claim_beyond_the_proof_is_refused(instance, what):
    certificate = instance.certificate()
    with pytest.raises(InvalidInput, match=f"{what}: expected at most .*, which it proves"):
        replace(certificate, **{what: getattr(certificate, what) * (1.0 + 1e-9)}).verify(instance)


def test_raised_prices_prove_nothing_more(instance):
    certificate = instance.certificate()
    prices = np.array(certificate.prices)
    for job in range(0, len(prices), 9):
        changed = prices.copy()
        changed[job] *= 1.5
        other = replace(certificate, prices=tuple(changed.tolist()))
        proven = certificates.proven_makespan(other, instance.job_table, instance.system_bandwidth, None)
        assert proven <= certificate.makespan * 1.001


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prices": (1.0,)}, "prices: expected 100 numbers, got 1"),
        ({"tracked": (5, 5)}, "tracked: expected numbers of jobs, ascending, below 100"),
        ({"tracked": (100,)}, "tracked: expected numbers of jobs, ascending, below 100"),
        ({"levels": 0}, "levels and tracked: expected at least 1 level"),
        ({"levels": 2**40}, "levels and tracked: expected at least 1 level"),
        ({"tracked": tuple(range(60))}, "levels and tracked: expected at least 1 level"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused(instance, change, message):
    with pytest.raises(InvalidInput, match=message):
        replace(instance.certificate(), **change).verify(instance)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", "luck"),
        ("value", "1"),
        ("makespan", float("nan")),
        ("prices", [True]),
        ("tracked", [-1]),
        ("levels", 1.5),
    ],
)
def test_a_damaged_certificate_is_refused(instance, key, value):
    with pytest.raises(InvalidInput, match=f"certificate: {key}: expected"):
        Certificate.from_json(instance.certificate().to_json() | {key: value})
    with pytest.raises(InvalidInput, match="certificate: expected the keys"):
        Certificate.from_json({k: v for k, v in instance.certificate().to_json().items() if k != key})


@pytest.mark.parametrize("suffix", ["", "/throughput", "/energy", "/edp", "/latency+energy", "/dep"])
def test_every_objective_has_a_certificate(suffix):
    p = problems.get("vision/S2/bw4/g20/i3" + suffix)
    certificate = p.certificate()
    assert certificate.verify(p)
    assert certificate.value >= p.lower_bound() * (1.0 - 1e-9)
    cores, priorities = random_mappings(p.num_jobs, p.num_cores)
    values = np.asarray(p.evaluate(cores, priorities))
    assert certificate.value <= (values[:, 0] if values.ndim == 2 else values).min()


def test_an_unknown_effort_is_refused(instance):
    with pytest.raises(UnknownName, match="unknown effort 'fats': did you mean fast"):
        instance.certificate("fats")


@pytest.mark.parametrize(("latency", "system_bandwidth"), [(1e308, 1.0), (1.0, 1e-300), (1e-308, 1e300), (0.0, 1.0)])
def test_numbers_at_the_edge_of_the_floats_leave_a_certificate(latency, system_bandwidth):
    p = problems.from_job_table(np.full((3, 2), latency), np.ones((3, 2)), system_bandwidth)
    certificate = p.certificate()
    assert certificate.verify(p)
    assert p.lower_bound() * (1.0 - 1e-9) <= certificate.value <= p.evaluate([0, 1, 0], [0.1, 0.2, 0.3])


@pytest.mark.parametrize("price", [1e308, 5e-324])
@pytest.mark.parametrize("kind", [CONFIGURATIONS, "cores and memory"])
def test_prices_at_the_edge_of_the_floats_prove_nothing_too_much(instance, kind, price):
    number = 100 if kind == CONFIGURATIONS else instance.num_cores + 1
    other = Certificate(kind, 0.0, 0.0, (price,) * number, (), 64)
    proven = certificates.proven_makespan(other, instance.job_table, instance.system_bandwidth, None)
    assert 0.0 <= proven <= instance.certificate("best").makespan


@pytest.mark.parametrize("problem_id", ["mix/S2/bw4/g30/i2", "mix/S4/bw1/g20/i3", "vision/S4/bw1/g30/i4"])
def test_what_is_proven_without_dependencies_is_proven_with_them(problem_id):
    free, dependent = problems.get(problem_id), problems.get(f"{problem_id}/dep")
    without = free.new_certificate("fast")
    assert without.verify(dependent)
    assert dependent.new_certificate("fast").value >= without.value
