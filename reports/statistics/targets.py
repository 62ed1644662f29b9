"""Targets and when runs reach them: values at given gaps to the certified bound or to the best known value."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from reports.frames.effort import EVALUATIONS, Effort, charged
from reports.frames.runs import used
from reports.frames.summary import Tables
from reports.wording.units import SHORTFALL


def runtime_columns(effort: Effort) -> dict[str, str]:
    """Columns of ``runtimes``, with their meanings."""
    return {
        "run_id": "id of the run, and stem of its file",
        "case": "as in runs",
        "optimizer": "as in runs",
        "seed": "seed of the run",
        "budget": effort.budget,
        "target": "gap to be reached, one of the report's",
        "target_value": "value at this gap, in the unit of the run's values",
        effort.name: f"{effort.until} reached it; empty if none did",
        "spent": f"{effort.unit} that the run spent until it reached the target or ended",
    }


RUNTIME_COLUMNS = runtime_columns(EVALUATIONS)

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
    """Target values: a row per case with a reference, a column per gap; NaN for impossible targets."""
    reference = references(tables).dropna()
    units = tables.runs.drop_duplicates("case").set_index("case")["unit"]
    front = units.reindex(reference.index) == SHORTFALL
    values = {gap: (reference + gap).where(front, reference * (1.0 + gap)) for gap in tables.gaps}
    table = pd.DataFrame(values, index=reference.index, dtype=float)
    return table.mask(table.ge(1.0).mul(front, axis=0))  # no shortfall is more than 1


@lru_cache(maxsize=4)
def runtimes(tables: Tables, effort: Effort = EVALUATIONS) -> pd.DataFrame:
    """Table with one row per target and run; columns as in ``runtime_columns``. Shared: do not modify it.

    A failed run counts as unsuccessful and as having spent its whole budget, so that no method wins by failing.
    """
    values = target_values(tables)
    runs = charged(tables.runs[tables.runs["ranked"].astype(bool)], effort)  # of the others, evaluations do not count
    long = values.rename_axis("case").melt(var_name="target", value_name="target_value", ignore_index=False)
    table = runs.merge(long.dropna().reset_index(), on="case")
    hits = _first_hits(tables.trajectories, values, effort)
    found = hits.reindex(pd.MultiIndex.from_frame(table[["target", "run_id"]])).to_numpy(dtype=np.float64)
    table[effort.name] = np.where(table["status"] == "failed", np.nan, found)
    table["spent"] = table[effort.name].fillna(table["spent"])
    return table[list(runtime_columns(effort))]


def _first_hits(trajectories: pd.DataFrame, values: pd.DataFrame, effort: Effort) -> pd.Series:
    """What was spent until each target was reached, by target and run id; only where it was."""
    best = trajectories["best_value"].astype(float)
    parts = {
        gap: trajectories[best <= trajectories["case"].map(values[gap]).astype(float)]
        .groupby("run_id")[effort.column]
        .min()
        .clip(lower=effort.least)
        for gap in values
    }
    return pd.concat(parts, names=["target", "run_id"])
