"""Statistics over seeds and problems: one module and one line here for each."""

from __future__ import annotations

from collections.abc import Callable

from reports.frames.summary import Tables
from reports.statistics.anytime import anytime_table
from reports.statistics.intervals import interval_table
from reports.statistics.pairwise import pair_table
from reports.statistics.profiles import profile_table
from reports.statistics.ranks import rank_table
from reports.statistics.runtime import runtime_table
from reports.wording.table import Table

STATISTICS: tuple[Callable[[Tables], Table], ...] = (
    interval_table,
    rank_table,
    pair_table,
    anytime_table,
    profile_table,
    runtime_table,
)

__all__ = ["STATISTICS"]
