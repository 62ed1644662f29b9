"""All views of one schedule: charts for papers, a page to look around in, a trace for Perfetto."""

from __future__ import annotations

from pathlib import Path

import numpy.typing as npt

from bench.files import write_bytes
from problems import Problem
from reports.chrome_trace import write_chrome_trace
from reports.figures.schedule import draw_schedule
from reports.schedule_page import render_schedule_html


def write_views(problem: Problem, cores: npt.ArrayLike, priorities: npt.ArrayLike, folder: Path) -> list[Path]:
    """Write ``schedule.png``, ``.svg`` and ``.html``, and ``trace.json`` for Perfetto, into ``folder``.

    Of very many jobs each view merges those that are too short to be seen in it, and says so.

    Args:
        problem: What is mapped.
        cores: ``(G,)`` the core of each job.
        priorities: ``(G,)``, low ones first.
        folder: Made if need be.

    Returns:
        Their paths.

    Raises:
        InvalidInput: If these are no mapping, or a core cannot run its job.
        StorageError: If the folder cannot be written.
    """
    schedule = problem.schedule(cores, priorities)
    charts = draw_schedule(problem, schedule, folder)
    page, trace = folder / "schedule.html", folder / "trace.json"
    write_bytes(page, render_schedule_html(problem, schedule, problem.id).encode())
    write_chrome_trace(problem, schedule, trace)
    return [*charts, page, trace]
