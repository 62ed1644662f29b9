"""What statistics over problems compare: the same problems for all, and each run that has ended."""

from __future__ import annotations

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from problems.arrays import FloatArray
from reports.frames.runs import ended
from reports.frames.summary import Tables, comparable

FEW_RUNS = 10
"""With fewer runs of an optimizer on a problem, statistics over seeds are weak."""

ALPHA = 0.05
"""Level of tests, and what confidence intervals leave out."""

NOTHING = "There is nothing to compare yet: no run has ended."


def compared(tables: Tables) -> pd.DataFrame:
    """The rows of the summary, one a case and optimizer, that enter statistics over problems."""
    return comparable(tables.summary.dropna(subset=["rank"]))


def among(rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The ``rows`` whose case and optimizer are those of a row of ``pairs``."""
    keys = ["case", "optimizer"]
    return rows[pd.MultiIndex.from_frame(rows[keys]).isin(pd.MultiIndex.from_frame(pairs[keys]))]


def few_runs(tables: Tables, consequence: str) -> tuple[str, ...]:
    """A sentence if an optimizer has fewer than ``FEW_RUNS`` runs on a compared case, with what follows from it."""
    rows = compared(tables)
    if rows.empty:
        return (NOTHING,)
    least = int(ended(tables.runs).groupby(["case", "optimizer"]).size().reindex(_pairs(rows), fill_value=0).min())
    if least >= FEW_RUNS:
        return ()
    runs = "run" if least == 1 else "runs"
    return (f"An optimizer has only {least} {runs} on a problem: with fewer than {FEW_RUNS}, {consequence}.",)


def left_out(tables: Tables) -> tuple[str, ...]:
    """A sentence if optimizers or cases are left out of statistics over problems, with how many."""
    rows = compared(tables)
    optimizers = len(tables.optimizers) - rows["optimizer"].nunique()
    cases = len(tables.cases) - rows["case"].nunique()
    if rows.empty or not (optimizers or cases):
        return ()
    return (f"Left out for missing results: {_number(optimizers, 'optimizer')} and {_number(cases, 'problem')}.",)


def repeated(tables: Tables) -> tuple[str, ...]:
    """A sentence if tests that take problems as independent meet one with several budgets."""
    rows = compared(tables).drop_duplicates("case")
    twice = len(rows) - rows["problem"].nunique()
    if not twice:
        return ()
    return (
        f"{_number(rows['problem'].nunique(), 'problem')} with several budgets count {len(rows)} times: these are not "
        "independent, so that p-values are too low; report on each budget alone.",
    )


def case_values(tables: Tables) -> dict[tuple[str, str], FloatArray]:
    """By case and optimizer, of those compared, the values of its runs; ``inf`` for nothing valid."""
    groups = dict(list(ended(tables.runs).groupby(["case", "optimizer"], sort=False)["value"]))
    return {key: groups[key].to_numpy(dtype=np.float64) for key in _pairs(compared(tables))}


def _pairs(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["case"], rows["optimizer"], strict=True))


def _number(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'s' * (number != 1)}"
