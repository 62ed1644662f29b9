"""A mapping on the terminal, and its charts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from bench.console.console import PatientConsole
from problems import Problem
from problems.foundation.errors import CommandInterrupted
from reports.schedule_files import write_views
from reports.storage.content import EVALUATES_ITSELF, INTERNAL_EVALUATIONS
from reports.storage.mapping_file import StoredMapping
from reports.storage.record import StoredRun
from reports.wording.numbers import counted
from reports.wording.units import exact

ROUNDING = 1e-9
"""Relative distance from the bound that counts as none."""


def show_mapping(console: PatientConsole, mapping: StoredMapping, folder: Path | None) -> None:
    """Print what a mapping achieves, and draw its (first) schedule into ``folder``, if there is one.

    Raises:
        StorageError: If the folder cannot be written.
        CommandInterrupted: If an interruption cuts the drawing short.
    """
    try:
        console.show(_summary(mapping))
        if folder is None:
            return
        console.wrote(write_views(mapping.problem, mapping.cores[0], mapping.priorities[0], folder))
    except KeyboardInterrupt as error:
        raise CommandInterrupted(error, "the mapping is kept, not all of its charts are drawn") from None


def _summary(mapping: StoredMapping) -> Table:
    """Return a table of what was mapped, how well, and how far from the bound at most."""
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(mapping):
        facts.add_row(name, value)
    return facts


def _effort(run: StoredRun) -> str:
    """Return how much was searched; some optimizers count their own evaluations apart."""
    settings = run.environment.get("settings", {})
    told = counted(run.num_evaluations, "evaluation")
    if plans := settings.get(INTERNAL_EVALUATIONS):
        return f"{plans:,} plans tried, {run.num_evaluations:,} of them evaluated by the suite"
    return f"{told} by the suite" if settings.get(EVALUATES_ITSELF) else told


def _told(message: str) -> str:
    return f"; {message}" if message else ""


def _bounds(p: Problem) -> list[float]:
    """Return what no mapping can beat, for each objective."""
    return [p.certificate().value, *p.ideal_point()[1:].tolist()]


def _is_least(best: float, bound: float) -> bool:
    return best <= bound * (1.0 + ROUNDING)


def _above(best: float, bound: float) -> str:
    """Return in words how far the best is from the best possible."""
    if _is_least(best, bound):
        return ", the least possible (certified)"
    if bound <= 0.0:
        return ""
    return f", at most {_percent(best / bound - 1.0)} above the least possible (certified)"


def _percent(share: float) -> str:
    """Return a share, rounded up, as it is a promise."""
    scale = 10_000 if share < 1.0 else 100
    return f"{100 * math.ceil(share * scale) / scale:,.{2 if share < 1.0 else 0}f} %"


def _what_is_left(best: float, bound: float, unit: str) -> str:
    """Return the bound, and what could be gained by going on."""
    if _is_least(best, bound):
        return f"{exact(bound)} {unit}; nothing can be gained by going on"
    if bound <= 0.0:
        return f"0 {unit}; how much could be gained by going on is not known"
    return f"{exact(bound)} {unit}; going on can gain at most {exact(best - bound)} {unit}"


def _facts(mapping: StoredMapping) -> Iterator[tuple[str, str]]:
    p, run = mapping.problem, mapping.run
    yield "problem", p.id
    yield "jobs, cores", f"{p.num_jobs} on {p.num_cores}"
    yield "found by", f"{run.spec.optimizer}, seed {run.spec.seed}, {_effort(run)}{_told(run.message)}"
    for number, (unit, bound) in enumerate(zip(p.objective.units, _bounds(p), strict=True)):
        best = float(mapping.values[:, number].min())
        if p.num_objectives == 1:
            yield p.objective.summary, f"{exact(best)} {unit}{_above(best, bound)}"
        else:
            yield f"least, of {len(mapping.values)} in the front", f"{exact(best)} {unit}{_above(best, bound)}"
        yield "certified bound", _what_is_left(best, bound, unit)
    rate = p.gflops(float(mapping.values[0, 0]))
    if not math.isnan(rate):
        yield "throughput", f"{rate:,.1f} GFLOP/s at 1 GHz"
    if p.num_objectives == 2:
        yield "hypervolume", f"{p.hypervolume(mapping.values):.4f} of the box from ideal to reference point"
