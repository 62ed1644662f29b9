"""Check everything in stored results, and name each fault."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Container, Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from optimizers.result import FullTrace
from problems.foundation.errors import InvalidInput, M3EError, StorageError
from problems.foundation.text import printable
from problems.ids import MOST_BYTES
from reports.storage.campaign_folder import (
    CAMPAIGN_FILE,
    FILES_FOLDER,
    REQUESTS,
    campaign_root,
    copies_in,
    read_campaign_file,
    record_name,
    record_places,
    requests_of,
)
from reports.storage.mapping_file import MAPPING, problem_from
from reports.storage.record import StoredRun, decode, read_content
from reports.storage.replay import Folders, evaluable, objection_of

LONGEST = 200
"""Number of characters of a value that a fault shows."""


@dataclass(frozen=True)
class Fault:
    """Something in stored results that is not as it must be.

    Attributes:
        file: The file.
        what: What in it.
        expected: What would be right.
        actual: What it is.
    """

    file: str
    what: str
    expected: str
    actual: str

    def __str__(self) -> str:
        shown = (printable(text, LONGEST) for text in (self.what, self.expected, self.actual))
        return "{}: {}: expected {}, got {}".format(printable(self.file, 1_000), *shown)


@dataclass(frozen=True)
class Checked:
    """A file that was checked.

    Attributes:
        file: The file.
        faults: What is wrong with it.
        is_run: Whether it holds a run.
        is_evaluated: Whether mappings in it were evaluated again, which needs their problem.
    """

    file: str
    faults: tuple[Fault, ...] = ()
    is_run: bool = False
    is_evaluated: bool = False


def faults_of(path: Path) -> Iterator[Fault]:
    """Yield all faults of a campaign, in a folder or packed, or of a mapping file of ``m3e map`` or its folder.

    Raises:
        StorageError: If ``path`` is none of these.
    """
    return (fault for checked in files_checked(path) for fault in checked.faults)


def files_checked(path: Path) -> Iterator[Checked]:
    """Check every file of stored results, as ``faults_of``.

    Raises:
        StorageError: If ``path`` holds none.
    """
    mapping = path / MAPPING if path.is_dir() and (path / MAPPING).exists() else path
    if mapping.is_file() and not zipfile.is_zipfile(mapping):
        return iter([_record_checked(mapping, (), None)])
    return _campaign_checked(campaign_root(path))


def _campaign_checked(root: Traversable) -> Iterator[Checked]:
    yield from copies_checked(root)
    asked: set[str] | None = None
    campaign, *requests = _designs_checked(root)
    yield from (campaign, *requests)
    if (root / CAMPAIGN_FILE).is_file() and not any(checked.faults for checked in (campaign, *requests)):
        asked = {spec.id for request in requests_of(root) for spec, _ in request.design.runs()}
    files = tuple(copies_in(root))
    for place in record_places(root):
        yield _record_checked(place, files, asked)


def _designs_checked(root: Traversable) -> list[Checked]:
    """Check what was asked for."""
    found = []
    for place, read in ((root / CAMPAIGN_FILE, read_campaign_file), (root / REQUESTS, requests_of)):
        try:
            read(root)
            found.append(Checked(str(place)))
        except StorageError as error:
            found.append(Checked(str(place), (Fault(str(place), "content", "a campaign's design", str(error)),)))
    return found


def copies_checked(root: Traversable) -> Iterator[Checked]:
    """Check that copies of files are what their names, which begin with digests, say."""
    folder = root / FILES_FOLDER
    for place in sorted(folder.iterdir(), key=lambda p: p.name) if folder.is_dir() else ():
        if place.name.startswith("."):
            continue
        try:
            content = read_content(place, MOST_BYTES)
        except StorageError as error:
            yield Checked(str(place), (Fault(str(place), "copy of a file", "a readable one", str(error)),))
            continue
        fault = Fault(str(place), "digest of the copy", place.name.partition(".")[0], _digest_of(content))
        yield Checked(str(place), () if is_copy(place.name, content) else (fault,))


def is_copy(name: str, content: bytes) -> bool:
    """Whether a copy of a file has the content that its name, which begins with the digest, says."""
    return name.partition(".")[0] == _digest_of(content)


def _digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]


def _record_checked(place: Traversable, files: Folders, asked: Container[str] | None) -> Checked:
    file = str(place)
    try:
        run = decode(read_content(place), place=place)
    except InvalidInput as error:
        actual = error.actual if isinstance(error.actual, str) else repr(error.actual)
        return Checked(file, (Fault(file, error.what, error.expected, actual),), is_run=True)
    except StorageError as error:
        return Checked(file, (Fault(file, "record", "a readable file", str(error)),), is_run=True)
    faults = list(_run_faults(place, run, asked))
    problem = None
    if run.problem is None:
        problem = evaluable(run, files)
    else:
        try:
            problem = problem_from(run.problem)
        except KeyError as error:
            faults.append(Fault(file, "problem", f"the key {error}", "none"))
        except (TypeError, ValueError, ArithmeticError, AttributeError, IndexError, M3EError) as error:
            faults.append(Fault(file, "problem", "a complete one", str(error)))
    if (objection := objection_of(run, problem)) is not None:
        faults.append(Fault(file, objection.what, objection.expected, objection.actual))
    is_evaluated = problem is not None or not len(run.front_values)
    return Checked(file, tuple(faults), is_run=True, is_evaluated=is_evaluated)


def _run_faults(place: Traversable, run: StoredRun, asked: Container[str] | None) -> Iterator[Fault]:
    """Yield the faults of a record that need no problem: its name, whether it was asked for, and its full trace."""
    file = str(place)
    if run.problem is None and place.name != record_name(run.id):
        yield Fault(file, "name of the file", record_name(run.id), place.name)
    if asked is not None and run.id not in asked:
        yield Fault(file, "run", "one that was asked for", f"another, {run.id}")
    if run.spec.full_trace is not FullTrace.NOTHING and not run.trace_sha256 and run.status == "complete":
        yield Fault(file, "full trace", f"{run.spec.full_trace.value} of all evaluations", "none")
    try:
        trace = run.full_trace()
    except StorageError as error:
        yield Fault(file, "full trace", "the file with the SHA-256 in the record", str(error))
        return
    if not trace:
        return
    values = trace.get("values", np.zeros(0))
    num_values = run.front_values.shape[1] if len(run.front_values) else values.shape[-1]
    shapes = {"values": (run.num_evaluations,) if values.ndim == 1 else (run.num_evaluations, num_values)}
    if run.spec.full_trace is FullTrace.MAPPINGS:
        jobs = run.front_cores.shape[1] or trace.get("cores", np.zeros((0, 0))).shape[-1]
        shapes |= {"cores": (run.num_evaluations, jobs), "priorities": (run.num_evaluations, jobs)}
    for name in sorted({*shapes, *trace}):
        actual = trace[name].shape if name in trace else None
        if actual != shapes.get(name):
            yield Fault(file, f"full trace: shape of {name}", str(shapes.get(name)), str(actual))
            return
    if values.ndim == 1 and values.size and len(run.front_values) and values.min() != run.best_value:
        yield Fault(file, "full trace: lowest value", f"the best value {run.best_value!r}", repr(float(values.min())))
