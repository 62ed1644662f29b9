"""The page's parts about one instance each: its facts, what was found on it, and what its charts draw."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from bench.store import StoredCampaign, StoredRun
from reports.figures.convergence import convergence_numbers
from reports.formats import percent, ratio
from reports.page.numbers import rounded
from reports.page.schedules import schedule_of
from reports.summary import Tables
from reports.tables import used
from reports.units import MISSING, amount, is_front

ALL_JOBS = 100_000
"""In the schedules of one page; those of the instances that follow are left out."""


@dataclass(frozen=True)
class Best:
    """The best run of a case.

    Attributes:
        run_id: Name of its folder.
        optimizer: As in the tables.
        seed: Of the run.
        value: Text, with unit.
        gap: Text; "" if it has none.
        first_of_front: Whether the schedule is one of several that the run found.
    """

    run_id: str
    optimizer: str
    seed: int
    value: str
    gap: str
    first_of_front: bool


@dataclass(frozen=True)
class Part:
    """A case's part of the page.

    Attributes:
        case: As in the tables.
        anchor: The id of its element.
        keys: What filters go by: ``task``, ``platform`` and ``bandwidth``.
        optimizers: Those with runs on it.
        runs: Text: how many are in the statistics, of how many.
        facts: Names and texts.
        verdict: Whether it tells optimizers apart, in words.
        degenerate: Whether it does not.
        best: None if nothing valid was found.
        schedule: For the script, or None.
        why: It is None.
        measure: What the curves show.
        curves: For the script, one an optimizer.
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
    schedule: Mapping[str, Any] | None
    why: str
    measure: str
    curves: tuple[Mapping[str, Any], ...]

    def data(self) -> dict[str, Any]:
        """What the script needs."""
        return {
            "name": self.case,
            **self.keys,
            "measure": self.measure,
            "curves": self.curves,
            "schedule": self.schedule,
        }


def parts_of(campaign: StoredCampaign, tables: Tables) -> list[Part]:
    """One a case, in the campaign's order."""
    stored = {run.id: run for run in campaign.runs}
    curves = dict(list(convergence_numbers(tables).groupby("case", sort=False)))
    facts = {row["case"]: row for row in tables.instances.to_dict("records")}
    anchors, room, parts = anchors_of(tables.cases), ALL_JOBS, []
    for case, runs in tables.runs.groupby("case", sort=False):
        best = _best_run(runs)
        schedule, why = (None, "") if best is None else _schedule(stored[best["run_id"]], room)
        room -= len(schedule["core"]) if schedule else 0
        parts.append(
            Part(
                case=case,
                anchor=anchors[case],
                keys=_keys(runs.iloc[0]),
                optimizers=tuple(runs["optimizer"].unique()),
                runs=f"{len(used(runs)):,} of {_num_planned(runs):,}",
                facts=_facts(facts[case]),
                verdict=facts[case]["verdict"],
                degenerate=facts[case]["separates"] is False,
                best=None if best is None else _best(best),
                schedule=schedule,
                why=why,
                **_curves(curves.get(case)),
            )
        )
    return parts


def anchors_of(cases: Sequence[str]) -> dict[str, str]:
    """An id for each case's element, from its name."""
    anchors: dict[str, str] = {}
    taken: set[str] = set()
    for case in cases:
        anchor = f"case:{re.sub(r'[^A-Za-z0-9./_-]+', '-', case)}"
        others = (f"{anchor}-{number}" for number in count(1))
        anchors[case] = next(own for own in chain([anchor], others) if own not in taken)
        taken.add(anchors[case])
    return anchors


def _keys(run: Mapping[str, Any]) -> dict[str, str]:
    bandwidth = run["bandwidth_gbps"]
    return {
        "task": run["task"],
        "platform": run["platform"] or "unknown",
        "bandwidth": f"{bandwidth:,g} GB/s" if bandwidth == bandwidth else "unknown",
    }


def _num_planned(runs: pd.DataFrame) -> int:
    return int(runs.drop_duplicates("optimizer")["num_planned"].sum())


def _facts(row: Mapping[str, Any]) -> dict[str, str]:
    """Those that are known."""
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


def _best_run(runs: pd.DataFrame) -> Mapping[str, Any] | None:
    """The first row with the lowest value of those in the statistics."""
    found = used(runs).dropna(subset=["best_value"])
    return None if found.empty else dict(found.loc[found["best_value"].idxmin()])


def _best(run: Mapping[str, Any]) -> Best:
    front = is_front(run["objective"])
    return Best(
        run_id=run["run_id"],
        optimizer=run["optimizer"],
        seed=int(run["seed"]),
        value=f"{amount(run['best_value'])} {run['unit']}",
        gap="" if np.isnan(run["gap"]) else percent(run["gap"]),
        first_of_front=front,
    )


def _schedule(run: StoredRun, room: int) -> tuple[dict[str, Any] | None, str]:
    if run.cores.size > room:
        return None, f"No schedule: those of the instances above have {ALL_JOBS:,} jobs, as many as a page can bear."
    return schedule_of(run)


def _curves(numbers: pd.DataFrame | None) -> dict[str, Any]:
    """The measure, and for each optimizer where its quartiles change; best ones first."""
    if numbers is None:
        return {"measure": "", "curves": ()}
    groups = sorted(numbers.groupby("optimizer", sort=False), key=lambda group: float(group[1]["median"].iloc[-1]))
    return {"measure": numbers["measure"].iloc[0], "curves": tuple(_curve(*group) for group in groups)}


def _curve(optimizer: str, numbers: pd.DataFrame) -> dict[str, Any]:
    quartiles = {key: rounded(numbers[key]) for key in ("median", "q1", "q3")}
    known = {"optimizer": optimizer, "runs": int(numbers["runs"].iloc[0])}
    return {**known, "evaluation": numbers["evaluation"].tolist(), **quartiles}
