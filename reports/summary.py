"""Statistics over seeds and problems.

Runs that have ended enter. One that failed or found no valid mapping counts as infinitely bad, so that a method cannot
win by failing; the others are counted beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from bench.store import StoredCampaign
from reports.instances import instances_table
from reports.readable import readable
from reports.tables import ended, runs_table, trajectories_table, used
from reports.units import SHORTFALL

FloatArray = npt.NDArray[np.float64]

SUMMARY_COLUMNS = {
    "case": "problem, with budget and suite version where they differ",
    "problem": "problem id",
    "budget": "evaluations allowed",
    "suite_version": "version of the problems",
    "objective": "what is minimised",
    "unit": "of the values, as in runs",
    "optimizer": "label in the campaign",
    "runs": "complete and cut runs, of those planned",
    "notes": "what is remarkable about the runs",
    "num_used": "complete and cut runs",
    "num_planned": "runs planned",
    "num_cut": "runs cut at the wall limit",
    "num_failed": "failed runs; they count as infinitely bad",
    "num_unfinished": "runs without an end record; they are not in the statistics",
    "num_missing": "runs planned that have no folder yet, or one that cannot be read; they are not in the statistics",
    "num_infeasible": "complete and cut runs that found no valid mapping; they count as infinitely bad",
    "median": "median over seeds of the best value",
    "q1": "first quartile",
    "q3": "third quartile",
    "iqr": "third less first quartile",
    "lower_bound": "certified: no value is lower",
    "ratio": "median / lower_bound; empty where that is 0, as with two objectives",
    "gap": "ratio - 1",
    "ratio_to_best": "median / lowest median of any optimizer on the case; with two objectives highest hypervolume / "
    "own, where the hypervolume is 1 - median",
    "rank": "1 for the best median on the case; ties share the mean",
}

OVERALL_COLUMNS = {
    "optimizer": "label in the campaign",
    "runs": "complete and cut runs, of those planned",
    "notes": "what is remarkable about the runs",
    "num_used": "complete and cut runs",
    "num_planned": "runs planned",
    "num_cut": "runs cut at the wall limit",
    "num_failed": "failed runs",
    "num_unfinished": "runs without an end record",
    "num_missing": "runs planned that have no folder yet, or one that cannot be read",
    "num_infeasible": "complete and cut runs that found no valid mapping",
    "num_compared": "cases that mean_rank, num_best and the ratios are over, the same for all; 0 if not ranked",
    "mean_rank": "mean of the ranks",
    "num_best": "compared cases on which no optimizer has a lower median",
    "ratio": "geometric mean of ratio over the compared cases that have one; inf if on one nothing valid was found",
    "ratio_to_best": "geometric mean of ratio_to_best",
    "evaluate_share": "median over runs of the share of time that went into scoring mappings",
    "seconds_per_1000": "median over runs of total seconds per 1,000 evaluations",
}

TARGETS = {
    "bound": "the certified lower bound, which no mapping can beat and which does not depend on what was run",
    "best": "the best value that any run of the campaign has found",
}
"""What the targets of statistics can be gaps to."""

REMARKABLE = ("cut", "failed", "unfinished")
"""The statuses of runs that are counted beside the others."""

_TIE_DIGITS = 10
"""Values that agree in so many digits, of shortfalls decimal places, are equal: the rest is rounding."""


@dataclass(frozen=True, eq=False)
class Tables:
    """All that figures and reports are made from.

    Attributes:
        campaign: Where they come from.
        runs: As by ``runs_table``.
        trajectories: As by ``trajectories_table``.
        summary: As by ``summary_table``.
        overall: As by ``overall_table``.
        instances: As by ``instances_table``.
        targets: What the targets of statistics are gaps to: a key of ``TARGETS``.
    """

    campaign: StoredCampaign
    runs: pd.DataFrame
    trajectories: pd.DataFrame
    summary: pd.DataFrame
    overall: pd.DataFrame
    instances: pd.DataFrame
    targets: str = "bound"

    @property
    def optimizers(self) -> list[str]:
        """In the order of the campaign."""
        return list(self.runs["optimizer"].unique())

    @property
    def registered(self) -> dict[str, str]:
        """Registered name of each optimizer, by label; then those that were left out for want of a library."""
        first = self.runs.drop_duplicates("optimizer")
        found: dict[str, str] = dict(zip(first["optimizer"], first["registered"], strict=True))
        return found | {label: gap.optimizer for label, gap in self.campaign.absent.items() if label not in found}

    @property
    def cases(self) -> list[str]:
        """In the order of the campaign."""
        return list(self.runs["case"].unique())

    @property
    def objectives(self) -> list[str]:
        """In the order of the campaign."""
        return list(self.runs["objective"].unique())

    @property
    def magma(self) -> str:
        """The optimizer called ``magma``, else the first that is MAGMA by its registered name, else ""."""
        if "magma" in self.optimizers:
            return "magma"
        return next(iter(self.runs.loc[self.runs["registered"] == "magma", "optimizer"]), "")


def make_tables(campaign: StoredCampaign, *, targets: str = "bound") -> Tables:
    """All tables of ``campaign``; ``targets`` as in ``Tables``."""
    campaign = readable(campaign)
    runs = runs_table(campaign)
    summary = summary_table(runs)
    planned = Counter(run.label for run in campaign.planned)
    overall, instances = overall_table(runs, summary, planned), instances_table(runs)
    return Tables(campaign, runs, trajectories_table(campaign), summary, overall, instances, targets)


def quantile(values: npt.ArrayLike, q: float) -> FloatArray:
    """The ``q``-quantile along the first axis, linear between order statistics, where values may be infinite."""
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=0)
    position = q * (len(ordered) - 1)
    low, high = ordered[int(np.floor(position))], ordered[int(np.ceil(position))]
    with np.errstate(invalid="ignore"):  # inf - inf, which the next line overrules
        between = low + (position % 1.0) * (high - low)
    return np.asarray(np.where(low == high, low, between))


def geometric_mean(values: npt.ArrayLike) -> float:
    """0 if a value is, else ``inf`` if one is; NaN if there are none, or one is NaN."""
    array = np.asarray(values, dtype=np.float64)
    if (array == 0.0).any():
        return 0.0
    return float(np.exp(np.log(array).mean())) if array.size else np.nan


def rounded(values: npt.ArrayLike, front: npt.ArrayLike) -> FloatArray:
    """``(n,)`` values, of which those that differ by rounding alone are equal; ``front`` tells which are shortfalls."""
    array, fronts = np.broadcast_arrays(np.asarray(values, dtype=np.float64), front)
    pairs = zip(array.tolist(), fronts.tolist(), strict=True)
    return np.array([round(v, _TIE_DIGITS) if own else float(f"{v:.{_TIE_DIGITS}g}") for v, own in pairs], dtype=float)


def costs(values: npt.ArrayLike, front: npt.ArrayLike) -> FloatArray:
    """``(n,)`` what quotients are of: the value, or of a shortfall (where ``front``) the reciprocal hypervolume."""
    array = np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.where(front, 1.0 / np.clip(1.0 - array, 0.0, None), array)


def summary_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a case and optimizer that have a run; columns as in ``SUMMARY_COLUMNS``."""
    groups = dict(list(runs.groupby(["case", "optimizer"], sort=False)))
    pairs = [(c, o) for c in runs["case"].unique() for o in runs["optimizer"].unique() if (c, o) in groups]
    table = pd.DataFrame([_summary_row(groups[pair]) for pair in pairs], columns=list(SUMMARY_COLUMNS))
    if table.empty:
        return table
    front = table["unit"] == SHORTFALL
    medians = pd.Series(rounded(table["median"], front), index=table.index)
    cost = pd.Series(costs(medians, front), index=table.index)
    table["ratio_to_best"] = cost / cost.groupby(table["case"]).transform("min")
    table["rank"] = medians.groupby(table["case"]).rank(method="average")
    return table


def _summary_row(group: pd.DataFrame) -> dict[str, Any]:
    first = group.iloc[0]
    values = ended(group)["value"].to_numpy(dtype=np.float64)
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
    }


def _counts(group: pd.DataFrame, num_planned: int) -> dict[str, Any]:
    """How many runs there are of each kind."""
    num_used, infeasible = len(used(group)), int(used(group)["best_value"].isna().sum())
    counts = group["status"].value_counts()
    missing = max(0, num_planned - len(group))
    numbers = {status: int(counts.get(status, 0)) for status in REMARKABLE} | {"missing": missing}
    words = [f"{number} {status}" for status, number in numbers.items() if number]
    return {
        "runs": f"{num_used} of {num_planned}",
        "notes": ", ".join([*words, *([f"{infeasible} without a valid mapping"] if infeasible else [])]),
        "num_used": num_used,
        "num_planned": num_planned,
        **{f"num_{status}": number for status, number in numbers.items()},
        "num_infeasible": infeasible,
    }


def overall_table(runs: pd.DataFrame, summary: pd.DataFrame, planned: Mapping[str, int]) -> pd.DataFrame:
    """One row an optimizer, the best first; columns as in ``OVERALL_COLUMNS``.

    ``planned`` are the runs that the campaign plans for an optimizer, also on problems of which it has none yet.

    Means over different problems do not compare. So an optimizer with ranks on fewer than half as many cases as
    another one is left out of the ranking, and the means are over the cases on which all others have a rank.
    """
    compared = comparable(summary.dropna(subset=["rank"]))
    compared = compared.assign(rank=compared.groupby("case")["rank"].rank())  # among those compared
    rows = [_overall_row(runs, summary, compared, name, planned) for name in runs["optimizer"].unique()]
    table = pd.DataFrame(rows, columns=list(OVERALL_COLUMNS))
    return table.sort_values("mean_rank", kind="stable", ignore_index=True)


def comparable(ranked: pd.DataFrame) -> pd.DataFrame:
    """The rows of a summary that enter means over cases, by the rule of ``overall_table``."""
    numbers = ranked["optimizer"].value_counts()
    enough = numbers.index[2 * numbers >= numbers.max()]
    ranked = ranked[ranked["optimizer"].isin(enough)]
    return ranked[ranked.groupby("case")["optimizer"].transform("nunique") == len(enough)]


def _overall_row(
    runs: pd.DataFrame, summary: pd.DataFrame, compared: pd.DataFrame, optimizer: str, planned: Mapping[str, int]
) -> dict[str, Any]:
    own = compared[compared["optimizer"] == optimizer]
    group = runs[runs["optimizer"] == optimizer]
    begun = int(summary.loc[summary["optimizer"] == optimizer, "num_planned"].sum())
    timed = used(group)
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
        "evaluate_share": (timed["evaluate_seconds"] / timed["total_seconds"]).median(),
        "seconds_per_1000": (1000.0 * timed["total_seconds"] / timed["num_evaluations"]).median(),
    }
