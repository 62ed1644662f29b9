"""Runs of different budgets, compared up to the smaller one.

Where optimizers have no budget in common on a problem, the runs with the larger one are taken as far as the smaller one
goes: what they had found by then, in a share of their time. That is what they would have reported if they had been
stopped; a method that plans with its budget, as annealing does, could have done better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.record import StoredRun

C = TypeVar("C", bound=StoredCampaign)
R = TypeVar("R", bound=StoredRun)

_Key = tuple[str, int]
"""Problem and suite version."""


def up_to_common_budgets(campaign: C) -> C:
    """Return the campaign with runs cut short to the budget that its optimizers have in common on a problem.

    That is the smallest of their largest budgets. An optimizer with runs of that budget keeps all its runs as they are.
    Runs that are cut short have no mapping. The same object if there are none.
    """
    labels: dict[str, list[StoredRun]] = {}
    for run in campaign.runs:
        labels.setdefault(run.label, []).append(run)
    return _shortened(campaign, _budgets(labels))


def both_up_to_common_budgets(a: C, b: C) -> tuple[C, C]:
    """Return two campaigns that are compared, each cut short likewise to the budget that they have in common."""
    budgets = _budgets({side: campaign.runs for side, campaign in (("a", a), ("b", b))})
    sides = ((side, campaign, {run.label for run in campaign.runs}) for side, campaign in (("a", a), ("b", b)))
    own = [
        _shortened(
            campaign, {(key, label): own for (key, party), own in budgets.items() if party == side for label in labels}
        )
        for side, campaign, labels in sides
    ]
    return own[0], own[1]


def _budgets(parties: Mapping[str, Sequence[StoredRun]]) -> dict[tuple[_Key, str], int]:
    """The budget to which the runs of a party on a problem are cut short, where they are."""
    own: dict[_Key, dict[str, set[int]]] = {}
    for party, runs in parties.items():
        for run in runs:
            own.setdefault(_key(run), {}).setdefault(party, set()).add(run.spec.budget)
    common = {key: min(map(max, budgets.values())) for key, budgets in own.items()}
    return {
        (key, party): common[key]
        for key, budgets in own.items()
        for party, found in budgets.items()
        if common[key] not in found
    }


def _shortened(campaign: C, budgets: Mapping[tuple[_Key, str], int]) -> C:
    """The campaign with the runs cut short of which the problem and the label are in ``budgets``."""
    short = {run.id: budget for run in campaign.runs if (budget := budgets.get((_key(run), run.label)))}
    if not short:
        return campaign
    cells = {(run.spec.problem, run.label): short[run.id] for run in campaign.runs if run.id in short}
    return replace(
        campaign,
        runs=tuple(up_to(run, short[run.id]) if run.id in short else run for run in campaign.runs),
        planned=tuple(_plan(plan, cells) for plan in campaign.planned),
        shortened=_told(campaign, short),
    )


def up_to(run: R, budget: int) -> R:
    """Return what a run had come to after ``budget`` evaluations, fewer than its own."""
    kept = run.trace_evaluations <= budget
    values = run.trace_values[kept]
    share = min(1.0, budget / run.num_evaluations) if run.num_evaluations else 1.0
    reached = run.status == "cut" and run.num_evaluations >= budget
    return replace(
        run,
        spec=replace(run.spec, budget=budget),
        status="complete" if reached else run.status,
        message="" if reached else run.message,
        num_evaluations=min(run.num_evaluations, budget),
        best_value=float(values[-1]) if values.size else np.nan,
        trace_evaluations=run.trace_evaluations[kept],
        trace_values=values,
        trace_seconds=run.trace_seconds[kept],
        trace_cpu_seconds=run.trace_cpu_seconds[kept],
        checkpoints=run.checkpoints[run.checkpoints[:, 0] <= budget],
        seconds={part: share * own for part, own in run.seconds.items()},
        front_values=run.front_values[:0],
        front_cores=run.front_cores[:0],
        front_priorities=run.front_priorities[:0],
        trace_sha256="",
    )


def _told(campaign: StoredCampaign, short: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The budgets to which each label's runs are cut short, rising."""
    found: dict[str, set[int]] = {}
    for run in campaign.runs:
        if run.id in short:
            found.setdefault(run.label, set()).add(short[run.id])
    return {label: tuple(sorted(own)) for label, own in found.items()}


def _key(run: StoredRun) -> _Key:
    return run.spec.problem, run.spec.suite_version


def _plan(plan: PlannedRun, cells: Mapping[tuple[str, str], int]) -> PlannedRun:
    """A plan with the budget to which the optimizer's runs on the problem are cut short, if they are."""
    budget = cells.get((plan.problem, plan.label), plan.budget)
    return replace(plan, budget=budget) if budget < plan.budget else plan
