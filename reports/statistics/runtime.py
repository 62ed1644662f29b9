"""Expected running times to targets, and the distribution of running times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from problems.arrays import FloatArray
from reports.frames.effort import CPU, EVALUATIONS, Effort
from reports.frames.summary import GAPS, Tables
from reports.statistics.compared import among, compared, few_runs, unverified
from reports.statistics.intervals import interval, mean_of_means
from reports.statistics.targets import FAILED_NOTE, NOTES, runtimes
from reports.wording.numbers import count, label, percent, percentage
from reports.wording.table import Column, Table

SHOWN = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Targets that the page shows, unless there are others; files contain all."""


def _key(kind: str, gap: float) -> str:
    return f"{kind}_{100.0 * gap:g}"


def expected_columns(effort: Effort) -> dict[str, str]:
    """Columns of ``expected_runtimes``, with their meanings."""
    return {
        "case": "as in runs",
        "optimizer": "label in the campaign",
        "target": "gap to be reached",
        "runs": "stored runs",
        "successes": "runs that reached the target",
        effort.name: f"{effort.unit} that all runs spent until they reached it or ended",
        "ert": f"expected running time in {effort.unit}: {effort.name} / successes; infinite without a success",
    }


EXPECTED_COLUMNS = expected_columns(EVALUATIONS)


def table_columns(gaps: Sequence[float]) -> dict[str, str]:
    """Columns of ``runtime_table``, with their meanings."""
    times = {
        _key(f"ert{effort.suffix}", gap): f"expected running time to a gap of {percentage(gap)}, {effort.unit}"
        for effort in (EVALUATIONS, CPU)
        for gap in gaps
    }
    return {
        "case": "as in runs",
        "optimizer": "label in the campaign",
        "runs": "stored runs",
        "reached": "share of pairs of run and target in which the target was reached",
        **times,
        **{_key("successes", gap): f"runs that reached a gap of {percentage(gap)}" for gap in gaps},
    }


def ecdf_columns(effort: Effort) -> dict[str, str]:
    """Columns of ``ecdf``, with their meanings."""
    return {
        "optimizer": "label in the campaign",
        effort.name: f"number of {effort.unit}",
        "share": "share of pairs of problem and target reached within them; mean over runs, with equal weight per "
        "problem",
        "low": "lower end of the {level} bootstrap interval; empty if there is only one run on a problem",
        "high": "upper end of the {level} bootstrap interval",
        "cases": "problems compared, the same for all",
    }


ECDF_COLUMNS = ecdf_columns(EVALUATIONS)


def expected_runtimes(tables: Tables, effort: Effort = EVALUATIONS) -> pd.DataFrame:
    """Table with one row per case, optimizer and target; columns as in ``expected_columns`` (Auger & Hansen 2005)."""
    groups = runtimes(tables, effort).groupby(["case", "optimizer", "target"], sort=False)
    table = groups.agg(runs=("run_id", "size"), successes=(effort.name, "count"), total=("spent", "sum"))
    table = table.reset_index().rename(columns={"total": effort.name})
    successes = table["successes"].to_numpy(dtype=np.float64)
    total = table[effort.name].to_numpy(dtype=np.float64)
    table["ert"] = np.divide(total, successes, out=np.full(len(table), np.inf), where=successes > 0)
    return table[list(expected_columns(effort))]


def runtime_table(tables: Tables) -> Table:
    """Table of expected running times, one row per case and optimizer; columns as in ``table_columns``."""
    columns = table_columns(tables.gaps)
    gaps = SHOWN if tables.gaps == GAPS else tables.gaps
    shown = {_key("ert", gap): Column(percentage(gap), count, hint=columns[_key("ert", gap)]) for gap in gaps}
    return Table(
        "runtimes",
        "Expected running time to targets",
        "Expected number of evaluations to reach the target if runs are repeated until one does: all evaluations spent "
        "divided by the number of successes, infinite without a success (Auger & Hansen 2005; Hansen et al. 2021). It "
        "assumes independent restarts whenever a run ends without success. An optimizer that proposes a few mappings "
        "and stops is restarted at once; if it is deterministic, all its runs are equal, so restarts neither help nor "
        "harm it. The CSV file has the expected CPU seconds too, ert_cpu. "
        f"{FAILED_NOTE} {NOTES[tables.targets]}",
        _wide(tables),
        columns,
        {
            "case": Column("Problem", number=False),
            "optimizer": Column("Optimizer", label, number=False),
            "runs": Column("Runs", count),
            "reached": Column("Reached", percent),
            **shown,
        },
        warnings=(*few_runs(tables, "expected running times are rough estimates"), *unverified(tables)),
    )


def _wide(tables: Tables) -> pd.DataFrame:
    """Table with one row per case and optimizer, in their order."""
    keys, columns = ["case", "optimizer"], list(table_columns(tables.gaps))
    expected = expected_runtimes(tables)
    if expected.empty:
        return pd.DataFrame(columns=columns)
    table = expected.groupby(keys, sort=False).agg(runs=("runs", "first"), reached=("successes", "mean"))
    table["reached"] /= table["runs"]
    kinds = (
        ("ert", expected, "ert"),
        ("ert_cpu", expected_runtimes(tables, CPU), "ert"),
        ("successes", expected, "successes"),
    )
    for kind, long, values in kinds:
        wide = long.pivot(index=keys, columns="target", values=values).reindex(columns=list(tables.gaps))
        table = table.join(wide.set_axis([_key(kind, gap) for gap in tables.gaps], axis=1))
    return table.reset_index()[columns]


def ecdf(tables: Tables, effort: Effort = EVALUATIONS) -> pd.DataFrame:
    """Share of pairs of problem and target reached over the effort, without restarts; see ``ecdf_columns``."""
    hits = among(runtimes(tables, effort), compared(tables))
    if hits.empty:
        return pd.DataFrame(columns=list(ecdf_columns(effort)))
    grid = _grid(hits, effort)
    parts = [_curve(own, grid, effort, tables.level).assign(optimizer=o) for o, own in _by_optimizer(hits)]
    return pd.concat(parts, ignore_index=True)[list(ecdf_columns(effort))]


def _by_optimizer(hits: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    return ((str(optimizer), own) for optimizer, own in hits.groupby("optimizer", sort=False))


def _grid(hits: pd.DataFrame, effort: Effort) -> FloatArray:
    """Where the curves have their points: evaluations from the first, CPU seconds from the first reached target."""
    if effort is EVALUATIONS:
        return np.unique(np.geomspace(1, max(2, hits["budget"].max()), 100).round())
    first, last = float(hits[effort.name].min()), float(hits["budget"].max())
    return np.geomspace(last / 10.0 if np.isnan(first) else first, max(last, 2.0 * effort.least), 100)


def _curve(hits: pd.DataFrame, grid: FloatArray, effort: Effort, level: float) -> pd.DataFrame:
    """The rows of one optimizer."""
    strata = [(first_hits(own, effort)[None] <= grid[:, None, None]).mean(axis=2) for _, own in hits.groupby("case")]
    low, high = interval(strata, mean_of_means, level)
    rows = {effort.name: grid, "share": mean_of_means(*strata), "low": low, "high": high, "cases": len(strata)}
    return pd.DataFrame(rows)


def first_hits(hits: pd.DataFrame, effort: Effort = EVALUATIONS) -> FloatArray:
    """``(runs, targets)`` effort to each target of one case; NaN if it is not reached."""
    return np.column_stack([own[effort.name].to_numpy(dtype=np.float64) for _, own in hits.groupby("target")])
