"""The figures of a report, in the order in which it shows them."""

from __future__ import annotations

from reports.figures.convergence import CONVERGENCE, CONVERGENCE_CPU
from reports.figures.ecdf import ECDF, ECDF_CPU
from reports.figures.profiles import PROFILES, PROFILES_CPU
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
    CONVERGENCE_CPU,
    ECDF_CPU,
    PROFILES_CPU,
)
