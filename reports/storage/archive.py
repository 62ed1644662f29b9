"""Archives: the records of campaigns as one compressed bundle an optimizer, and a file that defines them.

An archive is a folder, so that any copy or mirror of it will do::

    archive.json                  suite version, the campaign's TOML file, and of each bundle its digest
    magma-1b4e28ba.jsonl.xz       the records of an optimizer, byte for byte, a line each, sorted by id

Bundles are named by their content and written before the definition, old ones are removed after it: whoever is
interrupted leaves the archive as it was. Full traces are left out: a record holds its best mapping, its improvements,
and its times, and a run of the same specification gives the rest.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import make_folder, not_linked, read_bytes, write_bytes
from problems.foundation.text import printable
from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.checking import Fault
from reports.storage.record import StoredRun, decode, difference_of, read_content, seal_of
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
        wanted = None if labels is None else set(labels)
        for bundle in self.definition.bundles:
            if wanted is None or bundle.label in wanted:
                for content in self.records_of(bundle):
                    yield _decoded(content, bundle, self.folder / bundle.file), content

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
    for bundle in definition.bundles:
        if bundle.file != (expected := file_of(bundle.label, bundle.sha256)):
            raise StorageError(f"{place} names {printable(bundle.file, 80)!r}: expected {expected!r}")
    return Archive(folder, definition)


def create(folder: Path, sources: Sequence[Source], name: str) -> Archive:
    """Make an archive of the runs of campaigns and archives: also those that failed or were cut, which count as such.

    Raises:
        StorageError: If there is anything in ``folder`` but bundles of one who was interrupted, there are no runs, or
            it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(not p.name.endswith(SUFFIX) for p in folder.iterdir())):
        raise StorageError(f"there is something in {folder}: to add to an archive, 'm3e archive add'")
    return _written(Archive(folder, Definition(FORMAT, name, 0, {}, [])), sources)


def add(archive: Archive, sources: Sequence[Source]) -> Archive:
    """Add the runs of campaigns and archives to an archive.

    Those that it has stay as they are, but for failed and cut ones of which there is a complete one now.

    Raises:
        StorageError: If they are of another suite version, a run has another result than in the archive, there are no
            runs, or it cannot be written.
    """
    return _written(archive, sources)


def _written(archive: Archive, sources: Sequence[Source]) -> Archive:
    found = _by_label(sources)
    versions = {run.spec.suite_version for runs in found.values() for run, _ in runs}
    versions |= {archive.definition.suite_version} - {0}
    if len(versions) != 1:
        raise StorageError(f"an archive is of one suite version: got {', '.join(map(str, sorted(versions)))}")
    make_folder(not_linked(archive.folder))
    bundles = {bundle.label: bundle for bundle in archive.definition.bundles}
    for label, runs in found.items():
        records = (
            {} if label not in bundles else {_id_of(content): content for content in archive.records_of(bundles[label])}
        )
        for run, content in runs:
            _put(records, run, content)
        bundles[label] = _write_bundle(archive.folder, label, [records[i] for i in sorted(records)])
    tomls = {name: toml for source in sources for name, toml in _tomls_of(source).items()}
    definition = Definition(
        FORMAT,
        archive.definition.name,
        versions.pop(),
        archive.definition.campaigns | tomls,
        [bundles[label] for label in sorted(bundles)],
    )
    write_bytes(archive.folder / DEFINITION, msgspec.json.format(msgspec.json.encode(definition), indent=1) + b"\n")
    for place in archive.folder.glob(f"*{SUFFIX}"):
        if place.name not in {bundle.file for bundle in definition.bundles}:
            place.unlink()
    return Archive(archive.folder, definition)


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


def _put(records: dict[str, bytes], run: StoredRun, content: bytes) -> None:
    seal_of(content)  # every byte as it was written
    old = decode(records[run.id]) if run.id in records else None
    if old is not None and old.status != "complete" == run.status:  # done again
        records[run.id] = content
    elif old is not None and (difference := difference_of(old, run)):
        where = f" in {run.place}" if run.place else ""
        raise StorageError(f"run {run.id} has another result{where} than in the archive: {difference}")
    records.setdefault(run.id, content)


def _write_bundle(folder: Path, label: str, records: Sequence[bytes]) -> Bundle:
    content = lzma.compress(b"".join(records), preset=_PRESET)
    bundle = _bundle_of(label, hashlib.sha256(content).hexdigest(), [decode(record) for record in records])
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


def faults_of(archive: Archive) -> Iterator[Fault]:
    """Yield all that is wrong with an archive: digests, records, their values by evaluating mappings, and numbers."""
    named = {DEFINITION, *(bundle.file for bundle in archive.definition.bundles)}
    for place in sorted(archive.folder.iterdir()):
        if place.name not in named:
            yield Fault(str(place), "file", "only what the definition names", "another file")
    for bundle in archive.definition.bundles:
        yield from _bundle_faults(archive, bundle)


def _bundle_faults(archive: Archive, bundle: Bundle) -> Iterator[Fault]:
    place = archive.folder / bundle.file
    runs: list[StoredRun] = []
    try:
        for content in archive.records_of(bundle):
            run = _decoded(content, bundle, place)
            runs.append(run)
            if (objection := objection_of(run, evaluable(run))) is not None:
                yield Fault(str(place), f"{run.id}: {objection.what}", objection.expected, objection.actual)
            if run.spec.suite_version != archive.definition.suite_version:
                expected = str(archive.definition.suite_version)
                yield Fault(str(place), f"{run.id}: suite version", expected, str(run.spec.suite_version))
    except StorageError as error:
        yield Fault(str(place), "content", "the bundle that the definition names", str(error))
        return
    found = _bundle_of(bundle.label, bundle.sha256, runs)
    for name in Bundle.__struct_fields__:
        told, counted = getattr(bundle, name), getattr(found, name)
        if told != counted:
            yield Fault(str(archive.folder / DEFINITION), f"{name} of {bundle.label}", str(counted), str(told))


def _id_of(content: bytes) -> str:
    return str(json.loads(content)["id"])


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
