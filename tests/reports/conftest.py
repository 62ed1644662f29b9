"""Small campaigns, made without running anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

import problems
from reports.frames.summary import Tables, make_tables
from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.record import StoredRun
from reports.storage.spec import RunSpec

PROBLEM = "mix/S2/bw1/g10/i0"
OTHER = "vision/S1/bw4/g10/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"
MIXED = (PROBLEM, *(f"mix/S2/bw1/g10/i0/corrected/{name}" for name in ("throughput", "energy", "edp")), TWO)
OPTIONS = (PROBLEM, f"{PROBLEM}/dep", f"{PROBLEM}/corrected", "alexnet/S2/bw1/gall/i0")

MakeRun = Callable[..., StoredRun]
MakeCampaign = Callable[..., StoredCampaign]


@cache
def _bound(problem: str) -> float:
    known = problems.get(problem)
    return 0.1 if known.num_objectives == 2 else known.lower_bound()


def _make_run(
    label: str = "magma",
    seed: int = 0,
    best: float | None = 2.0,
    *,
    problem: str = PROBLEM,
    status: str = "complete",
    budget: int = 100,
    message: str = "",
    parameters: dict[str, Any] | None = None,
    optimizer: str | None = None,
    suite_version: int = problems.SUITE_VERSION,
    versions: dict[str, str] | None = None,
    settings: dict[str, Any] | None = None,
) -> StoredRun:
    """A run that ended at ``best`` times the lower bound, from twice that; None: it found no valid mapping.

    With two objectives at a tenth of ``best``, a shortfall. A ``missing`` one is planned by its campaign alone.
    """
    spec = RunSpec(suite_version, problem, optimizer or label, parameters or {}, seed, budget)
    environment = {"python": "3.11.7", "versions": versions or {"numpy": "2.4.6"}, "settings": settings or {}}
    if status == "missing":
        return StoredRun(spec.id, spec, label, environment, status)
    bound = _bound(problem)
    trace = np.zeros(0) if best is None else bound * best * np.array([2.0, 1.5, 1.0])
    return StoredRun(
        id=spec.id,
        spec=spec,
        label=label,
        environment=environment,
        status=status,
        message=message,
        num_evaluations=budget,
        best_value=np.nan if best is None else bound * best,
        trace_evaluations=np.array([1, 10, 50])[: trace.size],
        trace_values=trace,
        trace_seconds=np.array([0.1, 0.2, 0.3])[: trace.size],
        trace_cpu_seconds=np.array([0.2, 0.4, 0.6])[: trace.size],
        seconds={"ask": 0.1, "tell": 0.2, "evaluate": 0.5, "total": 1.0, "cpu": 2.0},
    )


def _make_campaign(runs: Sequence[StoredRun], **changes: Any) -> StoredCampaign:
    planned = tuple(PlannedRun.of(run.spec, run.label) for run in runs)
    stored = tuple(run for run in runs if run.status != "missing")
    return StoredCampaign(
        **({"name": "tiny", "runs": stored, "planned": planned, "unreadable": {}, "unasked": ()} | changes)
    )


@pytest.fixture
def make_run() -> MakeRun:
    return _make_run


@pytest.fixture
def plan() -> Callable[[Sequence[StoredRun], *tuple[str, ...]], tuple[PlannedRun, ...]]:
    """The plans of runs, and of others by id that are missing."""

    def make(runs: Sequence[StoredRun], *ids: str) -> tuple[PlannedRun, ...]:
        own = (PlannedRun.of(run.spec, run.label) for run in runs)
        return (*own, *(PlannedRun(i, "magma", PROBLEM, 100, 0) for i in ids))

    return make


@pytest.fixture
def hostile_labels() -> tuple[str, ...]:
    return HOSTILE


@pytest.fixture
def make_campaign() -> MakeCampaign:
    return _make_campaign


@pytest.fixture
def tiny() -> StoredCampaign:
    """Two optimizers on two problems with three seeds; MAGMA wins one problem, random the other."""
    results = {
        ("magma", PROBLEM): (1.2, 1.0, 1.4),
        ("random", PROBLEM): (2.0, 4.0, 3.0),
        ("magma", OTHER): (2.0, 2.0, 2.0),
        ("random", OTHER): (1.5, 1.5, 1.5),
    }
    return _make_campaign(
        [_make_run(o, s, best, problem=p) for (o, p), values in results.items() for s, best in enumerate(values)]
    )


def _labels(number: int) -> list[str]:
    return ["magma", *(f"method-{i}" for i in range(1, number))]


HOSTILE = (
    *("<b>bold</b> & $x_$", "_hidden", "\u4e2d\u6587\n\t\x07", r"\frac{$ \$", "x" * 300, "$", "", "\ud800", "W" * 50),
    *("magma [/x] [bold]", "</script><!-- ]]>", "{{ x }} {% y %}", r"\end{table} a|b", "\x1b[31m\x00", "\u202eltr"),
    *("a long name that differs in 1 place from others", "a long name that differs in 2 place from others"),
    *("\u010de\u0161tina \u03b1 \xfc", "[x]", "*", "=1+1"),
)
"""Labels that some output could take for something else."""


def _hostile() -> list[StoredRun]:
    own = {name: {"number": place} for place, name in enumerate(HOSTILE)}
    return [_make_run(n, s, 1.0 + s, optimizer="random", parameters=p) for n, p in own.items() for s in range(2)]


CAMPAIGNS: dict[str, Callable[[], StoredCampaign]] = {
    "normal": lambda: _make_campaign(
        [
            _make_run(o, s, 1.1 + 0.1 * s, problem=p)
            for p in (PROBLEM, OTHER)
            for o in ("magma", "random")
            for s in range(3)
        ]
    ),
    "one seed": lambda: _make_campaign([_make_run("magma"), _make_run("random", best=3.0)]),
    "one optimizer": lambda: _make_campaign([_make_run("random", s) for s in range(3)]),
    "one run": lambda: _make_campaign([_make_run()]),
    "at the bound": lambda: _make_campaign([_make_run(o, s, 1.0) for o in ("magma", "random") for s in range(2)]),
    "no runs": lambda: _make_campaign([]),
    "missing alone": lambda: _make_campaign([_make_run(status="missing")]),
    "failed alone": lambda: _make_campaign([_make_run(status="failed", message="ValueError: no")]),
    "infeasible alone": lambda: _make_campaign([_make_run(best=None), _make_run("random", best=None)]),
    "some infeasible": lambda: _make_campaign(
        [
            *(_make_run("magma", s, None) for s in range(2)),
            *(_make_run("random", s, [2.0, None, 3.0][s]) for s in range(3)),
        ]
    ),
    "partial": lambda: _make_campaign(
        [
            *(_make_run("magma", 0), _make_run("magma", 1, status="cut", message="wall limit of 1 s reached")),
            *(_make_run("random", 0, status="failed", message="no"), _make_run("random", 1, status="missing")),
            _make_run("random", 0, problem=OTHER),
        ]
    ),
    "budgets": lambda: _make_campaign([_make_run(o, 0, budget=b) for o in ("magma", "random") for b in (100, 1000)]),
    "unknown problem": lambda: _make_campaign(
        [_make_run("magma", suite_version=99), _make_run("random", suite_version=99)]
    ),
    "twenty optimizers": lambda: _make_campaign([_make_run(o, s, 1.1 + s) for o in _labels(20) for s in range(2)]),
    "many problems": lambda: _make_campaign(
        [_make_run(o, 0, problem=f"mix/S{p}/bw{b}/g10/i0") for p in (1, 2, 3) for b in (1, 2, 4) for o in _labels(3)]
    ),
    "objectives": lambda: _make_campaign(
        [_make_run(o, s, 1.1 + 0.1 * s, problem=p) for p in MIXED for o in ("magma", "random") for s in range(2)]
    ),
    "two objectives": lambda: _make_campaign([_make_run(o, 0, 1.5, problem=TWO) for o in ("deap-nsga2", "random")]),
    "options": lambda: _make_campaign([_make_run(o, 0, 1.5, problem=p) for p in OPTIONS for o in ("magma", "random")]),
    "one apart": lambda: _make_campaign(
        [_make_run(o, s, problem=p) for o in ("magma", "random") for p in (PROBLEM, OTHER) for s in range(2)]
        + [_make_run("informed", s, 1.0, problem=PROBLEM, settings={"evaluates_itself": True}) for s in range(2)]
    ),
    "hostile labels": lambda: _make_campaign(_hostile()),
}


@cache
def _campaign(kind: str) -> StoredCampaign:
    return CAMPAIGNS[kind]()


@cache
def _tables(kind: str, targets: str) -> Tables:
    return make_tables(_campaign(kind), targets=targets)


@pytest.fixture(params=CAMPAIGNS)
def any_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of campaign that a report must bear."""
    return str(request.param)


@pytest.fixture
def any_campaign(any_kind: str) -> StoredCampaign:
    return _campaign(any_kind)


@pytest.fixture
def any_tables(any_kind: str) -> Tables:
    """The tables of each kind of campaign, made once."""
    return _tables(any_kind, "bound")


@pytest.fixture
def any_tables_to(any_kind: str) -> Callable[[str], Tables]:
    """The same, as a function of what targets are gaps to."""
    return lambda targets: _tables(any_kind, targets)
