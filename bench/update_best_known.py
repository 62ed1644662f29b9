"""Take what is better than the best known, out of results, into the registry of best-known values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from problems import Problem
from problems.best_known.claims import ClaimedMapping, Source, new_entry, with_certificate, with_mapping
from problems.best_known.entry import BestKnown
from problems.best_known.registry import entry_at, place_of
from problems.bounds.certificate import Certificate
from problems.foundation.errors import M3EError
from problems.foundation.files import is_there, make_folder, write_bytes
from reports.storage.campaign_folder import CAMPAIGN_FILE, read_campaign
from reports.storage.mapping_file import StoredMapping
from reports.storage.record import StoredRun
from reports.storage.replay import believed, evaluable, objection_of
from reports.storage.stored_mapping import mappings_at
from reports.wording.numbers import counted


@dataclass(frozen=True, eq=False)
class Change:
    """What an update did to an entry.

    Attributes:
        before: The entry before, None if there was none.
        after: The entry after.
    """

    before: BestKnown | None
    after: BestKnown

    @property
    def is_one(self) -> bool:
        """Whether anything changed."""
        return self.after is not self.before


def update(
    paths: Sequence[Path], folder: Path, *, efforts: Sequence[str], add: bool, tell: Callable[[str], None]
) -> Iterator[Change]:
    """Compare the best mapping of each instance with its entry in ``folder``, and write the entry if it is better.

    Args:
        paths: Campaigns, and mappings of ``m3e map``.
        folder: A folder of entries.
        efforts: Certificates to compute where the entry has none of that effort.
        add: Whether instances without an entry get one; else they are passed over.
        tell: Gets a sentence on each thing that is left out.

    Raises:
        StorageError: If something cannot be read or written.
        InvalidInput: If a mapping is not what it claims.
    """
    for mapping in _best_mappings(paths, tell):
        before = entry_at(folder, mapping.problem.id)
        if before is not None and before.digest != mapping.problem.content_digest():
            continue
        if before is None and not add:
            continue
        after = _improved(before, mapping, efforts)
        if after is not before:
            _write(folder, after)
        yield Change(before, after)


def _best_mappings(paths: Iterable[Path], tell: Callable[[str], None]) -> Iterator[StoredMapping]:
    """Yield the best mapping of each instance that can have an entry."""
    best: dict[str, StoredMapping] = {}
    for mapping in _mappings(paths, tell):
        problem = mapping.problem
        if problem.num_objectives > 1 or place_of(problem.id) is None or mapping.agrees_with_registry() is not True:
            continue
        if problem.id not in best or mapping.values[0, 0] < best[problem.id].values[0, 0]:
            best[problem.id] = mapping
    yield from best.values()


def _mappings(paths: Iterable[Path], tell: Callable[[str], None]) -> Iterator[StoredMapping]:
    for path in paths:
        if is_there(path / CAMPAIGN_FILE) or path.suffix == ".zip":
            yield from _of_campaign(path, tell)
        else:
            yield believed(mappings_at(path))


def _of_campaign(path: Path, tell: Callable[[str], None]) -> Iterator[StoredMapping]:
    """Yield the mapping of the best run on each problem whose value is that of its mapping."""
    runs: dict[str, list[StoredRun]] = {}
    campaign = read_campaign([path])
    if campaign.unreadable:
        tell(f"{path}: left out {counted(len(campaign.unreadable), 'damaged record')}; 'm3e check' names them")
    for run in campaign.runs:
        if len(run.front_values):
            runs.setdefault(run.spec.problem, []).append(run)
    for own in runs.values():
        problem = evaluable(own[0])
        if problem is None or problem.num_objectives > 1:
            continue
        for run in sorted(own, key=lambda run: run.front_values[0, 0]):
            if objection_of(run, problem) is None:
                yield StoredMapping(run, problem)
                break


def _improved(before: BestKnown | None, mapping: StoredMapping, efforts: Sequence[str]) -> BestKnown:
    problem, run = mapping.problem, mapping.run
    claim = ClaimedMapping(mapping.cores[0], mapping.priorities[0], float(mapping.values[0, 0]))
    source = Source(_finder(run), _today(), run.num_evaluations, _rounded(run.seconds.get("cpu")))
    missing = [effort for effort in efforts if before is None or effort not in before.certificates]
    if before is None:
        entry = new_entry(problem, claim, source, efforts[0], *_proved(problem, missing.pop(0)))
    else:
        entry = with_mapping(before, problem, claim, source)
    for effort in missing:
        entry = with_certificate(entry, problem, effort, *_proved(problem, effort))
    return entry


def _finder(run: StoredRun) -> str:
    """Return the name of an optimizer, and what was set of its parameters."""
    told = ", ".join(f"{name} {value}" for name, value in sorted(run.spec.parameters.items()) if value is not None)
    return f"{run.spec.optimizer}, seed {run.spec.seed}" + (f", {told}" if told else "")


def _proved(problem: Problem, effort: str) -> tuple[Certificate, Source]:
    start = time.process_time()
    certificate = problem.new_certificate(effort)
    seconds = time.process_time() - start
    return certificate, Source(f"certificate, effort {effort}", _today(), seconds=_rounded(seconds))


def _today() -> str:
    return date.today().isoformat()


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def _write(folder: Path, entry: BestKnown) -> None:
    place = place_of(entry.problem)
    if place is None:
        raise M3EError(f"{entry.problem} can have no entry")
    make_folder((folder / place).parent)
    write_bytes(folder / place, entry.to_text().encode())
    entry_at.cache_clear()
