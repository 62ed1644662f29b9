"""Reports: tables, figures and an HTML page from stored runs; nothing here runs an optimizer.

Import is light: pandas and matplotlib load when one of these names is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.instances import instances_table
    from reports.summary import overall_table, summary_table
    from reports.tables import runs_table, trajectories_table
    from reports.terminal import print_summary
    from reports.writing import write_report

__all__ = [
    "instances_table",
    "overall_table",
    "print_summary",
    "runs_table",
    "summary_table",
    "trajectories_table",
    "write_report",
]

_HOMES = {
    "instances_table": "reports.instances",
    "overall_table": "reports.summary",
    "print_summary": "reports.terminal",
    "runs_table": "reports.tables",
    "summary_table": "reports.summary",
    "trajectories_table": "reports.tables",
    "write_report": "reports.writing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'reports' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
