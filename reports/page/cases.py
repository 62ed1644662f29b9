"""Content of the page's part on each instance: its facts, the best run, and the data of its charts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import TypedDict

import numpy as np
import pandas as pd

from reports.figures.convergence import convergence_numbers
from reports.frames.effort import CPU, EVALUATIONS, Effort
from reports.frames.runs import used
from reports.frames.summary import Tables
from reports.page.numbers import rounded
from reports.page.schedule_data import ScheduleData, schedule_of
from reports.storage.replay import CheckedRun, Folders
from reports.wording.numbers import percent, ratio
from reports.wording.units import MISSING, amount, is_front

ALL_JOBS = 100_000
"""Most jobs in all schedules of a page; the schedules of further instances are left out."""


class Curve(TypedDict):
    """The convergence of an optimizer on a case, as JSON values; None where a quartile is not known.

    Attributes:
        optimizer: Name as in the tables.
        runs: Number of runs.
        at: ``(n,)`` evaluations, or CPU seconds, at which a quartile changes.
        median: ``(n,)`` median from then on.
        q1: ``(n,)`` first quartile.
        q3: ``(n,)`` third quartile.
    """

    optimizer: str
    runs: int
    at: list[float]
    median: list[float | int | None]
    q1: list[float | int | None]
    q3: list[float | int | None]


@dataclass(frozen=True)
class Best:
    """The best run of a case.

    Attributes:
        run_id: Id of the run.
        optimizer: Name as in the tables.
        seed: Seed of the run.
        value: Value with its unit, as text.
        gap: Gap as text; "" if there is none.
        first_of_front: Whether the schedule is the first of a front.
    """

    run_id: str
    optimizer: str
    seed: int
    value: str
    gap: str
    first_of_front: bool


@dataclass(frozen=True)
class Part:
    """The page's part on one case.

    Attributes:
        case: Name as in the tables.
        anchor: Id of the HTML element.
        keys: Filter keys: ``task``, ``platform`` and ``bandwidth``.
        optimizers: Optimizers with runs on the case.
        runs: Number of runs with results, of those planned, as text.
        facts: Texts by name.
        verdict: Whether the instance separates optimizers, in words.
        degenerate: Whether it is known not to separate them.
        best: Best run; None if no valid mapping was found.
        schedule: Schedule of the best run for the script, or None.
        why: Reason why ``schedule`` is None.
        measure: Quantity that the curves show.
        curves: Curves for the script, one per optimizer.
        cpu_curves: Curves over CPU seconds, likewise; an optimizer with unknown CPU times has none.
    """

    case: str
    anchor: str
    keys: Mapping[str, str]
    optimizers: tuple[str, ...]
    runs: str
    facts: Mapping[str, str]
    verdict: str
    degenerate: bool
    best: Best | None
    schedule: ScheduleData | None
    why: str
    measure: str
    curves: tuple[Curve, ...]
    cpu_curves: tuple[Curve, ...]

    def data(self) -> dict[str, object]:
        """JSON values for the page's scripts."""
        return {
            "name": self.case,
            **self.keys,
            "measure": self.measure,
            "curves": self.curves,
            "cpu_curves": self.cpu_curves,
            "schedule": self.schedule,
        }


def parts_of(tables: Tables) -> list[Part]:
    """The parts of all cases, in the campaign's order."""
    campaign = tables.campaign
    stored = {run.id: run for run in campaign.runs}
    numbers, cpu_numbers = (
        dict(list(convergence_numbers(tables, effort).groupby("case", sort=False))) for effort in (EVALUATIONS, CPU)
    )
    facts = {row["case"]: row for _, row in tables.instances.iterrows()}
    anchors = anchors_of(tables.cases)
    room = ALL_JOBS
    parts = []
    for case, runs in tables.runs.groupby("case", sort=False):
        best = _best_run(runs)
        schedule, why = (None, "") if best is None else _schedule(stored[best["run_id"]], room, campaign.files)
        room -= len(schedule["core"]) if schedule else 0
        measure, curves = _curves(numbers.get(case), EVALUATIONS)
        parts.append(
            Part(
                case=case,
                anchor=anchors[case],
                keys=_keys(runs.iloc[0]),
                optimizers=tuple(runs["optimizer"].unique()),
                runs=f"{len(used(runs)):,} of {_num_planned(runs):,}",
                facts=_facts(facts[case]) | _lowest_told(runs),
                verdict=facts[case]["verdict"],
                degenerate=facts[case]["separates"] is False,
                best=None if best is None else _best(best),
                schedule=schedule,
                why=why,
                measure=measure,
                curves=curves,
                cpu_curves=_curves(cpu_numbers.get(case), CPU)[1],
            )
        )
    return parts


def anchors_of(cases: Sequence[str]) -> dict[str, str]:
    """A unique id for the HTML element of each case, derived from its name."""
    anchors: dict[str, str] = {}
    taken: set[str] = set()
    for case in cases:
        anchor = f"case:{re.sub(r'[^A-Za-z0-9./_-]+', '-', case)}"
        others = (f"{anchor}-{number}" for number in count(1))
        anchors[case] = next(own for own in chain([anchor], others) if own not in taken)
        taken.add(anchors[case])
    return anchors


def _keys(run: pd.Series) -> dict[str, str]:
    bandwidth = run["bandwidth_gbps"]
    return {
        "task": run["task"],
        "platform": run["platform"] or "unknown",
        "bandwidth": f"{bandwidth:,g} GB/s" if bandwidth == bandwidth else "unknown",
    }


def _num_planned(runs: pd.DataFrame) -> int:
    return int(runs.drop_duplicates("optimizer")["num_planned"].sum())


def _facts(row: pd.Series) -> dict[str, str]:
    """The known facts of a row of the instances table."""
    if not isinstance(row["unit"], str):
        return {}
    facts = {
        "Jobs": amount(row["jobs"]),
        "Cores": amount(row["cores"]),
        "Objective": str(row["objective"]),
        "Lower bound": f"{amount(row['lower_bound'])} {row['unit']}",
        "Random level": ratio(row["random_level"]),
        "Longest job": percent(row["longest_job_share"]),
    }
    return {name: text for name, text in facts.items() if text != MISSING}


def _best_run(runs: pd.DataFrame) -> pd.Series | None:
    """The first row with the lowest value of a verified mapping, or None."""
    found = used(runs[~runs["foreign"].astype(bool)]).dropna(subset=["best_value"])
    return None if found.empty else found.loc[found["best_value"].idxmin()]


def _lowest_told(runs: pd.DataFrame) -> dict[str, str]:
    """The fact that a result made elsewhere is better than all mappings here, if it is."""
    told, best = runs[runs["foreign"].astype(bool)].dropna(subset=["best_value"]), _best_run(runs)
    if told.empty or (best is not None and best["best_value"] <= told["best_value"].min()):
        return {}
    lowest = told.loc[told["best_value"].idxmin()]
    return {"Told, not verified": f"{amount(lowest['best_value'])} {lowest['unit']} by {lowest['optimizer']}"}


def _best(run: pd.Series) -> Best:
    front = is_front(run["objective"])
    return Best(
        run_id=run["run_id"],
        optimizer=run["optimizer"],
        seed=int(run["seed"]),
        value=f"{amount(run['best_value'])} {run['unit']}",
        gap="" if np.isnan(run["gap"]) else percent(run["gap"]),
        first_of_front=front,
    )


def _schedule(run: CheckedRun, room: int, files: Folders) -> tuple[ScheduleData | None, str]:
    if run.cores.size > room:
        return None, f"No schedule: the page shows at most {ALL_JOBS:,} jobs, which the instances above have used up."
    return schedule_of(run, files)


def _curves(numbers: pd.DataFrame | None, effort: Effort) -> tuple[str, tuple[Curve, ...]]:
    """The measure and the curve of each optimizer, best first."""
    if numbers is None:
        return "", ()
    groups = sorted(numbers.groupby("optimizer", sort=False), key=lambda group: float(group[1]["median"].iloc[-1]))
    return numbers["measure"].iloc[0], tuple(_curve(str(name), own, effort) for name, own in groups)


def _curve(optimizer: str, numbers: pd.DataFrame, effort: Effort) -> Curve:
    return {
        "optimizer": optimizer,
        "runs": int(numbers["runs"].iloc[0]),
        "at": numbers[effort.column].tolist(),
        "median": rounded(numbers["median"]),
        "q1": rounded(numbers["q1"]),
        "q3": rounded(numbers["q3"]),
    }
