"""Bootstrap intervals: runs are drawn again within each case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from scipy.stats import bootstrap

from problems.arrays import FloatArray
from reports.frames.averages import geometric_mean, quantile
from reports.frames.summary import TARGETS, Tables
from reports.statistics.compared import ALPHA, case_values, compared, few_runs, left_out
from reports.statistics.targets import references
from reports.wording.numbers import count, label, ratio
from reports.wording.table import Column, Table
from reports.wording.units import SHORTFALL

RESAMPLES, SEED = 1000, 0
"""How often runs are drawn again, and the seed of the draws."""

INTERVAL_COLUMNS = {
    "optimizer": "label in the campaign",
    "cases": "problems compared, the same for all",
    "ratio": "geometric mean over problems of the median over seeds of value / reference, the reference being the "
    "certified bound or the best known value; with two objectives of the reference's hypervolume / own",
    "low": "lower end of the 95 % interval; empty if there is only one run on a problem",
    "high": "upper end of the 95 % interval",
}


def interval(strata: Sequence[FloatArray], statistic: Callable[..., Any]) -> tuple[FloatArray, FloatArray]:
    """Ends of the 95 % percentile interval (Efron & Tibshirani 1993, ch. 13), with draws within each stratum.

    Args:
        strata: ``(..., R_i)`` arrays, the runs of each stratum along the last axis; they may be infinite.
        statistic: Of such arrays and the keyword ``axis``, as for ``scipy.stats.bootstrap``.

    Returns:
        The ends, ``(...)``; NaN if there is no stratum, or one has a single run.
    """
    if not strata or min(values.shape[-1] for values in strata) < 2:
        none = np.full(strata[0].shape[:-1] if strata else (), np.nan)
        return none, none
    with np.errstate(invalid="ignore"):  # of infinite values; scipy's own interval is not used
        drawn = bootstrap(
            strata, statistic, n_resamples=RESAMPLES, batch=100, vectorized=True, axis=-1, method="percentile", rng=SEED
        ).bootstrap_distribution
    low, high = (quantile(np.moveaxis(drawn, -1, 0), q) for q in (ALPHA / 2.0, 1.0 - ALPHA / 2.0))
    return low, high


def mean_of_means(*strata: FloatArray, axis: int = -1) -> FloatArray:
    """Mean over strata of the mean over runs, so that each stratum counts the same."""
    return np.asarray(np.mean([values.mean(axis=axis) for values in strata], axis=0))


def geometric_mean_of_medians(*strata: FloatArray, axis: int = -1) -> FloatArray:
    """Geometric mean over strata of the median over runs; positive values, maybe infinite."""
    medians = np.array([quantile(np.moveaxis(values, axis, 0), 0.5) for values in strata])
    return np.asarray(np.exp(np.log(medians).mean(axis=0)))


def interval_table(tables: Tables) -> Table:
    """How far each optimizer is from the reference, with how sure that is; columns as in ``INTERVAL_COLUMNS``."""
    ratios = _ratios(tables)
    rows = [_row(optimizer, own) for optimizer, own in ratios.items()]
    frame = pd.DataFrame(rows, columns=list(INTERVAL_COLUMNS)).sort_values("ratio", kind="stable", ignore_index=True)
    return Table(
        "intervals",
        "Ratio to the reference, with bootstrap intervals",
        "Geometric mean over the compared problems of the median over seeds of value / reference; lower is better. "
        f"The reference is {TARGETS[tables.targets]}{_fallback(tables)}; with two objectives ratios are of "
        "hypervolumes. Intervals are 95 % percentile bootstrap intervals (Efron & Tibshirani 1993): "
        "runs are drawn again within each problem, the "
        "problems are fixed. So they tell what other seeds might have given, not what other problems would; they "
        "assume that runs are independent. A run that failed or found no valid mapping counts as infinitely bad. "
        "Where an optimizer has a single run on a problem there is no interval.",
        frame,
        INTERVAL_COLUMNS,
        {
            "optimizer": Column("Optimizer", label, number=False),
            "ratio": Column("Ratio", ratio),
            "low": Column("95 % from", ratio),
            "high": Column("to", ratio),
            "cases": Column("Problems", count),
        },
        marks=tuple(frame["ratio"] == frame["ratio"].min()),
        warnings=(*few_runs(tables, "bootstrap intervals are too narrow"), *left_out(tables)),
    )


def _fallback(tables: Tables) -> str:
    """What is said where some problem has no bound."""
    without = tables.targets == "bound" and compared(tables)["lower_bound"].isna().any()
    return " (on problems without a bound, the best value that any run found)" * bool(without)


def _ratios(tables: Tables) -> dict[str, list[FloatArray]]:
    """By optimizer, a case at a time, the ratio of each run to the reference; cases without one are left out."""
    reference, units = references(tables), tables.runs.drop_duplicates("case").set_index("case")["unit"]
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


def _row(optimizer: str, strata: Sequence[FloatArray]) -> dict[str, Any]:
    low, high = interval(strata, geometric_mean_of_medians)
    value = geometric_mean([float(quantile(values, 0.5)) for values in strata])
    return {"optimizer": optimizer, "cases": len(strata), "ratio": value, "low": float(low), "high": float(high)}
