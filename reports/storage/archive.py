"""Archives: the records of campaigns as one compressed bundle an optimizer, and a file that defines them.

An archive is a folder, so that any copy or mirror of it will do::

    archive.json                  suite version, the campaign's TOML file, and of each bundle its digest
    magma-1b4e28ba.jsonl.xz       the records of an optimizer, byte for byte, a line each, sorted by id
    files/                        copies of the workload and platform files that problem ids name, if they do

Bundles are named by their content and written before the definition, old ones are removed after it: whoever is
interrupted leaves the archive as it was. Of several who add to it, each waits for the other. Full traces are left out:
a record holds its best mapping, its improvements, and its times, and a run of the same specification gives the rest.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import make_folder, not_linked, read_bytes, write_bytes
from problems.foundation.text import printable
from problems.ids import MOST_BYTES as MOST_FILE_BYTES
from reports.storage.campaign_folder import FILES_FOLDER, PlannedRun, StoredCampaign, is_plain_name
from reports.storage.checking import Checked, Fault, copies_checked, is_copy
from reports.storage.joining import Labels, conflict_of, is_outdone
from reports.storage.record import StoredRun, decode, read_content, seal_of
from reports.storage.replay import evaluable, objection_of

DEFINITION = "archive.json"

SUFFIX = ".jsonl.xz"

FORMAT = 1

MOST_BYTES = 2**29
"""Most bytes of a bundle, packed or not."""

_PRESET = 9 | lzma.PRESET_EXTREME


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bundle holds.

    Attributes:
        label: Label of the optimizer.
        optimizers: Registered names behind it; several if the class of a label was changed.
        file: Name of its file.
        sha256: Digest of the file.
        runs: Number of runs.
        problems: Number of problems.
        seeds: The seeds, in order.
        budgets: Evaluations of the runs, in order.
        cpu_hours: CPU hours of all runs together.
        versions: Versions of Python and the libraries, each with those that occur.
    """

    label: str
    optimizers: list[str]
    file: str
    sha256: str
    runs: int
    problems: int
    seeds: list[int]
    budgets: list[int]
    cpu_hours: float
    versions: dict[str, list[str]]


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an archive holds; see ``Bundle``.

    Attributes:
        format: Version of this file's format.
        name: Name of the archive.
        suite_version: Version of the problems.
        campaigns: Text of each campaign's TOML file, by name.
        bundles: The bundles, by label.
    """

    format: int
    name: str
    suite_version: int
    campaigns: dict[str, str]
    bundles: list[Bundle]


@dataclass(frozen=True)
class Archive:
    """An archive in a folder, of which the definition has been read."""

    folder: Path
    definition: Definition

    def records_of(self, bundle: Bundle) -> Iterator[bytes]:
        """Yield the bytes of a bundle's records.

        Raises:
            StorageError: If the file cannot be read, is not the one that the definition names, or holds too much.
        """
        place = self.folder / bundle.file
        content = _read(place)
        if hashlib.sha256(content).hexdigest() != bundle.sha256:
            raise StorageError(f"{place} is not the bundle that {DEFINITION} names: its digest differs")
        yield from _unpacked(place, content)

    def runs(self, labels: Iterable[str] | None = None) -> Iterator[StoredRun]:
        """Yield the runs of some optimizers, by default of all.

        Raises:
            StorageError: If a bundle or a record is damaged.
        """
        for run, _ in self.with_records(labels):
            yield run

    def with_records(self, labels: Iterable[str] | None = None) -> Iterator[tuple[StoredRun, bytes]]:
        """Yield the same runs with the bytes of their records.

        Raises:
            StorageError: As ``runs``.
        """
        wanted, seen = None if labels is None else set(labels), Labels()
        for bundle in self.definition.bundles:
            if wanted is None or bundle.label in wanted:
                for run, content in self.decoded(bundle):
                    seen.add(run.id, bundle.label, self.folder)
                    yield run, content

    def decoded(self, bundle: Bundle) -> Iterator[tuple[StoredRun, bytes]]:
        """Yield the runs of a bundle with the bytes of their records.

        Raises:
            StorageError: As ``runs``; also if a run is there twice.
        """
        place = self.folder / bundle.file
        seen: set[str] = set()
        for content in self.records_of(bundle):
            run = _decoded(content, bundle, place)
            if run.id in seen:
                raise StorageError(f"{place} holds run {run.id} twice")
            seen.add(run.id)
            yield run, content

    @property
    def copies(self) -> tuple[Path, ...]:
        """The folder with copies of files that problem ids name, if there is one."""
        folder = self.folder / FILES_FOLDER
        return (folder.absolute(),) if folder.is_dir() else ()

    def campaign(self, labels: Iterable[str] | None = None) -> StoredCampaign:
        """Return the runs of some optimizers, by default of all, as a campaign that is complete.

        Raises:
            StorageError: As ``runs``.
        """
        runs = tuple(self.runs(labels))
        return StoredCampaign(
            name=self.definition.name,
            runs=runs,
            planned=tuple(PlannedRun.of(run.spec, run.label) for run in runs),
            unreadable={},
            unasked=(),
            tomls=self.definition.campaigns,
            files=self.copies,
        )


Source = StoredCampaign | Archive
"""What an archive is made of."""


def is_archive(folder: Path) -> bool:
    """Whether ``folder`` holds a definition."""
    return (folder / DEFINITION).is_file()


def open_archive(folder: Path) -> Archive:
    """Read the definition of an archive.

    Raises:
        StorageError: If there is none, or it is damaged, or of another format.
    """
    place = folder / DEFINITION
    if not is_archive(folder):
        raise StorageError(f"no archive in {folder}: expected a folder with {DEFINITION}, made by 'm3e archive create'")
    try:
        definition = msgspec.json.decode(_read(place), type=Definition)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise StorageError(f"{place} is damaged: {printable(error, 200)}") from error
    if definition.format != FORMAT:
        raise StorageError(f"{place} is of another format: expected {FORMAT}, got {definition.format}")
    labels = [bundle.label for bundle in definition.bundles]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise StorageError(
            f"{place} is damaged: expected one bundle a label, got several of {printable(twice[0], 80)!r}"
        )
    for bundle in definition.bundles:
        if bundle.file != (expected := file_of(bundle.label, bundle.sha256)):
            raise StorageError(f"{place} names {printable(bundle.file, 80)!r}: expected {expected!r}")
    return Archive(folder, definition)


def create(folder: Path, sources: Sequence[Source], name: str) -> Archive:
    """Make an archive of the runs of campaigns and archives: also those that failed or were cut, which count as such.

    It appears whole or not at all.

    Raises:
        StorageError: If there is anything in ``folder``, there are no runs, one has two results or two labels, or it
            cannot be written.
    """
    if not_linked(folder).exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "choose another folder, or add to an archive with 'm3e archive add'"
        raise StorageError(f"there is something in {folder}: {hint}")
    make_folder(folder.absolute().parent)
    temporary = folder.absolute().with_name(f".{folder.absolute().name}.{os.getpid()}.tmp")
    try:
        make_folder(temporary)
        made = _written(Archive(temporary, Definition(FORMAT, name, 0, {}, [])), sources)
        os.replace(temporary, folder)
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Archive(folder, made.definition)


def add(archive: Archive, sources: Sequence[Source]) -> Archive:
    """Add the runs of campaigns and archives to an archive.

    Those that it has stay as they are, but for failed and cut ones of which there is a complete one now.

    Raises:
        StorageError: If they are of another suite version, a run has another result or label than in the archive,
            there are no runs, or it cannot be written.
    """
    with _alone(not_linked(archive.folder)):
        return _written(open_archive(archive.folder), sources)  # another may have added to it meanwhile


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else is at work in a folder; where the system has no locks, do not."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StorageError(f"cannot read {folder}: {error.strerror or error}") from error
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _written(archive: Archive, sources: Sequence[Source]) -> Archive:
    found = _by_label(sources)
    versions = {run.spec.suite_version for runs in found.values() for run, _ in runs}
    versions |= {archive.definition.suite_version} - {0}
    if len(versions) != 1:
        raise StorageError(f"an archive is of one suite version: got {', '.join(map(str, sorted(versions)))}")
    make_folder(archive.folder)
    old = {bundle.label: bundle for bundle in archive.definition.bundles}
    labels = Labels()
    _note_labels(archive, old, found, labels)
    bundles = dict(old)
    for label, runs in found.items():
        known = archive.decoded(old[label]) if label in old else ()
        held = {run.id: (run, content) for run, content in known}
        for run, content in runs:
            labels.add(run.id, label, run.place or "another archive")
            _put(held, run, content)
        bundles[label] = _write_bundle(archive.folder, label, [held[i] for i in sorted(held)])
    for source in sources:
        _copy_files(source, archive.folder)
    tomls = {name: toml for source in sources for name, toml in _tomls_of(source).items()}
    definition = Definition(
        FORMAT,
        archive.definition.name,
        versions.pop(),
        archive.definition.campaigns | tomls,
        [bundles[label] for label in sorted(bundles)],
    )
    write_bytes(archive.folder / DEFINITION, msgspec.json.format(msgspec.json.encode(definition), indent=1) + b"\n")
    _remove_others(archive, definition)
    return Archive(archive.folder, definition)


def _note_labels(
    archive: Archive,
    old: Mapping[str, Bundle],
    found: Mapping[str, Sequence[tuple[StoredRun, bytes]]],
    labels: Labels,
) -> None:
    """Note the label of each run in the archive that could be one of those that are added: of the same optimizers."""
    names = {run.spec.optimizer for runs in found.values() for run, _ in runs}
    for bundle in old.values():
        if names.intersection(bundle.optimizers):
            for run, _ in archive.decoded(bundle):
                labels.add(run.id, bundle.label, archive.folder)


def _copy_files(source: Source, folder: Path) -> None:
    """Copy the files that problem ids name, as far as they are kept with the results.

    Raises:
        StorageError: If one is not what its name says: a stranger's results may lead to any file.
    """
    kept = source.copies if isinstance(source, Archive) else source.files
    for place in (place for each in kept for place in sorted(each.iterdir())):
        if place.is_file() and is_plain_name(place.name):
            content = read_content(place, MOST_FILE_BYTES)
            if not is_copy(place.name, content):
                raise StorageError(f"{place} is not the file that its name, a digest, says: it was changed")
            make_folder(not_linked(folder / FILES_FOLDER))
            write_bytes(folder / FILES_FOLDER / place.name, content)


def _remove_others(archive: Archive, definition: Definition) -> None:
    """Remove bundles that the definition names no longer, and those that one left behind who was interrupted."""
    named = {bundle.file for bundle in definition.bundles}
    before = {bundle.file for bundle in archive.definition.bundles}
    stems = {file_of(bundle.label, "") for bundle in definition.bundles}
    for place in archive.folder.glob(f"*{SUFFIX}"):
        left_behind = re.sub(rf"-[0-9a-f]{{8}}{re.escape(SUFFIX)}$", f"-{SUFFIX}", place.name) in stems
        if place.name not in named and (place.name in before or left_behind):
            place.unlink()


def _by_label(sources: Sequence[Source]) -> dict[str, list[tuple[StoredRun, bytes]]]:
    """Runs with their records, by label."""
    found: dict[str, list[tuple[StoredRun, bytes]]] = {}
    for source in sources:
        for run, content in source.with_records() if isinstance(source, Archive) else _with_records(source):
            found.setdefault(str(run.label), []).append((run, content))
    if not found:
        raise StorageError("there is no run to put into an archive")
    return found


def _with_records(campaign: StoredCampaign) -> Iterator[tuple[StoredRun, bytes]]:
    for run in campaign.runs:
        if run.place is None:
            raise StorageError(f"run {run.id} has no record of its own")
        yield run, read_content(run.place)


def _tomls_of(source: Source) -> Mapping[str, str]:
    return source.definition.campaigns if isinstance(source, Archive) else source.tomls


def _put(held: dict[str, tuple[StoredRun, bytes]], run: StoredRun, content: bytes) -> None:
    """Put a run among those of its label.

    Raises:
        StorageError: If the record is damaged, or there is another result of the run.
    """
    where = f" in {run.place}" if run.place else ""
    try:
        seal_of(content)  # every byte as it was written
    except InvalidInput as error:
        what = f"{error.what}: expected {error.expected}, got {printable(error.actual, 80)}"
        raise StorageError(f"the record of run {run.id}{where} is damaged: {what}") from error
    if run.id not in held or is_outdone(held[run.id][0], run):
        held[run.id] = run, content
    elif conflict := conflict_of(held[run.id][0], run):
        raise StorageError(f"run {run.id} has another result{where} than in the archive: {conflict}")


def _write_bundle(folder: Path, label: str, runs: Sequence[tuple[StoredRun, bytes]]) -> Bundle:
    content = lzma.compress(b"".join(record for _, record in runs), preset=_PRESET)
    bundle = _bundle_of(label, hashlib.sha256(content).hexdigest(), [run for run, _ in runs])
    write_bytes(folder / bundle.file, content)
    return bundle


def _bundle_of(label: str, digest: str, runs: Sequence[StoredRun]) -> Bundle:
    """What the definition says of the bundle of some runs."""
    versions: dict[str, set[str]] = {}
    for run in runs:
        for name, version in {"python": run.environment["python"], **run.environment["versions"]}.items():
            versions.setdefault(name, set()).add(version)
    return Bundle(
        label=label,
        optimizers=sorted({run.spec.optimizer for run in runs}),
        file=file_of(label, digest),
        sha256=digest,
        runs=len(runs),
        problems=len({run.spec.problem for run in runs}),
        seeds=sorted({run.spec.seed for run in runs}),
        budgets=sorted({run.spec.budget for run in runs}),
        cpu_hours=round(sum(run.seconds["cpu"] for run in runs) / 3600.0, 4),
        versions={name: sorted(own) for name, own in sorted(versions.items())},
    )


def file_of(label: str, sha256: str) -> str:
    """Return the name of a bundle's file: the label, as far as it is plain letters, and the beginning of the digest."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", label).strip("._")[:80]
    return f"{plain or 'optimizer'}-{sha256[:8]}{SUFFIX}"


def checked(archive: Archive) -> Iterator[Checked]:
    """Yield what was checked in an archive: digests, records, their values by evaluating mappings, and numbers.

    Raises:
        StorageError: If the folder cannot be read.
    """
    named = {DEFINITION, FILES_FOLDER, *(bundle.file for bundle in archive.definition.bundles)}
    for place in sorted(archive.folder.iterdir()):
        if place.name not in named:
            yield _wrong(place, "file", "only what the definition names", "another file")
    yield from copies_checked(archive.folder)
    labels: dict[str, str] = {}
    for bundle in archive.definition.bundles:
        yield from _bundle_checked(archive, bundle, labels)


def faults_of(archive: Archive) -> Iterator[Fault]:
    """Yield all that is wrong with an archive, see ``checked``."""
    return (fault for each in checked(archive) for fault in each.faults)


def _wrong(place: Path, what: str, expected: str, actual: str) -> Checked:
    return Checked(str(place), (Fault(str(place), what, expected, actual),))


def _bundle_checked(archive: Archive, bundle: Bundle, labels: dict[str, str]) -> Iterator[Checked]:
    """Check a bundle; ``labels`` has those of the runs so far, by id, and takes its."""
    place = archive.folder / bundle.file
    version = archive.definition.suite_version
    runs: list[StoredRun] = []
    try:
        for run, _ in archive.decoded(bundle):
            runs.append(run)
            faults = []
            problem = evaluable(run, archive.copies)
            if (objection := objection_of(run, problem)) is not None:
                faults.append(Fault(str(place), f"{run.id}: {objection.what}", objection.expected, objection.actual))
            if run.spec.suite_version != version:
                faults.append(Fault(str(place), f"{run.id}: suite version", str(version), str(run.spec.suite_version)))
            if (label := labels.setdefault(run.id, bundle.label)) != bundle.label:
                faults.append(Fault(str(place), f"{run.id}: label", f"{label}, as before", bundle.label))
            is_evaluated = problem is not None or not len(run.front_values)
            yield Checked(str(place), tuple(faults), is_run=True, is_evaluated=is_evaluated)
    except StorageError as error:
        yield _wrong(place, "content", "the bundle that the definition names", str(error))
        return
    found = _bundle_of(bundle.label, bundle.sha256, runs)
    for name in Bundle.__struct_fields__:
        told, counted = getattr(bundle, name), getattr(found, name)
        if told != counted:
            yield _wrong(archive.folder / DEFINITION, f"{name} of {bundle.label}", str(counted), str(told))


def _decoded(content: bytes, bundle: Bundle, place: Path) -> StoredRun:
    try:
        return decode(content, bundle.label)
    except InvalidInput as error:
        what = f"{error.what}: expected {error.expected}, got {printable(error.actual, 80)}"
        raise StorageError(f"{place} holds a damaged record: {what}") from error


def _read(place: Path) -> bytes:
    try:
        return read_bytes(place, MOST_BYTES)
    except InvalidInput as error:
        raise StorageError(f"cannot read {place}: expected {error.expected}, got {error.actual}") from error


def _unpacked(place: Path, content: bytes) -> list[bytes]:
    """The lines of a bundle; no more than ``MOST_BYTES`` are unpacked."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ)
    try:
        text = unpacker.decompress(content, MOST_BYTES)
    except lzma.LZMAError as error:
        raise StorageError(f"cannot unpack {place}: {error}") from error
    if not unpacker.eof:
        raise StorageError(f"cannot unpack {place}: it is cut, or holds more than {MOST_BYTES:,} bytes")
    return text.splitlines(keepends=True)


def sizes_of(archive: Archive) -> Mapping[str, int]:
    """Return the size of each bundle in bytes, by label."""
    return {bundle.label: _size(archive.folder / bundle.file) for bundle in archive.definition.bundles}


def _size(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError as error:
        raise StorageError(f"cannot read {place}: {error.strerror or error}") from error
