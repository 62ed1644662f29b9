"""Anytime performance: the area under the curve of reached targets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from reports.frames.effort import CPU, EVALUATIONS, Effort
from reports.frames.summary import Tables
from reports.statistics.compared import among, compared, few_runs, left_out, unverified
from reports.statistics.intervals import interval, mean_of_means
from reports.statistics.runtime import first_hits
from reports.statistics.targets import FAILED_NOTE, NOTES, runtimes
from reports.wording.numbers import count, label, percent, percentage, ratio
from reports.wording.table import Column, Table

ANYTIME_COLUMNS = {
    "optimizer": "label in the campaign",
    "cases": "problems compared, the same for all",
    "area": "area under the share of targets reached over the logarithm of evaluations, 0 to 1, mean over problems",
    "low": "lower end of the {level} bootstrap interval; empty if there is only one run on a problem",
    "high": "upper end of the {level} bootstrap interval",
    "reached": "share of targets reached at the end",
    "area_cpu": "area likewise over the logarithm of CPU seconds, on each problem from the first target that any "
    "optimizer reaches to the end of the longest run; empty if CPU times are unknown",
    "low_cpu": "lower end of its {level} bootstrap interval",
    "high_cpu": "upper end of its {level} bootstrap interval",
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
    frame = _areas(tables, EVALUATIONS).merge(
        _areas(tables, CPU)[["optimizer", *_ENDS_CPU]], on="optimizer", how="left"
    )
    frame = frame[list(ANYTIME_COLUMNS)].sort_values("area", ascending=False, kind="stable", ignore_index=True)
    level = percentage(tables.level)
    return Table(
        "anytime",
        "Anytime performance",
        "Area under the share of targets reached over the logarithm of evaluations, from the first to the budget, as a "
        "share of the whole (Hansen et al. 2021); higher is better. Early progress counts as much as late progress: "
        "every factor in evaluations has the same weight, as has every problem and every target. A run that stops "
        f"early keeps the targets it has reached; it is not restarted. {FAILED_NOTE} {NOTES[tables.targets]} Intervals "
        f"are {level} bootstrap intervals over runs within each problem; they assume independent runs. Area, CPU: "
        "the same over the logarithm of CPU seconds, on each problem from the first target that any optimizer reaches "
        "to the end of the longest run; so it depends on which optimizers take part, and on the machine.",
        frame,
        tables.meaning(ANYTIME_COLUMNS),
        {
            "optimizer": Column("Optimizer", label, number=False),
            "area": Column("Area", ratio),
            "low": Column(f"{level} from", ratio),
            "high": Column("to", ratio),
            "reached": Column("Targets reached", percent),
            "area_cpu": Column("Area, CPU", ratio),
            "cases": Column("Problems", count),
        },
        marks=tuple((frame["area"] == frame["area"].max()) & (frame["area"] > 0.0)),
        warnings=(*few_runs(tables, "bootstrap intervals are too narrow"), *left_out(tables), *unverified(tables)),
    )


_ENDS_CPU = [f"{name}{CPU.suffix}" for name in ("area", "low", "high")]


def _areas(tables: Tables, effort: Effort) -> pd.DataFrame:
    """The area of each optimizer, with its interval; ``reached`` and ``cases`` beside."""
    hits = among(runtimes(tables, effort), compared(tables))
    first = hits.groupby("case")[effort.name].min().fillna(effort.least)
    starts = first if effort is CPU else first.clip(upper=effort.least)  # evaluations count from 1
    groups = hits.groupby("optimizer", sort=False)
    rows = [_row(own, starts, effort, tables.level) | {"optimizer": str(name)} for name, own in groups]
    ends = [f"{name}{effort.suffix}" for name in ("area", "low", "high")]
    return pd.DataFrame(rows, columns=["optimizer", "cases", *ends, "reached"])


def _row(hits: pd.DataFrame, starts: pd.Series, effort: Effort, level: float) -> dict[str, object]:
    """The row of one optimizer; ``starts`` tells where the curve of each case starts."""
    cases = [(starts[case], first_hits(own, effort), own["budget"].max()) for case, own in hits.groupby("case")]
    strata = [area(found / start, float(budget / start)) for start, found, budget in cases]
    low, high = interval(strata, mean_of_means, level)
    ends = {"area": float(mean_of_means(*strata)), "low": float(low), "high": float(high)}
    return {
        "cases": len(strata),
        **{f"{name}{effort.suffix}": value for name, value in ends.items()},
        "reached": float(np.mean([np.isfinite(found).mean() for _, found, _ in cases])),
    }
