"""Summaries over seeds and over problems.

A run that failed or found no valid mapping counts as infinitely bad, so that no method can win by failing; missing
runs, which are planned and not stored, are only counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from problems.arrays import FloatArray
from problems.foundation.checks import is_above_zero
from problems.foundation.errors import InvalidInput, UnknownName
from reports.frames.averages import geometric_mean, quantile
from reports.frames.budgets import comparable_runs
from reports.frames.instances import instances_table
from reports.frames.runs import runs_table, trajectories_table, used
from reports.storage.readable import readable
from reports.storage.replay import CheckedCampaign
from reports.wording.numbers import percentage
from reports.wording.units import SHORTFALL

SUMMARY_COLUMNS = {
    "case": "problem, with budget and suite version where they differ",
    "problem": "problem id",
    "budget": "evaluations allowed",
    "suite_version": "version of the suite's problems",
    "objective": "minimised objective",
    "unit": "unit of the values, as in runs",
    "optimizer": "label in the campaign",
    "runs": "complete and cut runs, of those planned",
    "notes": "numbers of cut, failed, missing and infeasible runs, in words",
    "num_used": "complete and cut runs",
    "num_planned": "planned runs",
    "num_cut": "runs cut at a limit, or interrupted",
    "num_failed": "failed runs; they count as infinitely bad",
    "num_missing": "planned runs without a readable record; not in the statistics",
    "num_infeasible": "complete and cut runs that found no valid mapping; they count as infinitely bad",
    "median": "median over seeds of the best value",
    "q1": "first quartile",
    "q3": "third quartile",
    "iqr": "interquartile range: q3 - q1",
    "lower_bound": "certified lower bound of the values",
    "ratio": "median / lower_bound; empty if the bound is 0, as with two objectives",
    "gap": "ratio - 1",
    "best_known": "value of the best mapping known (m3e best); empty if none is stored",
    "ratio_to_best_known": "median / best_known",
    "ratio_to_best": "median / lowest median of any ranked optimizer on the case; with two objectives, highest "
    "hypervolume / own hypervolume, where the hypervolume is 1 - median",
    "rank": "rank of the median on the case, 1 for the best; ties share the mean rank; empty if not ranked",
}

OVERALL_COLUMNS = {
    "optimizer": "label in the campaign",
    "runs": "complete and cut runs, of those planned",
    "notes": "numbers of cut, failed, missing and infeasible runs, in words",
    "num_used": "complete and cut runs",
    "num_planned": "planned runs",
    "num_cut": "runs cut at a limit, or interrupted",
    "num_failed": "failed runs",
    "num_missing": "planned runs without a readable record",
    "num_infeasible": "complete and cut runs that found no valid mapping",
    "num_compared": "cases over which mean_rank, num_best and the ratios are computed, the same for all ranked "
    "optimizers, and for those that are listed apart; else 0",
    "mean_rank": "mean rank over the compared cases; empty if not ranked",
    "num_best": "compared cases on which no ranked optimizer has a lower median",
    "ratio": "geometric mean of ratio over the compared cases with a positive bound; infinite if the median is on any",
    "ratio_to_best": "geometric mean of ratio_to_best over the compared cases",
    "ratio_to_best_known": "geometric mean of ratio_to_best_known over the compared cases that have one",
    "evaluate_share": "median over runs of the share of wall time spent evaluating mappings",
    "cpu_seconds_per_1000": "median over runs of CPU seconds per 1,000 evaluations",
}

TARGETS = {
    "bound": "the certified lower bound, which no mapping can beat and which does not depend on the runs",
    "best": "the best value found by any run of the campaign",
    "best-known": "the best value known (m3e best)",
}
"""References to which the targets of statistics are gaps."""

GAPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Targets as gaps: fractions of the reference; for shortfalls, absolute differences to it, below 1 only."""

LARGEST_GAP = 1e6
"""Largest gap that a target can be."""

LEVEL = 0.95
"""Level of confidence intervals; differences are significant at 1 - ``LEVEL``."""

REMARKABLE = ("cut", "failed")
"""Statuses of runs that are counted separately."""

APART = "sees the job table and evaluates beyond the budget: not ranked"
"""Note on an optimizer that is listed apart."""

TOLD = "told, not verified"
"""Note on an optimizer whose results were made elsewhere."""

_TIE_DIGITS = 10
"""Significant digits (decimal places of shortfalls) in which tied values agree; the rest is rounding."""


@dataclass(frozen=True, eq=False)
class Tables:
    """All tables from which figures and reports are made.

    Attributes:
        campaign: Source of the tables; runs of different budgets are cut short to the one that they have in common.
        runs: Result of ``runs_table``.
        summary: Result of ``summary_table``.
        overall: Result of ``overall_table``.
        instances: Result of ``instances_table``.
        targets: Reference of the statistics' targets, a key of ``TARGETS``.
        gaps: The targets, as rising gaps to the reference, for instance 0.1 for 10 %.
        level: Level of confidence intervals, between 0 and 1; tests are significant below 1 - ``level``.
    """

    campaign: CheckedCampaign
    runs: pd.DataFrame
    summary: pd.DataFrame
    overall: pd.DataFrame
    instances: pd.DataFrame
    targets: str = "bound"
    gaps: tuple[float, ...] = GAPS
    level: float = LEVEL

    def __post_init__(self) -> None:
        check_gaps(self.gaps)
        check_level(self.level)

    @property
    def alpha(self) -> float:
        """Level of significance of tests, 1 - ``level``."""
        return alpha_of(self.level)

    def worded(self, text: str) -> str:
        """Return ``text`` with the level, ``{level}``, that of significance, ``{alpha}``, and ``{gaps}`` filled in."""
        gaps = ", ".join(f"{100.0 * gap:g}" for gap in self.gaps)
        return text.format(level=percentage(self.level), alpha=percentage(self.alpha), gaps=f"{gaps} %")

    def meaning(self, columns: Mapping[str, str]) -> dict[str, str]:
        """Return the meanings of columns, each ``worded``."""
        return {name: self.worded(text) for name, text in columns.items()}

    @cached_property
    def trajectories(self) -> pd.DataFrame:
        """Result of ``trajectories_table``."""
        return trajectories_table(self.campaign)

    @property
    def optimizers(self) -> list[str]:
        """Optimizers, in the campaign's order."""
        return list(self.runs["optimizer"].unique())

    @property
    def registered(self) -> dict[str, str]:
        """Registered names by optimizer, including those left out because a library was not installed."""
        first = self.runs.drop_duplicates("optimizer")
        found: dict[str, str] = dict(zip(first["optimizer"], first["registered"], strict=True))
        return found | {label: gap.optimizer for label, gap in self.campaign.absent.items() if label not in found}

    @property
    def apart(self) -> list[str]:
        """Optimizers that are listed apart and not ranked, in the campaign's order."""
        return list(self.runs.loc[~self.runs["ranked"].astype(bool), "optimizer"].unique())

    @property
    def foreign(self) -> list[str]:
        """Optimizers whose results were made elsewhere and are told, not verified, in the campaign's order."""
        return list(self.runs.loc[self.runs["foreign"].astype(bool), "optimizer"].unique())

    @property
    def cases(self) -> list[str]:
        """Cases, in the campaign's order."""
        return list(self.runs["case"].unique())

    @property
    def objectives(self) -> list[str]:
        """Objectives, in the campaign's order."""
        return list(self.runs["objective"].unique())

    @property
    def magma(self) -> str:
        """The optimizer labelled ``magma``, else the first whose registered name is ``magma``, else ""."""
        if "magma" in self.optimizers:
            return "magma"
        return next(iter(self.runs.loc[self.runs["registered"] == "magma", "optimizer"]), "")


def alpha_of(level: float) -> float:
    """Return the level of significance that goes with one of confidence; the two decimals add up to 1."""
    return round(1.0 - level, 12)


def check_level(level: float) -> None:
    """Raise unless ``level`` can be one of confidence.

    Raises:
        InvalidInput: If it is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise InvalidInput("level", expected="a number between 0 and 1, such as 0.95", actual=level)


def check_gaps(gaps: Sequence[float]) -> None:
    """Raise unless ``gaps`` can be targets.

    Raises:
        InvalidInput: If there are none, one is not above 0, or they do not rise by enough to be told apart.
    """
    hint = "0.1 stands for 10 %."
    for gap in gaps:
        if not is_above_zero(gap, LARGEST_GAP):
            raise InvalidInput("gaps", expected=f"numbers above 0, at most {LARGEST_GAP:,.0f}", actual=gap, hint=hint)
    if not gaps or list(gaps) != sorted(gaps) or len({f"{100.0 * gap:g}" for gap in gaps}) < len(gaps):
        expected = "one number or more, rising, which differ in their first six digits"
        raise InvalidInput("gaps", expected=expected, actual=", ".join(map(str, gaps)) or "none", hint=hint)


def make_tables(
    campaign: CheckedCampaign, *, targets: str = "bound", gaps: Sequence[float] = GAPS, level: float = LEVEL
) -> Tables:
    """Make all tables of ``campaign``; ``targets``, ``gaps`` (in any order) and ``level`` as in ``Tables``.

    Raises:
        UnknownName: If ``targets`` is no key of ``TARGETS``.
        InvalidInput: If ``gaps`` or ``level`` does not fit.
    """
    if targets not in TARGETS:
        raise UnknownName("reference of targets", targets, TARGETS)
    own = tuple(sorted(gaps))
    check_gaps(own)  # here, before anything is computed
    check_level(level)
    campaign = comparable_runs(readable(campaign))
    runs = runs_table(campaign)
    summary = summary_table(runs)
    planned = Counter(run.label for run in campaign.planned)
    overall, instances = overall_table(runs, summary, planned), instances_table(runs, campaign.files)
    return Tables(campaign, runs, summary, overall, instances, targets, own, level)


def rounded(values: npt.ArrayLike, front: npt.ArrayLike) -> FloatArray:
    """``(n,)`` values without differences due to rounding; ``front`` tells which are hypervolume shortfalls."""
    array, fronts = np.broadcast_arrays(np.asarray(values, dtype=np.float64), front)
    pairs = zip(array.tolist(), fronts.tolist(), strict=True)
    return np.array([round(v, _TIE_DIGITS) if own else float(f"{v:.{_TIE_DIGITS}g}") for v, own in pairs], dtype=float)


def costs(values: npt.ArrayLike, front: npt.ArrayLike) -> FloatArray:
    """Return ``(n,)`` costs to form quotients of: the value, or where ``front`` the reciprocal hypervolume."""
    array = np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.where(front, 1.0 / np.clip(1.0 - array, 0.0, None), array)


def summary_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Table with one row per case and optimizer with a run; columns as in ``SUMMARY_COLUMNS``."""
    groups = dict(list(runs.groupby(["case", "optimizer"], sort=False)))
    pairs = [(c, o) for c in runs["case"].unique() for o in runs["optimizer"].unique() if (c, o) in groups]
    table = pd.DataFrame([_summary_row(groups[pair]) for pair in pairs], columns=list(SUMMARY_COLUMNS))
    if table.empty:
        return table
    front = table["unit"] == SHORTFALL
    medians = pd.Series(rounded(table["median"], front), index=table.index)
    cost = pd.Series(costs(medians, front), index=table.index)
    ranked = table["optimizer"].isin(runs.loc[runs["ranked"], "optimizer"])
    table["ratio_to_best"] = cost / cost.where(ranked).groupby(table["case"]).transform("min")
    table["rank"] = medians.where(ranked).groupby(table["case"]).rank(method="average")
    return table


def is_best(summary: pd.DataFrame) -> pd.Series:
    """Whether each row of a summary has the best median of the ranked optimizers on its case."""
    best: pd.Series = (summary["ratio_to_best"] == 1.0) & summary["rank"].notna()
    return best


def _summary_row(group: pd.DataFrame) -> dict[str, object]:
    first = group.iloc[0]
    values = group["value"].to_numpy(dtype=np.float64)
    if not len(used(group)) and len(values) < first["num_planned"]:
        values = values[:0]  # results may still come
    q1, median, q3 = (float(quantile(values, q)) if values.size else np.nan for q in (0.25, 0.5, 0.75))
    bound = float(first["lower_bound"])
    ratio = median / bound if bound > 0 else np.nan
    same = ("case", "problem", "budget", "suite_version", "objective", "unit", "optimizer")
    return {
        **{key: first[key] for key in same},
        **_counts(group, int(first["num_planned"])),
        "median": median,
        "q1": q1,
        "q3": q3,
        "iqr": q3 - q1 if np.isfinite(q1) else np.nan,
        "lower_bound": bound,
        "ratio": ratio,
        "gap": ratio - 1.0,
        "best_known": float(first["best_known"]),
        "ratio_to_best_known": median / float(first["best_known"]) if first["best_known"] > 0 else np.nan,
    }


def _counts(group: pd.DataFrame, num_planned: int) -> dict[str, object]:
    """Numbers of runs by kind, and notes on them."""
    num_used, infeasible = len(used(group)), int(used(group)["best_value"].isna().sum())
    counts = group["status"].value_counts()
    missing = max(0, num_planned - len(group))
    numbers = {status: int(counts.get(status, 0)) for status in REMARKABLE} | {"missing": missing}
    apart = [*([] if group["ranked"].all() else [APART]), *([TOLD] if group["foreign"].any() else [])]
    words = [f"{number} {status}" for status, number in numbers.items() if number]
    return {
        "runs": f"{num_used} of {num_planned}",
        "notes": ", ".join([*words, *([f"{infeasible} without a valid mapping"] if infeasible else []), *apart]),
        "num_used": num_used,
        "num_planned": num_planned,
        **{f"num_{status}": number for status, number in numbers.items()},
        "num_infeasible": infeasible,
    }


def overall_table(runs: pd.DataFrame, summary: pd.DataFrame, planned: Mapping[str, int]) -> pd.DataFrame:
    """Table with one row per optimizer, best first; columns as in ``OVERALL_COLUMNS``.

    Means over different problems are not comparable. So an optimizer with ranks on fewer than half as many cases as
    another is not ranked, and the means are over the cases on which all ranked optimizers have a rank. Optimizers
    that are listed apart come last, with the means of those that have results on all these cases.

    Args:
        runs: Runs table.
        summary: Summary table of ``runs``.
        planned: Number of planned runs by optimizer, including those on problems without any run yet.
    """
    compared = compared_rows(summary)
    compared = pd.concat([compared, _beside(summary, compared)])
    rows = [_overall_row(runs, summary, compared, name, planned) for name in runs["optimizer"].unique()]
    table = pd.DataFrame(rows, columns=list(OVERALL_COLUMNS))
    return table.sort_values("mean_rank", kind="stable", ignore_index=True)


def _beside(summary: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """The rows on the compared cases of unranked optimizers that have results on all of these."""
    cases = compared["case"].unique()
    own = summary[summary["rank"].isna() & summary["median"].notna() & summary["case"].isin(cases)]
    return own[own.groupby("optimizer")["case"].transform("nunique") == len(cases)]


def compared_rows(summary: pd.DataFrame) -> pd.DataFrame:
    """The rows of a summary that enter means over cases, with ranks among the optimizers that do."""
    rows = comparable(summary.dropna(subset=["rank"]))
    return rows.assign(rank=rows.groupby("case")["rank"].rank())


def comparable(ranked: pd.DataFrame) -> pd.DataFrame:
    """The rows of a summary that enter means over cases, by the rule in ``overall_table``."""
    numbers = ranked["optimizer"].value_counts()
    enough = numbers.index[2 * numbers >= numbers.max()]
    ranked = ranked[ranked["optimizer"].isin(enough)]
    return ranked[ranked.groupby("case")["optimizer"].transform("nunique") == len(enough)]


def _overall_row(
    runs: pd.DataFrame, summary: pd.DataFrame, compared: pd.DataFrame, optimizer: str, planned: Mapping[str, int]
) -> dict[str, object]:
    own = compared[compared["optimizer"] == optimizer]
    group = runs[runs["optimizer"] == optimizer]
    begun = int(summary.loc[summary["optimizer"] == optimizer, "num_planned"].sum())
    timed = used(group)[lambda own: own["ranked"]]  # the others' evaluations are not counted
    timed = timed[(timed["total_seconds"] > 0) & (timed["num_evaluations"] > 0)]
    best = compared.groupby("case")["rank"].transform("min").loc[own.index] if len(own) else pd.Series(dtype=float)
    return {
        "optimizer": optimizer,
        **_counts(group, max(begun, planned.get(optimizer, 0))),
        "num_compared": len(own),
        "mean_rank": own["rank"].mean(),
        "num_best": int(((own["rank"] == best) & np.isfinite(own["median"])).sum()),
        "ratio": geometric_mean(own["ratio"][own["lower_bound"] > 0]),
        "ratio_to_best": geometric_mean(own["ratio_to_best"].fillna(np.inf)),
        "ratio_to_best_known": geometric_mean(own["ratio_to_best_known"][own["best_known"] > 0]),
        "evaluate_share": (timed["evaluate_seconds"] / timed["total_seconds"]).median(),
        "cpu_seconds_per_1000": (1000.0 * timed["cpu_seconds"] / timed["num_evaluations"]).median(),
    }
