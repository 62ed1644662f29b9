"""Take what is better than the best known, out of results and claims, into the registry of best-known values."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import problems
from problems import Problem
from problems.best_known.claims import (
    Claim,
    ClaimedMapping,
    Source,
    new_entry,
    read_claim,
    with_certificate,
    with_mapping,
)
from problems.best_known.descent import descend
from problems.best_known.entry import MAPPING, BestKnown
from problems.best_known.registry import entry_at, place_of, write_entry
from problems.bounds.certificate import Certificate
from problems.foundation.errors import InvalidInput
from problems.foundation.files import is_there, read_json
from reports.storage.archive import is_archive, open_archive
from reports.storage.campaign_folder import CAMPAIGN_FILE, read_campaign
from reports.storage.mapping_file import StoredMapping
from reports.storage.record import StoredRun
from reports.storage.replay import believed, evaluable, objection_of
from reports.storage.stored_mapping import mappings_at

DESCENT = "then a descent by moves and swaps of jobs"
"""How a mapping was found that the suite itself has improved; before it stands who found what it began with."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may improve an entry.

    Attributes:
        problem: The instance.
        mapping: A mapping, or None.
        source: Where it comes from.
        certificate: A certificate that is not ours, or None.
    """

    problem: Problem
    mapping: ClaimedMapping | None
    source: Source
    certificate: Certificate | None = None


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
    def kind(self) -> str:
        """``new``, ``better``, ``certified`` (the same values, a certificate more) or ``same``."""
        if self.before is None:
            return "new"
        if len(self.after.history) > len(self.before.history):
            return "better"
        return "same" if self.after is self.before else "certified"


class Update:
    """Compares the best mapping of each instance in some results with its entry, and writes the entry if it is better.

    Attributes:
        passed_over: How often something was left out, by reason.
    """

    def __init__(self, folder: Path, *, efforts: Sequence[str], add: bool) -> None:
        """Prepare an update.

        Args:
            folder: A folder of entries.
            efforts: Certificates to compute where the entry has none of that effort.
            add: Whether instances without an entry get one.
        """
        self._folder, self._efforts, self._add = folder, efforts, add
        self.passed_over: Counter[str] = Counter()

    def run(self, paths: Sequence[Path]) -> Iterator[Change]:
        """Go through campaigns, archives, mappings of ``m3e map``, and claims; yield what was done to each entry.

        Raises:
            StorageError: If something cannot be read or written.
            InvalidInput: If a mapping, a certificate or an entry is not what it claims.
        """
        for candidate in self._best(paths):
            problem, mapping = candidate.problem, candidate.mapping
            before = entry_at(self._folder, problem.id)
            if before is not None:
                before.verify(problem)
                after = before if mapping is None else with_mapping(before, problem, mapping, candidate.source)
            elif self._add and mapping is not None:
                first = self._efforts[0]
                after = new_entry(problem, mapping, candidate.source, first, *_proved(problem, first))
            else:
                self.passed_over["without an entry (--new takes mappings of new instances)"] += 1
                continue
            after = self._certified(_descended(after, problem), candidate)
            if after is not before:
                write_entry(self._folder, after)
            yield Change(before, after)

    def _best(self, paths: Iterable[Path]) -> Iterator[Candidate]:
        """Yield of each instance the candidate with the best mapping, and all that bring certificates."""
        best: dict[str, Candidate] = {}
        for candidate in self._candidates(paths):
            if not self._can_have_an_entry(candidate.problem):
                continue
            if candidate.certificate is not None or candidate.mapping is None:
                yield candidate
                continue
            other = best.get(candidate.problem.id)
            if other is None or other.mapping is None or candidate.mapping.value < other.mapping.value:
                best[candidate.problem.id] = candidate
        yield from best.values()

    def _can_have_an_entry(self, problem: Problem) -> bool:
        if problem.num_objectives > 1:
            self.passed_over["with two objectives"] += 1
        elif place_of(problem.id) is None or problem.id.startswith("table/"):
            self.passed_over["of own workloads or platforms"] += 1
        elif problems.get(problem.id).content_digest() != problem.content_digest():
            self.passed_over["of other numbers than the registry has under this id"] += 1
        else:
            return True
        return False

    def _candidates(self, paths: Iterable[Path]) -> Iterator[Candidate]:
        for path in paths:
            if is_there(path / CAMPAIGN_FILE) or path.suffix == ".zip" or is_archive(path):
                yield from self._of_results(path)
            elif is_claim(path):
                yield _of_claim(path)
            else:
                yield _of_mapping(believed(mappings_at(path)))

    def _of_results(self, path: Path) -> Iterator[Candidate]:
        """Yield the mapping of the best run on each problem whose value is that of its mapping."""
        campaign = open_archive(path).campaign() if is_archive(path) else read_campaign(path)
        if campaign.unreadable:
            self.passed_over["damaged, in records ('m3e check' names them)"] += len(campaign.unreadable)
        runs: dict[str, list[StoredRun]] = {}
        for run in campaign.runs:
            if len(run.front_values):
                runs.setdefault(run.spec.problem, []).append(run)
        for own in runs.values():
            problem = evaluable(own[0], campaign.files)
            if problem is None:
                self.passed_over["of instances unknown here"] += 1
                continue
            for run in sorted(own, key=lambda run: run.front_values[0, 0]):
                if objection_of(run, problem) is None:
                    yield _of_mapping(StoredMapping(run, problem))
                    break
                self.passed_over["of other values than their records say"] += 1

    def _certified(self, entry: BestKnown, candidate: Candidate) -> BestKnown:
        """Return the entry with the certificates that it lacks, and the one that is given."""
        for effort in self._efforts:
            if effort not in entry.certificates:
                entry = with_certificate(entry, candidate.problem, effort, *_proved(candidate.problem, effort))
        if candidate.certificate is not None:
            entry = with_certificate(entry, candidate.problem, "given", candidate.certificate, candidate.source)
        return entry


def _descended(entry: BestKnown, problem: Problem) -> BestKnown:
    """Return the entry with what a descent from its mapping finds, if that is better."""
    started = time.process_time()
    found = descend(problem, entry.cores, entry.priorities)
    seconds = round(time.process_time() - started, 3)
    mapping = ClaimedMapping(found.cores, found.priorities, found.value)
    finder = f"{entry.last(MAPPING).by.removesuffix(f', {DESCENT}')}, {DESCENT}"
    return with_mapping(entry, problem, mapping, Source(finder, _today(), found.evaluations, seconds))


def is_claim(path: Path) -> bool:
    """Whether there is a JSON file that is no record.

    Raises:
        StorageError: If it is not JSON.
    """
    if not (is_there(path) and path.is_file() and path.suffix == ".json"):
        return False
    content = read_json(path)
    return not (isinstance(content, dict) and "format" in content)


def _of_claim(path: Path) -> Candidate:
    claim = read_claim(path)
    if isinstance(claim, BestKnown):
        latest = claim.last("mapping")
        source = Source(latest.by, latest.on, latest.evaluations, latest.seconds)
        mapping = ClaimedMapping(claim.cores, claim.priorities, claim.value)
        return Candidate(problems.get(claim.problem), mapping, source, claim.certificate)
    return _named(claim, path)


def _named(claim: Claim, path: Path) -> Candidate:
    if not claim.problem:
        raise InvalidInput(f"{path}: problem", expected="the id of an instance", actual="none")
    return Candidate(problems.get(claim.problem), claim.mapping, Source("a claim", _today()), claim.certificate)


def _of_mapping(stored: StoredMapping) -> Candidate:
    run = stored.run
    mapping = ClaimedMapping(stored.cores[0], stored.priorities[0], float(stored.values[0, 0]))
    source = Source(_finder(run), _today(), run.num_evaluations, _rounded(run.seconds.get("cpu")))
    return Candidate(stored.problem, mapping, source)


def _finder(run: StoredRun) -> str:
    """Return the name of an optimizer, and what was set of its parameters."""
    shown = {name: value for name, value in run.spec.parameters.items() if isinstance(value, int | float | str)}
    told = ", ".join(f"{name} {value}" for name, value in sorted(shown.items()))
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
