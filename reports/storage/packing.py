"""Packed campaigns: a campaign's folder as one ZIP archive, which every reader takes in place.

The same content gives the same bytes: names are sorted, times and permissions fixed. Only what belongs to a campaign is
packed, and only that is unpacked: an archive that holds anything else, or claims to be implausibly large, is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import chunks, make_folder, write_atomically
from problems.foundation.text import printable
from reports.storage.campaign_folder import (
    CAMPAIGN_FILE,
    FILES_FOLDER,
    RECORDS,
    REQUESTS,
    campaign_root,
    check_sizes,
    is_plain_name,
)
from reports.storage.record import MOST_BYTES
from reports.storage.writing import stored_at

SUFFIX = ".zip"

TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every member; ZIP knows no earlier one."""

LEVEL = 6

_MEMBER = re.compile(
    rf"{re.escape(CAMPAIGN_FILE)}|{REQUESTS}/(?P<request>[^/]+)\.json|{RECORDS}/(?P<record>[^/]+)\.(json|npz)"
    rf"|{FILES_FOLDER}/(?P<file>[^/]+)"
)

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Packed:
    """What was packed or unpacked.

    Attributes:
        path: The archive, or the folder.
        records: Number of records.
        files: Number of files.
        size: Bytes of the content.
    """

    path: Path
    records: int
    files: int
    size: int


def members_of(folder: Path) -> Iterator[str]:
    """Yield the names of the files that make a campaign, in order; traces only beside their records; never links."""
    names = [CAMPAIGN_FILE] if _is_file(folder / CAMPAIGN_FILE) else []
    for part in (REQUESTS, RECORDS, FILES_FOLDER):
        if (folder / part).is_dir() and not (folder / part).is_symlink():
            with os.scandir(folder / part) as entries:
                names += [f"{part}/{e.name}" for e in entries if e.is_file(follow_symlinks=False)]
    there = set(names)
    for name in sorted(names):
        orphan = name.endswith(".npz") and name.startswith(RECORDS) and f"{name[:-4]}.json" not in there
        if is_member(name) and not orphan:
            yield name


def is_member(name: str) -> bool:
    """Whether a file of that name belongs to a campaign."""
    return _MEMBER.fullmatch(name) is not None and is_plain_name(name.rpartition("/")[2])


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def pack(folder: Path, archive: Path) -> Packed:
    """Pack a campaign's folder, then read the archive back and compare; the folder stays.

    Raises:
        StorageError: If the folder is no campaign, or cannot be read, or the archive cannot be written.
    """
    if not folder.is_dir():
        raise StorageError(f"{folder} cannot be packed: expected the folder of a campaign")
    campaign_root(folder)
    names = list(members_of(folder))
    records = [name for name in names if name.startswith(f"{RECORDS}/") and name.endswith(".json")]
    if damaged := [name for name in records if stored_at(folder / name) is None]:
        what = f"{len(damaged):,} of {len(records):,} records, or their full traces, are damaged, e.g. {damaged[0]}"
        raise StorageError(f"cannot pack {folder}: {what}. 'm3e check' names all, 'm3e run' does these runs again.")
    packed: dict[str, tuple[str, int]] = {}

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w") as target:
            for name in names:
                packed[name] = _add(target, folder / name, name)

    make_folder(archive.absolute().parent)
    temporary = archive.with_name(f".{archive.name}.{os.getpid()}.new.tmp")
    try:
        write_atomically(temporary, write)
        _compare(temporary, packed)
        os.replace(temporary, archive)
    except InvalidInput as error:
        raise StorageError(f"cannot pack {folder}: {printable(error, 300)}") from error
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write {archive}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return _packed(archive, {name: size for name, (_, size) in packed.items()})


def _add(target: zipfile.ZipFile, path: Path, name: str) -> tuple[str, int]:
    """Add a file to an archive; return digest and size of its content."""
    info = zipfile.ZipInfo(name, TIME)
    info.create_system = 3  # Unix, wherever it is packed
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".npz") else zipfile.ZIP_DEFLATED
    info._compresslevel = LEVEL  # type: ignore[attr-defined]  # ``writestr`` alone takes it openly, and the whole file
    info.file_size = path.stat().st_size  # tells whether it needs the format of large files
    digest = hashlib.sha256()
    size = 0
    with target.open(info, "w") as member:
        for chunk in chunks(path, MOST_BYTES):
            member.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _compare(archive: Path, packed: dict[str, tuple[str, int]]) -> None:
    """Raise unless the archive holds what was packed."""
    with zipfile.ZipFile(archive) as source:
        if source.namelist() != list(packed):
            raise StorageError(f"{archive} does not read back: expected {len(packed):,} files")
        for name, (expected, _) in packed.items():
            digest = hashlib.sha256()
            with source.open(name) as member:
                while chunk := member.read(2**20):
                    digest.update(chunk)
            if digest.hexdigest() != expected:
                raise StorageError(f"{archive} does not read back: {name} differs")


def unpack(archive: Path, folder: Path) -> Packed:
    """Unpack a campaign into a new folder, whole or not at all.

    Raises:
        StorageError: If ``archive`` is no packed campaign or is damaged, or there is something in ``folder``.
    """
    if not archive.is_file() or not zipfile.is_zipfile(archive):
        raise StorageError(f"{archive} is no packed campaign: expected a file of 'm3e pack'")
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise StorageError(f"{folder} is there already: choose another with --out")
    make_folder(folder.absolute().parent)
    temporary = folder.absolute().with_name(f".{folder.absolute().name}.{os.getpid()}.tmp")
    try:
        with zipfile.ZipFile(archive) as source:
            members = _members(archive, source)
            for part in (REQUESTS, RECORDS):
                (temporary / part).mkdir(parents=True, exist_ok=True)
            for member in members:
                _extract(source, member, temporary / member.filename)
        os.replace(temporary, folder)  # onto nothing, or an empty folder
    except StorageError:
        raise
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise StorageError(f"cannot unpack {archive} into {folder}: {printable(error, 200)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return _packed(folder, {member.filename: member.file_size for member in members})


def _members(archive: Path, source: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the members of a packed campaign.

    Raises:
        StorageError: If one does not belong there, or they are implausibly large.
    """
    members = [member for member in source.infolist() if not member.is_dir()]
    names = {member.filename for member in members}
    for member in members:
        if not is_member(member.filename) or member.compress_type not in _METHODS or member.flag_bits & _ENCRYPTED:
            shown = printable(member.orig_filename, 100)
            raise StorageError(f"{archive} is no packed campaign: it holds {shown!r}")
    if len(names) < len(members):
        raise StorageError(f"{archive} is no packed campaign: it holds two files of one name")
    if CAMPAIGN_FILE not in names and not any(name.startswith(f"{RECORDS}/") for name in names):
        raise StorageError(f"{archive} is no packed campaign: it holds neither {CAMPAIGN_FILE} nor records")
    check_sizes(archive, members)
    return members


def _extract(source: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """Write a member, of which no more than its declared size is read, and whose checksum is compared."""
    path.parent.mkdir(exist_ok=True)
    left = member.file_size
    with source.open(member) as content, open(path, "xb") as file:
        while chunk := content.read(2**20):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile(f"{member.filename} is larger than declared")
            file.write(chunk)
    if left:
        raise zipfile.BadZipFile(f"{member.filename} is smaller than declared")


def _packed(path: Path, sizes: dict[str, int]) -> Packed:
    records = sum(name.startswith(f"{RECORDS}/") and name.endswith(".json") for name in sizes)
    return Packed(path, records, len(sizes), sum(sizes.values()))
