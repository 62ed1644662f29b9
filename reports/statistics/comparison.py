"""Compare two campaigns: is an optimizer better or worse in the second, or is there no evidence?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from problems.foundation.errors import InvalidInput, UnknownName
from reports.frames.averages import quantile
from reports.frames.runs import runs_table
from reports.frames.summary import costs
from reports.statistics.compared import ALPHA
from reports.statistics.paired import holm, rank_biserial, signed_quotients, signed_rank_p
from reports.storage.replay import CheckedCampaign
from reports.wording.names import common_parts, short_names
from reports.wording.numbers import correlation, count, label, p_value, ratio
from reports.wording.table import Column, Table
from reports.wording.units import SHORTFALL, amount

BETTER, WORSE, NOTHING, SAME = "better", "worse", "no evidence", "the same"
"""Verdicts."""

NAMED = 3
MOST_LABELS = 4
"""Number of labels that an error lists of each campaign."""
"""Number of problems that a sentence on lost runs names."""

_KEY = ["problem", "budget", "suite_version"]

_EFFECT_COLUMNS = {
    "rank_biserial": "matched-pairs rank-biserial correlation, -1 to 1, positive if B is better",
    "p": "two-sided p-value of Wilcoxon's signed-rank test of the logarithms of B / A; 1 if all ratios are 1",
    "p_corrected": "p-value after Holm's correction over the rows of the table",
    "verdict": f"whether B is {BETTER} or {WORSE} (corrected p below {ALPHA:g}), {NOTHING}, or {SAME} (all ratios are "
    "1)",
}

_WHO = {"optimizer_a": "label in A", "optimizer_b": "label in B"}

INSTANCE_COLUMNS = {
    **_WHO,
    "problem": "problem id",
    "budget": "evaluations allowed",
    "suite_version": "version of the suite's problems",
    "unit": "unit of the medians",
    "pairs": "seeds whose runs are stored in both",
    "median_a": "median of the values in A; a run that failed or found no valid mapping counts as infinite",
    "median_b": "median of the values in B, likewise",
    "ratio": "geometric mean over pairs of B's value / A's value, with two objectives of A's hypervolume / B's; B is "
    "better below 1; empty if a value is infinite",
    "wins": "pairs in which B is better",
    "losses": "pairs in which B is worse",
    **_EFFECT_COLUMNS,
}

OVERALL_COLUMNS = {
    **_WHO,
    "instances": "problems with pairs",
    "pairs": "pairs of runs over all problems",
    "ratio": "geometric mean over problems of B's median over seeds / A's median, with two objectives of A's "
    "hypervolume / B's; B is better below 1; empty if a median is infinite",
    "wins": "problems on which B's median is better",
    "losses": "problems on which B's median is worse",
    **_EFFECT_COLUMNS,
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Result of comparing campaign B with campaign A.

    Attributes:
        by_instance: Table with one row per optimizer and problem.
        overall: Table with one row per optimizer.
        can_tell: Whether there are enough pairs on any problem, or enough problems, for a verdict.
        lost: Sentences on results that A has and B lacks; B may look good only because of these.
    """

    by_instance: Table
    overall: Table
    can_tell: bool
    lost: tuple[str, ...] = ()

    @property
    def is_worse(self) -> bool:
        """Whether B is worse on an instance or overall."""
        return any((table.frame["verdict"] == WORSE).any() for table in (self.by_instance, self.overall))


def compare(a: CheckedCampaign, b: CheckedCampaign, pairs: Sequence[tuple[str, str]] = ()) -> Comparison:
    """Compare the optimizers of two campaigns, problem by problem and over all problems, by paired tests.

    A pair is two runs of one problem, budget and seed. A run that failed or found no valid mapping counts as infinitely
    bad; pairs with a missing run are left out. The test on a problem is on its pairs; the test overall is on
    the medians of the problems, because runs on one problem are no evidence on others.

    Args:
        a: First campaign, the reference.
        b: Second campaign.
        pairs: Pairs of labels in ``a`` and ``b`` to compare; by default the labels that both have or, if there is none
            and each has a single label, these two.

    Raises:
        UnknownName: If a campaign has no optimizer with such a label.
        InvalidInput: If the campaigns share no optimizer, or no problem, budget and seed.
    """
    own, other = _results(a), _results(b)
    chosen = list(dict.fromkeys(pairs)) or _common(own, other)
    for first, second in chosen:
        _check_known(first, own)
        _check_known(second, other)
    paired = pd.concat([_paired(own, other, *pair) for pair in chosen], ignore_index=True)
    if paired.empty:
        raise InvalidInput("campaigns", expected="runs of the same problem, budget and seed in both", actual="none")
    instances, overall = _judged(_rows(paired, [*_WHO, *_KEY])), _judged(_rows(_medians(paired), [*_WHO]))
    can_tell = not (instances["weak"].all() and overall["weak"].all())
    lost = _lost(own, other, chosen, complete=not pairs)
    return Comparison(_instance_table(instances), _overall_table(overall), can_tell, lost)


def _results(campaign: CheckedCampaign) -> pd.DataFrame:
    """The runs, one per optimizer, problem, budget and seed."""
    return runs_table(campaign).drop_duplicates(["optimizer", *_KEY, "seed"])


def _check_known(name: str, runs: pd.DataFrame) -> None:
    known = list(runs["optimizer"].unique())
    if name not in known:
        raise UnknownName("optimizer", name, known)


def _common(a: pd.DataFrame, b: pd.DataFrame) -> list[tuple[str, str]]:
    """The pairs of labels to compare by default."""
    first, second = list(a["optimizer"].unique()), list(b["optimizer"].unique())
    both = [(name, name) for name in first if name in second]
    if not both and len(first) == len(second) == 1:
        both = [(first[0], second[0])]
    if not both:
        expected, actual = "an optimizer with the same label in both", f"{_listed(first)} and {_listed(second)}"
        raise InvalidInput("campaigns", expected=expected, actual=actual, hint="Name two labels with --pair.")
    return both


def _listed(labels: Sequence[str]) -> str:
    """The first labels, and how many more there are."""
    more = f" and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""
    return f"({', '.join(labels[:MOST_LABELS])}{more})"


def _paired(a: pd.DataFrame, b: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """The pairs of runs of two optimizers, in A's order."""
    own, other = a[a["optimizer"] == first], b[b["optimizer"] == second]
    columns = [*_KEY, "seed", "value"]
    merged = own[[*columns, "unit"]].merge(other[columns], on=[*_KEY, "seed"], suffixes=("_a", "_b"))
    return merged.assign(optimizer_a=first, optimizer_b=second, pairs=1)


def _medians(paired: pd.DataFrame) -> pd.DataFrame:
    """Table with one row per optimizer and problem: medians over seeds in place of values, and the number of pairs."""
    groups = paired.groupby([*_WHO, *_KEY], sort=False)
    median = {"value_a": _median, "value_b": _median}
    table: pd.DataFrame = groups.agg({**median, "unit": "first", "pairs": "sum"}).reset_index()
    return table


def _median(values: pd.Series) -> float:
    return float(quantile(values, 0.5))


def _lost(a: pd.DataFrame, b: pd.DataFrame, chosen: Sequence[tuple[str, str]], *, complete: bool) -> tuple[str, ...]:
    """Sentences on runs that are in A but not in B; if ``complete``, also on labels that B lacks."""
    gone = [name for name in a["optimizer"].unique() if complete and name not in [first for first, _ in chosen]]
    found = [f"B has no runs of {name!r}; to leave it out, select the others with --pair." for name in gone]
    for first, second in chosen:
        own, other = a[a["optimizer"] == first], b[b["optimizer"] == second]
        keys = [*_KEY, "seed"]
        missing = own[~pd.MultiIndex.from_frame(own[keys]).isin(pd.MultiIndex.from_frame(other[keys]))]
        seeds = missing.groupby("case", sort=False)["seed"].agg(lambda own: ", ".join(map(str, own)))
        where = "; ".join(f"{case}: seeds {text}" for case, text in list(seeds.items())[:NAMED])
        more = f"; and on {len(seeds) - NAMED} more problems" if len(seeds) > NAMED else ""
        if len(missing):
            found.append(f"B lacks {len(missing)} of A's {len(own)} runs of {first!r} ({where}{more}).")
    return tuple(found)


def _rows(paired: pd.DataFrame, keys: Sequence[str]) -> list[dict[str, object]]:
    """One row for each group of pairs, or of medians, that agree in ``keys``."""
    groups = paired.groupby(list(keys), sort=False)
    return [_row(dict(zip(keys, key, strict=True)), group) for key, group in groups]


def _row(what: Mapping[str, object], own: pd.DataFrame) -> dict[str, object]:
    """The statistics of the pairs, or of the medians, of one row of a table."""
    a, b = (own[name].to_numpy(dtype=np.float64) for name in ("value_a", "value_b"))
    front = (own["unit"] == SHORTFALL).to_numpy()
    quotients = signed_quotients(b, a, front)
    logs = log_quotients(costs(a, front), costs(b, front))
    instances = len(own.drop_duplicates(_KEY))
    return {
        **what,
        "unit": own["unit"].iloc[0],
        "tested": len(own),
        "instances": instances,
        "repeated": instances > own["problem"].nunique(),
        "pairs": int(own["pairs"].sum()),
        "median_a": _median(own["value_a"]),
        "median_b": _median(own["value_b"]),
        "ratio": float(np.exp(logs.mean())) if np.isfinite(logs).all() else np.nan,
        "wins": int((quotients < 0.0).sum()),
        "losses": int((quotients > 0.0).sum()),
        "rank_biserial": rank_biserial(quotients),
        "p": signed_rank_p(quotients),
    }


def log_quotients(a: FloatArray, b: FloatArray) -> FloatArray:
    """``(n,)`` logarithms of b / a; 0 where both are equal, even if infinite or zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a == b, 0.0, np.log(b) - np.log(a))


def _judged(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """The rows with corrected p-values, verdicts, and whether they are too weak for ``BETTER`` or ``WORSE``.

    A row is weak if its smallest possible p-value, with all differences of one sign, is not significant even as the
    first in Holm's order; or if it counts a problem with several budgets as if these were independent.
    """
    frame = pd.DataFrame(rows)
    frame["p_corrected"] = holm(frame["p"].to_numpy(dtype=np.float64))
    frame["weak"] = (2.0 ** (1 - frame["tested"]) * len(frame) >= ALPHA) | frame["repeated"]
    frame["verdict"] = [_verdict(row) for _, row in frame.iterrows()]
    return frame


def _verdict(row: pd.Series) -> str:
    if row["wins"] == row["losses"] == 0:
        return SAME
    if row["weak"] or row["p_corrected"] >= ALPHA:
        return NOTHING
    return BETTER if row["rank_biserial"] > 0.0 else WORSE


def _instance_table(frame: pd.DataFrame) -> Table:
    problems = list(frame["problem"].unique())
    places = {problem: place for place, problem in enumerate(problems)}
    frame = frame.sort_values("problem", key=lambda own: own.map(places), kind="stable", ignore_index=True)
    short, common = short_names(problems), common_parts(problems)
    return Table(
        name="compare_instances",
        title="By instance",
        note="B compared with A on each problem: medians over seeds, lower is better; B / A is the geometric mean over "
        "pairs, wins and losses are B's, effect is the rank-biserial correlation (from -1, all lost, to 1, all won). "
        "Wilcoxon's signed-rank test of pairs of runs with the same seed, p-values corrected over the table (Holm "
        "1979). It assumes independent runs and, under the null hypothesis, that either sign of a pair's difference is "
        f"equally likely.{f' All problems: {common}.' if common else ''}",
        frame=frame[list(INSTANCE_COLUMNS)],
        meaning=INSTANCE_COLUMNS,
        view={
            **_who(frame, several=True),
            "problem": Column("Problem", short.__getitem__, number=False),
            "pairs": Column("Pairs", count),
            "median_a": Column("Median A", amount),
            "median_b": Column("Median B", amount),
            **_view(),
        },
        warnings=_weakness(frame, "pairs", "seeds"),
    )


def _overall_table(frame: pd.DataFrame) -> Table:
    return Table(
        name="compare_overall",
        title="Overall",
        note="The same test over problems, with one number for each: the ratio of the medians over seeds. It takes "
        "problems as independent draws and ignores how uncertain the medians are.",
        frame=frame[list(OVERALL_COLUMNS)],
        meaning=OVERALL_COLUMNS,
        view={
            **_who(frame),
            "instances": Column("Problems", count),
            "pairs": Column("Pairs", count),
            **_view(),
        },
        warnings=(*_weakness(frame, "problems", "problems"), *_repetition(frame)),
    )


def _who(frame: pd.DataFrame, *, several: bool = False) -> dict[str, Column]:
    """Columns of the optimizers: one if both labels are always equal; none for a single pair if ``several``."""
    if several and len(frame.drop_duplicates(list(_WHO))) == 1:
        return {}
    if (frame["optimizer_a"] == frame["optimizer_b"]).all():
        return {"optimizer_a": Column("Optimizer", label, number=False)}
    return {name: Column(f"Optimizer {name[-1].upper()}", label, number=False) for name in _WHO}


def _view() -> dict[str, Column]:
    return {
        "ratio": Column("B / A", ratio),
        "wins": Column("Wins", count),
        "losses": Column("Losses", count),
        "rank_biserial": Column("Effect", correlation),
        "p_corrected": Column("p", p_value),
        "verdict": Column("Verdict", number=False),
    }


def _weakness(frame: pd.DataFrame, few: str, more: str) -> tuple[str, ...]:
    """A warning if rows have too ``few`` for any verdict, with how many ``more`` would suffice."""
    weak = int((frame["weak"] & ~frame["repeated"]).sum())
    if not weak:
        return ()
    enough = int(np.floor(np.log2(len(frame) / ALPHA))) + 2
    return (
        f"{weak} of {len(frame)} rows have too few {few} for any verdict but '{NOTHING}': "
        f"{enough} {more} would be enough for one of these rows.",
    )


def _repetition(frame: pd.DataFrame) -> tuple[str, ...]:
    """A warning if rows count a problem several times."""
    repeated = int(frame["repeated"].sum())
    if not repeated:
        return ()
    return (
        f"{repeated} of {len(frame)} rows count a problem once for each of its budgets or versions: these are not "
        f"independent, so p-values are too low and the only verdict is '{NOTHING}'.",
    )
