"""When runs reach targets: values that are a gap above the certified bound, or above the best known value."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from reports.frames.runs import ended, used
from reports.frames.summary import Tables
from reports.wording.units import SHORTFALL

GAPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""The targets, as gaps: fractions of the reference; of shortfalls, those below 1, which are added to it."""

RUNTIME_COLUMNS = {
    "run_id": "name of the run's folder",
    "case": "as in runs",
    "optimizer": "as in runs",
    "seed": "seed of the run",
    "budget": "evaluations allowed",
    "target": "the gap that is to be reached, one of GAPS",
    "target_value": "the value that this is, in the unit of the run's values",
    "evaluations": "number of the first evaluation with such a value; empty if there is none",
    "spent": "evaluations that the run has spent in search of it",
}

NOTES = {
    "bound": "Targets are gaps to the certified lower bound (to the best value that any run found where there is no "
    "positive bound), or with two objectives hypervolume shortfalls.",
    "best": "Targets are gaps to the best value that any run of the campaign found, or with two objectives its "
    "hypervolume shortfall plus the gap.",
}
"""What targets are, by ``Tables.targets``."""

FAILED_NOTE = "A failed run reaches no target and counts as if it had spent its whole budget."


def references(tables: Tables) -> pd.Series:
    """By case the value that targets are gaps to; NaN where there is neither a bound nor a valid mapping."""
    first = tables.runs.drop_duplicates("case").set_index("case")
    best = used(tables.runs).groupby("case")["best_value"].min().reindex(first.index).astype(float)
    if tables.targets == "best":
        return best
    front = first["unit"] == SHORTFALL
    bound = first["lower_bound"].astype(float).where(~front, 0.0)
    return bound.where(front | (bound > 0.0), best)


def target_values(tables: Tables) -> pd.DataFrame:
    """One row a case with a reference, one column a gap of ``GAPS``: the value; NaN where it would be no target."""
    reference = references(tables).dropna()
    units = tables.runs.drop_duplicates("case").set_index("case")["unit"]
    front = units.reindex(reference.index) == SHORTFALL
    values = {gap: (reference + gap).where(front, reference * (1.0 + gap)) for gap in GAPS}
    table = pd.DataFrame(values, index=reference.index, dtype=float)
    return table.mask(table.ge(1.0).mul(front, axis=0))  # no shortfall is more than 1


@lru_cache(maxsize=2)
def runtimes(tables: Tables) -> pd.DataFrame:
    """One row a target and a run that has ended; columns as in ``RUNTIME_COLUMNS``. It is shared: do not change it.

    A failed run counts as unsuccessful and as having spent its whole budget, so that no method wins by failing.
    """
    values = target_values(tables)
    runs = ended(tables.runs)
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
    """By target and run id, the number of the first evaluation that reached it; those without one are left out."""
    best = trajectories["best_value"].astype(float)
    parts = {
        gap: trajectories[best <= trajectories["case"].map(values[gap]).astype(float)]
        .groupby("run_id")["evaluation"]
        .min()
        for gap in values
    }
    return pd.concat(parts, names=["target", "run_id"])
