"""Mean ranks, and tests of their differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import friedmanchisquare, studentized_range

from reports.frames.summary import LEVEL, Tables
from reports.statistics.compared import NOTHING, compared, left_out, repeated, unverified
from reports.wording.numbers import count, label, mean_rank, p_value, percentage
from reports.wording.table import Column, Table

FEW_CASES = 10
"""Most problems with which the chi-squared approximation of Friedman's statistic is poor (Demsar 2006)."""

RANK_COLUMNS = {
    "optimizer": "label in the campaign",
    "cases": "problems compared, the same for all",
    "mean_rank": "mean over problems of the rank of the median over seeds, 1 for the best; ties share the mean rank",
    "best": "problems on which no optimizer ranks better",
    "p_to_best": "p-value of Nemenyi's test against the optimizer with the lowest mean rank; empty for that one",
    "critical_difference": "least difference of mean ranks that is significant at the {alpha} level (Nemenyi)",
    "friedman": "Friedman's statistic; empty for fewer than three optimizers or two problems, or if all always tie",
    "friedman_p": "p-value of Friedman's test, whose null hypothesis is that all optimizers are equally good",
}


def rank_matrix(tables: Tables) -> pd.DataFrame:
    """``(cases, optimizers)`` ranks among the compared optimizers; ties share the mean rank."""
    rows = compared(tables)
    wide = rows.pivot(index="case", columns="optimizer", values="rank")
    return wide.reindex(columns=rows["optimizer"].unique())


def friedman(ranks: pd.DataFrame) -> tuple[float, float]:
    """Friedman's statistic and its p-value; NaN where it is not defined (see ``RANK_COLUMNS``)."""
    if len(ranks) < 2 or ranks.shape[1] < 3 or ranks.eq(ranks.iloc[:, 0], axis=0).all(axis=None):
        return np.nan, np.nan
    found = friedmanchisquare(*ranks.to_numpy(dtype=np.float64).T)
    return float(found.statistic), float(found.pvalue)


def critical_difference(num_optimizers: int, num_cases: int, level: float = LEVEL) -> float:
    """Nemenyi's critical difference of mean ranks (Demsar 2006, sec. 3.2.2), at 1 - ``level``; NaN below two each."""
    if num_optimizers < 2 or num_cases < 2:
        return np.nan
    q = studentized_range.ppf(level, num_optimizers, np.inf) / np.sqrt(2.0)
    return float(q * np.sqrt(num_optimizers * (num_optimizers + 1) / (6.0 * num_cases)))


def rank_numbers(tables: Tables) -> pd.DataFrame:
    """Table with one row per optimizer, best first; columns as in ``RANK_COLUMNS``."""
    ranks = rank_matrix(tables)
    statistic, p = friedman(ranks)
    content = {
        "cases": len(ranks),
        "mean_rank": ranks.mean(),
        "best": ranks.eq(ranks.min(axis=1), axis=0).sum(),
        "p_to_best": _p_to_best(ranks),
        "critical_difference": critical_difference(ranks.shape[1], len(ranks), tables.level),
        "friedman": statistic,
        "friedman_p": p,
    }
    table = pd.DataFrame(content, index=ranks.columns).rename_axis("optimizer").reset_index()
    return table[list(RANK_COLUMNS)].sort_values("mean_rank", kind="stable", ignore_index=True)


def _p_to_best(ranks: pd.DataFrame) -> pd.Series:
    """P-values of Nemenyi's test against the best, by optimizer; NaN for the best itself and below two cases."""
    if ranks.shape[1] < 2 or len(ranks) < 2:
        return pd.Series(np.nan, index=ranks.columns)
    from scikit_posthocs import posthoc_nemenyi_friedman  # takes seconds to import

    best = int(ranks.mean().to_numpy().argmin())
    p = posthoc_nemenyi_friedman(ranks.to_numpy(dtype=np.float64)).to_numpy()[best].copy()
    p[best] = np.nan
    return pd.Series(p, index=ranks.columns)


def rank_table(tables: Tables) -> Table:
    """Table of mean ranks and their tests; columns as in ``RANK_COLUMNS``."""
    frame = rank_numbers(tables)
    return Table(
        "ranks",
        "Mean ranks",
        "Mean over problems of the rank of the median over seeds within each compared problem, 1 for the best. "
        f"{_test_result(frame, tables.alpha)} The tests (Friedman 1937; Nemenyi 1963; see Demsar 2006) take "
        "problems as independent draws and use only the order of the medians: neither the size of differences nor how "
        "uncertain the medians are. Nemenyi's p-values are corrected for all pairs. An optimizer whose runs on a "
        "problem all fail or find no valid mapping ranks last there.",
        frame,
        tables.meaning(RANK_COLUMNS),
        {
            "optimizer": Column("Optimizer", label, number=False),
            "mean_rank": Column("Mean rank", mean_rank),
            "best": Column("Best on", count),
            "p_to_best": Column("p to the best", p_value),
            "cases": Column("Problems", count),
        },
        marks=tuple(frame["mean_rank"] == frame["mean_rank"].min()),
        warnings=(*_weaknesses(frame), *repeated(tables), *left_out(tables), *unverified(tables)),
    )


def _test_result(frame: pd.DataFrame, alpha: float) -> str:
    """A sentence with the results of the tests, if they are possible."""
    if frame.empty or np.isnan(frame["friedman"].iloc[0]):
        return "Friedman's test was not possible."
    first = frame.iloc[0]
    p = p_value(first["friedman_p"])
    return (
        f"Friedman's test: chi-squared {first['friedman']:.2f}, p {p if p[0] == '<' else f'= {p}'}; differences of "
        f"mean ranks are significant at the {percentage(alpha)} level from {mean_rank(first['critical_difference'])} "
        "on (Nemenyi)."
    )


def _weaknesses(frame: pd.DataFrame) -> tuple[str, ...]:
    """A warning if the tests are not possible or unreliable."""
    if frame.empty:
        return (NOTHING,)
    optimizers, cases = len(frame), int(frame["cases"].iloc[0])
    if cases < 2 or optimizers < 2:
        return ("Tests of ranks need at least two optimizers and two problems.",)
    if optimizers == 2:
        return ("Friedman's test needs three optimizers; for a pair, see Wilcoxon's test.",)
    if np.isnan(frame["friedman"].iloc[0]):
        return ("All optimizers tie on every problem, so there is nothing to test.",)
    if cases <= FEW_CASES:
        return (f"There are only {cases} problems: up to {FEW_CASES}, Friedman's p-value is only approximate.",)
    return ()
