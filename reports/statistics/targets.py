"""Targets and when runs reach them: values at given gaps to the certified bound or to the best known value."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from reports.frames.runs import used
from reports.frames.summary import Tables
from reports.wording.units import SHORTFALL

GAPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Targets as gaps: fractions of the reference; for shortfalls, absolute differences to it, below 1 only."""

RUNTIME_COLUMNS = {
    "run_id": "id of the run, and stem of its file",
    "case": "as in runs",
    "optimizer": "as in runs",
    "seed": "seed of the run",
    "budget": "evaluations allowed",
    "target": "gap to be reached, one of GAPS",
    "target_value": "value at this gap, in the unit of the run's values",
    "evaluations": "number of the first evaluation that reached it; empty if none did",
    "spent": "evaluations that the run spent until it reached the target or ended",
}

NOTES = {
    "bound": "Targets are gaps to the certified lower bound (to the best value found by any run if there is no "
    "positive bound), or with two objectives hypervolume shortfalls.",
    "best-known": "Targets are gaps to the best value known (where none is stored, to the certified lower bound), or "
    "with two objectives hypervolume shortfalls.",
    "best": "Targets are gaps to the best value found by any run of the campaign, or with two objectives its "
    "hypervolume shortfall plus the gap.",
}
"""Sentences that define the targets, by ``Tables.targets``."""

FAILED_NOTE = "A failed run reaches no target and counts as having spent its whole budget."
"""Sentence on failed runs."""


def references(tables: Tables) -> pd.Series:
    """Reference value of the targets, by case; NaN if there is neither a bound nor a valid mapping."""
    first = tables.runs.drop_duplicates("case").set_index("case")
    best = used(tables.runs).groupby("case")["best_value"].min().reindex(first.index).astype(float)
    if tables.targets == "best":
        return best
    front = first["unit"] == SHORTFALL
    bound = first["lower_bound"].astype(float).where(~front, 0.0)
    if tables.targets == "best-known":
        bound = first["best_known"].astype(float).fillna(bound)
    return bound.where(front | (bound > 0.0), best)


def target_values(tables: Tables) -> pd.DataFrame:
    """Target values: a row per case with a reference, a column per gap of ``GAPS``; NaN for impossible targets."""
    reference = references(tables).dropna()
    units = tables.runs.drop_duplicates("case").set_index("case")["unit"]
    front = units.reindex(reference.index) == SHORTFALL
    values = {gap: (reference + gap).where(front, reference * (1.0 + gap)) for gap in GAPS}
    table = pd.DataFrame(values, index=reference.index, dtype=float)
    return table.mask(table.ge(1.0).mul(front, axis=0))  # no shortfall is more than 1


@lru_cache(maxsize=2)
def runtimes(tables: Tables) -> pd.DataFrame:
    """Table with one row per target and run; columns as in ``RUNTIME_COLUMNS``. Shared: do not modify it.

    A failed run counts as unsuccessful and as having spent its whole budget, so that no method wins by failing.
    """
    values = target_values(tables)
    runs = tables.runs[tables.runs["ranked"].astype(bool)]  # of the others, evaluations do not count
    long = values.rename_axis("case").melt(var_name="target", value_name="target_value", ignore_index=False)
    table = runs.merge(long.dropna().reset_index(), on="case")
    hits = _first_hits(tables.trajectories, values)
    failed = table["status"] == "failed"
    found = hits.reindex(pd.MultiIndex.from_frame(table[["target", "run_id"]])).to_numpy(dtype=np.float64)
    table["evaluations"] = np.where(failed, np.nan, found)
    spent = table["num_evaluations"].where(~failed, table["budget"])
    table["spent"] = table["evaluations"].fillna(spent.astype(float))
    return table[list(RUNTIME_COLUMNS)]


def _first_hits(trajectories: pd.DataFrame, values: pd.DataFrame) -> pd.Series:
    """Number of the first evaluation that reached each target, by target and run id; only where one did."""
    best = trajectories["best_value"].astype(float)
    parts = {
        gap: trajectories[best <= trajectories["case"].map(values[gap]).astype(float)]
        .groupby("run_id")["evaluation"]
        .min()
        for gap in values
    }
    return pd.concat(parts, names=["target", "run_id"])
