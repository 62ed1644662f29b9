"""Runs one after the other, in this process."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from bench.engines.engine import Ended, Engine, Work
from reports.storage.spec import RunSpec


class Serial(Engine):
    """An engine for debugging: a run that hangs or dies takes this process along."""

    def run(self, runs: Sequence[RunSpec], folder: Path, work: Work) -> Generator[Ended, None, None]:
        """Do ``runs`` one after the other."""
        for spec in runs:
            yield spec, work.execute(spec, folder / spec.id)
