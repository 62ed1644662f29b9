"""Running a campaign: an engine does the missing runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing

from bench.campaigns.plan import Plan
from bench.campaigns.run_one import execute, store_lost
from bench.engines.engine import Engine, Work
from reports.storage.spec import RunSpec

OnProgress = Callable[[RunSpec, str, str], None]
"""Callback for each run that ends, with its label and its status."""


def run_plan(plan: Plan, engine: Engine, on_progress: OnProgress) -> Counter[str]:
    """Do the missing runs, and count the statuses, those of earlier runs included.

    Raises:
        StorageError: If the folder cannot be written.
        WorkerError: If the processes of runs die before they begin.
    """
    counts = Counter(plan.done.values())
    labels = {spec.id: label for spec, label in plan.missing}
    missing = [spec for spec, _ in plan.missing]
    with closing(engine.run(missing, plan.folder, Work(execute, store_lost))) as ended:
        for spec, status in ended:
            counts[status] += 1
            on_progress(spec, labels[spec.id], status)
    return counts
