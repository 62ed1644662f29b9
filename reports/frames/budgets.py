"""What is compared: one run a seed, and of different budgets as far as the smaller one goes.

Where optimizers have no budget in common on a problem, the runs with the larger one are taken as far as the smaller one
goes: what they had found by then, in a share of their time. That is what they would have reported if they had been
stopped; a method that plans with its budget, as annealing does, could have done better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from problems.foundation.errors import InvalidInput
from reports.frames.runs import variant_of
from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.record import STATUSES, StoredRun

C = TypeVar("C", bound=StoredCampaign)
R = TypeVar("R", bound=StoredRun)

_Key = tuple[str, int]
"""Problem and suite version."""


def comparable_runs(campaign: C) -> C:
    """Return the campaign with one run a seed, cut short to the budget that its optimizers have in common on a problem.

    That is the smallest of their largest budgets. An optimizer with runs of that budget keeps all its runs as they are.
    Runs that are cut short have no mapping. The same object if nothing changes.

    Raises:
        InvalidInput: If a run was made elsewhere and what it had found by then is not told.
    """
    budgets = _common_budgets((run.label, run) for run in campaign.runs)
    return _made_comparable(campaign, lambda run: budgets.get((_key(run), run.label)))


def both_comparable(a: C, b: C) -> tuple[C, C]:
    """Return two campaigns that are compared, likewise, each cut short to the budget that they have in common."""
    budgets = _common_budgets([*(("a", run) for run in a.runs), *(("b", run) for run in b.runs)])
    first = _made_comparable(a, lambda run: budgets.get((_key(run), "a")))
    return first, _made_comparable(b, lambda run: budgets.get((_key(run), "b")))


def _common_budgets(runs: Iterable[tuple[str, StoredRun]]) -> dict[tuple[_Key, str], int]:
    """Return where the runs of a party on a problem are cut short, and to which budget.

    Args:
        runs: Each run with its party, those that are compared: optimizers, or campaigns.
    """
    found: dict[_Key, dict[str, set[int]]] = {}
    for party, run in runs:
        found.setdefault(_key(run), {}).setdefault(party, set()).add(run.spec.budget)
    common = {key: min(map(max, parties.values())) for key, parties in found.items()}
    return {
        (key, party): common[key]
        for key, parties in found.items()
        for party, budgets in parties.items()
        if common[key] not in budgets
    }


def _made_comparable(campaign: C, budget_of: Callable[[StoredRun], int | None]) -> C:
    """The campaign with one run a seed, those cut short that ``budget_of`` gives a budget."""
    short = {run.id: budget for run in campaign.runs if (budget := budget_of(run))}
    counted = _one_a_seed(campaign.runs, short)
    if not short and len(counted) == len(campaign.runs):
        return campaign
    cells = {(run.spec.problem, run.label): short[run.id] for run in campaign.runs if run.id in short}
    others = {run.id for run in campaign.runs} - {run.id for run in counted}
    return replace(
        campaign,
        runs=tuple(up_to(run, short[run.id]) if run.id in short else run for run in counted),
        planned=tuple(_plan(plan, cells) for plan in campaign.planned if plan.id not in others),
        shortened=_told(campaign, short),
        doubled=campaign.doubled + len(others),
    )


def _one_a_seed(runs: Sequence[R], short: Mapping[str, int]) -> list[R]:
    """Of the runs of one seed that differ in limits, tracing, or a budget to be cut short: the one that counts.

    They start alike, and would count a seed twice. Complete runs go first, then those of the nearest budget.
    """
    counted: dict[tuple[object, ...], R] = {}
    for run in runs:
        budget = short.get(run.id, run.spec.budget)
        same = (*_key(run), run.label, variant_of(run), run.spec.seed, budget)
        if same not in counted or _rank(run) < _rank(counted[same]):
            counted[same] = run
    ids = {run.id for run in counted.values()}
    return [run for run in runs if run.id in ids]


def _rank(run: StoredRun) -> tuple[int, int]:
    return STATUSES.index(run.status), run.spec.budget


def up_to(run: R, budget: int) -> R:
    """Return what a run had come to after ``budget`` evaluations, fewer than its own.

    Raises:
        InvalidInput: If it was made elsewhere, and that is not told.
    """
    kept = run.trace_evaluations <= budget
    if run.told_by and not kept.any():
        what = f"{run.told_by}: {run.label} on {run.spec.problem}, seed {run.spec.seed}"
        expected = f"what it had found after {budget:,} evaluations or fewer, up to which it is compared"
        actual = f"what it had found after {run.num_evaluations:,}"
        hint = "Add a row for each improvement to the file, or leave it out with --only."
        raise InvalidInput(what, expected=expected, actual=actual, hint=hint)
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
