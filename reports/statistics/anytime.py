"""Anytime performance: the area under the curve of reached targets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from reports.frames.summary import Tables
from reports.statistics.compared import among, compared, few_runs, left_out
from reports.statistics.intervals import interval, mean_of_means
from reports.statistics.runtime import first_hits
from reports.statistics.targets import FAILED_NOTE, NOTES, runtimes
from reports.wording.numbers import count, label, percent, ratio
from reports.wording.table import Column, Table

ANYTIME_COLUMNS = {
    "optimizer": "label in the campaign",
    "cases": "problems compared, the same for all",
    "area": "area under the share of targets reached over the logarithm of evaluations, 0 to 1, mean over problems",
    "low": "lower end of the 95 % bootstrap interval; empty if there is only one run on a problem",
    "high": "upper end of the 95 % bootstrap interval",
    "reached": "share of targets reached at the end",
}


def area(evaluations: FloatArray, budget: float) -> FloatArray:
    """Area under the step curve of reached targets over log evaluations, as a share of the range from 1 to ``budget``.

    Args:
        evaluations: ``(..., targets)`` number of the first evaluation that reached each target; NaN if none did.
        budget: Evaluations allowed; if it is 1, a reached target counts in full.

    Returns:
        ``(...)`` areas, 0 (none reached) to 1 (all reached by the first evaluation).
    """
    left = 1.0 - np.log(evaluations) / np.log(budget) if budget > 1 else np.ones_like(evaluations)
    return np.asarray(np.where(np.isnan(evaluations), 0.0, left).mean(axis=-1))


def anytime_table(tables: Tables) -> Table:
    """Table with one row per optimizer; columns as in ``ANYTIME_COLUMNS``."""
    hits = among(runtimes(tables), compared(tables))
    rows = [_row(str(optimizer), own) for optimizer, own in hits.groupby("optimizer", sort=False)]
    frame = pd.DataFrame(rows, columns=list(ANYTIME_COLUMNS)).sort_values(
        "area", ascending=False, kind="stable", ignore_index=True
    )
    return Table(
        "anytime",
        "Anytime performance",
        "Area under the share of targets reached over the logarithm of evaluations, from the first to the budget, as a "
        "share of the whole (Hansen et al. 2021); higher is better. Early progress counts as much as late progress: "
        "every factor in evaluations has the same weight, as has every problem and every target. A run that stops "
        f"early keeps the targets it has reached; it is not restarted. {FAILED_NOTE} {NOTES[tables.targets]} Intervals "
        "are 95 % bootstrap intervals over runs within each problem; they assume independent runs.",
        frame,
        ANYTIME_COLUMNS,
        {
            "optimizer": Column("Optimizer", label, number=False),
            "area": Column("Area", ratio),
            "low": Column("95 % from", ratio),
            "high": Column("to", ratio),
            "reached": Column("Targets reached", percent),
            "cases": Column("Problems", count),
        },
        marks=tuple((frame["area"] == frame["area"].max()) & (frame["area"] > 0.0)),
        warnings=(*few_runs(tables, "bootstrap intervals are too narrow"), *left_out(tables)),
    )


def _row(optimizer: str, hits: pd.DataFrame) -> dict[str, object]:
    cases = [(first_hits(own), float(own["budget"].max())) for _, own in hits.groupby("case")]
    strata = [area(evaluations, budget) for evaluations, budget in cases]
    low, high = interval(strata, mean_of_means)
    return {
        "optimizer": optimizer,
        "cases": len(strata),
        "area": float(mean_of_means(*strata)),
        "low": float(low),
        "high": float(high),
        "reached": float(np.mean([np.isfinite(evaluations).mean() for evaluations, _ in cases])),
    }
