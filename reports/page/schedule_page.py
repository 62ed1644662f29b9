"""Render one schedule as a self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping

from problems import Problem, Schedule
from reports.page.assets import CHARTS, render_page
from reports.page.schedule_data import schedule_data
from reports.schedules.accounting import account_of
from reports.schedules.deciding import (
    CORE_HEADS,
    above_bound,
    core_rows,
    facts_of_account,
    network_heads,
    network_rows,
    sentence_of,
)
from reports.wording.units import amount

MOST_CERTIFIED = 5_000
"""Most jobs for which a page computes a certificate, which takes seconds."""


def render_schedule_html(
    problem: Problem, schedule: Schedule, title: str, limits: Mapping[str, float] | None = None
) -> str:
    """Render a page with the jobs of each core and the memory bandwidth over time; of very many jobs, short ones merge.

    Args:
        problem: Problem that was mapped.
        schedule: Schedule of a mapping of ``problem``.
        title: Title of the page.
        limits: Cycles that networks must be done in, by name.
    """
    account = account_of(problem, schedule, limits)
    facts = {
        "Problem": problem.id,
        "Makespan": f"{amount(schedule.makespan)} cycles{_gap(problem, schedule)}",
        "Jobs": amount(problem.num_jobs),
        "Cores": amount(problem.num_cores),
        "Memory bandwidth": f"{amount(schedule.system_bandwidth)} GB/s",
        **{name.capitalize(): text for name, text in facts_of_account(problem, account)},
    }
    tables = (
        ("Cores", CORE_HEADS, core_rows(account)),
        ("Networks", network_heads(account), network_rows(account)),
    )
    chart = schedule_data(problem, schedule)
    data = {"cases": [{"schedule": chart}]}
    notes = list(filter(None, (chart.get("note", ""), sentence_of(account))))
    return render_page("schedule.html", CHARTS, data, title=title, facts=facts, notes=notes, tables=tables)


def _gap(problem: Problem, schedule: Schedule) -> str:
    """How far the makespan is above what no mapping can beat, to be put behind it."""
    if problem.num_jobs > MOST_CERTIFIED:
        return ""
    told = above_bound(schedule.makespan, problem.certificate().makespan)
    return f", {told}" if told else ""
