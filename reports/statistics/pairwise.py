"""Pairwise comparison of optimizers: wins, win rates, effect sizes and significance."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from reports.frames.summary import Tables, rounded
from reports.statistics.compared import NOTHING, among, compared, few_runs, left_out, repeated, unverified
from reports.statistics.paired import EXACT, beats, log_ratios, rank_biserial
from reports.statistics.verdict import SHOWN_MARGIN, VERDICTS, Verdict, cases_needed, verdicts
from reports.wording.numbers import count, label, p_value, percent, ratio
from reports.wording.table import Column, Table
from reports.wording.units import SHORTFALL

PAIR_COLUMNS = {
    "optimizer": "label in the campaign; the one with the lower mean rank",
    "other": "the optimizer it is compared with",
    "cases": "problems compared, the same for all",
    "wins": "problems on which its median is lower",
    "ties": "problems on which the medians are equal",
    "losses": "problems on which its median is higher",
    "win_rate": "probability that one of its runs beats one of the other's on the same problem, ties counting half (A "
    "of Vargha & Delaney 2000, mean over problems)",
    "ratio": "geometric mean over problems of own median / the other's; with two objectives of hypervolumes, inversely",
    "rank_biserial": "matched-pairs rank-biserial correlation of medians, -1 to 1, positive if it is better",
    "p": "two-sided p-value of Wilcoxon's signed-rank test of medians",
    "p_corrected": "p corrected for the number of pairs by Holm's method",
    "p_equal": f"p-value of two one-sided tests of a ratio within {SHOWN_MARGIN}, corrected likewise",
    "verdict": "; ".join(f"{verdict}: {meaning}" for verdict, meaning in VERDICTS.items()),
}

WIN_COLUMNS = {
    "optimizer": "label in the campaign",
    "other": "the optimizer it is compared with",
    "win_rate": PAIR_COLUMNS["win_rate"],
    "cases": PAIR_COLUMNS["cases"],
}


def medians(tables: Tables) -> pd.DataFrame:
    """``(cases, optimizers)`` medians over seeds, infinite without a valid mapping; best mean rank first."""
    rows = compared(tables)
    order = rows.groupby("optimizer", sort=False)["rank"].mean().sort_values(kind="stable").index
    return rows.pivot(index="case", columns="optimizer", values="median").reindex(columns=order)


def _fronts(tables: Tables, cases: pd.Index) -> pd.Series:
    """Whether the values of each case are hypervolume shortfalls."""
    units: pd.Series = tables.runs.drop_duplicates("case").set_index("case")["unit"]
    return units.reindex(cases) == SHORTFALL


def win_rates(tables: Tables) -> pd.DataFrame:
    """``(optimizers, optimizers)`` probability that the row's run beats the column's, mean over cases; best rank first.

    A run that failed or found no valid mapping loses against all others and ties with its like.
    """
    matrix = medians(tables)
    runs = among(tables.runs, compared(tables))
    runs = runs.assign(value=rounded(runs["value"], runs["unit"] == SHORTFALL))
    values = {key: own.to_numpy() for key, own in runs.groupby(["case", "optimizer"], sort=False)["value"]}
    rates = np.full((matrix.shape[1],) * 2, 0.5)
    for i, j in combinations(range(matrix.shape[1]), 2):
        a, b = matrix.columns[i], matrix.columns[j]
        rates[i, j] = np.mean([beats(values[case, a], values[case, b]) for case in matrix.index])
        rates[j, i] = 1.0 - rates[i, j]
    return pd.DataFrame(rates, index=matrix.columns, columns=matrix.columns)


def win_numbers(tables: Tables) -> pd.DataFrame:
    """Table with one row per ordered pair of optimizers; columns as in ``WIN_COLUMNS``."""
    rates = win_rates(tables)
    rows = [(a, b, rates.loc[a, b]) for a in rates for b in rates if a != b]
    numbers = pd.DataFrame(rows, columns=["optimizer", "other", "win_rate"])
    numbers["cases"] = compared(tables)["case"].nunique()
    numbers.attrs["why"] = "needs two optimizers with results on the same problems"
    return numbers


def pair_table(tables: Tables) -> Table:
    """Table with one row per pair of optimizers; columns as in ``PAIR_COLUMNS``."""
    matrix, rates = medians(tables), win_rates(tables)
    rows = [
        _row(a, b, logs, float(rates.loc[a, b]), verdict)
        for (a, b), (logs, verdict) in judged_pairs(tables, matrix).items()
    ]
    frame = pd.DataFrame(rows, columns=list(PAIR_COLUMNS))
    texts = {key: Column(head, label, number=False) for key, head in (("optimizer", "Optimizer"), ("other", "Against"))}
    counts = {key: Column(key.capitalize(), count) for key in ("wins", "ties", "losses")}
    return Table(
        "pairwise",
        "Pairwise comparison",
        "Wins, ties and losses compare medians over seeds on the compared problems. The win rate is the probability "
        "that a run of the first optimizer beats a run of the other (A of Vargha & Delaney 2000, mean over problems); "
        "a failed run loses. p is the p-value of Wilcoxon's signed-rank test (Wilcoxon 1945; Demsar 2006) of the "
        f"logarithms of the ratios of medians; it is exact up to {EXACT} problems, even with equal ratios, and leaves "
        "out problems on which the medians are equal. The test assumes that problems are independent draws and that "
        "these logarithms are symmetric about their median; Holm's correction (Holm 1979) covers all pairs of the "
        f"table. 'better' and 'worse' need a corrected p below {tables.alpha:g} and a ratio beyond {SHOWN_MARGIN}; "
        "'equal' needs two one-sided tests that it is within (Schuirmann 1987). The rank-biserial correlation (Kerby "
        "2014), in the CSV file, is the effect size of the test, from -1 (all lost) to 1 (all won).",
        frame,
        PAIR_COLUMNS,
        {
            **texts,
            **counts,
            "win_rate": Column("Win rate", percent),
            "ratio": Column("Ratio", ratio),
            "p_corrected": Column("p (Holm)", p_value),
            "verdict": Column("Verdict", number=False),
        },
        warnings=(*_weaknesses(tables, matrix), *repeated(tables), *left_out(tables), *unverified(tables)),
    )


def judged_pairs(tables: Tables, matrix: pd.DataFrame) -> dict[tuple[str, str], tuple[FloatArray, Verdict]]:
    """Return the logarithms of ratios and the verdict for each pair that is compared, the better mean rank first.

    Beside an archive these are the pairs of which one at least is not from there: no others are corrected for.

    Args:
        tables: The tables.
        matrix: Result of ``medians``.
    """
    fronts = _fronts(tables, matrix.index)
    pairs = _pairs(tables, matrix)
    logs = [log_ratios(matrix[a], matrix[b], fronts) for a, b in pairs]
    return dict(zip(pairs, zip(logs, verdicts(logs, tables.level), strict=True), strict=True))


def _pairs(tables: Tables, matrix: pd.DataFrame) -> list[tuple[str, str]]:
    return [pair for pair in combinations(matrix, 2) if not tables.campaign.reference.issuperset(pair)]


def _row(own: str, other: str, logs: FloatArray, win_rate: float, verdict: Verdict) -> dict[str, object]:
    return {
        "optimizer": own,
        "other": other,
        "cases": len(logs),
        "wins": int((logs < 0.0).sum()),
        "ties": int((logs == 0.0).sum()),
        "losses": int((logs > 0.0).sum()),
        "win_rate": win_rate,
        "rank_biserial": rank_biserial(logs),
        **asdict(verdict),
    }


def _weaknesses(tables: Tables, matrix: pd.DataFrame) -> tuple[str, ...]:
    """Warnings on too few problems for any corrected p-value that is significant, and on too few runs."""
    if matrix.empty:
        return (NOTHING,)
    pairs = len(_pairs(tables, matrix))
    if not pairs:
        return ("There is only one optimizer, so there is no pair to compare.",)
    needed = cases_needed(pairs, tables.alpha)
    rough = few_runs(tables, "win rates are rough")
    if len(matrix) >= needed:
        return rough
    what = f"{pairs:,} pairs" if pairs > 1 else "one pair"
    few = (
        f"There are too few problems ({len(matrix)}): with {what}, Holm-corrected p-values can fall below "
        f"{tables.alpha:g} only with {needed} problems or more."
    )
    return few, *rough
