"""Selection for statistics over problems: the same problems for all optimizers, and all stored runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from reports.frames.summary import Tables, compared_rows
from reports.wording.numbers import counted

FEW_RUNS = 10
"""Runs of an optimizer on a problem below which statistics over seeds are unreliable."""

NOTHING = "There is nothing to compare yet: no run is stored."
"""Warning if there are no results."""


def compared(tables: Tables) -> pd.DataFrame:
    """The rows of the summary, one per case and optimizer, in statistics over problems, with ranks among these."""
    return compared_rows(tables.summary)


def among(rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The ``rows`` whose case and optimizer occur together in ``pairs``."""
    keys = ["case", "optimizer"]
    return rows[pd.MultiIndex.from_frame(rows[keys]).isin(pd.MultiIndex.from_frame(pairs[keys]))]


def few_runs(tables: Tables, consequence: str) -> tuple[str, ...]:
    """A warning with its ``consequence`` if an optimizer has fewer than ``FEW_RUNS`` runs on a compared case."""
    rows = compared(tables)
    if rows.empty:
        return (NOTHING,)
    least = int(tables.runs.groupby(["case", "optimizer"]).size().reindex(_pairs(rows), fill_value=0).min())
    if least >= FEW_RUNS:
        return ()
    return (f"An optimizer has only {counted(least, 'run')} on a problem: with fewer than {FEW_RUNS}, {consequence}.",)


def left_out(tables: Tables) -> tuple[str, ...]:
    """A warning with numbers if optimizers or cases are left out of statistics over problems."""
    rows = compared(tables)
    optimizers = len(tables.optimizers) - len(tables.apart) - rows["optimizer"].nunique()
    cases = len(tables.cases) - rows["case"].nunique()
    if rows.empty or not (optimizers or cases):
        return apart(tables)
    missing = f"Left out for missing results: {counted(optimizers, 'optimizer')} and {counted(cases, 'problem')}."
    return (missing, *apart(tables))


def apart(tables: Tables) -> tuple[str, ...]:
    """A sentence that names the optimizers that are not ranked, if there are any."""
    names = ", ".join(tables.apart)
    return (f"Left out, as they see the job table and evaluate beyond the budget: {names}.",) if names else ()


def unverified(tables: Tables) -> tuple[str, ...]:
    """A warning that names the optimizers whose results were made elsewhere, if there are any."""
    names = ", ".join(tables.foreign)
    return (f"Told, not verified: the values of {names}; what is said here rests on them.",) if names else ()


def repeated(tables: Tables) -> tuple[str, ...]:
    """A warning if a problem occurs with several budgets, although tests take problems as independent."""
    rows = compared(tables).drop_duplicates("case")
    twice = len(rows) - rows["problem"].nunique()
    if not twice:
        return ()
    return (
        f"With several budgets, {counted(rows['problem'].nunique(), 'problem')} count {len(rows)} times: these are not "
        "independent, so p-values are too low; report on each budget separately.",
    )


def case_values(tables: Tables) -> dict[tuple[str, str], FloatArray]:
    """Values of the runs by compared case and optimizer; ``inf`` for failed runs and those without a valid mapping."""
    groups = dict(list(tables.runs.groupby(["case", "optimizer"], sort=False)["value"]))
    return {key: groups[key].to_numpy(dtype=np.float64) for key in _pairs(compared(tables))}


def _pairs(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["case"], rows["optimizer"], strict=True))
