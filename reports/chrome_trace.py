"""A schedule as a trace for the viewers of browsers: ui.perfetto.dev and chrome://tracing.

The format is the Trace Event Format of the Chromium project (Duca & Sinclair 2016). Its times are microseconds; a cycle
is a nanosecond, as everywhere at 1 GHz. Perfetto counts whole nanoseconds, and would take jobs that follow each other
for nested ones if one of them were rounded up and the other down: so starts and ends are rounded, not durations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.files import write_atomically
from problems import Problem, Schedule
from reports.schedule_bars import Bars, bars_of

FloatArray = npt.NDArray[np.float64]

MOST_EVENTS = 100_000
"""Of more jobs the short ones are merged; some 50 MB."""

MOST_ARROWS = 10_000
"""Of more dependencies than that none is drawn."""

_PROCESS = 1
_FIRST_THREAD = 2  # thread 0 is the idle one to Perfetto, and the one with the number of the process its main one


def chrome_trace(problem: Problem, schedule: Schedule) -> dict[str, Any]:
    """The trace, ready for JSON: a track for each core, the bandwidth over time, and arrows for dependencies.

    The bandwidth is in two counters, as chrome://tracing stacks the series of one.

    Args:
        problem: What was mapped.
        schedule: Of a mapping of ``problem``.
    """
    names = network_and_layer(problem)
    bars = bars_of(schedule, [network for network, _ in names], most=MOST_EVENTS, finest=MOST_EVENTS)
    events = [*_tracks(problem), *_jobs(problem, names, bars), *_counters(bars)]
    if not bars.note:
        events += _arrows(problem, schedule)
    about = {
        "problem": problem.id,
        "makespan_cycles": schedule.makespan,
        "system_bandwidth_gbps": schedule.system_bandwidth,
        "time": "1 ns is 1 cycle at 1 GHz",
        **({"note": bars.note} if bars.note else {}),
    }
    return {"displayTimeUnit": "ns", "otherData": about, "traceEvents": events}


def write_chrome_trace(problem: Problem, schedule: Schedule, path: Path) -> None:
    """Write the trace as JSON, an event a line.

    Raises:
        StorageError: If the folder cannot be written.
    """
    trace = chrome_trace(problem, schedule)
    lines = ",\n".join(_json(event) for event in trace.pop("traceEvents"))
    text = f'{_json(trace)[:-1]}, "traceEvents": [\n{lines}\n]}}\n'
    write_atomically(path, lambda file: file.write(text.encode()))


def network_and_layer(problem: Problem) -> list[tuple[str, str]]:
    """Of each job the network, or "", and the name of its layer, or its number."""
    names = problem.job_names or tuple(str(job) for job in range(problem.num_jobs))
    return [(network, layer) if slash else ("", network) for network, slash, layer in (n.partition("/") for n in names)]


def core_labels(problem: Problem) -> Sequence[str]:
    """Of each core its name, or its number."""
    return problem.core_names or [f"core {core}" for core in range(problem.num_cores)]


def _tracks(problem: Problem) -> Iterator[dict[str, Any]]:
    """The names of all cores, idle ones too, in their order."""
    yield _event("M", "process_name", args={"name": f"m3e {problem.id}"})
    for core, name in enumerate(core_labels(problem)):
        thread = _FIRST_THREAD + core
        yield _event("M", "thread_name", tid=thread, args={"name": name})
        yield _event("M", "thread_sort_index", tid=thread, args={"sort_index": core})


def _jobs(problem: Problem, names: Sequence[tuple[str, str]], bars: Bars) -> Iterator[dict[str, Any]]:
    """A complete event for each bar, by start."""
    starts, ends = np.rint(bars.starts), np.rint(bars.ends)
    times, durations = _microseconds(starts), _microseconds(ends - starts)
    for bar in np.lexsort((ends, starts)).tolist():
        network, layer = names[bars.jobs[bar]]
        merged = int(bars.counts[bar])
        args = _of_job(problem, names, bars, bar) if merged == 1 else {"jobs": merged, "most_of": network}
        place = {"cat": network or "job", "tid": _FIRST_THREAD + int(bars.cores[bar])}
        name = layer if merged == 1 else f"{merged:,} jobs"
        yield _event("X", name, **place, ts=float(times[bar]), dur=float(durations[bar]), args=args)


def _of_job(problem: Problem, names: Sequence[tuple[str, str]], bars: Bars, bar: int) -> dict[str, Any]:
    """What is told of a single job."""
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


def _counters(schedule: Bars) -> Iterator[dict[str, Any]]:
    """Used and requested GB/s at each change of either, 0 at the end."""
    times = np.rint(schedule.times)
    values = np.stack([schedule.used_bandwidth, schedule.demands], axis=1)
    values = np.concatenate([values, np.zeros((1, 2))])
    last = np.append(times[1:] > times[:-1], True)  # of those within one nanosecond
    times, values = times[last], values[last]
    changed = np.append(True, (values[1:] != values[:-1]).any(axis=1))
    for time, (used, requested) in zip(_microseconds(times)[changed], values[changed].tolist(), strict=True):
        for what, value in (("used", used), ("requested", requested)):
            yield _event("C", f"memory bandwidth {what}", ts=float(time), args={"GB/s": value})


def _arrows(problem: Problem, schedule: Schedule) -> Iterator[dict[str, Any]]:
    """From each job to those that wait for it, unless there are too many.

    An arrow is tied to the jobs that run at its ends, so that one of no time can have none.
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
        same = {"cat": "dependency", "id": number}
        threads = (_FIRST_THREAD + schedule.cores[[other, job]]).tolist()
        yield _event("s", "dependency", **same, tid=threads[0], ts=float(leaves[other]))
        yield _event("f", "dependency", **same, tid=threads[1], ts=float(arrives[job]), bp="e")


def _event(phase: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"ph": phase, "name": name, "pid": _PROCESS, **rest}


def _microseconds(whole_cycles: FloatArray) -> FloatArray:
    """Of whole cycles; 1,000 times them is no less than these, whether a reader then rounds or truncates."""
    times = whole_cycles / 1000.0
    return np.where(times * 1000.0 < whole_cycles, np.nextafter(times, np.inf), times)


def _json(content: object) -> str:
    return json.dumps(content, allow_nan=False)
