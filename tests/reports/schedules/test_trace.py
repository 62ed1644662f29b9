"""The trace against the Trace Event Format, as Perfetto's importer reads it (json_trace_parser_impl.cc)."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import problems
from problems.foundation.errors import StorageError
from reports.schedules import trace as module
from reports.schedules.trace import chrome_trace, write_chrome_trace

REQUIRED = {
    "M": {"name", "ph", "pid", "args"},
    "X": {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"},
    "C": {"name", "ph", "ts", "pid", "args"},
    "s": {"name", "cat", "ph", "id", "ts", "pid", "tid"},
    "f": {"name", "cat", "ph", "id", "ts", "pid", "tid", "bp"},
}
READERS = {"truncated": lambda us: int(us * 1000.0), "rounded": lambda us: round(us * 1000.0)}
"""To whole nanoseconds: Perfetto's older releases and its newer ones."""


@st.composite
def scheduled(draw):
    """A problem with or without dependencies, and the schedule of a mapping."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    jobs, cores = draw(st.integers(1, 40)), draw(st.integers(1, 6))
    latency = np.exp(rng.normal(draw(st.sampled_from([0.0, 9.0, 16.0])), 1.0, (jobs, cores)))
    if draw(st.booleans()):
        latency = np.round(latency)
    bandwidth = np.exp(rng.normal(0.0, 2.0, (jobs, cores)))
    before = [np.flatnonzero(rng.random(job) < 0.1).tolist() for job in range(jobs)] if draw(st.booleans()) else None
    problem = problems.from_job_table(latency, bandwidth, draw(st.sampled_from([0.1, 3.0, 1e3])), predecessors=before)
    return problem, problem.schedule(rng.integers(cores, size=jobs), rng.random(jobs))


@pytest.fixture(scope="module")
def dependent():
    problem = problems.get("resnet50/S2/bw16/gall/i0/dep")
    rng = np.random.default_rng(0)
    return problem, problem.schedule(rng.integers(4, size=problem.num_jobs), rng.random(problem.num_jobs))


def events_of(trace, *phases):
    return [event for event in trace["traceEvents"] if event["ph"] in phases]


def jobs_of(trace):
    return {event["args"]["job"]: event for event in events_of(trace, "X")}


@given(scheduled())
def test_every_event_has_what_the_format_requires(case):
    trace = json.loads(json.dumps(chrome_trace(*case), allow_nan=False))
    assert trace["displayTimeUnit"] == "ns"
    for event in trace["traceEvents"]:
        assert REQUIRED[event["ph"]] <= set(event)
        assert isinstance(event["name"], str)
        assert event["pid"] == 1
        assert all(type(event[key]) is int for key in ("tid", "id") if key in event)
        assert all(type(event[key]) is float and event[key] >= 0.0 for key in ("ts", "dur") if key in event)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@given(scheduled())
def test_jobs_of_a_track_follow_each_other_in_whole_nanoseconds(read, case):
    problem, schedule = case
    tracks = {}
    for event in events_of(chrome_trace(problem, schedule), "X"):
        tracks.setdefault(event["tid"], []).append((read(event["ts"]), read(event["dur"])))
    for track in tracks.values():
        assert all(start + duration <= later for (start, duration), (later, _) in pairwise(track))


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@given(scheduled())
def test_starts_and_durations_are_those_of_the_schedule_to_a_cycle(read, case):
    problem, schedule = case
    jobs = jobs_of(chrome_trace(problem, schedule))
    assert sorted(jobs) == list(range(problem.num_jobs))
    for job, event in jobs.items():
        start, end = schedule.starts[job], schedule.ends[job]
        assert abs(read(event["ts"]) - start) <= 0.5
        assert abs(read(event["ts"]) + read(event["dur"]) - end) <= 0.5
        assert event["args"]["cycles"] == end - start


@given(scheduled())
def test_a_job_says_what_it_costs_and_how_much_of_its_time_is_stall(case):
    problem, schedule = case
    for job, event in jobs_of(chrome_trace(problem, schedule)).items():
        core, args = schedule.cores[job], event["args"]
        assert args["latency_cycles"] == problem.job_table.latency[job, core]
        assert args["bandwidth_gbps"] == problem.job_table.bandwidth[job, core]
        assert 0.0 <= args["stall_share"] < 1.0
        assert args["cycles"] * (1.0 - args["stall_share"]) == pytest.approx(args["latency_cycles"], rel=1e-9, abs=1e-9)


@given(scheduled())
def test_counters_ascend_in_time_stay_below_the_limit_and_end_at_zero(case):
    problem, schedule = case
    trace = chrome_trace(problem, schedule)
    counters = {}
    for event in events_of(trace, "C"):
        counters.setdefault(event["name"], []).append((event["ts"], event["args"]["GB/s"]))
    used, requested = (counters[f"memory bandwidth {what}"] for what in ("used", "requested"))
    assert [time for time, _ in used] == [time for time, _ in requested]
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(used))
    assert all(u == min(r, problem.system_bandwidth) for (_, u), (_, r) in zip(used, requested, strict=True))
    assert used[0][0] == 0.0
    assert requested[-1][1] == 0.0
    assert used[-1][0] * 1000.0 <= schedule.makespan + 1.0


def test_the_counters_are_the_bandwidth_of_the_schedule(dependent):
    problem, schedule = dependent
    times = np.array([e["ts"] for e in events_of(chrome_trace(problem, schedule), "C") if "used" in e["name"]])
    values = [e["args"]["GB/s"] for e in events_of(chrome_trace(problem, schedule), "C") if "used" in e["name"]]
    flow = (np.diff(1000.0 * times) * values[:-1]).sum()
    assert flow == pytest.approx((np.diff(schedule.times) * schedule.used_bandwidth).sum(), rel=1e-4)  # whole ns


def test_every_core_has_a_named_track_in_order_also_an_idle_one():
    problem = problems.get("mix/S2/bw1/g10/i0")
    trace = chrome_trace(problem, problem.schedule([2] * 10, range(10)))
    names = {e["tid"]: e["args"]["name"] for e in events_of(trace, "M") if e["name"] == "thread_name"}
    order = {e["tid"]: e["args"]["sort_index"] for e in events_of(trace, "M") if e["name"] == "thread_sort_index"}
    (process,) = (e["args"]["name"] for e in events_of(trace, "M") if e["name"] == "process_name")
    assert process == "m3e mix/S2/bw1/g10/i0"
    assert [names[track] for track in sorted(order, key=order.get)] == list(problem.core_names)
    assert not {0, 1} & set(names)  # Perfetto's idle thread, and the main thread of process 1
    assert {names[e["tid"]] for e in events_of(trace, "X")} == {problem.core_names[2]}


@pytest.mark.parametrize(
    ("name", "network", "layer"),
    [("net/conv", "net", "conv"), ("net//conv/0", "net", "/conv/0"), ("conv", "", "conv"), ("", "", "")],
)
def test_names_are_network_and_layer(name, network, layer):
    problem = problems.Problem("own", problems.JobTable(np.ones((1, 1)), np.ones((1, 1)), None, (name,)), 1.0)
    (event,) = events_of(chrome_trace(problem, problem.schedule([0], [0])), "X")
    assert (event["args"]["network"], event["args"]["layer"], event["name"]) == (network, layer, layer)


def test_without_names_jobs_and_cores_have_numbers():
    problem = problems.from_job_table(np.ones((2, 2)), np.ones((2, 2)), 1.0)
    trace = chrome_trace(problem, problem.schedule([1, 1], [0, 1]))
    assert [event["name"] for event in events_of(trace, "X")] == ["0", "1"]
    assert [e["args"]["name"] for e in events_of(trace, "M") if e["name"] == "thread_name"] == ["core 0", "core 1"]


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@given(case=scheduled())
def test_arrows_lead_from_within_a_job_to_within_one_that_waits_for_it(read, case):
    problem, schedule = case
    trace = chrome_trace(problem, schedule)
    jobs = [(e["tid"], read(e["ts"]), read(e["ts"]) + read(e["dur"]), j) for j, e in jobs_of(trace).items()]
    ends = {}
    for event in events_of(trace, "s", "f"):
        time = read(event["ts"])
        inside = [job for track, start, end, job in jobs if track == event["tid"] and start <= time < end]
        assert len(inside) == 1
        ends.setdefault(event["id"], {})[event["ph"]] = inside[0]
    before = () if problem.precedence is None else problem.precedence.predecessors
    long = {job for _, start, end, job in jobs if start < end}
    pairs = {(other, job) for job, others in enumerate(before) for other in others if {other, job} <= long}
    assert {(arrow["s"], arrow["f"]) for arrow in ends.values()} == pairs


def test_too_many_arrows_are_left_out(dependent, monkeypatch):
    number = sum(map(len, dependent[0].precedence.predecessors))
    monkeypatch.setattr(module, "MOST_ARROWS", number)
    assert len(events_of(chrome_trace(*dependent), "s")) == number
    monkeypatch.setattr(module, "MOST_ARROWS", number - 1)
    assert not events_of(chrome_trace(*dependent), "s", "f")


def test_jobs_come_before_the_arrows_that_are_tied_to_them(dependent):
    phases = "".join(event["ph"] for event in chrome_trace(*dependent)["traceEvents"])
    assert phases.rindex("X") < phases.index("s")


def test_the_file_holds_the_trace_an_event_a_line(dependent, tmp_path):
    trace = chrome_trace(*dependent)
    write_chrome_trace(*dependent, tmp_path / "trace.json")
    text = (tmp_path / "trace.json").read_text()
    assert json.loads(text) == trace
    assert len(text.splitlines()) == len(trace["traceEvents"]) + 2
    with pytest.raises(StorageError, match="cannot write"):
        write_chrome_trace(*dependent, tmp_path / "missing" / "trace.json")


def test_jobs_of_no_time_are_kept_and_hostile_names_are_json(tmp_path):
    names = ('"\\\n\u4e2d', "a/</script>")
    table = problems.JobTable(np.zeros((2, 1)), np.ones((2, 1)), None, names)
    problem = replace(problems.Problem("own", table, 1.0), id='"id"')
    trace = chrome_trace(problem, problem.schedule([0, 0], [0, 0]))
    assert [event["dur"] for event in events_of(trace, "X")] == [0.0, 0.0]
    assert [event["args"]["stall_share"] for event in events_of(trace, "X")] == [0.0, 0.0]
    write_chrome_trace(problem, problem.schedule([0, 0], [0, 0]), tmp_path / "trace.json")
    assert json.loads((tmp_path / "trace.json").read_bytes()) == trace
