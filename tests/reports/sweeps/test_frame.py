"""Which mapping stands for a point of a sweep, and what is certified of it."""

from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest

import problems
from bench.sweeps.points import Sweep, points_of
from reports.storage.record import StoredRun
from reports.storage.spec import RunSpec
from reports.sweeps.frame import _limit, sweep_frame

HEAD = "job,latency_a,bandwidth_a,energy_a,latency_b,bandwidth_b,energy_b\n"


def framed(folder, jobs, mappings, **more):
    """The frame of a job table at 1 and 2 GB/s, each point with the run that has found one of the ``mappings``."""
    (folder / "jobs.csv").write_text(HEAD + jobs)
    points = points_of(Sweep(str(folder / "jobs.csv"), (None,), (1.0, 2.0), **more), folder, ExitStack())
    runs = {p.problem: [run_of(p.problem, cores)] for p, cores in zip(points, mappings, strict=True)}
    bounds = {i: problems.get(i).certificate().makespan for p in points for i in (p.problem, p.unlimited)}
    return sweep_frame(points, runs, {**bounds, **more.get("bounds", {})})


def run_of(problem, cores):
    spec = RunSpec(problems.SUITE_VERSION, problem, "random", {}, 0, 1)
    found = {"front_cores": np.array([cores]), "front_priorities": np.zeros((1, len(cores)))}
    return replace(StoredRun(f"run of {cores}", spec, "random", {}), seconds={"cpu": 1.0}, **found)


@pytest.mark.parametrize(("latency_of_b", "energy"), [(1000.9, 1.0), (1001.1, 2.0)])
def test_of_mappings_equally_fast_the_one_with_the_least_energy_stands_for_the_point(tmp_path, latency_of_b, energy):
    frame = framed(tmp_path, f"x,1000,0.1,2e6,{latency_of_b},0.1,1e6\n", ([0], [1]))
    assert frame["energy_mj"].tolist() == [energy, energy]
    assert set(frame["makespan_cycles"]) == {latency_of_b if energy == 1.0 else 1000.0}


def test_less_energy_never_makes_a_point_slower_than_one_with_less_bandwidth(tmp_path):
    frame = framed(tmp_path, "x,1000,0.1,2e6,1000.5,1.002,1e6\n", ([0], [1]))  # b waits for the memory at 1 GB/s
    assert frame["makespan_cycles"].tolist() == [1000.0, 1000.0]


def test_of_mappings_with_equal_energy_the_fastest_stands_for_the_point(tmp_path):
    frame = framed(tmp_path, "x,1000,0.1,1.0005e6,2000,0.1,1e6\n", ([0], [1]), objective="energy")
    assert set(frame["makespan_cycles"]) == {1000.0}


@pytest.mark.parametrize(
    ("certified", "limit"),
    [
        ((2.0, 1.0, 2.0), "memory"),
        ((2.0, 2.0, 1.0), "compute"),
        ((2.2, 2.0, 1.9), "both"),
        ((2.001, 2.0, 1.0), "compute"),
    ],
)
def test_a_point_whose_certified_bound_exceeds_both_simple_ones_is_limited_by_both(certified, limit):
    names = ("bound_ms", "compute_bound_ms", "memory_bound_ms")
    assert _limit(dict(zip(names, certified, strict=True))) == limit
