"""``m3e replay``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import numpy as np

from bench.console.console import open_console
from bench.console.mapping_view import show_mapping
from reports.storage.mapping_file import StoredMapping
from reports.storage.stored_mapping import mappings_at

TOLERANCE = 1e-12
"""Relative difference that another processor's rounding may cause."""


@click.command()
@click.argument("mapping", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for new charts and a trace.")
def replay(mapping: Path, out: Path | None) -> None:
    """Evaluate MAPPING again; exit with 1 if its value does not match.

    MAPPING is what 'm3e map' wrote, or a record of a campaign.
    """
    console = open_console()
    read = mappings_at(mapping)
    told, matches = verdict(read)
    console.say(told)
    if not matches:
        sys.exit(1)
    show_mapping(console, read, out)


def verdict(mapping: StoredMapping) -> tuple[str, bool]:
    """Return whether a replay reproduces the file's values, as a sentence and as a truth value."""
    now = mapping.replay()
    matches = bool(np.allclose(now, mapping.values, rtol=TOLERANCE, atol=0.0))
    exact = "to the last digit" if np.array_equal(now, mapping.values) else f"to {TOLERANCE:g}"
    known = _identity(mapping.agrees_with_registry())
    if matches:
        return f"replayed: the value is what the file claims, {exact}; {known}", True
    return f"replayed: the value is {now.tolist()}, NOT {mapping.values.tolist()} as the file claims; {known}", False


def _identity(agrees: bool | None) -> str:
    if agrees is None:
        return "the registry here does not know the id; the file brings its problem along"
    if agrees:
        return "the problem is the one that the registry has under this id"
    return "the registry has ANOTHER problem under this id: the numbers are for the one in the file"
