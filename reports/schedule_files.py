"""Write all views of one schedule: charts, an interactive page, and a trace for Perfetto."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy.typing as npt

from problems import Problem
from problems.foundation.errors import M3EError
from problems.foundation.files import write_bytes
from problems.ids import FILE, TABLE_PLATFORM, parse_id, split_file
from reports.page.schedule_page import render_schedule_html
from reports.schedules.chart import draw_schedule
from reports.schedules.trace import write_chrome_trace


def write_views(
    problem: Problem,
    cores: npt.ArrayLike,
    priorities: npt.ArrayLike,
    folder: Path,
    limits: Mapping[str, float] | None = None,
) -> list[Path]:
    """Write ``schedule.png``, ``.svg`` and ``.html``, and ``trace.json`` for Perfetto, into ``folder``.

    With very many jobs, each view merges those too short to be seen, and says so.

    Args:
        problem: Problem that is mapped.
        cores: ``(G,)`` core of each job.
        priorities: ``(G,)`` priority of each job; low ones run first.
        folder: Output folder; created if missing.
        limits: Cycles that networks must be done in, by name.

    Returns:
        Paths of the files.

    Raises:
        InvalidInput: If the arrays are not a valid mapping, or a core cannot run its job.
        StorageError: If the folder cannot be written.
    """
    schedule = problem.schedule(cores, priorities)
    charts = draw_schedule(problem, schedule, folder)
    page, trace = folder / "schedule.html", folder / "trace.json"
    write_bytes(page, render_schedule_html(problem, schedule, heading_of(problem.id), limits).encode())
    write_chrome_trace(problem, schedule, trace)
    return [*charts, page, trace]


def heading_of(problem_id: str) -> str:
    """Return workload and platform of a problem, files by their names; the id itself if it cannot be parsed."""
    try:
        parts = parse_id(problem_id)
    except M3EError:
        return problem_id
    names = [split_file(own)[0].stem if own.startswith(FILE) else own for own in (parts.task, parts.platform)]
    return f"{names[0]} with its own cores" if parts.platform == TABLE_PLATFORM else " on ".join(names)
