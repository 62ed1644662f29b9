"""Mean ranks, and which of them differ by more than chance."""

from __future__ import annotations

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from scipy.stats import friedmanchisquare, studentized_range

from reports.frames.summary import Tables
from reports.statistics.compared import ALPHA, NOTHING, compared, left_out, repeated
from reports.wording.numbers import count, label, p_value, rank
from reports.wording.table import Column, Table

FEW_CASES = 10
"""With so many problems or fewer, Friedman's statistic is hardly chi-squared (Demsar 2006)."""

RANK_COLUMNS = {
    "optimizer": "label in the campaign",
    "cases": "problems compared, the same for all",
    "mean_rank": "mean over problems of the rank of the median over seeds, 1 for the best; ties share the mean",
    "best": "problems on which no optimizer ranks better",
    "p_to_best": "of Nemenyi's test against the optimizer with the lowest mean rank; empty for that one",
    "critical_difference": "mean ranks that differ by this or more differ at the 5 % level (Nemenyi)",
    "friedman": "Friedman's statistic; empty for fewer than three optimizers or two problems, or if all always tie",
    "friedman_p": "its p-value: how likely such differences of ranks are if all optimizers are equally good",
}


def rank_matrix(tables: Tables) -> pd.DataFrame:
    """One row a case, one column an optimizer: its rank among those compared; ties share the mean."""
    rows = compared(tables)
    wide = rows.pivot(index="case", columns="optimizer", values="rank")
    return wide.reindex(columns=rows["optimizer"].unique()).rank(axis=1)


def friedman(ranks: pd.DataFrame) -> tuple[float, float]:
    """Friedman's statistic and its p-value; NaN where it is not defined (see ``RANK_COLUMNS``)."""
    if len(ranks) < 2 or ranks.shape[1] < 3 or ranks.eq(ranks.iloc[:, 0], axis=0).all(axis=None):
        return np.nan, np.nan
    found = friedmanchisquare(*ranks.to_numpy(dtype=np.float64).T)
    return float(found.statistic), float(found.pvalue)


def critical_difference(num_optimizers: int, num_cases: int) -> float:
    """Of mean ranks, Nemenyi's test at the level ``ALPHA`` (Demsar 2006, section 3.2.2); NaN below two of either."""
    if num_optimizers < 2 or num_cases < 2:
        return np.nan
    q = studentized_range.ppf(1.0 - ALPHA, num_optimizers, np.inf) / np.sqrt(2.0)
    return float(q * np.sqrt(num_optimizers * (num_optimizers + 1) / (6.0 * num_cases)))


def rank_numbers(tables: Tables) -> pd.DataFrame:
    """One row an optimizer, the best first; columns as in ``RANK_COLUMNS``."""
    ranks = rank_matrix(tables)
    statistic, p = friedman(ranks)
    content = {
        "cases": len(ranks),
        "mean_rank": ranks.mean(),
        "best": ranks.eq(ranks.min(axis=1), axis=0).sum(),
        "p_to_best": _p_to_best(ranks),
        "critical_difference": critical_difference(ranks.shape[1], len(ranks)),
        "friedman": statistic,
        "friedman_p": p,
    }
    table = pd.DataFrame(content, index=ranks.columns).rename_axis("optimizer").reset_index()
    return table[list(RANK_COLUMNS)].sort_values("mean_rank", kind="stable", ignore_index=True)


def _p_to_best(ranks: pd.DataFrame) -> pd.Series:
    """By optimizer, of Nemenyi's test against the best; NaN for the best, and for fewer than two cases."""
    if ranks.shape[1] < 2 or len(ranks) < 2:
        return pd.Series(np.nan, index=ranks.columns)
    from scikit_posthocs import posthoc_nemenyi_friedman  # takes seconds to import

    best = int(ranks.mean().to_numpy().argmin())
    p = posthoc_nemenyi_friedman(ranks.to_numpy(dtype=np.float64)).to_numpy()[best].copy()
    p[best] = np.nan
    return pd.Series(p, index=ranks.columns)


def rank_table(tables: Tables) -> Table:
    """Mean ranks with their tests; columns as in ``RANK_COLUMNS``."""
    frame = rank_numbers(tables)
    return Table(
        "ranks",
        "Mean ranks",
        "Ranks of medians over seeds within each compared problem, 1 for the best, and their mean over problems. "
        f"{_test_result(frame)} The tests (Friedman 1937; Nemenyi 1963; see Demsar 2006) take problems as independent "
        "draws and use the order of medians alone: not by how much one is better, nor how sure the medians are. "
        "Nemenyi's p-values are corrected for all pairs. An optimizer all of whose runs on a problem fail or find "
        "nothing valid ranks last there.",
        frame,
        RANK_COLUMNS,
        {
            "optimizer": Column("Optimizer", label, number=False),
            "mean_rank": Column("Mean rank", rank),
            "best": Column("Best on", count),
            "p_to_best": Column("p to the best", p_value),
            "cases": Column("Problems", count),
        },
        marks=tuple(frame["mean_rank"] == frame["mean_rank"].min()),
        warnings=(*_weaknesses(frame), *repeated(tables), *left_out(tables)),
    )


def _test_result(frame: pd.DataFrame) -> str:
    """A sentence with what the tests gave, if they could be made."""
    if frame.empty or np.isnan(frame["friedman"].iloc[0]):
        return "Friedman's test could not be made."
    first = frame.iloc[0]
    p = p_value(first["friedman_p"])
    return (
        f"Friedman's test: chi-square {first['friedman']:.2f}, p {p if p[0] == '<' else f'= {p}'}; differences of "
        f"mean ranks are significant at the 5 % level from {rank(first['critical_difference'])} on (Nemenyi)."
    )


def _weaknesses(frame: pd.DataFrame) -> tuple[str, ...]:
    """A sentence on why the tests cannot be made, or are weak."""
    if frame.empty:
        return (NOTHING,)
    optimizers, cases = len(frame), int(frame["cases"].iloc[0])
    if cases < 2 or optimizers < 2:
        return ("Ranks can be tested only for two optimizers or more, on two problems or more.",)
    if optimizers == 2:
        return ("Friedman's test needs three optimizers; see Wilcoxon's test for a pair.",)
    if np.isnan(frame["friedman"].iloc[0]):
        return ("All optimizers tie on every problem: there is nothing to test.",)
    if cases <= FEW_CASES:
        return (f"There are only {cases} problems: up to {FEW_CASES}, Friedman's p-value is a rough approximation.",)
    return ()
