"""The figures of a report, in the order in which it shows them."""

from __future__ import annotations

from reports.figures.convergence import CONVERGENCE
from reports.figures.ecdf import ECDF
from reports.figures.profiles import PROFILES
from reports.figures.ranks import RANKS
from reports.figures.throughput import THROUGHPUT
from reports.figures.time import TIME
from reports.figures.winrates import WINRATES

FIGURES = (
    THROUGHPUT,
    CONVERGENCE,
    TIME,
    ECDF,
    PROFILES,
    RANKS,
    WINRATES,
)
