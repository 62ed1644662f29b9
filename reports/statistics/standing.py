"""Where an optimizer stands in a field: places, verdicts on its neighbours, and the kinds of problems that suit it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

import problems
from problems.arrays import FloatArray
from problems.foundation.errors import M3EError
from reports.frames.provenance import tuning
from reports.frames.summary import Tables
from reports.statistics.compared import compared
from reports.statistics.pairwise import judged_pairs, medians
from reports.statistics.verdict import APART, BETTER, EQUAL, NO_EVIDENCE, SAME, WORSE, Verdict, cases_needed
from reports.storage.content import SEES_JOBS
from reports.wording.numbers import count, counted, first_of, percent, ratio
from reports.wording.table import Column, Table

LEAST_PROBLEMS = 3
"""Fewest problems of a kind."""

NAMED = 3
"""Most names in a list."""

SMALL_CORES = 4
"""Most cores of a small accelerator (Kao & Krishna 2022, table III)."""

KIND_COLUMNS = {
    "kind": "kind of problems",
    "problems": "how many of the compared problems are of that kind",
    "beaten": "share of the field that has a higher median, mean over these problems; ties count half",
    "ratio_to_best_known": "geometric mean over these problems of median / best known",
    "best": "the optimizer of the field with the lowest geometric mean of medians on these problems",
    "best_ratio": "geometric mean over these problems of own median / that one's",
}


SAID = {BETTER: "better than", WORSE: "worse than", EQUAL: f"{EQUAL} to", SAME: "the same as"}
"""How a verdict reads before the number of those that it is on."""


@dataclass(frozen=True)
class Neighbour:
    """Another optimizer of the field, and the verdict on one's own against it."""

    label: str
    verdict: Verdict


@dataclass(frozen=True)
class Standing:
    """Where an optimizer stands.

    Attributes:
        label: Its label.
        field: Number of the others.
        comparisons: Number of pairs over which p-values are corrected.
        problems: Number of problems compared.
        ratio: Geometric mean over problems of own median / best known; NaN if some problem has none.
        place: Place by that ratio, from 1; by the ratio to the best median where there is none.
        leader: The first by it, and its ratio.
        mean_rank: Mean rank among all.
        rank_place: Place by mean rank, from 1.
        above: The next better one by mean rank, if there is one.
        below: The next worse one.
        verdicts: The word of the verdict against each of the others, by label.
        beaten: Share of the field that it beats, mean over problems.
    """

    label: str
    field: int
    comparisons: int
    problems: int
    ratio: float
    place: int
    leader: tuple[str, float]
    mean_rank: float
    rank_place: int
    above: Neighbour | None
    below: Neighbour | None
    verdicts: Mapping[str, str]
    beaten: float


def standing_of(tables: Tables, label: str) -> Standing | None:
    """Return where an optimizer stands among the ranked ones; None if it is not compared with any other."""
    matrix = medians(tables)
    if label not in matrix.columns or matrix.shape[1] < 2:
        return None
    others = [name for name in matrix.columns if name != label]
    pairs = judged_pairs(tables, matrix)
    judged = {name: _verdict(pairs, label, name) for name in others}
    overall = tables.overall.set_index("optimizer").loc[list(matrix.columns)]
    all_known = bool((compared(tables)["best_known"] > 0).all())
    column = "ratio_to_best_known" if all_known else "ratio_to_best"
    ratios = overall[column].sort_values(kind="stable")
    ranks = list(matrix.columns)  # best mean rank first
    place = ranks.index(label)

    def neighbour(at: int) -> Neighbour | None:
        return Neighbour(ranks[at], judged[ranks[at]]) if 0 <= at < len(ranks) else None

    return Standing(
        label=label,
        field=len(others),
        comparisons=len(pairs),
        problems=len(matrix),
        ratio=float(overall.loc[label, column]) if all_known else np.nan,
        place=1 + int((ratios < ratios[label]).sum()),
        leader=(str(ratios.index[0]), float(ratios.iloc[0])),
        mean_rank=float(overall.loc[label, "mean_rank"]),
        rank_place=1 + int((overall["mean_rank"] < overall.loc[label, "mean_rank"]).sum()),
        above=neighbour(place - 1),
        below=neighbour(place + 1),
        verdicts={name: judged[name].verdict for name in others},
        beaten=float(_beaten(matrix, label).mean()),
    )


def _verdict(pairs: Mapping[tuple[str, str], tuple[FloatArray, Verdict]], own: str, other: str) -> Verdict:
    return pairs[own, other][1] if (own, other) in pairs else pairs[other, own][1].turned()


def _beaten(matrix: pd.DataFrame, label: str) -> pd.Series:
    """Share of the field with a higher median, by case; ties count half."""
    others = matrix.drop(columns=label)
    own = matrix[label].to_numpy()[:, None]
    share = (others > own).mean(axis=1) + 0.5 * (others == own).mean(axis=1)
    return pd.Series(share, index=matrix.index)


def kinds_table(tables: Tables, label: str) -> Table:
    """Table with one row per kind of problems, the best ones first; columns as in ``KIND_COLUMNS``."""
    matrix = medians(tables)
    frame = pd.DataFrame(columns=list(KIND_COLUMNS))
    if label in matrix.columns and matrix.shape[1] > 1:
        beaten = _beaten(matrix, label)
        summary = compared(tables).set_index(["case", "optimizer"])
        rows = [
            _kind_row(kind, cases, matrix, beaten, summary.xs(label, level="optimizer")["ratio_to_best_known"], label)
            for kind, cases in kinds_of(tables, list(matrix.index)).items()
        ]
        frame = pd.DataFrame(rows, columns=list(KIND_COLUMNS))
        frame = frame.sort_values("beaten", ascending=False, kind="stable", ignore_index=True)
    return Table(
        "kinds",
        f"{label} by kind of problem",
        f"Kinds of which at least {LEAST_PROBLEMS} problems are compared, those that suit {label} best first. Beaten: "
        "share of the field with a higher median. Best: the one of the field with the lowest geometric mean of "
        "medians.",
        frame,
        KIND_COLUMNS,
        {
            "kind": Column("Kind", number=False),
            "problems": Column("Problems", count),
            "beaten": Column("Beaten", percent),
            "ratio_to_best_known": Column("Median / best known", ratio),
            "best": Column("Best", number=False),
            "best_ratio": Column("Median / its median", ratio),
        },
    )


def _kind_row(
    kind: str, cases: list[str], matrix: pd.DataFrame, beaten: pd.Series, to_known: pd.Series, label: str
) -> dict[str, object]:
    with np.errstate(divide="ignore"):
        logs = np.log(matrix.loc[cases])
    others = logs.drop(columns=label).mean()
    best = str(others.idxmin())
    known = to_known.reindex(cases)
    return {
        "kind": kind,
        "problems": len(cases),
        "beaten": float(beaten[cases].mean()),
        "ratio_to_best_known": float(np.exp(np.log(known).mean())) if known.notna().all() else np.nan,
        "best": best,
        "best_ratio": float(np.exp(logs[label].mean() - others[best])),
    }


def kinds_of(tables: Tables, cases: list[str]) -> dict[str, list[str]]:
    """Return the kinds of some cases: of task, accelerator, bandwidth, number of jobs, and with dependencies."""
    found: dict[str, list[str]] = {}
    first = tables.runs.drop_duplicates("case").set_index("case").loc[cases]
    for case, run in first.iterrows():
        kinds = [f"task {run['task']}", *_platform_kinds(str(run["platform"]), float(run["bandwidth_gbps"]))]
        kinds += [f"{run['num_jobs']:,.0f} jobs"] if run["num_jobs"] == run["num_jobs"] else []
        kinds += ["dependent jobs"] if run["dependent"] is True else []
        for kind in kinds:
            found.setdefault(kind, []).append(str(case))
    return {kind: own for kind, own in found.items() if LEAST_PROBLEMS <= len(own) < len(cases)}


def _platform_kinds(name: str, bandwidth: float) -> list[str]:
    try:
        platform = problems.PLATFORMS.get(name)
    except M3EError:
        return []
    alike = "cores alike" if len(set(platform.cores)) == 1 else "cores that differ"
    size = "few cores" if len(platform.cores) <= SMALL_CORES else "many cores"
    if platform.bandwidths_gbps is None:
        return [alike, size]
    low, high = platform.bandwidths_gbps
    end = ["lowest bandwidth"] if bandwidth <= low else ["highest bandwidth"] if bandwidth >= high else []
    return [alike, size, *end]


def paragraph(tables: Tables, label: str) -> str:
    """Say in a few sentences where an optimizer stands, and on what it is good and bad.

    Empty if it has no result, or is one of an archive, beside which others stand.
    """
    own = tables.overall[tables.overall["optimizer"] == label]
    if own.empty or label in tables.campaign.reference:
        return ""
    standing = standing_of(tables, label)
    if standing is None:
        return _without_place(tables, label)
    total = standing.field + 1
    if standing.ratio == standing.ratio:
        lead = "" if standing.place == 1 else f", the first, {standing.leader[0]}, {ratio(standing.leader[1])}"
        what = f"geometric mean over best known ({ratio(standing.ratio)}{lead})"
        by_ratio = f"place {standing.place} of {total} by {what}"
    else:
        by_ratio = f"place {standing.place} of {total} by geometric mean over the best median"
    budgets = sorted({int(budget) for budget in tables.runs.loc[tables.runs["optimizer"] == label, "budget"]})
    seeds = tables.runs.loc[tables.runs["optimizer"] == label, "seed"].nunique()
    spent = f"{' or '.join(f'{b:,}' for b in budgets)} evaluations, {counted(seeds, 'seed')}"
    sentences = [
        f"{label} on {counted(standing.problems, 'problem')} ({spent}): {by_ratio}, and place {standing.rank_place} by "
        f"mean rank ({standing.mean_rank:.2f}).",
        _judgement(standing, tables.alpha),
        *_neighbours(standing),
        *_suited(tables, standing),
        *_circumstances(tables, label),
        *_short_of_a_claim(tables, label),
        *tuning(tables.campaign, label),
    ]
    return " ".join(filter(None, sentences))


def _without_place(tables: Tables, label: str) -> str:
    if label in tables.apart:
        return f"{label} evaluates mappings beyond its budget: it is listed apart, and has no place among the others."
    return f"{label} has no place: there is no problem on which it and the others have results."


def _judgement(standing: Standing, alpha: float) -> str:
    needed = cases_needed(standing.comparisons, alpha)
    if standing.problems < needed:
        take = f"{counted(standing.comparisons, 'comparison')} {'take' if standing.comparisons > 1 else 'takes'}"
        return f"No verdict: {take} {needed} problems, and these are {standing.problems}."
    others = f"the {standing.field} others" if standing.field > 1 else "the other"
    counts = Counter(standing.verdicts.values())
    told = [f"{word} {_number(standing, verdict)}" for verdict, word in SAID.items() if counts[verdict]]
    if not told:
        return f"It is not {APART} {f'any of {others}' if standing.field > 1 else others}."
    unclear = [name for name, verdict in standing.verdicts.items() if verdict == NO_EVIDENCE]
    apart = f", and not {APART} {first_of(unclear, NAMED)}" if unclear else ""
    return f"Of {others} it is {', '.join(told)}{apart}."


def _number(standing: Standing, verdict: str) -> str:
    """How many of the others, and who, if they are few."""
    names = [name for name, own in standing.verdicts.items() if own == verdict]
    return f"{len(names)} ({', '.join(names)})" if len(names) <= NAMED < standing.field else str(len(names))


def _neighbours(standing: Standing) -> list[str]:
    told = [
        f"{word} is {neighbour.label} ({_said(neighbour.verdict)})"
        for word, neighbour in (("next above", standing.above), ("next below", standing.below))
        if neighbour is not None
    ]
    text = "; ".join(told)
    return [f"{text[:1].upper()}{text[1:]}."]


def _said(verdict: Verdict) -> str:
    word = {BETTER: "it is better than that", WORSE: "it is worse than that", EQUAL: f"they are {EQUAL}"}
    p = verdict.p_equal if verdict.verdict == EQUAL else verdict.p_corrected
    said = word.get(verdict.verdict, verdict.verdict)
    return f"{said}; ratio to it {ratio(verdict.ratio)}, corrected p {p:.2g}"


def _suited(tables: Tables, standing: Standing) -> list[str]:
    if standing.field == 1:
        return []
    kinds = kinds_table(tables, standing.label).frame
    if len(kinds) < 2:
        return [f"It beats {_share(standing.beaten)} of the field on the mean problem."]
    best, worst = kinds.iloc[0], kinds.iloc[-1]
    if best["beaten"] == worst["beaten"]:
        return [f"It beats {_share(standing.beaten)} of the field on the mean problem."]
    return [
        f"It beats {_share(standing.beaten)} of the field on the mean problem: most with {best['kind']} "
        f"({_share(best['beaten'])}), least with {worst['kind']} ({_share(worst['beaten'])})."
    ]


def _circumstances(tables: Tables, label: str) -> list[str]:
    """Sentences on what is not alike: what an optimizer sees, and evaluations beyond those that are compared."""
    runs = [run for run in tables.campaign.runs if run.label == label]
    told = []
    if any(run.environment.get("settings", {}).get(SEES_JOBS) for run in runs):
        told.append("It sees the job table, which black boxes do not.")
    if label in tables.campaign.shortened:
        budgets = " or ".join(f"{budget:,}" for budget in tables.campaign.shortened[label])
        told.append(f"Its runs are longer: they are compared up to {budgets} evaluations, the others' budget.")
    return told


def _short_of_a_claim(tables: Tables, label: str) -> list[str]:
    """A sentence if an optimizer has fewer seeds or problems than an archive beside it, or its runs are cut short."""
    campaign = tables.campaign
    if not campaign.reference:
        return []
    seeds = tables.runs.groupby("optimizer")["seed"].nunique()
    there = tables.runs[tables.runs["optimizer"].isin(campaign.reference)]
    most, problems = int(seeds[there["optimizer"].unique()].max()), there["problem"].nunique()
    reasons = [f"its seeds are {seeds[label]}, and the others' {most}"] if seeds[label] < most else []
    if problems < campaign.reference_problems:
        reasons.append(f"these are {problems} of the archive's {campaign.reference_problems} problems")
    if set(campaign.shortened) & campaign.reference:
        reasons.append("the others' runs are cut short to its budget, with which some would have done better")
    return [f"This is a first look, no claim: {'; '.join(reasons)}."] if reasons else []


def _share(share: float) -> str:
    return f"{100.0 * share:.0f} %"
