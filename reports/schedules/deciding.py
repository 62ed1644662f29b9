"""The numbers of a schedule in words, the same on the terminal and on pages."""

from __future__ import annotations

import math
from collections.abc import Iterator

from problems import Problem
from problems.costs import COST_MODELS
from problems.foundation.errors import M3EError
from problems.ids import TABLE_PLATFORM, is_id, parse_id
from reports.schedules.accounting import Account, NetworkUse, least_energy_mj
from reports.wording.numbers import ROUNDING, counted
from reports.wording.units import MISSING, exact, told_apart

CORE_HEADS = ("core", "jobs", "busy", "stalled", "idle")


def network_heads(account: Account) -> tuple[str, ...]:
    """Return the headings of the networks' table; limits are only there if there are any."""
    heads = ("network", "passes", "done, ms", "rate, if repeated")
    return (*heads, "limit") if any(use.limit_ms is not None for use in account.networks) else heads


def facts_of_account(problem: Problem, account: Account) -> Iterator[tuple[str, str]]:
    """Yield what designs are decided by, as names and texts."""
    yield "time", f"{exact(account.milliseconds)} ms, with cycles of 1 ns"
    if not math.isnan(account.energy_mj):
        power = f", {exact(account.watts)} W on average" if account.milliseconds else ""
        told = f"{exact(account.energy_mj)} mJ{power}; energy x delay {exact(account.edp)} mJ ms"
        yield "energy", f"{told}{_not_searched_for(problem, account)}"
    yield "bandwidth", f"{account.bandwidth_used:.1%} of {problem.system_bandwidth:,.6g} GB/s used"
    yield "costs", costs_of(problem)


def _not_searched_for(problem: Problem, account: Account) -> str:
    """Return that mappings as fast may need less energy, if that was no objective and they can; else ""."""
    table = problem.job_table.energy
    if problem.objective.needs_energy or table is None or is_least(account.energy_mj, least_energy_mj(table)):
        return ""
    return "; others as fast may need less (--objective edp)"


def costs_of(problem: Problem) -> str:
    """Return in words which cost model a problem has, and how many multiply-accumulates that counts."""
    model = _model_of(problem.id)
    if not problem.total_macs:
        return model
    told = f"{model}, {_giga(problem.total_macs)}"
    if problem.layer_macs in (None, problem.total_macs):
        return f"{told} as usually published"
    return f"{told} in its count, where {_giga(problem.layer_macs or 0)} are usually published"


def _model_of(problem_id: str) -> str:
    try:
        parts = parse_id(problem_id) if is_id(problem_id) else None
    except M3EError:  # its file is elsewhere, or its plug-in
        options = problem_id.rsplit("/i", 1)[-1].split("/")[1:]
        return f"model {next((o for o in options if o in COST_MODELS.names()), 'as in the id')}"
    if parts is None or parts.platform == TABLE_PLATFORM:
        return "a ready job table"
    return f"model {parts.cost_model}"


def _giga(macs: int) -> str:
    return f"{macs / 1e9:,.4g} GMAC"


def core_rows(account: Account) -> list[tuple[str, ...]]:
    """Return a row of texts for each core, under ``CORE_HEADS``."""
    return [(c.name, f"{c.jobs:,}", *(f"{share:.1%}" for share in (c.busy, c.stalled, c.idle))) for c in account.cores]


def network_rows(account: Account) -> list[tuple[str, ...]]:
    """Return a row of texts for each network, under ``network_heads``."""
    width = len(network_heads(account))
    return [(use.name, _passes(use), _finish(use), _rate(use), _limit(use))[:width] for use in account.networks]


def _passes(use: NetworkUse) -> str:
    if use.passes is None:
        return "some layers"
    return " x ".join(filter(None, (f"{use.passes.count:,}", use.passes.yields)))


def _rate(use: NetworkUse) -> str:
    if use.passes is None or math.isnan(use.per_second):
        return MISSING
    told = f"{exact(use.per_second)} {use.passes.unit}/s"
    if use.keeps_up is None:
        return told
    asked = use.passes.items * (use.passes.per_second or 0.0)
    return f"{told}, {'enough' if use.keeps_up else 'NOT'} for {exact(asked)}"


def _limit(use: NetworkUse) -> str:
    if use.limit_ms is None:
        return ""
    if use.in_time:
        return f"{exact(use.limit_ms)} ms, kept"
    return f"{told_apart(use.limit_ms, use.finish_ms)[0]} ms, MISSED"


def _finish(use: NetworkUse) -> str:
    if use.limit_ms is None or use.in_time:
        return exact(use.finish_ms)
    return told_apart(use.limit_ms, use.finish_ms)[1]


def sentence_of(account: Account) -> str:
    """Return how many networks miss their limits, or "" if none does."""
    late = sum(not use.in_time for use in account.networks)
    return f"{counted(late, 'network')} {'misses its limit' if late == 1 else 'miss their limits'}" if late else ""


def is_least(best: float, bound: float) -> bool:
    """Whether a value is what no mapping can beat, within rounding."""
    return best <= bound * (1.0 + ROUNDING)


def above_bound(best: float, bound: float) -> str:
    """Return in words how far a value is from the best possible at most; "" if that cannot be told."""
    if is_least(best, bound):
        return "the least possible (certified)"
    if bound <= 0.0:
        return ""
    return f"at most {_rounded_up(best / bound - 1.0)} above the least possible (certified)"


def _rounded_up(share: float) -> str:
    """Return a share in percent, rounded up, as it is a promise."""
    scale = 10_000 if share < 1.0 else 100
    return f"{100 * math.ceil(share * scale) / scale:,.{2 if share < 1.0 else 0}f} %"
