"""The tables that a report publishes, in their order: on its page, as CSV and for papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from reports.formats import count, label, percent, rank, ratio, seconds
from reports.instances import INSTANCE_COLUMNS
from reports.statistics import STATISTICS
from reports.summary import OVERALL_COLUMNS, SUMMARY_COLUMNS, Tables
from reports.table import Column, Table
from reports.units import amount, is_front, title_of


def published(tables: Tables) -> list[Table]:
    """Ranking, results by problem, instances, then the statistics."""
    return [make(tables) for make in (ranking, by_problem, instances, *STATISTICS)]


def ranking(tables: Tables) -> Table:
    """One row an optimizer, the best first."""
    frame = tables.overall
    compared = int(frame["num_compared"].max()) if len(frame) else 0
    none = "" if compared or frame.empty else " No problem has results of all yet: see the problems one by one."
    return Table(
        name="overall",
        title="Ranking",
        note=f"Ranks and ratios are over the {compared} of {len(tables.cases)} problems on which all have results; "
        "optimizers with results on fewer than half as many problems as another are not ranked. Ratios are geometric "
        f"means over problems of medians over seeds.{none}",
        frame=frame,
        meaning=OVERALL_COLUMNS,
        view={
            "optimizer": Column("Optimizer", label, number=False),
            "runs": Column("Runs", number=False),
            "mean_rank": Column("Mean rank", rank),
            "num_best": Column("Best on", count),
            "ratio": Column("Median / bound", ratio),
            "ratio_to_best": Column("Median / best median", ratio),
            "seconds_per_1000": Column("Seconds per 1,000 evaluations", seconds),
            "evaluate_share": Column("Time in evaluation", percent),
            **_if_any(frame, "notes", Column("Notes", number=False)),
        },
        marks=_marks(frame, "mean_rank", lambda ranks: ranks == ranks.min()),
    )


def by_problem(tables: Tables) -> Table:
    """One row a problem and optimizer."""
    frame = tables.summary
    objectives = tables.objectives
    unit = f"Values: {title_of(objectives[0])}. " if len(objectives) == 1 else "Values are in the unit beside them. "
    fronts = (
        " With two objectives a run is judged by its hypervolume shortfall: the share of the box between ideal and "
        "reference point that its front leaves open; it has no gap."
    )
    return Table(
        name="summary",
        title="Results by problem",
        note=f"{unit}Medians and quartiles are over seeds; gap = median / certified lower bound - 1. The best median "
        f"of each problem is marked.{fronts * any(is_front(objective) for objective in objectives)}",
        frame=frame,
        meaning=SUMMARY_COLUMNS,
        view={
            "case": Column("Problem", number=False),
            "optimizer": Column("Optimizer", label, number=False),
            "runs": Column("Runs", number=False),
            "median": Column("Median", amount),
            "q1": Column("First quartile", amount),
            "q3": Column("Third quartile", amount),
            "iqr": Column("IQR", amount),
            "gap": Column("Gap", percent),
            "rank": Column("Rank", rank),
            **({"unit": Column("Unit", number=False)} if len(objectives) > 1 else {}),
            **_if_any(frame, "notes", Column("Notes", number=False)),
        },
        marks=_marks(frame, "ratio_to_best", lambda ratios: ratios == 1.0),
    )


def instances(tables: Tables) -> Table:
    """One row a problem: what it is good for."""
    frame = tables.instances
    fronts = " With two objectives all this is about the first." * any(is_front(o) for o in tables.objectives)
    return Table(
        name="instances",
        title="Instances",
        note="Random level = best of 1,000 random mappings / certified lower bound; an instance on which it is within "
        "2 % separates no optimizers. Longest job = cycles that one job alone, or with dependencies one chain, "
        f"forces / bound on the makespan: at 100 % it alone sets the bound.{fronts}",
        frame=frame,
        meaning=INSTANCE_COLUMNS,
        view={
            "case": Column("Problem", number=False),
            "jobs": Column("Jobs", count),
            "cores": Column("Cores", count),
            "lower_bound": Column("Lower bound", amount),
            "unit": Column("Unit", _text, number=False),
            "random_level": Column("Random level", ratio),
            "longest_job_share": Column("Longest job", percent),
            "verdict": Column("Verdict", number=False),
        },
    )


def _if_any(frame: pd.DataFrame, name: str, column: Column) -> Mapping[str, Column]:
    """A column that is shown only where it says something."""
    return {name: column} if frame[name].astype(bool).any() else {}


def _marks(frame: pd.DataFrame, name: str, best: Callable[[Any], Any]) -> tuple[bool, ...]:
    return tuple(bool(mark) for mark in best(frame[name]))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
