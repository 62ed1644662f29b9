"""Compare two campaigns: is an optimizer better, worse or equal in the second, or is there no evidence?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from problems.foundation.errors import InvalidInput, UnknownName
from reports.frames.averages import quantile
from reports.frames.budgets import both_comparable
from reports.frames.provenance import shortening
from reports.frames.runs import optimizer_names, runs_table
from reports.frames.summary import LEVEL, alpha_of, check_level
from reports.statistics.paired import log_ratios, rank_biserial
from reports.statistics.verdict import NO_EVIDENCE, SAME, SHOWN_MARGIN, VERDICTS, WORSE, Verdict, cases_needed, verdicts
from reports.storage.replay import CheckedCampaign, CheckedRun
from reports.wording.names import common_parts, short_names
from reports.wording.numbers import correlation, count, label, p_value, ratio
from reports.wording.table import Column, Table
from reports.wording.units import SHORTFALL, amount

NAMED = 3
"""Number of problems that a sentence on lost runs names."""

MOST_LABELS = 4
"""Number of labels that an error lists of each campaign."""

_KEY = ["problem", "budget", "suite_version"]

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
    "ratio": "B / A, with two objectives A's hypervolume / B's: of the medians, or for one label in both the geometric "
    "mean over pairs; B is better below 1; empty if both are infinite",
    "wins": "pairs in which B is better",
    "losses": "pairs in which B is worse",
    "rank_biserial": "matched-pairs rank-biserial correlation over pairs, -1 to 1, positive if B is better",
}

OVERALL_COLUMNS = {
    **_WHO,
    "instances": "problems with pairs",
    "pairs": "pairs of runs over all problems",
    "ratio": "geometric mean over problems of the ratios by instance; B is better below 1",
    "wins": "problems on which the ratio is below 1",
    "losses": "problems on which it is above 1",
    "rank_biserial": "matched-pairs rank-biserial correlation over problems, -1 to 1, positive if B is better",
    "p": "two-sided p-value of Wilcoxon's signed-rank test of the logarithms of the ratios; 1 if all ratios are 1",
    "p_corrected": "p-value after Holm's correction over the rows of the table",
    "p_equal": f"p-value of two one-sided tests of a ratio within {SHOWN_MARGIN}, corrected likewise",
    "verdict": "; ".join(f"{verdict}: {meaning}" for verdict, meaning in VERDICTS.items()),
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Result of comparing campaign B with campaign A.

    Attributes:
        by_instance: Table with one row per optimizer and problem.
        overall: Table with one row per optimizer.
        can_tell: Whether there are enough problems for a verdict, or all values are the same.
        lost: Sentences on results that A has and B lacks; B may look good only because of these.
    """

    by_instance: Table
    overall: Table
    can_tell: bool
    lost: tuple[str, ...] = ()

    @property
    def is_worse(self) -> bool:
        """Whether B is worse."""
        return bool((self.overall.frame["verdict"] == WORSE).any())


def compare(
    a: CheckedCampaign, b: CheckedCampaign, pairs: Sequence[tuple[str, str]] = (), *, level: float = LEVEL
) -> Comparison:
    """Compare the optimizers of two campaigns by the suite's verdict (``reports.statistics.verdict``).

    A pair is two runs of one problem, budget and seed; where the two have no budget in common, the runs with the larger
    one are taken as far as the smaller one goes. A run that failed or found no valid mapping counts as infinitely
    bad; pairs with a missing run are left out. The number of a problem is the ratio of medians; of a label that both
    have, as two versions of one optimizer do, it is the mean over pairs, which share what the seed decides.

    Args:
        a: First campaign, the reference.
        b: Second campaign.
        pairs: Pairs of labels in ``a`` and ``b`` to compare; by default the labels that both have or, if there is none
            and each has a single label, these two.
        level: Level of confidence; p-values below 1 - ``level`` are significant.

    Raises:
        UnknownName: If a campaign has no optimizer with such a label.
        InvalidInput: If the campaigns share no optimizer, or no problem, budget and seed.
    """
    check_level(level)
    first, second = _by_optimizer(a), _by_optimizer(b)
    chosen = list(dict.fromkeys(pairs)) or _common(list(first), list(second))
    for own, other in chosen:
        _check_known(own, first)
        _check_known(other, second)
    cut = {pair: both_comparable(first[pair[0]], second[pair[1]]) for pair in chosen}
    runs = {pair: (_results(both[0], pair[0]), _results(both[1], pair[1])) for pair, both in cut.items()}
    paired = pd.concat([_paired(*both) for both in runs.values()], ignore_index=True)
    if paired.empty:
        raise InvalidInput("campaigns", expected="runs of the same problem, budget and seed in both", actual="none")
    instances = pd.DataFrame(_rows(paired, [*_WHO, *_KEY], _instance_row))
    overall = _judged(instances, level)
    gone = [] if pairs else [name for name in first if name not in [own for own, _ in chosen]]
    lost = _lost(gone, runs)
    can_tell = bool((~overall["weak"] | (overall["verdict"] == SAME)).any())
    short = dict.fromkeys(text for both in cut.values() for each in both for text in shortening(each))
    return Comparison(_instance_table(instances), _overall_table(overall, alpha_of(level), list(short)), can_tell, lost)


def _by_optimizer(campaign: CheckedCampaign) -> dict[str, CheckedCampaign]:
    """The runs of each optimizer as a campaign, by the name that tables have for it."""
    runs: dict[str, list[CheckedRun]] = {}
    names = optimizer_names(campaign)
    for run in campaign.runs:
        runs.setdefault(names[run.id], []).append(run)
    return {name: replace(campaign, runs=tuple(own)) for name, own in runs.items()}


def _results(campaign: CheckedCampaign, name: str) -> pd.DataFrame:
    """The runs of one optimizer, under its name."""
    return runs_table(campaign).assign(optimizer=name)


def _check_known(name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise UnknownName("optimizer", name, list(known))


def _common(first: list[str], second: list[str]) -> list[tuple[str, str]]:
    """The pairs of labels to compare by default."""
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


def _paired(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The pairs of runs of two optimizers, in A's order."""
    columns = ["optimizer", *_KEY, "seed", "value"]
    merged = own[[*columns, "unit"]].merge(other[columns], on=[*_KEY, "seed"], suffixes=("_a", "_b"))
    return merged.assign(pairs=1)


def _median(values: pd.Series) -> float:
    return float(quantile(values, 0.5))


def _lost(gone: Sequence[str], runs: Mapping[tuple[str, str], tuple[pd.DataFrame, pd.DataFrame]]) -> tuple[str, ...]:
    """Sentences on labels that B lacks, and on runs of each pair that are in A but not in B."""
    found = [f"B has no runs of {name!r}; to leave it out, select the others with --pair." for name in gone]
    keys = [*_KEY, "seed"]
    for (first, _), (own, other) in runs.items():
        missing = own[~pd.MultiIndex.from_frame(own[keys]).isin(pd.MultiIndex.from_frame(other[keys]))]
        seeds = missing.groupby("case", sort=False)["seed"].agg(lambda own: ", ".join(map(str, own)))
        where = "; ".join(f"{case}: seeds {text}" for case, text in list(seeds.items())[:NAMED])
        more = f"; and on {len(seeds) - NAMED} more problems" if len(seeds) > NAMED else ""
        if len(missing):
            found.append(f"B lacks {len(missing)} of A's {len(own)} runs of {first!r} ({where}{more}).")
    return tuple(found)


def _rows(
    frame: pd.DataFrame, keys: Sequence[str], row_of: Callable[[pd.DataFrame], Mapping[str, object]]
) -> list[dict[str, object]]:
    """One row for each group that agrees in ``keys``."""
    groups = frame.groupby(list(keys), sort=False)
    return [dict(zip(keys, key, strict=True)) | dict(row_of(group)) for key, group in groups]


def _instance_row(own: pd.DataFrame) -> dict[str, object]:
    """The statistics of the pairs on one problem."""
    front = bool((own["unit"] == SHORTFALL).all())
    logs = log_ratios(own["value_b"], own["value_a"], front)
    medians = _median(own["value_a"]), _median(own["value_b"])
    log = float(log_ratios(medians[1:], medians[:1], front)[0])
    if own["optimizer_a"].iloc[0] == own["optimizer_b"].iloc[0]:
        with np.errstate(invalid="ignore"):
            mean = float(logs.mean())
        log = log if np.isnan(mean) else mean  # infinite on both sides
    return {
        "unit": own["unit"].iloc[0],
        "pairs": len(own),
        "median_a": medians[0],
        "median_b": medians[1],
        "log": log,
        "ratio": float(np.exp(log)),
        "wins": int((logs < 0.0).sum()),
        "losses": int((logs > 0.0).sum()),
        "rank_biserial": rank_biserial(logs),
    }


def _judged(instances: pd.DataFrame, level: float) -> pd.DataFrame:
    """A row for each pair of labels, with its verdict, and whether it is too weak for any but ``NO_EVIDENCE``.

    A row is weak if its smallest possible p-value, with all differences of one sign, is not significant even as the
    first in Holm's order; or if it counts a problem with several budgets as if these were independent.
    """
    groups = list(instances.groupby(list(_WHO), sort=False))
    logs = [_logs(own) for _, own in groups]
    judged = zip(groups, logs, verdicts(logs, level), strict=True)
    rows = [_overall_row(own, numbers, verdict) for (_, own), numbers, verdict in judged]
    frame = pd.DataFrame(rows)
    frame["weak"] = (frame["instances"] < cases_needed(len(frame), alpha_of(level))) | frame["repeated"]
    frame.loc[frame["repeated"], "verdict"] = NO_EVIDENCE
    return frame


def _logs(own: pd.DataFrame) -> FloatArray:
    """The logarithm of each problem; those of medians at once, so that equal ratios stay equal."""
    if own["optimizer_a"].iloc[0] == own["optimizer_b"].iloc[0]:
        return np.asarray(own["log"], dtype=np.float64)
    return log_ratios(own["median_b"], own["median_a"], own["unit"] == SHORTFALL)


def _overall_row(own: pd.DataFrame, logs: FloatArray, verdict: Verdict) -> dict[str, object]:
    return {
        **{who: own[who].iloc[0] for who in _WHO},
        "instances": len(own),
        "repeated": len(own) > own["problem"].nunique(),
        "pairs": int(own["pairs"].sum()),
        "wins": int((logs < 0.0).sum()),
        "losses": int((logs > 0.0).sum()),
        "rank_biserial": rank_biserial(logs),
        **asdict(verdict),
    }


def _instance_table(frame: pd.DataFrame) -> Table:
    problems = list(frame["problem"].unique())
    places = {problem: place for place, problem in enumerate(problems)}
    frame = frame.sort_values("problem", key=lambda own: own.map(places), kind="stable", ignore_index=True)
    short, common = short_names(problems), common_parts(problems)
    return Table(
        name="compare_instances",
        title="By instance",
        note="B compared with A on each problem: medians over seeds, lower is better; B / A is the ratio of medians, "
        "or for one label in both the geometric mean over pairs of runs with the same seed; wins and losses are B's, "
        "effect is the rank-biserial correlation (from -1, all lost, to 1, all won). Runs on one problem are no "
        f"evidence on others, so that there is no verdict here.{f' All problems: {common}.' if common else ''}",
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
    )


def _overall_table(frame: pd.DataFrame, alpha: float, warnings: Sequence[str]) -> Table:
    return Table(
        name="compare_overall",
        title="Overall",
        note="Over problems, with one number for each, its B / A. 'better' and 'worse' need a p-value of Wilcoxon's "
        f"signed-rank test below {alpha:g}, corrected over the rows (Holm 1979), and a ratio beyond {SHOWN_MARGIN}; "
        "'equal' needs two one-sided tests that it is within. Problems are taken as independent draws.",
        frame=frame[list(OVERALL_COLUMNS)],
        meaning=OVERALL_COLUMNS,
        view={
            **_who(frame),
            "instances": Column("Problems", count),
            "pairs": Column("Pairs", count),
            **_view(),
            "p_corrected": Column("p", p_value),
            "verdict": Column("Verdict", number=False),
        },
        warnings=(*warnings, *_weakness(frame, alpha), *_repetition(frame)),
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
    }


def _weakness(frame: pd.DataFrame, alpha: float) -> tuple[str, ...]:
    """A warning if rows have too few problems for any verdict, with how many would suffice."""
    weak = int((frame["weak"] & ~frame["repeated"]).sum())
    if not weak:
        return ()
    enough = cases_needed(len(frame), alpha)
    return (
        f"{weak} of {len(frame)} rows have too few problems for any verdict but '{NO_EVIDENCE}': "
        f"{enough} would be enough for one of these rows.",
    )


def _repetition(frame: pd.DataFrame) -> tuple[str, ...]:
    """A warning if rows count a problem several times."""
    repeated = int(frame["repeated"].sum())
    if not repeated:
        return ()
    return (
        f"{repeated} of {len(frame)} rows count a problem once for each of its budgets or versions: these are not "
        f"independent, so p-values are too low and the only verdict is '{NO_EVIDENCE}'.",
    )
