"""Render one schedule as a self-contained HTML page."""

from __future__ import annotations

from problems import Problem, Schedule
from reports.page.assets import CHARTS, render_page
from reports.page.schedule_data import schedule_data
from reports.wording.units import amount


def render_schedule_html(problem: Problem, schedule: Schedule, title: str) -> str:
    """Render a page with the jobs of each core and the memory bandwidth over time; of very many jobs, short ones merge.

    Args:
        problem: Problem that was mapped.
        schedule: Schedule of a mapping of ``problem``.
        title: Title of the page.
    """
    facts = {
        "Problem": problem.id,
        "Makespan": f"{amount(schedule.makespan)} cycles",
        "Jobs": amount(problem.num_jobs),
        "Cores": amount(problem.num_cores),
        "Memory bandwidth": f"{amount(schedule.system_bandwidth)} GB/s",
    }
    chart = schedule_data(problem, schedule)
    data = {"cases": [{"schedule": chart}]}
    return render_page("schedule.html", CHARTS, data, title=title, facts=facts, note=chart.get("note", ""))
