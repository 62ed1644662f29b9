"""What a search is charged for: evaluations, or CPU seconds."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.frames.runs import used


@dataclass(frozen=True)
class Effort:
    """What a search is charged for.

    Attributes:
        name: Column of tables that tells how much.
        column: Column of the trajectories table that tells how much it was at an improvement.
        unit: Unit in words.
        budget: What a run may spend, in words.
        until: What a run has spent when it reaches something, in words.
        least: Least that anything takes, so that logarithms exist.
        suffix: End of the names of columns that are there for evaluations too.
    """

    name: str
    column: str
    unit: str
    budget: str
    until: str
    least: float
    suffix: str = ""


EVALUATIONS = Effort(
    name="evaluations",
    column="evaluation",
    unit="evaluations",
    budget="evaluations allowed",
    until="number of the first evaluation that",
    least=1.0,
)

CPU = Effort(
    name="cpu_seconds",
    column="cpu_seconds",
    unit="CPU seconds",
    budget="CPU seconds of the longest run on the problem",
    until="CPU seconds from the start of the run to the first evaluation that",
    least=1e-6,  # a record's times are in microseconds
    suffix="_cpu",
)


def charged(runs: pd.DataFrame, effort: Effort) -> pd.DataFrame:
    """Return the runs that can be charged, with what each has ``spent`` and what is its ``budget``.

    A failed run has spent its whole budget, so that no method wins by failing. CPU seconds have no budget that all
    share; in its place is what the longest run on the problem took. Optimizers with unknown CPU times are left out.
    """
    if effort is EVALUATIONS:
        budget, spent = runs["budget"], runs["num_evaluations"]
    else:
        runs = runs[~runs["optimizer"].isin(untimed(runs))]
        spent = runs["cpu_seconds"].astype(float).clip(lower=effort.least)
        budget = spent.groupby(runs["case"]).transform("max").fillna(effort.least)
    return runs.assign(budget=budget, spent=spent.where(runs["status"] != "failed", budget).astype(float))


def untimed(runs: pd.DataFrame) -> list[str]:
    """Return the optimizers that have a run with results whose CPU time is not known."""
    return list(used(runs).loc[used(runs)["cpu_seconds"].isna(), "optimizer"].unique())
