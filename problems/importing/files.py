"""Files from users: regular ones of bounded size, written in one step, every error with the file's name."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bench.errors import InvalidInput, StorageError

MOST_BYTES = 2**29
"""Of a file, and of the arrays that one unpacks to: a job table of a million jobs on 32 cores."""

MOST_TEXT_BYTES = 2**28
"""Of a text file."""

_CHUNK = 2**20

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def chunks(path: Path, most: int = MOST_BYTES) -> Iterator[bytes]:
    """The content of a file piece by piece; nothing but a regular file is opened, as others may block or never end.

    Raises:
        InvalidInput: If it is not regular, larger than ``most`` bytes, or cannot be read.
    """
    try:
        _check(path, path.stat(), most)  # before it is opened, which alone can make a device do something
        size = 0
        with open(path, "rb", opener=_without_waiting) as file:
            _check(path, os.fstat(file.fileno()), most)
            while content := file.read(_CHUNK):
                size += len(content)
                if size > most:  # files of the system's may hold more than they say
                    raise _too_large(path, "more", most)
                yield content
    except InvalidInput:
        raise
    except (OSError, ValueError) as error:  # ValueError: what can be no path
        raise unreadable(path, error) from error


def check_file(path: Path, most: int = MOST_BYTES) -> None:
    """Refuse what ``chunks`` would not open, for those who leave the reading to a library.

    Raises:
        InvalidInput: As ``chunks``.
    """
    try:
        _check(path, path.stat(), most)
    except InvalidInput:
        raise
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def is_there(path: Path) -> bool:
    """Whether anything is at ``path``, also if that can be no path at all."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of the file.

    Raises:
        InvalidInput: As ``chunks``.
    """
    return b"".join(chunks(path, most))


def read_text(path: Path, most: int = MOST_TEXT_BYTES) -> str:
    """The content of a UTF-8 file, without a byte-order mark, its line ends as they are.

    Raises:
        InvalidInput: As ``chunks`` and ``decoded``.
    """
    return decoded(path, read_bytes(path, most))


def decoded(path: Path, content: bytes) -> str:
    """``content`` of the file as text.

    Raises:
        InvalidInput: If it is not UTF-8 (with the line).
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        actual = f"the byte {content[error.start]:#04x}"
        raise InvalidInput(f"{path}, line {line}", expected="UTF-8 text", actual=actual) from error


def _check(path: Path, status: os.stat_result, most: int) -> None:
    """Refuse folders, pipes, devices, and files of more than ``most`` bytes."""
    if not stat.S_ISREG(status.st_mode):
        actual = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise InvalidInput(str(path), expected="a readable file", actual=actual)
    if status.st_size > most:
        raise _too_large(path, f"{status.st_size:,}", most)


def _too_large(path: Path, size: str, most: int) -> InvalidInput:
    return InvalidInput(str(path), expected=f"a file of at most {most:,} bytes", actual=size)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_bytes(path: Path, content: bytes) -> None:
    """Write the file by way of a temporary one beside it, so that no reader sees half of it.

    Raises:
        StorageError: If it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def unreadable(path: Path, error: Exception) -> InvalidInput:
    """The error that ``path`` cannot be read."""
    actual = getattr(error, "strerror", None) or str(error)
    return InvalidInput(str(path), expected="a readable file", actual=actual)


def in_file(path: Path, error: InvalidInput) -> InvalidInput:
    """The ``error`` of something built from a file, with the file's name."""
    return InvalidInput(f"{path}: {error.what}", expected=error.expected, actual=error.actual, hint=error.hint)
