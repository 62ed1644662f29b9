"""One schedule as an HTML file that needs nothing else."""

from __future__ import annotations

from problems import Problem, Schedule
from reports.page.assets import CHARTS, render_page
from reports.page.schedules import schedule_data
from reports.units import amount


def render_schedule_html(problem: Problem, schedule: Schedule, title: str) -> str:
    """The page: what the cores do when, and the memory bandwidth meanwhile; of very many jobs what can be seen.

    Args:
        problem: What was mapped.
        schedule: Of a mapping of ``problem``.
        title: Above it.
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
