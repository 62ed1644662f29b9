"""Performance and data profiles of expected running times."""

from __future__ import annotations

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from reports.frames.effort import CPU, EVALUATIONS, Effort
from reports.frames.summary import Tables
from reports.statistics.compared import among, compared, few_runs, left_out, unverified
from reports.statistics.runtime import expected_runtimes
from reports.statistics.targets import FAILED_NOTE, NOTES
from reports.wording.numbers import count, label, percent
from reports.wording.table import Column, Table

PERFORMANCE, DATA = "performance", "data"

PROFILE_COLUMNS = {
    "profile": "performance or data",
    "optimizer": "label in the campaign",
    "cost": "expected running time / lowest of any optimizer in performance profiles, expected running time / "
    "(variables + 1) in data profiles",
    "share": "share of pairs of problem and target that the optimizer reaches at this cost or a lower one",
    "pairs": "pairs of problem and target that some optimizer reaches",
}

PROFILE_TABLE_COLUMNS = {
    "optimizer": "label in the campaign",
    "pairs": "pairs of problem and target that some optimizer reaches",
    "best": "share of pairs on which no optimizer needs fewer evaluations",
    "within_2": "share of pairs on which it needs at most 2 times the evaluations of the best",
    "within_10": "share of pairs on which it needs at most 10 times the evaluations of the best",
    "data_1": "share of pairs, of those whose problem has a known size, reached within variables + 1 evaluations",
    "data_10": "share of pairs, likewise, reached within 10 (variables + 1) evaluations",
    "reached": "share of pairs reached at all",
    "best_cpu": "share of pairs on which no optimizer needs less CPU time; empty if CPU times are unknown",
    "within_2_cpu": "share of pairs on which it needs at most 2 times the CPU time of the best",
    "within_10_cpu": "share of pairs on which it needs at most 10 times the CPU time of the best",
}


def pair_costs(tables: Tables, effort: Effort = EVALUATIONS) -> pd.DataFrame:
    """Expected running times: a row per case and target that is ever reached, a column per optimizer."""
    expected = among(expected_runtimes(tables, effort), compared(tables))
    wide = expected.pivot(index=["case", "target"], columns="optimizer", values="ert")
    wide = wide.reindex(columns=expected["optimizer"].unique())
    return wide[np.isfinite(wide).any(axis=1)]


def performance_ratios(costs: pd.DataFrame) -> pd.DataFrame:
    """Each cost over the lowest of its row: r of Dolan & More 2002."""
    return costs.div(costs.min(axis=1), axis=0)


def data_costs(costs: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Each cost over n + 1 (More & Wild 2009 have evaluations); a mapping of G jobs has n = 2 G variables.

    Problems with an unknown number of jobs are left out.
    """
    jobs = tables.runs.drop_duplicates("case").set_index("case")["num_jobs"].astype(float)
    units = 2.0 * jobs.reindex(costs.index.get_level_values("case")).to_numpy(dtype=np.float64) + 1.0
    return costs.div(units, axis=0)[~np.isnan(units)]


def profile_numbers(tables: Tables, effort: Effort = EVALUATIONS) -> pd.DataFrame:
    """The steps of all profiles; columns as in ``PROFILE_COLUMNS``."""
    costs = pair_costs(tables, effort)
    kinds = {PERFORMANCE: performance_ratios(costs), DATA: data_costs(costs, tables)}
    parts = [_steps(kind, own) for kind, own in kinds.items() if len(own)]
    if parts:
        return pd.concat(parts, ignore_index=True)[list(PROFILE_COLUMNS)]
    empty = pd.DataFrame(columns=list(PROFILE_COLUMNS))
    empty.attrs["why"] = "no optimizer has reached a target yet"
    return empty


def _steps(kind: str, costs: pd.DataFrame) -> pd.DataFrame:
    """A row for each step of an optimizer, and for the first and last step of any."""
    finite = costs.to_numpy(dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    parts = []
    for optimizer in costs:
        own = costs[optimizer].to_numpy(dtype=np.float64)
        steps = np.unique([finite.min(), finite.max(), *own[np.isfinite(own)]])
        parts.append(pd.DataFrame({"optimizer": optimizer, "cost": steps, "share": share_within(own, steps)}))
    return pd.concat(parts).assign(profile=kind, pairs=len(costs))


def share_within(costs: FloatArray, limits: FloatArray) -> FloatArray:
    """``(limits,)`` share of ``costs`` (possibly infinite) that are at most each limit; NaN if there are none."""
    if not costs.size:
        return np.full(len(limits), np.nan)
    return np.searchsorted(np.sort(costs), limits, side="right") / costs.size


def profile_table(tables: Tables) -> Table:
    """Table of the profiles at a few costs, one row per optimizer; columns as in ``PROFILE_TABLE_COLUMNS``."""
    costs = pair_costs(tables)
    ratios, data = performance_ratios(costs), data_costs(costs, tables)
    cpu = performance_ratios(pair_costs(tables, CPU))
    rows = [_row(optimizer, ratios[optimizer], data[optimizer]) | _cpu_shares(optimizer, cpu) for optimizer in costs]
    frame = pd.DataFrame(rows, columns=list(PROFILE_TABLE_COLUMNS)).sort_values(
        "best", ascending=False, kind="stable", ignore_index=True
    )
    percents = {key: Column(head, percent, hint=PROFILE_TABLE_COLUMNS[key]) for key, head in _HEADS.items()}
    return Table(
        "profiles",
        "Performance and data profiles",
        "Costs are expected running times with restarts, for pairs of problem and target; pairs that no optimizer "
        "reaches are left out. Performance profiles (Dolan & More 2002) divide the cost by the lowest of any "
        "optimizer; so they depend on which optimizers take part, and rank only the best against the rest (Gould & "
        "Scott 2016). Data profiles (More & Wild 2009) measure it in units of n + 1 evaluations, where a mapping of G "
        f"jobs has n = 2 G variables. Fastest, CPU: as Fastest, in CPU seconds instead of evaluations. "
        f"{FAILED_NOTE} {NOTES[tables.targets]}",
        frame,
        PROFILE_TABLE_COLUMNS,
        {"optimizer": Column("Optimizer", label, number=False), **percents, "pairs": Column("Pairs", count)},
        marks=tuple((frame["best"] == frame["best"].max()) & (frame["best"] > 0.0)),
        warnings=(*few_runs(tables, "costs, and so the profiles, are rough"), *left_out(tables), *unverified(tables)),
    )


_HEADS = {
    "best": "Fastest",
    "within_2": "Within 2 times",
    "within_10": "Within 10 times",
    "data_1": "In n + 1",
    "data_10": "In 10 (n + 1)",
    "reached": "Reached",
    "best_cpu": "Fastest, CPU",
}


def _row(optimizer: str, ratios: pd.Series, data: pd.Series) -> dict[str, object]:
    relative = share_within(ratios.to_numpy(dtype=np.float64), np.array([1.0, 2.0, 10.0, np.finfo(float).max]))
    absolute = share_within(data.to_numpy(dtype=np.float64), np.array([1.0, 10.0]))
    keys = ("best", "within_2", "within_10", "reached", "data_1", "data_10")
    shares = dict(zip(keys, (*relative, *absolute), strict=True))
    return {"optimizer": optimizer, "pairs": len(ratios), **shares}


def _cpu_shares(optimizer: str, ratios: pd.DataFrame) -> dict[str, float]:
    """Shares of pairs within ratios of CPU time; nothing for an optimizer whose CPU times are unknown."""
    if optimizer not in ratios:
        return {}
    shares = share_within(ratios[optimizer].to_numpy(dtype=np.float64), np.array([1.0, 2.0, 10.0]))
    return dict(zip(("best_cpu", "within_2_cpu", "within_10_cpu"), shares.tolist(), strict=True))
