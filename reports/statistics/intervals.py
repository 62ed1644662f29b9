"""Bootstrap confidence intervals, with runs resampled within each case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.stats import bootstrap

from problems.arrays import FloatArray
from reports.frames.averages import geometric_mean, quantile
from reports.frames.summary import LEVEL, TARGETS, Tables, alpha_of
from reports.statistics.compared import case_values, compared, few_runs, left_out, unverified
from reports.statistics.targets import references
from reports.wording.numbers import count, label, percentage, ratio
from reports.wording.table import Column, Table
from reports.wording.units import SHORTFALL

RESAMPLES = 1000
"""Number of bootstrap samples."""

SEED = 0
"""Seed of the resampling."""

INTERVAL_COLUMNS = {
    "optimizer": "label in the campaign",
    "cases": "problems compared, the same for all",
    "ratio": "geometric mean over problems of the median over seeds of value / reference, where the reference is the "
    "certified bound or the best known value; with two objectives, of the reference's hypervolume / own hypervolume",
    "low": "lower end of the {level} interval; empty if there is only one run on a problem",
    "high": "upper end of the {level} interval",
}


class Statistic(Protocol):
    """A statistic of strata of runs, as ``scipy.stats.bootstrap`` takes it."""

    def __call__(self, *strata: FloatArray, axis: int = -1) -> FloatArray:
        """Reduce each stratum along ``axis``, and all strata to one value."""


def interval(strata: Sequence[FloatArray], statistic: Statistic, level: float = LEVEL) -> tuple[FloatArray, FloatArray]:
    """Ends of the percentile interval (Efron & Tibshirani 1993, ch. 13), resampling within each stratum.

    Args:
        strata: ``(..., R_i)`` arrays with the runs of each stratum along the last axis; they may be infinite.
        statistic: Statistic of the strata.
        level: Level of confidence.

    Returns:
        Lower and upper ends, ``(...)`` each; NaN if there is no stratum, or one has a single run.
    """
    if not strata or min(values.shape[-1] for values in strata) < 2:
        none = np.full(strata[0].shape[:-1] if strata else (), np.nan)
        return none, none
    with np.errstate(invalid="ignore"):  # scipy's own interval, which is not used, fails on infinite values
        drawn = bootstrap(
            strata, statistic, n_resamples=RESAMPLES, batch=100, vectorized=True, axis=-1, method="percentile", rng=SEED
        ).bootstrap_distribution
    alpha = alpha_of(level)
    low, high = (quantile(np.moveaxis(drawn, -1, 0), q) for q in (alpha / 2.0, 1.0 - alpha / 2.0))
    return low, high


def mean_of_means(*strata: FloatArray, axis: int = -1) -> FloatArray:
    """Mean over strata of the mean over runs, so that all strata have the same weight."""
    return np.asarray(np.mean([values.mean(axis=axis) for values in strata], axis=0))


def geometric_mean_of_medians(*strata: FloatArray, axis: int = -1) -> FloatArray:
    """Geometric mean over strata of the median over runs; values are positive and may be infinite."""
    medians = np.array([quantile(np.moveaxis(values, axis, 0), 0.5) for values in strata])
    return np.asarray(np.exp(np.log(medians).mean(axis=0)))


def interval_table(tables: Tables) -> Table:
    """Table of each optimizer's ratio to the reference, with intervals; columns as in ``INTERVAL_COLUMNS``."""
    ratios = _ratios(tables)
    rows = [_row(optimizer, own, tables.level) for optimizer, own in ratios.items()]
    frame = pd.DataFrame(rows, columns=list(INTERVAL_COLUMNS)).sort_values("ratio", kind="stable", ignore_index=True)
    return Table(
        "intervals",
        "Ratio to the reference, with bootstrap intervals",
        "Geometric mean over the compared problems of the median over seeds of value / reference; lower is better. "
        f"The reference is {TARGETS[tables.targets]}{_fallback(tables)}; with two objectives, ratios are of "
        f"hypervolumes. Intervals are {percentage(tables.level)} percentile bootstrap intervals (Efron & Tibshirani "
        "1993): runs are resampled within each problem, the problems are fixed. So they cover other seeds, not other "
        "problems; they assume independent runs. A run that failed or found no valid mapping counts as infinitely bad. "
        "If an optimizer has a single run on a problem, there is no interval.",
        frame,
        tables.meaning(INTERVAL_COLUMNS),
        {
            "optimizer": Column("Optimizer", label, number=False),
            "ratio": Column("Ratio", ratio),
            "low": Column(f"{percentage(tables.level)} from", ratio),
            "high": Column("to", ratio),
            "cases": Column("Problems", count),
        },
        marks=tuple(frame["ratio"] == frame["ratio"].min()),
        warnings=(*few_runs(tables, "bootstrap intervals are too narrow"), *left_out(tables), *unverified(tables)),
    )


def _fallback(tables: Tables) -> str:
    """A remark on the reference if some problem has none, else ""."""
    if tables.targets == "bound" and compared(tables)["lower_bound"].isna().any():
        return " (on problems without a bound, the best value found by any run)"
    if tables.targets == "best-known" and compared(tables)["best_known"].isna().any():
        return " (where none is stored, the certified lower bound)"
    return ""


def _ratios(tables: Tables) -> dict[str, list[FloatArray]]:
    """Ratios of the runs to the reference, by optimizer and then case; cases without a reference are left out."""
    reference = references(tables)
    units = tables.runs.drop_duplicates("case").set_index("case")["unit"]
    found: dict[str, list[FloatArray]] = {name: [] for name in compared(tables)["optimizer"].unique()}
    for (case, optimizer), values in case_values(tables).items():
        if np.isnan(reference[case]):
            continue
        if units[case] == SHORTFALL:
            open_share = np.maximum(1.0 - values, 0.0)
            with np.errstate(divide="ignore", invalid="ignore"):
                found[optimizer].append(np.where(open_share > 0.0, (1.0 - reference[case]) / open_share, np.inf))
        else:
            with np.errstate(divide="ignore", invalid="ignore"):  # a value of 0 is as good as a reference of 0
                found[optimizer].append(np.where(values == reference[case], 1.0, values / reference[case]))
    return found


def _row(optimizer: str, strata: Sequence[FloatArray], level: float) -> dict[str, object]:
    low, high = interval(strata, geometric_mean_of_medians, level)
    value = geometric_mean([float(quantile(values, 0.5)) for values in strata])
    return {"optimizer": optimizer, "cases": len(strata), "ratio": value, "low": float(low), "high": float(high)}
