"""Read the arrays of NPZ files, checked before they are unpacked: a few megabytes can claim to hold terabytes."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from problems.foundation.errors import InvalidInput, M3EError, UnknownName
from problems.foundation.files import MOST_BYTES, read_bytes

EXPECTED = "an NPZ file of plain arrays, as numpy.savez writes it"

MOST_MEMBERS = 1000
"""Most members of an archive; its directory can be longer than its content."""

_DIRECTORY_ENTRY = b"PK\x01\x02"

_READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_arrays(path: Path, kinds: Mapping[str, str]) -> dict[str, npt.NDArray[np.generic]]:
    """Read the arrays of an NPZ file; nothing is unpickled, and nothing unknown or too large is unpacked.

    Args:
        path: Path of the file.
        kinds: Allowed kinds of elements of each array that the file may hold, e.g. ``iuf`` for numbers, ``U`` for text.

    Raises:
        InvalidInput: If the file or an array is invalid; names both.
        UnknownName: On an unknown array.
    """
    content = read_bytes(path)
    if content.count(_DIRECTORY_ENTRY) > MOST_MEMBERS or not zipfile.is_zipfile(io.BytesIO(content)):
        raise InvalidInput(str(path), expected=EXPECTED, actual="no ZIP archive, a part of one, or one of many files")
    with _faults_named(str(path)), zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = _members(path, archive, kinds)
        return {name: _array(path, archive, members[name], kinds[name]) for name in members}


@contextmanager
def _faults_named(what: str) -> Iterator[None]:
    """Turn exceptions of the libraries into an ``InvalidInput`` about ``what``."""
    try:
        yield
    except M3EError:
        raise
    except Exception as error:  # numpy, zipfile and zlib have no common base
        raise InvalidInput(what, expected=EXPECTED, actual=str(error) or type(error).__name__) from error


def _members(path: Path, archive: zipfile.ZipFile, known: Mapping[str, str]) -> dict[str, zipfile.ZipInfo]:
    """Return the members by the names of their arrays; raise if one is unknown or doubled, or all are too large."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name not in known:
            raise UnknownName(f"array in {path}:", name, known)
        if name in members or name == info.filename:
            actual = f"{name!r} twice" if name in members else f"{name!r}, which is not an array"
            raise InvalidInput(str(path), expected="arrays, each once", actual=actual)
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidInput(f"{path}: {name}", expected=EXPECTED, actual="an encrypted or unusually packed one")
        members[name] = info
    size = sum(info.file_size for info in members.values())
    if size > MOST_BYTES:
        raise InvalidInput(str(path), expected=f"at most {MOST_BYTES:,} bytes of arrays", actual=f"{size:,}")
    return members


def _array(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, kinds: str) -> npt.NDArray[np.generic]:
    """Read one array after checking that its header fits its size and the allowed kinds of elements."""
    what = f"{path}: {info.filename.removesuffix('.npy')}"
    with _faults_named(what), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about files written by Python 2
        with archive.open(info) as stream:
            shape, dtype, start = _header(stream)
        _check_header(what, shape, dtype, kinds)
        size = math.prod(shape) * dtype.itemsize
        if start + size != info.file_size:
            expected = f"{size:,} bytes, for {dtype} of shape {shape}"
            raise InvalidInput(what, expected=expected, actual=f"{info.file_size - start:,}")
        with archive.open(info) as stream:
            array: npt.NDArray[np.generic] = npy.read_array(stream, allow_pickle=False)
    return array


def _check_header(what: str, shape: tuple[int, ...], dtype: np.dtype[np.generic], kinds: str) -> None:
    """Raise if, by its header, an array has elements of another kind, or so many that they would fill the memory."""
    if dtype.hasobject:
        hint = "Objects would have to be unpickled, which can run any code."
        raise InvalidInput(what, expected=EXPECTED, actual="an array of objects", hint=hint)
    expected, cost = ("an array of text, one row", 64) if kinds == "U" else ("an array of numbers", 8)
    if dtype.kind not in kinds or min(shape, default=0) < 0:
        raise InvalidInput(what, expected=expected, actual=f"{dtype}, shape {shape}")
    if math.prod(shape) * cost > MOST_BYTES:
        most = MOST_BYTES // cost
        raise InvalidInput(what, expected=f"{expected}, at most {most:,}", actual=f"{math.prod(shape):,}")


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic], int]:
    """Read the shape and type of an array, and the offset of its elements."""
    version = npy.read_magic(stream)
    if version not in _READ_HEADER:
        raise ValueError(f"an array in version {version} of the format")
    shape, _, dtype = _READ_HEADER[version](stream)
    return shape, dtype, stream.tell()
