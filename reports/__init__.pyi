from .frames.instances import instances_table
from .frames.runs import runs_table, trajectories_table
from .frames.summary import Tables, make_tables, overall_table, summary_table
from .published import published
from .schedules.chart import schedule_figure
from .statistics.comparison import Comparison, compare
from .statistics.leading import leading_sentence
from .statistics.pairwise import pair_table
from .storage.replay import CheckedCampaign
from .storage.results import read_results
from .storage.selecting import select
from .terminal import print_summary
from .wording.table import Table
from .writing import write_report, write_table

__all__ = [
    "CheckedCampaign",
    "Comparison",
    "Table",
    "Tables",
    "compare",
    "instances_table",
    "leading_sentence",
    "make_tables",
    "overall_table",
    "pair_table",
    "print_summary",
    "published",
    "read_results",
    "runs_table",
    "schedule_figure",
    "select",
    "summary_table",
    "trajectories_table",
    "write_report",
    "write_table",
]
