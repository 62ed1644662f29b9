"""Schedules of any size as bars that can be seen."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import problems
from reports.schedule_files import write_views
from reports.schedules.bars import MOST_BARS, bars_of
from reports.schedules.chart import schedule_figure
from reports.schedules.trace import MOST_EVENTS, chrome_trace


def problem_of(jobs, cores=4, *, networks=5, system_bandwidth=4.0):
    rng = np.random.default_rng(0)
    latency = np.exp(rng.normal(5.0, 2.0, (jobs, cores)))
    names = tuple(f"net-{job % networks}/layer.{job}" for job in range(jobs))
    table = problems.JobTable(latency, np.exp(rng.normal(0.0, 1.0, (jobs, cores))), None, names)
    return problems.Problem("synthetic", table, system_bandwidth)


def schedule_of(problem, seed=0):
    rng = np.random.default_rng(seed)
    return problem.schedule(rng.integers(problem.num_cores, size=problem.num_jobs), rng.random(problem.num_jobs))


def networks_of(problem):
    return [name.partition("/")[0] for name in problem.job_names]


def test_few_jobs_are_the_bars_themselves():
    problem = problem_of(50)
    schedule = schedule_of(problem)
    bars = bars_of(schedule, networks_of(problem), most=50)
    assert (bars.starts is schedule.starts, bars.ends is schedule.ends, bars.note) == (True, True, "")
    assert bars.jobs.tolist() == list(range(50))
    assert set(bars.counts) == {1}
    assert bars.demands is schedule.demands


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 6), st.integers(1, 40))
def test_merged_bars_stand_for_every_job_within_a_part_of_the_makespan(seed, jobs, cores, most):
    problem = problem_of(jobs, cores)
    schedule = schedule_of(problem, seed)
    bars = bars_of(schedule, networks_of(problem), most=most, finest=64)
    assert bars.counts.sum() == jobs
    assert len(bars.jobs) <= max(most, 3 * cores)
    assert bars.makespan == pytest.approx(schedule.makespan)
    assert (schedule.cores[bars.jobs] == bars.cores).all()
    alone = bars.counts == 1
    assert (bars.starts[alone] == schedule.starts[bars.jobs[alone]]).all()
    assert (bars.ends[alone] == schedule.ends[bars.jobs[alone]]).all()
    for core in range(cores):
        own = bars.cores == core
        assert bars.counts[own].sum() == (schedule.cores == core).sum()
        busy = (bars.ends - bars.starts)[own].sum()
        assert busy >= (schedule.ends - schedule.starts)[schedule.cores == core].sum() * (1 - 1e-9)


@given(st.integers(0, 2**32 - 1))
def test_the_bytes_that_flow_and_are_asked_for_stay_the_same(seed):
    problem = problem_of(200)
    schedule = schedule_of(problem, seed)
    bars = bars_of(schedule, networks_of(problem), most=20)
    for name in ("demands", "used_bandwidth"):
        expected = (getattr(schedule, name) * np.diff(schedule.times)).sum()
        assert (getattr(bars, name) * np.diff(bars.times)).sum() == pytest.approx(expected, rel=1e-9)
    assert (bars.used_bandwidth <= problem.system_bandwidth * (1 + 1e-9)).all()


def test_a_merged_bar_is_of_the_network_with_most_of_its_time():
    table = problems.JobTable([[1.0], [3.0], [1.0], [2.5], [1000.0]], np.ones((5, 1)))
    schedule = problems.Problem("own", table, 1.0).schedule([0] * 5, range(5))
    bars = bars_of(schedule, ["a", "b", "a", "a", "c"], most=2, finest=10)
    assert bars.jobs.tolist() == [4, 0]
    assert bars.counts.tolist() == [1, 4]
    assert (bars.starts[1], bars.ends[1]) == (0.0, 7.5)
    assert bars.note.startswith("4 of 5 jobs are shorter than 1/10 of the makespan")


def test_jobs_of_no_time_at_all_are_merged_too():
    table = problems.JobTable(np.zeros((100, 2)), np.ones((100, 2)))
    schedule = problems.Problem("own", table, 1.0).schedule([0, 1] * 50, range(100))
    bars = bars_of(schedule, [""] * 100, most=10)
    assert bars.counts.tolist() == [50, 50]


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """The views of a schedule of 150,000 jobs, and the problem."""
    problem = problem_of(150_000, networks=80)
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("views")
    write_views(problem, rng.integers(4, size=150_000), rng.random(150_000), folder)
    return problem, folder


def test_views_of_many_jobs_are_small(views):
    _, folder = views
    most = {"schedule.png": 1e6, "schedule.svg": 5e6, "schedule.html": 4e6, "trace.json": 60e6}
    assert {file.name: file.stat().st_size < most[file.name] for file in folder.iterdir()} == dict.fromkeys(most, True)


def test_each_view_says_what_is_merged(views):
    _, folder = views
    texts = ["".join(e.itertext()) for e in ElementTree.parse(folder / "schedule.svg").iter()]
    assert any(re.search(r"of 150,000 jobs are shorter than 1/[0-9,]+ of the makespan", text) for text in texts)
    assert "of 150,000 jobs are shorter than 1/" in (folder / "schedule.html").read_text()
    trace = json.loads((folder / "trace.json").read_bytes())
    assert "of 150,000 jobs are shorter than 1/" in trace["otherData"]["note"]
    events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert len(events) <= MOST_EVENTS
    assert sum(event["args"].get("jobs", 1) for event in events) == 150_000
    merged = next(event for event in events if "jobs" in event["args"])
    assert merged["name"] == f"{merged['args']['jobs']:,} jobs"


def test_bars_in_the_picture_are_bounded():
    problem = problem_of(MOST_BARS + 1)
    figure = schedule_figure(problem, schedule_of(problem))
    assert len(figure.axes[0].collections[0].get_paths()) <= MOST_BARS
    assert "jobs are shorter than" in figure._supxlabel.get_text().replace("\n", " ")


def test_arrows_are_left_out_of_a_merged_trace(monkeypatch):
    problem = problems.get("resnet50/S2/bw16/gall/i0/dep")
    schedule = problem.schedule(np.arange(problem.num_jobs) % 4, np.arange(problem.num_jobs))
    assert any(event["ph"] == "s" for event in chrome_trace(problem, schedule)["traceEvents"])
    monkeypatch.setattr("reports.schedules.trace.MOST_EVENTS", 20)
    trace = chrome_trace(problem, schedule)
    assert not any(event["ph"] in "sf" for event in trace["traceEvents"])
    assert "note" in trace["otherData"]
