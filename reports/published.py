"""The tables of a report, in order: shown on its page and written as CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reports.frames.instances import INSTANCE_COLUMNS
from reports.frames.summary import OVERALL_COLUMNS, SUMMARY_COLUMNS, Tables, is_best
from reports.statistics import STATISTICS
from reports.wording.numbers import count, label, mean_rank, percent, rank, ratio, seconds
from reports.wording.table import Column, Table
from reports.wording.units import amount, is_front, title_of


def published(tables: Tables) -> list[Table]:
    """All tables: ranking, results by problem, instances, then the statistics."""
    return [make(tables) for make in (ranking, by_problem, instances, *STATISTICS)]


def ranking(tables: Tables) -> Table:
    """Ranking table: one row per optimizer, best first."""
    frame = tables.overall
    compared = int(frame["num_compared"].max()) if len(frame) else 0
    none = (
        ""
        if compared or frame.empty
        else " No problem has results of all optimizers yet: compare them problem by problem."
    )
    return Table(
        name="overall",
        title="Ranking",
        note=f"Ranks and ratios are over the {compared} of {len(tables.cases)} problems on which all ranked optimizers "
        "have results; an optimizer with results on fewer than half as many problems as another is not ranked. Ratios "
        f"are geometric means over problems of medians over seeds.{_known(tables)}{_apart(tables)}{none}",
        frame=frame,
        meaning=OVERALL_COLUMNS,
        view={
            "optimizer": Column("Optimizer", label, number=False),
            "runs": Column("Runs", number=False),
            "mean_rank": Column("Mean rank", mean_rank),
            "num_best": Column("Best on", count),
            **_if_known(frame, "ratio_to_best_known", Column("Median / best known", ratio)),
            "ratio": Column("Median / bound", ratio),
            "ratio_to_best": Column("Median / best median", ratio),
            "cpu_seconds_per_1000": Column("CPU s per 1,000 evaluations", seconds),
            "evaluate_share": Column("Time in evaluation", percent),
            **_if_any(frame, "notes", Column("Notes", number=False)),
        },
        marks=tuple(frame["mean_rank"] == frame["mean_rank"].min()),
    )


def _known(tables: Tables) -> str:
    """A sentence on the best known, and on how many problems there is one."""
    known = tables.summary.drop_duplicates("case")["best_known"].notna()
    if not known.any():
        return ""
    some = "" if known.all() else f"; {known.sum()} of the {len(known)} problems have one, and the ratio is over these"
    return f" Best known is the best mapping that the suite knows ('m3e best'){some}."


def _apart(tables: Tables) -> str:
    names = ", ".join(label(name) for name in tables.apart)
    return (
        f" Not ranked with the others, as what they evaluate beyond the budget is not counted: {names}."
        if names
        else ""
    )


def by_problem(tables: Tables) -> Table:
    """Table of results: one row per problem and optimizer."""
    frame = tables.summary
    objectives = tables.objectives
    unit = f"Values: {title_of(objectives[0])}. " if len(objectives) == 1 else "Values are in the unit given. "
    fronts = ""
    if any(is_front(objective) for objective in objectives):
        fronts = (
            " With two objectives a run is judged by its hypervolume shortfall: the share of the box between ideal and "
            "reference point that its front does not dominate; it has no gap."
        )
    return Table(
        name="summary",
        title="Results by problem",
        note=f"{unit}Medians and quartiles are over seeds; gap = median / certified lower bound - 1. The best median "
        f"of each problem is marked.{_apart(tables)}{fronts}",
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
            **_if_known(frame, "ratio_to_best_known", Column("Median / best known", ratio)),
            "rank": Column("Rank", rank),
            **({"unit": Column("Unit", number=False)} if len(objectives) > 1 else {}),
            **_if_any(frame, "notes", Column("Notes", number=False)),
        },
        marks=tuple(is_best(frame)),
    )


def instances(tables: Tables) -> Table:
    """Table of instances: one row per problem, with its size and how well it separates optimizers."""
    frame = tables.instances
    fronts = ""
    if any(is_front(objective) for objective in tables.objectives):
        fronts = " With two objectives, all columns refer to the first."
    return Table(
        name="instances",
        title="Instances",
        note="Random level = best of 1,000 random mappings / certified lower bound; an instance with a random level "
        "within 2 % of 1 does not separate optimizers. Longest job = cycles that the longest job (with dependencies, "
        "the longest chain) needs at least / lower bound on the makespan: at 100 % it alone determines the bound. Best "
        "known: the best mapping that the suite knows ('m3e best'), and by how much it is above the optimum at most."
        f"{fronts}",
        frame=frame,
        meaning=INSTANCE_COLUMNS,
        view={
            "case": Column("Problem", number=False),
            "jobs": Column("Jobs", count),
            "cores": Column("Cores", count),
            "lower_bound": Column("Lower bound", amount),
            **_if_known(frame, "best_known", Column("Best known", amount)),
            **_if_known(frame, "best_known_gap", Column("At most above the optimum", percent)),
            "unit": Column("Unit", _text, number=False),
            "random_level": Column("Random level", ratio),
            "longest_job_share": Column("Longest job", percent),
            "verdict": Column("Verdict", number=False),
        },
    )


def _if_any(frame: pd.DataFrame, name: str, column: Column) -> Mapping[str, Column]:
    """The column, if it has any content."""
    return {name: column} if frame[name].astype(bool).any() else {}


def _if_known(frame: pd.DataFrame, name: str, column: Column) -> Mapping[str, Column]:
    """The column, if it has any number."""
    return {name: column} if frame[name].notna().any() else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
