"""Tidy tables of a stored campaign: one row per run, one row per improvement.

Results are compared within a *case*: a problem together with the budget and the suite version, if its runs differ in
them. An *optimizer* is named by its label in the campaign; if a label stands for several sets of parameters, each set
counts as a separate optimizer, ``label [1]``, ``label [2]``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import problems
from problems.foundation.errors import M3EError
from problems.foundation.text import printable
from problems.objectives import objective_at_the_end_of
from reports.storage.campaign_folder import StoredCampaign
from reports.storage.content import EVALUATES_ITSELF
from reports.storage.readable import LONGEST_ID, readable, readable_id
from reports.storage.record import StoredRun
from reports.storage.replay import Folders, known_id, known_problem
from reports.wording.names import distinct
from reports.wording.units import is_front, unit_of

USED = ("complete", "cut")
"""Statuses of runs with results."""

RUN_COLUMNS = {
    "run_id": "id of the run, and stem of its file",
    "case": "problem within which the run is compared, with budget and suite version where runs differ in them",
    "problem": "problem id",
    "task": "task of the problem",
    "platform": "platform of the problem",
    "bandwidth_gbps": "shared memory bandwidth, GB/s",
    "num_jobs": "jobs in the group; empty if the group is a whole workload that is unknown here",
    "instance": "number of the instance",
    "dependent": "whether jobs wait for their predecessors",
    "cost_model": "cost model of the problem",
    "objective": "minimised objective",
    "unit": "unit of the values; with two objectives the values are hypervolume shortfalls, 0 to 1",
    "suite_version": "version of the suite's problems",
    "optimizer": "label in the campaign; with [1], [2], ... if the label has several sets of parameters",
    "registered": "registered name of the optimizer",
    "ranked": "whether the optimizer is ranked: one that evaluates mappings beyond its budget is not, beside others",
    "foreign": "whether the run was made elsewhere and a CSV file tells it: its mapping was not verified",
    "seed": "seed of the run",
    "budget": "evaluations allowed",
    "status": "complete, cut (at a limit, or interrupted), or failed",
    "message": "why the run was cut or failed",
    "num_planned": "runs that the campaign plans for this case and optimizer",
    "num_evaluations": "mappings evaluated",
    "best_value": "lowest value; empty if no valid mapping was found",
    "value": "value by which the run is judged: best_value; infinite if the run failed or found no valid mapping",
    "lower_bound": "certified lower bound of the values; 0 with two objectives; empty if the problem is unknown here",
    "gap": "best_value / lower_bound - 1; empty with two objectives",
    "best_known": "value of the best mapping known (m3e best); empty if none is stored",
    "regret": "best_value / best_known - 1, negative where the run has found a better one; empty if none is stored",
    "throughput_gflops": "throughput of the best mapping at 1 GHz, GFLOP/s; empty if the objective is neither latency "
    "nor throughput",
    "ask_seconds": "wall time the optimizer spent proposing mappings",
    "tell_seconds": "wall time the optimizer spent learning from values",
    "evaluate_seconds": "wall time spent evaluating mappings",
    "other_seconds": "rest of the wall time",
    "total_seconds": "wall time from start to end of the search",
    "cpu_seconds": "CPU time of the search",
}

TRAJECTORY_COLUMNS = {
    "run_id": "id of the run, and stem of its file",
    "case": "as in runs",
    "problem": "problem id",
    "optimizer": "as in runs",
    "seed": "seed of the run",
    "evaluation": "number of the evaluation, from 1, that improved the best value",
    "best_value": "lowest value from then on",
    "seconds": "wall time since the start of the search",
    "cpu_seconds": "CPU time since the start of the search",
}

MOST_EVALUATIONS = 2**53
"""Largest number of evaluations in tables, to which larger ones are cut: floats beyond it have gaps."""

_SECONDS = ("ask", "tell", "evaluate")


def runs_table(campaign: StoredCampaign) -> pd.DataFrame:
    """Table with one row per run, in the campaign's order; columns as in ``RUN_COLUMNS``."""
    campaign = readable(campaign)
    keys = dict.fromkeys(_problem_key(run) for run in campaign.runs)
    known = {key: _Reference.of(*key, campaign.files) for key in keys}
    cases, optimizers, planned = case_names(campaign), optimizer_names(campaign), _planned(campaign)
    apart = unranked(campaign)
    rows = [
        {
            **_run_row(run, known[_problem_key(run)]),
            "case": cases[run.id],
            "optimizer": optimizers[run.id],
            "ranked": optimizers[run.id] not in apart,
            "num_planned": planned[run.id],
        }
        for run in campaign.runs
    ]
    return pd.DataFrame(rows, columns=list(RUN_COLUMNS))


def trajectories_table(campaign: StoredCampaign) -> pd.DataFrame:
    """Table with one row per improvement in complete and cut runs; columns as in ``TRAJECTORY_COLUMNS``."""
    campaign = readable(campaign)
    cases, optimizers = case_names(campaign), optimizer_names(campaign)
    runs = [run for run in campaign.runs if run.status in USED and run.trace_values.size]
    lengths = [run.trace_values.size for run in runs]
    of_runs = {
        "run_id": [run.id for run in runs],
        "case": [cases[run.id] for run in runs],
        "problem": [readable_id(run.spec.problem) for run in runs],
        "optimizer": [optimizers[run.id] for run in runs],
        "seed": [run.spec.seed for run in runs],
    }
    table = pd.DataFrame(of_runs).loc[np.repeat(np.arange(len(runs)), lengths)]
    table["evaluation"] = _joined([run.trace_evaluations for run in runs], np.int64)
    table["best_value"] = _joined([run.trace_values for run in runs], np.float64)
    table["seconds"] = _joined([run.trace_seconds for run in runs], np.float64)
    table["cpu_seconds"] = _joined([run.trace_cpu_seconds for run in runs], np.float64)
    return table[np.isfinite(table["best_value"])].reset_index(drop=True)


def _joined(arrays: Sequence[npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(0), *arrays]).astype(dtype)


def used(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs with results: complete and cut ones."""
    return runs[runs["status"].isin(USED)]


def _problem_key(run: StoredRun) -> tuple[str, int]:
    return run.spec.problem, run.spec.suite_version


@dataclass(frozen=True)
class _Reference:
    """What the suite knows of a problem.

    Attributes:
        parts: Parts of the problem's id, with objective and unit.
        bound: Lower bound of the values of runs: with two objectives 0, the least shortfall; NaN if unknown.
        problem: The problem; None if unknown.
        best_known: Value of the best mapping known; NaN if none is stored.
    """

    parts: Mapping[str, object]
    bound: float = np.nan
    problem: problems.Problem | None = None
    best_known: float = np.nan

    @classmethod
    def of(cls, problem_id: str, suite_version: int, files: Folders) -> _Reference:
        """Look up a problem, which may be unknown here or belong to another version of the suite."""
        objective = objective_at_the_end_of(problem_id)
        parts: dict[str, object] = {"objective": objective, "unit": unit_of(objective)}
        try:
            parts |= known_id(problem_id)._asdict()
        except M3EError:
            return cls(parts | {"task": problem_id, "platform": ""})
        if suite_version != problems.SUITE_VERSION:
            return cls(parts)
        try:
            problem = known_problem(problem_id, files)
        except M3EError:
            return cls(parts)
        parts["num_jobs"] = problem.num_jobs
        if is_front(objective):
            return cls(parts, 0.0, problem)
        stored = problem.best_known()
        return cls(parts, problem.lower_bound(), problem, np.nan if stored is None else stored.value)

    def throughput(self, best: float) -> float:
        """Throughput in GFLOP/s of a run's best value; NaN if the makespan does not follow from the value."""
        return np.nan if self.problem is None else self.problem.gflops(best)


def _run_row(run: StoredRun, known: _Reference) -> dict[str, object]:
    """The columns that depend on the run alone."""
    best = run.best_value if np.isfinite(run.best_value) else np.nan
    seconds = {f"{part}_seconds": _seconds(run, part) for part in _SECONDS}
    total = _seconds(run, "total")
    return {
        "run_id": run.id,
        "problem": readable_id(run.spec.problem),
        **{part: readable_id(own) if isinstance(own, str) else own for part, own in known.parts.items()},
        "suite_version": run.spec.suite_version,
        "registered": printable(run.spec.optimizer),
        "foreign": bool(run.told_by),
        "seed": run.spec.seed,
        "budget": min(run.spec.budget, MOST_EVALUATIONS),
        "status": run.status,
        "message": run.message,
        "num_evaluations": min(run.num_evaluations, MOST_EVALUATIONS),
        "best_value": best,
        "value": best if run.status in USED and best == best else np.inf,
        "lower_bound": known.bound,
        "gap": best / known.bound - 1.0 if known.bound > 0 else np.nan,
        "best_known": known.best_known,
        "regret": best / known.best_known - 1.0 if known.best_known > 0 else np.nan,
        "throughput_gflops": known.throughput(best),
        **seconds,
        "other_seconds": max(0.0, total - sum(seconds.values())) if total == total else np.nan,
        "total_seconds": total,
        "cpu_seconds": _seconds(run, "cpu"),
    }


def _seconds(run: StoredRun, part: str) -> float:
    """Seconds of a part of a run; NaN if unknown or not a valid time."""
    value = run.seconds.get(part, np.nan)
    return value if 0.0 <= value < np.inf else np.nan


@lru_cache(maxsize=2)
def case_names(campaign: StoredCampaign) -> Mapping[str, str]:
    """Case of each run, by run id."""
    budgets: dict[str, set[int]] = {}
    versions: dict[str, set[int]] = {}
    for run in campaign.runs:
        budgets.setdefault(run.spec.problem, set()).add(run.spec.budget)
        versions.setdefault(run.spec.problem, set()).add(run.spec.suite_version)
    shown = distinct(budgets, LONGEST_ID, write=readable_id)

    def name(run: StoredRun) -> str:
        problem = run.spec.problem
        budget = f", budget {run.spec.budget:,}" if len(budgets[problem]) > 1 else ""
        version = f", suite {run.spec.suite_version}" if len(versions[problem]) > 1 else ""
        return f"{shown[problem]}{budget}{version}"

    return {run.id: name(run) for run in campaign.runs}


@lru_cache(maxsize=2)
def optimizer_names(campaign: StoredCampaign) -> Mapping[str, str]:
    """Optimizer of each run, by run id: its label, numbered if the label has several sets of parameters."""
    variants: dict[str, dict[str, int]] = {}
    for run in campaign.runs:
        own = variants.setdefault(str(run.label), {})
        own.setdefault(variant_of(run), len(own) + 1)

    def name(run: StoredRun) -> str:
        own = variants[str(run.label)]
        return f"{run.label} [{own[variant_of(run)]}]" if len(own) > 1 else str(run.label)

    return {run.id: name(run) for run in campaign.runs}


def unranked(campaign: StoredCampaign) -> frozenset[str]:
    """Optimizers that evaluate mappings beyond their budget, if there are others: budgets say nothing about them."""
    optimizers = optimizer_names(campaign)
    apart = {optimizers[run.id] for run in campaign.runs if _evaluates_itself(run)}
    return frozenset(apart if apart != set(optimizers.values()) else ())


def _evaluates_itself(run: StoredRun) -> bool:
    settings = run.environment.get("settings")
    return isinstance(settings, Mapping) and settings.get(EVALUATES_ITSELF) is True


def variant_of(run: StoredRun) -> str:
    """Key of a set of parameters; a warm start's problem counts by its instance only, as the rest follows the run's."""
    parameters = dict(run.spec.parameters)
    former = parameters.get("warm_start")
    if isinstance(former, Mapping) and "problem" in former:
        parameters["warm_start"] = {**former, "problem": re.findall(r"/i(\d+)", str(former["problem"]))}
    return json.dumps([run.spec.optimizer, parameters], sort_keys=True, default=str)


def _planned(campaign: StoredCampaign) -> dict[str, int]:
    """Number of runs that the campaign plans for the case and optimizer of each run, by run id.

    If a label has several sets of parameters, these share its runs evenly, because campaigns are grids.
    """
    cases, optimizers = case_names(campaign), optimizer_names(campaign)
    plans = Counter((run.problem, run.budget, run.label) for run in campaign.planned)
    found = Counter((cases[run.id], optimizers[run.id]) for run in campaign.runs)
    sharing: dict[tuple[str, int, str], set[str]] = {}
    for run in campaign.runs:
        sharing.setdefault(_plan_key(run), set()).add(f"{cases[run.id]} {optimizers[run.id]}")

    def planned(run: StoredRun) -> int:
        key = _plan_key(run)
        return max(found[cases[run.id], optimizers[run.id]], round(plans[key] / len(sharing[key])))

    return {run.id: planned(run) for run in campaign.runs}


def _plan_key(run: StoredRun) -> tuple[str, int, str]:
    return run.spec.problem, run.spec.budget, run.label
