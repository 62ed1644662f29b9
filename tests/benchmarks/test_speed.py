"""Benchmarks: ``python -m pytest tests/benchmarks --benchmark-only``. Compare ratios within one run only."""

from contextlib import closing

import numpy as np
import pytest

import optimizers
import problems
from optimizers.journal import Journal
from problems.bounds.duality import lower_bound
from problems.layers import Layer
from problems.makespan import events, vectorized
from problems.suite import analyze_jobs

JOBS, BATCH = 100, 1000


@pytest.fixture(params=[4, 16, 64], ids=lambda cores: f"{cores} cores")
def case(request):
    rng = np.random.default_rng(0)
    shape = (JOBS, request.param)
    p = problems.from_job_table(rng.random(shape) * 1000, rng.random(shape), 2.0)
    return p, rng.integers(p.num_cores, size=(BATCH, JOBS)), rng.random((BATCH, JOBS))


@pytest.mark.benchmark(group="1,000 mappings of 100 jobs")
def test_evaluate_compiled(benchmark, case):
    p, cores, priorities = case
    benchmark(p.evaluate, cores, priorities)


@pytest.mark.benchmark(group="1,000 mappings of 100 jobs, and with dependencies")
@pytest.mark.parametrize("platform", ["S2", "S6"])
@pytest.mark.parametrize("option", ["", "/dep"])
def test_evaluate_with_and_without_dependencies(benchmark, platform, option):
    p = problems.get(f"mix/{platform}/bw1/g100/i0{option}")
    rng = np.random.default_rng(0)
    benchmark(p.evaluate, rng.integers(p.num_cores, size=(BATCH, JOBS)), rng.random((BATCH, JOBS)))


@pytest.mark.benchmark(group="1,000 mappings of 100 jobs")
def test_evaluate_plain_numpy(benchmark, case):
    p, cores, priorities = case
    benchmark(vectorized.makespans, p.job_table.latency, p.job_table.bandwidth, 2.0, cores, priorities)


@pytest.mark.benchmark(group="1,000 mappings of 100 jobs")
def test_evaluate_by_a_pure_python_event_loop(benchmark, case):
    p, cores, priorities = case
    tables = p.job_table.latency.tolist(), p.job_table.bandwidth.tolist(), 2.0
    mappings = list(zip(cores.tolist(), priorities.tolist(), strict=True))
    benchmark.pedantic(lambda: [events.makespan(*tables, *m) for m in mappings], rounds=2)


@pytest.mark.benchmark(group="MAGMA, 10,000 evaluations")
@pytest.mark.parametrize("platform", ["S2", "S6"])
def test_magma(benchmark, platform):
    p = problems.get(f"mix/{platform}/bw1/g100/i0")
    benchmark(optimizers.minimize, p, "magma", budget=10_000)


@pytest.mark.benchmark(group="MAGMA, 10,000 evaluations")
@pytest.mark.parametrize("platform", ["S2", "S6"])
def test_the_same_evaluations_alone_in_batches_of_100(benchmark, platform):
    p = problems.get(f"mix/{platform}/bw1/g100/i0")
    rng = np.random.default_rng(0)
    cores, priorities = rng.integers(p.num_cores, size=(100, JOBS)), rng.random((100, JOBS))
    benchmark(lambda: [p.evaluate(cores, priorities) for _ in range(100)])


@pytest.fixture
def alone():
    p = problems.get("mix/S2/bw1/g100/i0")
    rng = np.random.default_rng(0)
    p.warm_up()
    return p, rng.integers(p.num_cores, size=(1, JOBS)), rng.random((1, JOBS))


@pytest.mark.benchmark(group="one mapping of 100 jobs")
def test_evaluate_alone(benchmark, alone):
    p, cores, priorities = alone
    benchmark(p.evaluate, cores, priorities)


@pytest.mark.benchmark(group="one mapping of 100 jobs")
@pytest.mark.parametrize("limits", [(), (3600.0, 3600.0)], ids=["no limits", "limits"])
def test_evaluate_within_a_run(benchmark, alone, tmp_path, limits):
    p, cores, priorities = alone

    class Repeating(optimizers.Optimizer):
        def run(self, evaluator):
            benchmark(evaluator.evaluate, cores, priorities)

    with closing(Journal(tmp_path / "journal")) as journal:
        optimizers.Search(p, Repeating, budget=10**9, seed=0, parameters={}, journal=journal).run(*limits)


@pytest.mark.benchmark(group="growth on 64 cores, one mapping")
@pytest.mark.parametrize("jobs", [100, 1000, 10_000])
def test_growth(benchmark, jobs):
    rng = np.random.default_rng(0)
    p = problems.from_job_table(rng.random((jobs, 64)), rng.random((jobs, 64)), 2.0)
    cores, priorities = rng.integers(64, size=(10, jobs)), rng.random((10, jobs))
    benchmark(p.evaluate, cores, priorities)


@pytest.mark.benchmark(group="job tables")
@pytest.mark.parametrize("model", ["maestro", "corrected", "maestro-flexible"])
def test_job_table_of_100_jobs_on_16_cores(benchmark, model):
    jobs = problems.get("mix/S6/bw1/g100/i0").job_names
    layers = [layer for name in jobs for layer in named_layer(name)]
    benchmark(analyze_jobs, layers, problems.PLATFORMS.get("S6"), model)


@pytest.mark.benchmark(group="job tables")
@pytest.mark.parametrize("model", ["maestro", "corrected"])
def test_job_table_of_1000_different_jobs_on_64_different_cores(benchmark, model):
    rng = np.random.default_rng(0)
    layers = [Layer.conv(str(i), out=64 + i, inp=3 + i, size=int(rng.integers(8, 64)), kernel=3) for i in range(1000)]
    cores = tuple(problems.Core(("dla", "eye")[i % 2], 64 * (i + 8)) for i in range(64))
    benchmark(analyze_jobs, layers, problems.Platform("many", cores, 1.0), model)


def named_layer(job):
    network, name = job.split("/")
    return [layer for layer in problems.NETWORKS.get(network).layers() if layer.name == name]


@pytest.mark.benchmark(group="lower bound of 100 jobs on 16 cores")
def test_lower_bound(benchmark):
    p = problems.get("mix/S6/bw1/g100/i0")
    benchmark(lower_bound, p.job_table, p.system_bandwidth)
