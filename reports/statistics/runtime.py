"""Expected running times to targets, and the distribution of running times."""

from __future__ import annotations

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from reports.frames.summary import Tables
from reports.statistics.compared import among, compared, few_runs
from reports.statistics.intervals import interval, mean_of_means
from reports.statistics.targets import FAILED_NOTE, GAPS, NOTES, runtimes
from reports.wording.numbers import count, label, percent
from reports.wording.table import Column, Table

SHOWN = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Targets of the published table; files contain all."""


def _key(kind: str, gap: float) -> str:
    return f"{kind}_{100.0 * gap:g}"


EXPECTED_COLUMNS = {
    "case": "as in runs",
    "optimizer": "label in the campaign",
    "target": "gap to be reached",
    "runs": "stored runs",
    "successes": "runs that reached the target",
    "evaluations": "evaluations that all runs spent until they reached it or ended",
    "ert": "expected running time in evaluations: evaluations / successes; infinite without a success",
}

TABLE_COLUMNS = {
    "case": "as in runs",
    "optimizer": "label in the campaign",
    "runs": "stored runs",
    "reached": "share of pairs of run and target in which the target was reached",
    **{_key("ert", gap): f"expected running time to a gap of {100.0 * gap:g} %, evaluations" for gap in GAPS},
    **{_key("successes", gap): f"runs that reached a gap of {100.0 * gap:g} %" for gap in GAPS},
}

ECDF_COLUMNS = {
    "optimizer": "label in the campaign",
    "evaluations": "number of evaluations, from 1",
    "share": "share of pairs of problem and target reached within them; mean over runs, with equal weight per problem",
    "low": "lower end of the 95 % bootstrap interval; empty if there is only one run on a problem",
    "high": "upper end of the 95 % bootstrap interval",
    "cases": "problems compared, the same for all",
}


def expected_runtimes(tables: Tables) -> pd.DataFrame:
    """Table with one row per case, optimizer and target; columns as in ``EXPECTED_COLUMNS`` (Auger & Hansen 2005)."""
    groups = runtimes(tables).groupby(["case", "optimizer", "target"], sort=False)
    table = groups.agg(runs=("run_id", "size"), successes=("evaluations", "count"), evaluations=("spent", "sum"))
    table = table.reset_index()
    successes = table["successes"].to_numpy(dtype=np.float64)
    total = table["evaluations"].to_numpy(dtype=np.float64)
    table["ert"] = np.divide(total, successes, out=np.full(len(table), np.inf), where=successes > 0)
    return table[list(EXPECTED_COLUMNS)]


def runtime_table(tables: Tables) -> Table:
    """Table of expected running times, one row per case and optimizer; columns as in ``TABLE_COLUMNS``."""
    frame = _wide(expected_runtimes(tables))
    shown = {
        _key("ert", gap): Column(f"{100.0 * gap:g} %", count, hint=TABLE_COLUMNS[_key("ert", gap)]) for gap in SHOWN
    }
    return Table(
        "runtimes",
        "Expected running time to targets",
        "Expected number of evaluations to reach the target if runs are repeated until one does: all evaluations spent "
        "divided by the number of successes, infinite without a success (Auger & Hansen 2005; Hansen et al. 2021). It "
        "assumes independent restarts whenever a run ends without success. An optimizer that proposes a few mappings "
        "and stops is restarted at once; if it is deterministic, all its runs are equal, so restarts neither help nor "
        f"harm it. {FAILED_NOTE} {NOTES[tables.targets]}",
        frame,
        TABLE_COLUMNS,
        {
            "case": Column("Problem", number=False),
            "optimizer": Column("Optimizer", label, number=False),
            "runs": Column("Runs", count),
            "reached": Column("Reached", percent),
            **shown,
        },
        warnings=few_runs(tables, "expected running times are rough estimates"),
    )


def _wide(expected: pd.DataFrame) -> pd.DataFrame:
    """Table with one row per case and optimizer, in their order."""
    if expected.empty:
        return pd.DataFrame(columns=list(TABLE_COLUMNS))
    keys = ["case", "optimizer"]
    table = expected.groupby(keys, sort=False).agg(runs=("runs", "first"), reached=("successes", "mean"))
    table["reached"] /= table["runs"]
    for kind in ("ert", "successes"):
        wide = expected.pivot(index=keys, columns="target", values=kind).reindex(columns=list(GAPS))
        table = table.join(wide.set_axis([_key(kind, gap) for gap in GAPS], axis=1))
    return table.reset_index()[list(TABLE_COLUMNS)]


def ecdf(tables: Tables) -> pd.DataFrame:
    """Share of pairs of problem and target reached over evaluations, without restarts; see ``ECDF_COLUMNS``."""
    hits = among(runtimes(tables), compared(tables))
    if hits.empty:
        return pd.DataFrame(columns=list(ECDF_COLUMNS))
    grid = np.unique(np.geomspace(1, max(2, hits["budget"].max()), 100).round())
    parts = [_curve(str(optimizer), own, grid) for optimizer, own in hits.groupby("optimizer", sort=False)]
    return pd.concat(parts, ignore_index=True)[list(ECDF_COLUMNS)]


def _curve(optimizer: str, hits: pd.DataFrame, grid: FloatArray) -> pd.DataFrame:
    """The rows of one optimizer."""
    strata = [(first_hits(own)[None] <= grid[:, None, None]).mean(axis=2) for _, own in hits.groupby("case")]
    low, high = interval(strata, mean_of_means)
    share = mean_of_means(*strata)
    rows = pd.DataFrame({"evaluations": grid, "share": share, "low": low, "high": high})
    return rows.assign(optimizer=optimizer, cases=len(strata))


def first_hits(hits: pd.DataFrame) -> FloatArray:
    """``(runs, targets)`` number of evaluations to each target of one case; NaN if it is not reached."""
    return np.column_stack([own["evaluations"].to_numpy(dtype=np.float64) for _, own in hits.groupby("target")])
