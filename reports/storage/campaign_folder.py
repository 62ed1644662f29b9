"""Campaign folders: a campaign, what was asked for, and the records of its runs.

A folder holds ``campaign.json`` (the campaign's design and its TOML), ``requests/`` (a design for each different call
of ``m3e run``: other seeds, more optimizers), ``records/`` (a file a run, see ``reports.storage.record``) and
``files/`` (copies of the workload and platform files that problem ids name). Nothing in it is ever changed, only added.
A packed campaign is a ZIP archive of the same content, and is read in place.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from pathlib import Path

import problems
from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import make_folder, not_linked, read_bytes, write_bytes, write_new
from problems.foundation.text import printable, text_of
from problems.ids import FILE, MOST_BYTES, checked_file, copy_name
from reports.storage.design import Absent, Design
from reports.storage.record import FORMAT, StoredRun, read_content, read_record
from reports.storage.record import MOST_BYTES as MOST_BYTES_A_RECORD
from reports.storage.spec import RunSpec

CAMPAIGN_FILE = "campaign.json"

REQUESTS = "requests"

RECORDS = "records"

FILES_FOLDER = "files"

MOST_CAMPAIGN_BYTES = 2**28
"""Size limit of a campaign's file."""


MOST_RATIO = 200
"""How many times as large as its archive a campaign can be; records shrink to a tenth to a third."""

SPARE_BYTES = 2**24
"""What an archive may unpack to in any case."""


@dataclass(frozen=True)
class PlannedRun:
    """A run that a campaign plans.

    Attributes:
        id: Id of the run.
        label: The campaign's label of the optimizer.
        problem: Problem id.
        budget: Evaluations.
        seed: Seed.
    """

    id: str
    label: str
    problem: str
    budget: int
    seed: int

    @classmethod
    def of(cls, spec: RunSpec, label: str) -> PlannedRun:
        """Return the plan of a run."""
        return cls(spec.id, printable(label), spec.problem, spec.budget, spec.seed)


@dataclass(frozen=True)
class Request:
    """What a call of ``m3e run`` asked for.

    Attributes:
        design: The runs.
        asked: When, as an ISO time; the earliest of equal requests.
    """

    design: Design
    asked: str


@dataclass(frozen=True)
class CampaignFile:
    """The campaign of a folder, as its TOML file has it.

    Attributes:
        name: Name of the campaign.
        toml: Text of the file, or "".
        design: Its design, resolved.
    """

    name: str
    toml: str
    design: Design


@dataclass(frozen=True, eq=False)
class StoredCampaign:
    """The content of one or more campaign folders; hashed by identity, so that results derived from it can be cached.

    Attributes:
        name: Name of the campaign, or campaigns.
        runs: Readable runs of the campaign, in its order.
        planned: All runs that were asked for; without a campaign file, those found.
        unreadable: What is wrong with each record that cannot be read, by its name.
        unasked: Ids of runs in the folders that nobody asked for, or whose optimizer's code has changed since.
        absent: Optimizers that were left out for lack of a library, by label.
        tomls: Text of each campaign's TOML file, by the campaign's name.
        requests: What was asked for, in words, the earliest first.
        files: Folders that hold copies of the files that problem ids name.
        reference: Labels of the optimizers that come from an archive, beside which the others stand.
        reference_problems: Number of problems that the archive has.
        left_out: Why each optimizer that an archive has is not shown, by label.
        shortened: Budgets to which the runs of some optimizers are cut short to be compared, by label.
        doubled: Number of runs that do not count, as another of the same optimizer, problem and seed does.
        conflicts: In what another complete result of a run differs from the one that counts, by id.
        is_labelled: Whether a campaign gives the labels; where there are records alone, they are registered names.
    """

    name: str
    runs: tuple[StoredRun, ...]
    planned: tuple[PlannedRun, ...]
    unreadable: Mapping[str, str]
    unasked: tuple[str, ...]
    absent: Mapping[str, Absent] = field(default_factory=dict)
    tomls: Mapping[str, str] = field(default_factory=dict)
    requests: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    reference: frozenset[str] = frozenset()
    reference_problems: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)
    shortened: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    doubled: int = 0
    conflicts: Mapping[str, str] = field(default_factory=dict)
    is_labelled: bool = True


# --- reading -----------------------------------------------------------------------------------------------------


def root_of(path: Path) -> Traversable:
    """Return the root of a campaign: the folder ``path``, or the content of a packed campaign.

    Raises:
        StorageError: If it is neither.
    """
    if path.is_dir():
        return path
    if path.is_file() and zipfile.is_zipfile(path):
        root = zipfile.Path(path)
        check_sizes(path, root.root.infolist())
        return root
    what = "a file that is no packed campaign" if path.exists() else "nothing of that name"
    raise StorageError(f"no results in {path}: expected a folder of 'm3e run', or a packed one, got {what}")


def check_sizes(archive: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Check that an archive does not claim to hold much more than campaigns do; readers take no more than it claims.

    Raises:
        StorageError: If it does.
    """
    size, most = sum(member.file_size for member in members), MOST_RATIO * archive.stat().st_size + SPARE_BYTES
    if size > most or any(member.file_size > MOST_BYTES_A_RECORD for member in members):
        raise StorageError(f"{archive} is no packed campaign: expected at most {most:,} bytes in it, got {size:,}")


def read_campaign(folder: Path) -> StoredCampaign:
    """Read all records of a campaign, in a folder or packed.

    Raises:
        StorageError: If it is not there, or its campaign file is damaged.
    """
    root = root_of(folder)
    found, unreadable = _read_records(root)
    files = tuple(copies_in(root))
    campaign = read_campaign_file(root)
    if campaign is None:
        return StoredCampaign(
            name=printable(folder.stem),
            runs=tuple(found),
            planned=tuple(PlannedRun.of(run.spec, run.label) for run in found),
            unreadable=unreadable,
            unasked=(),
            tomls={folder.stem: ""},
            files=files,
            is_labelled=False,
        )
    runs, designs = {run.id: run for run in found}, designs_of(root)
    planned = {spec.id: PlannedRun.of(spec, label) for design in designs for spec, label in design.runs()}
    labels = {run.label for run in planned.values()}
    return StoredCampaign(
        name=printable(campaign.name),
        runs=tuple(replace(runs[i], label=run.label) for i, run in planned.items() if i in runs),
        planned=tuple(planned.values()),
        unreadable=unreadable,
        unasked=tuple(i for i in runs if i not in planned),
        absent={label: gap for design in designs for label, gap in design.absent.items() if label not in labels},
        tomls={campaign.name: campaign.toml},
        requests=tuple(f"{each.asked}: {each.design.added_to(campaign.design)}" for each in requests_of(root)),
        files=files,
    )


def campaign_root(path: Path) -> Traversable:
    """Return the root of a campaign that has something in it: what was asked for, or records.

    Raises:
        StorageError: If there is none at ``path``.
    """
    root = root_of(path)
    if not (root / CAMPAIGN_FILE).is_file() and not (root / RECORDS).is_dir():
        raise StorageError(f"no campaign in {path}: expected a folder of 'm3e run', or a packed one{hint_at([path])}")
    return root


def copies_in(root: Traversable) -> list[Path]:
    """Return the folder with a campaign's copies of files, if it has any; those of a packed one are unpacked."""
    folder = root / FILES_FOLDER
    if isinstance(folder, Path):
        return [folder.absolute()] if folder.is_dir() else []
    return [_unpacked(folder)] if folder.is_dir() else []


def _unpacked(folder: Traversable) -> Path:
    """Copy a folder out of an archive, to where it is until the process ends."""
    copies = Path(tempfile.mkdtemp(prefix="m3e-files-"))
    atexit.register(shutil.rmtree, copies, ignore_errors=True)
    for place in folder.iterdir():
        if place.is_file() and is_plain_name(place.name):
            write_bytes(copies / place.name, read_content(place, MOST_BYTES))
    return copies


def is_plain_name(name: str) -> bool:
    """Whether a file of a campaign can have this name: no path, nothing hidden, no special character."""
    return re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", name) is not None


def record_places(root: Traversable) -> Iterator[Traversable]:
    """Yield the records of a campaign, by name."""
    folder = root / RECORDS
    if folder.is_dir():
        places = {place.name: place for place in folder.iterdir()}
        yield from (places[name] for name in sorted(places) if is_record_name(name))


def is_record_name(name: str) -> bool:
    """Whether a file of that name is a record, or meant to be one."""
    return name.endswith(".json") and not name.startswith(".")


def _read_records(root: Traversable) -> tuple[list[StoredRun], dict[str, str]]:
    """Read the records of a campaign; return them, and what is wrong with those that cannot be read."""
    found: list[StoredRun] = []
    damaged: dict[str, str] = {}
    for place in record_places(root):
        try:
            run = read_record(place)
            if place.name != record_name(run.id):
                raise StorageError(f"{place} holds another run, {run.id}")
            found.append(run)
        except StorageError as error:
            damaged[printable(place.name.removesuffix(".json"))] = printable(error)
    return found, damaged


def record_name(run_id: str) -> str:
    """Return the name of a run's file."""
    return f"{run_id}.json"


def read_campaign_file(root: Traversable) -> CampaignFile | None:
    """Return the campaign of a folder; None if it has no campaign file.

    Raises:
        StorageError: If the file is damaged, or of another format.
    """
    place = root / CAMPAIGN_FILE
    if not place.is_file():
        return None
    content = _read_json(place)
    name, toml = content.get("name"), content.get("toml")
    if not isinstance(name, str) or not isinstance(toml, str):
        raise StorageError(f"{place} is damaged: expected a name and a text of TOML")
    return CampaignFile(printable(name), toml, _design(place, content))


def requests_of(root: Traversable) -> list[Request]:
    """Return what was asked for in a campaign's folder, the earliest first.

    Raises:
        StorageError: If a request is damaged.
    """
    folder = root / REQUESTS
    found = []
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.name.endswith(".json") and not place.name.startswith("."):
            content = _read_json(place)
            found.append(Request(_design(place, content), str(content.get("asked"))))
    return sorted(found, key=lambda request: request.asked)


def designs_of(root: Traversable) -> list[Design]:
    """Return the designs that were asked for; a contender whose code has changed since is only in the latest."""
    requests = requests_of(root)
    latest = {c.label: c.optimizer for request in requests for c in request.design.contenders}
    designs = []
    for design in (request.design for request in requests):
        kept = tuple(c for c in design.contenders if latest[c.label] == c.optimizer)
        designs.append(replace(design, contenders=kept))
    return designs


def _design(place: Traversable, content: Mapping[str, object]) -> Design:
    try:
        return Design.from_json(content.get("design"))
    except InvalidInput as error:
        raise StorageError(f"{place} is damaged: {printable(error, 300)}") from error


def _read_json(place: Traversable) -> dict[str, object]:
    """Read a file of a campaign: an object of this format."""
    try:
        content = json.loads(read_content(place, MOST_CAMPAIGN_BYTES))
    except (ValueError, RecursionError, MemoryError) as error:
        raise StorageError(f"{place} is damaged: expected JSON, got {printable(error, 200)}") from error
    if not isinstance(content, dict) or "format" not in content:
        found = "one without" if isinstance(content, dict) else type(content).__name__
        raise StorageError(f"{place} is damaged: expected an object with 'format', got {found}")
    if content.get("format") != FORMAT:
        found = printable(text_of(content.get("format"), repr), 40)
        raise StorageError(
            f"{place} is of another format: expected {FORMAT}, got {found}. "
            "Read it with the version of m3e that wrote it, or run the campaign again."
        )
    return content


# --- writing -----------------------------------------------------------------------------------------------------


def join(folder: Path, campaign: CampaignFile, request: Design) -> None:
    """Make the folder this campaign's, or see that it is, and note what is asked for.

    Raises:
        StorageError: If the folder holds another campaign, with what differs, or cannot be written.
    """
    make_folder(folder)
    for name in (RECORDS, REQUESTS):
        make_folder(not_linked(folder / name))
    content = {"format": FORMAT, "name": campaign.name, "toml": campaign.toml, "design": campaign.design.to_json()}
    if not (folder / CAMPAIGN_FILE).exists():
        write_new(folder / CAMPAIGN_FILE, _dumped(content))
    there = read_campaign_file(folder)
    differs = there.design.difference(campaign.design) if there else ""
    if differs:
        hint = "Choose another folder with --out, or give the campaign another name."
        raise StorageError(f"{folder} holds another campaign named {campaign.name!r}: {differs}. {hint}")
    design = request.to_json()
    digest = hashlib.sha256(_dumped(design)).hexdigest()[:12]
    asked = datetime.now(UTC).isoformat(timespec="microseconds")
    path = folder / REQUESTS / f"{digest}.json"
    if not path.exists():
        write_new(path, _dumped({"format": FORMAT, "asked": asked, "design": design}))


def _dumped(content: object) -> bytes:
    return (json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def keep_files(folder: Path, problem_ids: Iterable[str]) -> None:
    """Copy the workload and platform files that problem ids name into the campaign's folder; reports read no others.

    Raises:
        InvalidInput: If a file has changed.
        StorageError: If the folder cannot be written.
    """
    for name, what in sorted(files_named(problem_ids)):
        copy = folder / FILES_FOLDER / copy_name(name)
        if not copy.exists():
            make_folder(not_linked(copy.parent))
            content = read_bytes(checked_file(name, what), MOST_BYTES)
            write_bytes(copy, content)


def files_named(problem_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Return the files that problem ids name, each with what it is: a workload or a platform."""
    parts = [problems.parse_id(problem_id) for problem_id in problem_ids if FILE in problem_id]
    named = ((name, what) for p in parts for name, what in ((p.task, "workload"), (p.platform, "platform")))
    return {(name, what) for name, what in named if name.startswith(FILE)}


# --- for commands ------------------------------------------------------------------------------------------------


def hint_at(folders: Sequence[Path]) -> str:
    """Return a hint at the campaigns inside of folders that are none themselves; empty if there are none."""
    inside = [str(f.parent) for folder in folders if folder.is_dir() for f in sorted(folder.glob(f"*/{CAMPAIGN_FILE}"))]
    return f". Did you mean {', '.join(inside)}?" if inside else ""


def newest_campaign(folder: Path) -> Path:
    """Return the campaign folder in ``folder`` that was asked for last.

    Raises:
        StorageError: If there is none.
    """
    files = sorted(folder.glob(f"*/{REQUESTS}"), key=lambda f: f.stat().st_mtime)
    if not files:
        raise StorageError(f"no results in {folder.resolve()}: run 'm3e run' first, or give their folder")
    return files[-1].parent
