from .frames.instances import instances_table
from .frames.runs import runs_table, trajectories_table
from .frames.summary import overall_table, summary_table
from .terminal import print_summary
from .writing import write_report

__all__ = [
    "instances_table",
    "overall_table",
    "print_summary",
    "runs_table",
    "summary_table",
    "trajectories_table",
    "write_report",
]
