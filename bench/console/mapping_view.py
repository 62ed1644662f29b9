"""A mapping on the terminal, and its charts."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from pathlib import Path

from rich.table import Table

from bench.console.console import PatientConsole
from problems.foundation.errors import CommandInterrupted
from reports.schedule_files import write_views
from reports.storage.mapping_file import StoredMapping


def show_mapping(console: PatientConsole, mapping: StoredMapping, folder: Path | None) -> None:
    """Print what a mapping achieves, and draw its (first) schedule into ``folder``, if there is one.

    Raises:
        StorageError: If the folder cannot be written.
        CommandInterrupted: If an interruption cuts the drawing short.
    """
    console.show(_summary(mapping))
    if folder is None:
        return
    try:
        console.wrote(write_views(mapping.problem, mapping.cores[0], mapping.priorities[0], folder))
    except KeyboardInterrupt as error:
        raise CommandInterrupted(error, "the mapping is kept, not all of its charts are drawn") from None


def _summary(mapping: StoredMapping) -> Table:
    """Return a table of what was mapped, how well, and how far from the bound at most."""
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(mapping):
        facts.add_row(name, value)
    return facts


def _facts(mapping: StoredMapping) -> Iterator[tuple[str, str]]:
    p, run = mapping.problem, mapping.run
    yield "problem", p.id
    yield "jobs, cores", f"{p.num_jobs} on {p.num_cores}"
    effort = f"seed {run.spec.seed}, {run.num_evaluations} evaluations"
    yield "found by", f"{run.spec.optimizer}, {effort}{f'; {run.message}' if run.message else ''}"
    ideal = p.ideal_point()
    for number, unit in enumerate(p.objective.units):
        best, bound = float(mapping.values[:, number].min()), float(ideal[number])
        name = "best" if p.num_objectives == 1 else f"least, of {len(mapping.values)} in the front"
        yield name, f"{best:,.6g} {unit}"
        distance = f": the best is at most {best / bound - 1:.2%} above the optimum" if bound > 0 else ""
        yield "certified bound", f"{bound:,.6g} {unit}{distance}"
    rate = p.gflops(float(mapping.values[0, 0]))
    if not isnan(rate):
        yield "throughput", f"{rate:,.1f} GFLOP/s at 1 GHz"
    if p.num_objectives == 2:
        yield "hypervolume", f"{p.hypervolume(mapping.values):.4f} of the box from ideal to reference point"
