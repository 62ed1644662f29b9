"""Sweeps, through the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import problems
from reports.storage.record import read_record
from reports.sweeps.frame import EQUAL

ARGUMENTS = ("sweep", "mix", "--jobs", "6", "--platform", "S{1,2}", "--cost-model", "corrected", "--steps", "200")
TINY = 'bandwidth_gbps = 4\n[[cores]]\ndataflow = "dla"\npes = 64\nbuffer_kib = 0.01\n'
NO_ENERGY = "job,latency_a,bandwidth_a,latency_b,bandwidth_b\nx,1000,4,2000,1\ny,500,2,700,1\n"


def records(folder):
    return sorted((folder / "out" / "searches" / "records").iterdir())


WIDE = ("--bandwidth", "4,16,64,...,1024", "--cores", "2,4,6")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """What a sweep of two platforms, three numbers of cores and five bandwidths prints, and its folder."""
    folder = tmp_path_factory.mktemp("swept")
    command = [sys.executable, "-m", "bench", *ARGUMENTS, *WIDE, "--out", str(folder)]
    environment = os.environ | {"COLUMNS": "80", "TERM": "dumb"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


@pytest.fixture(scope="module")
def frame(swept):
    return pd.read_csv(swept[1] / "sweep.csv")


def test_every_number_is_what_an_independent_computation_says(frame):
    assert len(frame) == 2 * 3 * 5
    for row in frame.itertuples():
        p, run = problems.get(row.problem), read_record(Path(row.record))
        assert row.value == row.makespan_cycles == p.evaluate(run.cores, run.priorities)
        assert row.makespan_cycles == pytest.approx(p.schedule(run.cores, run.priorities).makespan)
        assert row.makespan_ms == pytest.approx(row.makespan_cycles / 1e6)
        table = p.job_table
        energy = sum(table.energy[job, core] for job, core in enumerate(run.cores))
        assert row.energy_mj == pytest.approx(energy / 1e6)
        assert row.edp_mj_ms == pytest.approx(energy / 1e6 * row.makespan_ms)
        moved = sum((table.latency * table.bandwidth)[job, core] for job, core in enumerate(run.cores))
        assert row.bandwidth_used == pytest.approx(moved / row.bandwidth_gbps / row.makespan_cycles)
        assert row.throughput_gflops == pytest.approx(2 * p.total_macs / row.makespan_cycles)
        least = (table.latency * table.bandwidth).min(axis=1).sum()
        assert row.memory_bound_ms == pytest.approx(least / row.bandwidth_gbps / 1e6)
        assert row.turning_point_gbps == pytest.approx(least / 1e6 / row.compute_bound_ms)
        simple = max(row.compute_bound_ms, row.memory_bound_ms)
        nearer = "compute" if row.bandwidth_gbps > row.turning_point_gbps else "memory"
        assert row.limited_by == ("both" if row.bound_ms > simple * (1.0 + EQUAL) else nearer)
        assert row.bound_ms * 1e6 >= p.certificate().makespan
        assert row.gap == pytest.approx(max(0.0, row.makespan_ms / row.bound_ms - 1.0), abs=1e-12)
        assert max(row.compute_bound_ms, row.memory_bound_ms) <= row.bound_ms * (1 + 1e-9)
        assert row.bound_ms <= row.makespan_ms * (1 + 1e-9)
        assert row.pes == sum(core.num_pes for core in platform_of(p).cores)
        assert 0.0 < row.search_cpu_seconds < 60.0


def platform_of(problem):
    return problems.suite.platform_named(problems.parse_id(problem.id).platform)


def test_the_compute_bound_is_certified_without_any_wait_for_the_memory(frame):
    row = frame.iloc[0]
    p = problems.get(row["problem"])
    free = problems.from_job_table(p.job_table.latency, 0.0 * p.job_table.bandwidth, 1.0)
    assert row["compute_bound_ms"] == pytest.approx(free.certificate().makespan / 1e6, rel=1e-3)


def test_time_and_bound_never_rise_with_bandwidth_or_cores(frame):
    for keys, order in ((["design"], "bandwidth_gbps"), (["platform", "bandwidth_gbps"], "cores")):
        for _, own in frame.groupby(keys):
            own = own.sort_values(order)
            assert (np.diff(own["makespan_cycles"]) <= 0.0).all()
            assert (np.diff(own["bound_ms"]) <= 1e-12).all()


def test_the_tables_fit_80_columns_and_break_no_number(swept, frame):
    table = swept[0].split("Designs")[1].split("wrote")[0].splitlines()
    assert max(map(len, table)) <= 80
    (row,) = (line.split() for line in table if line.startswith("S2, 6 cores"))
    own = frame[frame["design"] == "S2, 6 cores"]
    expected = (own["makespan_ms"].max(), own["makespan_ms"].min(), own["turning_point_gbps"].iloc[0])
    assert [float(cell.replace(",", "")) for cell in row[3:6]] == pytest.approx(expected, rel=5e-3)


def test_tables_and_captions_name_the_cost_model(swept):
    printed, folder = swept
    assert "Cost model: corrected." in " ".join(printed.split())
    assert "computing 36 certified bounds" in printed
    assert "18 of 36 bounds" in printed
    assert (folder / "sweep.txt").read_text().count("Cost model: corrected.") == 4 + 2


def test_the_same_again_does_nothing_but_print(swept, m3e_here):
    printed, folder = swept
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    again = m3e_here(*ARGUMENTS, *WIDE, "--out", folder, columns=80).stdout
    assert "30 runs, 30 of them done" in again
    assert "nothing has changed" in again
    assert "computing" not in again
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before
    assert printed.split("Designs")[1].split("wrote")[0] == again.split("Designs")[1].split("nothing")[0]


def test_what_is_missing_is_done_and_more_points_and_other_steps_add_to_it(m3e_here, tmp_path):
    assert m3e_here(*ARGUMENTS, "--bandwidth", "4", "--out", "out").returncode == 0
    first = records(tmp_path)
    times = [path.stat().st_mtime_ns for path in first]
    first[0].unlink()
    times.pop(0)
    assert "2 runs, 1 of them done" in m3e_here(*ARGUMENTS, "--bandwidth", "4", "--out", "out").stdout
    assert "4 runs, 2 of them done" in m3e_here(*ARGUMENTS, "--bandwidth", "4,8", "--out", "out").stdout
    more = m3e_here(*ARGUMENTS[:-1], "300", "--bandwidth", "4", "--out", "out")
    assert (more.returncode, "2 runs, at most" in more.stdout) == (0, True)
    assert len(records(tmp_path)) == 6
    assert [path.stat().st_mtime_ns for path in first[1:]] == times
    assert m3e_here("report", "out/searches", "--out", "page").returncode == 0


def test_a_bound_that_proves_less_than_it_claims_is_computed_again(m3e_here, tmp_path):
    assert m3e_here(*ARGUMENTS, "--bandwidth", "4", "--out", "out").returncode == 0
    before = (tmp_path / "out" / "sweep.csv").read_bytes()
    place = next((tmp_path / "out" / "bounds").glob("*_bw4_*"))
    content = json.loads(place.read_text())
    content["certificate"]["makespan"] *= 2
    place.write_text(json.dumps(content))
    again = m3e_here(*ARGUMENTS, "--bandwidth", "4", "--out", "out")
    assert "computing 1 certified bound" in again.stdout
    assert (tmp_path / "out" / "sweep.csv").read_bytes() == before


def test_impossible_points_are_told_and_the_others_go_on(m3e_here, tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)
    done = m3e_here(*ARGUMENTS, "--platform", "tiny.toml", "--bandwidth", "4,8", "--out", "out", columns=80)
    assert done.returncode == 0, done.stderr
    assert " ".join(done.stdout.split()).count("warning: tiny, 4 to 8 GB/s: no mapping: mix/file:tiny.toml") == 1
    frame = pd.read_csv(tmp_path / "out" / "sweep.csv")
    assert frame["makespan_ms"].notna().tolist() == [True] * 4 + [False] * 2
    assert frame["reason"].notna().tolist() == [False] * 4 + [True] * 2


def test_a_job_table_is_swept_over_bandwidths_and_lacks_energies(m3e_here, tmp_path):
    (tmp_path / "jobs.csv").write_text(NO_ENERGY)
    done = m3e_here("sweep", "jobs.csv", "--bandwidth", "1,2,4", "--steps", "50", "--out", "out")
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(tmp_path / "out" / "sweep.csv")
    at_1 = 2000 + 700  # both jobs on b
    at_2 = 1.5 * 500 + (2000 - 500)  # y on a, x on b: together they need 3 of 2 GB/s
    at_4 = 700 * 5 / 4 + (1000 - 700)  # x on a, y on b: 5 of 4 GB/s
    assert frame["makespan_cycles"].tolist() == [at_1, at_2, at_4]
    assert "no figure energy: " in done.stdout
    assert "no figure pareto: " in done.stdout
    assert sorted(path.stem for path in (tmp_path / "out").glob("*.png")) == ["roofline", "time"]


def test_another_objective_is_searched_and_certified(m3e_here, tmp_path):
    done = m3e_here(*ARGUMENTS, "--bandwidth", "4,16", "--objective", "edp", "--out", "out")
    assert "Points, by edp" in done.stdout
    frame = pd.read_csv(tmp_path / "out" / "sweep.csv")
    assert (frame["value"] / 1e12).tolist() == pytest.approx(frame["edp_mj_ms"].tolist())
    for row in frame.itertuples():
        p = problems.get(row.problem)
        assert row.problem.endswith("/edp")
        assert row.gap == pytest.approx(max(0.0, row.value / p.value_at_least(row.bound_ms * 1e6) - 1.0), abs=1e-9)


def test_tables_hold_all_points_that_the_folder_has(m3e_here, tmp_path):
    more = ("sweep", "mix", "--jobs", "6", "--cost-model", "corrected", "--steps", "200", "--out", "out")
    assert m3e_here(*more, "--platform", "S{1,2}", "--bandwidth", "4,8").returncode == 0
    done = m3e_here(*more, "--platform", "S2", "--bandwidth", "16", "--cores", "2,4")
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(tmp_path / "out" / "sweep.csv")
    points = list(zip(frame["design"], frame["bandwidth_gbps"], strict=True))
    assert points == [("S1", 4), ("S1", 8), ("S2, 2 cores", 16), *(("S2, 4 cores", b) for b in (4, 8, 16))]
    fewer = m3e_here(*more, "--platform", "S1", "--bandwidth", "4", "--seed", 1)
    assert fewer.returncode == 0, fewer.stderr
    assert len(pd.read_csv(tmp_path / "out" / "sweep.csv")) == 6


def test_a_folder_of_another_workload_is_refused_and_stays_as_it_is(m3e_here, tmp_path):
    assert m3e_here(*ARGUMENTS, "--bandwidth", "4", "--out", "out").returncode == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    for other in (("sweep", "vision", "--jobs", "6"), (*ARGUMENTS, "--jobs", "7"), (*ARGUMENTS, "--dep")):
        done = m3e_here(*other, "--bandwidth", "4", "--out", "out")
        assert done.returncode == 2
        assert "output folder 'out': expected sweeps of " in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before
    (tmp_path / "mapped").mkdir()
    (tmp_path / "mapped" / "mapping.json").touch()
    assert "got one of m3e map" in m3e_here(*ARGUMENTS, "--out", "mapped").stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Missing argument 'WORKLOAD[:N]...'"),
        (("mix", "--bandwidth", ","), "--bandwidth: expected at least one number"),
        (("mix", "--platform", ","), "--platform: expected at least one name"),
        (("mix", "--cores", "0"), "--cores: expected finite numbers above 0"),
        (("mix", "--platform", "S9"), "unknown platform 'S9'"),
        (("alexnet", "ncf", "--platform", "S9"), "unknown platform 'S9'"),
        (("alexnet", "ncf", "--cores", "2", "--steps", "5", "--seconds", "1"), "expected one of them"),
        (("mix/S2/bw1/g100/i0",), "expected a task, networks or files, got a problem id"),
        (("mix", "--bandwidth", "1,2,...,100000"), "--bandwidth: expected at most 1,000 numbers"),
        (("mix", "--objective", "latency+energy"), "--objective: expected one objective"),
        (("mix", "--steps", "5", "--seconds", "1"), "--steps and --seconds: expected one of them"),
    ],
)
def test_bad_input_is_one_error_and_leaves_nothing_behind(arguments, told, m3e_here, tmp_path):
    done = m3e_here("sweep", *arguments, "--out", "out")
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "out").exists()
