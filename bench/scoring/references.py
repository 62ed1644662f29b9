"""What other optimizers score with the same budget, read from the archive of the campaign."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from statistics import median

import msgspec

from bench.campaigns.reference import reference, shipped
from bench.scoring.report import ReferencePoint
from bench.scoring.scale import score_of
from reports.storage.archive import Archive
from reports.storage.content import Trajectory


class _Spec(msgspec.Struct):
    problem: str
    budget: int


class _Result(msgspec.Struct):
    trajectory: Trajectory


class _Run(msgspec.Struct):
    """What is needed of a record."""

    spec: _Spec
    result: _Result


def references(campaign: str, best_known: Mapping[str, float], budget: int) -> list[ReferencePoint]:
    """Return the scores of the optimizers in the campaign's archive, the best first, with that budget or its beginning.

    Those that lack runs on one of the instances are left out; so are all, where there is no archive.

    Raises:
        StorageError: If the archive is damaged.
    """
    if campaign not in shipped():
        return []
    found = _scores(reference(campaign), best_known, budget)
    return sorted(found, key=lambda point: (point.score, point.optimizer))


def _scores(archive: Archive, best_known: Mapping[str, float], budget: int) -> Iterator[ReferencePoint]:
    decoder = msgspec.json.Decoder(_Run)
    for bundle in archive.definition.bundles:
        values: dict[str, list[float]] = {name: [] for name in best_known}
        for run in map(decoder.decode, archive.records_of(bundle)):
            value = value_at(run.result.trajectory, budget)
            if run.spec.budget >= budget and run.spec.problem in values and value is not None:
                values[run.spec.problem].append(value)
        if all(values.values()):
            ratios = [median(own) / best_known[name] for name, own in values.items()]
            yield ReferencePoint(optimizer=bundle.label, score=score_of(ratios))


def value_at(trajectory: Trajectory, evaluations: int) -> float | None:
    """Return the best value after so many evaluations; None if no mapping could run."""
    position = bisect_right(trajectory.evaluations, evaluations)
    return trajectory.values[position - 1] if position else None
