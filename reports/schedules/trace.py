"""Export a schedule as a trace for browser viewers: ui.perfetto.dev and chrome://tracing.

The format is the Trace Event Format of the Chromium project (Duca & Sinclair 2016). Its times are microseconds; a cycle
is a nanosecond (1 GHz). Perfetto counts whole nanoseconds and would show consecutive jobs as nested if one were rounded
up and the other down, so starts and ends are rounded, not durations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np

from problems import Problem, Schedule
from problems.arrays import FloatArray
from problems.foundation.files import write_atomically
from reports.schedules.bars import Bars, bars_of
from reports.schedules.labels import core_labels, network_and_layer

MOST_EVENTS = 100_000
"""Most jobs shown one by one (some 50 MB); with more, short ones are merged."""

MOST_ARROWS = 10_000
"""Most dependencies drawn; with more, none is."""

_PROCESS = 1
_FIRST_THREAD = 2
"""To Perfetto, thread 0 is the idle thread, and the one numbered like the process its main thread."""

Event = dict[str, object]
"""A trace event; its keys depend on its phase."""


class Trace(TypedDict):
    """A trace in the Trace Event Format.

    Attributes:
        displayTimeUnit: Unit of time in the viewer.
        otherData: Metadata.
        traceEvents: Events.
    """

    displayTimeUnit: str
    otherData: dict[str, str | float]
    traceEvents: list[Event]


def chrome_trace(problem: Problem, schedule: Schedule) -> Trace:
    """The trace, ready for JSON: a track for each core, the bandwidth over time, and arrows for dependencies.

    The bandwidth has two counters, because chrome://tracing stacks the series of a single one.

    Args:
        problem: Problem that was mapped.
        schedule: Schedule of a mapping of ``problem``.
    """
    names = network_and_layer(problem)
    bars = bars_of(schedule, [network for network, _ in names], most=MOST_EVENTS, finest=MOST_EVENTS)
    events = [*_tracks(problem), *_jobs(problem, names, bars), *_counters(bars)]
    if not bars.note:
        events += _arrows(problem, schedule)
    about: dict[str, str | float] = {
        "problem": problem.id,
        "makespan_cycles": schedule.makespan,
        "system_bandwidth_gbps": schedule.system_bandwidth,
        "time": "1 ns is 1 cycle at 1 GHz",
    }
    if bars.note:
        about["note"] = bars.note
    return {"displayTimeUnit": "ns", "otherData": about, "traceEvents": events}


def write_chrome_trace(problem: Problem, schedule: Schedule, path: Path) -> None:
    """Write the trace as JSON, one event per line.

    Raises:
        StorageError: If the folder cannot be written.
    """
    trace = chrome_trace(problem, schedule)
    head = _json({key: value for key, value in trace.items() if key != "traceEvents"})
    lines = ",\n".join(_json(event) for event in trace["traceEvents"])
    text = f'{head[:-1]}, "traceEvents": [\n{lines}\n]}}\n'
    write_atomically(path, lambda file: file.write(text.encode()))


def _tracks(problem: Problem) -> Iterator[Event]:
    """Name events of all cores, idle ones included, in order."""
    yield _event("M", "process_name", {"args": {"name": f"m3e {problem.id}"}})
    for core, name in enumerate(core_labels(problem)):
        thread = _FIRST_THREAD + core
        yield _event("M", "thread_name", {"tid": thread, "args": {"name": name}})
        yield _event("M", "thread_sort_index", {"tid": thread, "args": {"sort_index": core}})


def _jobs(problem: Problem, names: Sequence[tuple[str, str]], bars: Bars) -> Iterator[Event]:
    """A complete event for each bar, by start."""
    starts, ends = np.rint(bars.starts), np.rint(bars.ends)
    times, durations = _microseconds(starts), _microseconds(ends - starts)
    for bar in np.lexsort((ends, starts)).tolist():
        network, layer = names[bars.jobs[bar]]
        merged = int(bars.counts[bar])
        content: Event = {
            "cat": network or "job",
            "tid": _FIRST_THREAD + int(bars.cores[bar]),
            "ts": float(times[bar]),
            "dur": float(durations[bar]),
        }
        if merged == 1:
            yield _event("X", layer, content | {"args": _job_args(problem, names, bars, bar)})
        else:
            yield _event("X", f"{merged:,} jobs", content | {"args": {"jobs": merged, "most_of": network}})


def _job_args(problem: Problem, names: Sequence[tuple[str, str]], bars: Bars, bar: int) -> dict[str, str | float]:
    """Details of a single job."""
    job, core = int(bars.jobs[bar]), int(bars.cores[bar])
    network, layer = names[job]
    cycles = float(bars.ends[bar] - bars.starts[bar])
    latency = float(problem.job_table.latency[job, core])
    return {
        "job": job,
        "network": network,
        "layer": layer,
        "cycles": cycles,
        "latency_cycles": latency,
        "bandwidth_gbps": float(problem.job_table.bandwidth[job, core]),
        "stall_share": max(0.0, 1.0 - latency / cycles) if cycles > 0.0 else 0.0,
    }


def _counters(schedule: Bars) -> Iterator[Event]:
    """Used and requested GB/s at each change of either, 0 at the end."""
    times = np.rint(schedule.times)
    values = np.stack([schedule.used_bandwidth, schedule.demands], axis=1)
    values = np.concatenate([values, np.zeros((1, 2))])
    last = np.append(times[1:] > times[:-1], True)  # the last of several within one nanosecond
    times, values = times[last], values[last]
    changed = np.append(True, (values[1:] != values[:-1]).any(axis=1))
    for time, (used, requested) in zip(_microseconds(times)[changed], values[changed].tolist(), strict=True):
        for what, value in (("used", used), ("requested", requested)):
            yield _event("C", f"memory bandwidth {what}", {"ts": float(time), "args": {"GB/s": value}})


def _arrows(problem: Problem, schedule: Schedule) -> Iterator[Event]:
    """Arrows from each job to its successors, unless there are too many.

    An arrow is tied to the jobs running at its two ends, so jobs of zero length cannot have one.
    """
    before = () if problem.precedence is None else problem.precedence.predecessors
    pairs = [(other, job) for job, others in enumerate(before) for other in sorted(set(others))]
    starts, ends = np.rint(schedule.starts), np.rint(schedule.ends)
    leaves, arrives = _microseconds(ends - 1.0), _microseconds(starts)
    if len(pairs) > MOST_ARROWS:
        return
    for number, (other, job) in enumerate(pairs):
        if min(ends[other] - starts[other], ends[job] - starts[job]) < 1.0:
            continue
        same: Event = {"cat": "dependency", "id": number}
        start, end = (_FIRST_THREAD + schedule.cores[[other, job]]).tolist()
        yield _event("s", "dependency", same | {"tid": start, "ts": float(leaves[other])})
        yield _event("f", "dependency", same | {"tid": end, "ts": float(arrives[job]), "bp": "e"})


def _event(phase: str, name: str, content: Event) -> Event:
    return {"ph": phase, "name": name, "pid": _PROCESS, **content}


def _microseconds(whole_cycles: FloatArray) -> FloatArray:
    """Whole cycles in microseconds, such that 1,000 times these both rounds and truncates to the same cycles."""
    times = whole_cycles / 1000.0
    return np.where(times * 1000.0 < whole_cycles, np.nextafter(times, np.inf), times)


def _json(content: object) -> str:
    return json.dumps(content, allow_nan=False)
