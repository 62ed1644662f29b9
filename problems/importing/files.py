"""Files from users: read whole, written in one step, every error with the file's name."""

from __future__ import annotations

import os
from pathlib import Path

from bench.errors import InvalidInput, StorageError


def read_bytes(path: Path) -> bytes:
    """The content of the file.

    Raises:
        InvalidInput: If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def read_text(path: Path) -> str:
    """The content of a UTF-8 file, without a byte-order mark, its line ends as they are.

    Raises:
        InvalidInput: If it cannot be read or is not UTF-8 (with the line).
    """
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        actual = f"the byte {content[error.start]:#04x}"
        raise InvalidInput(f"{path}, line {line}", expected="UTF-8 text", actual=actual) from error


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


def unreadable(path: Path, error: OSError) -> InvalidInput:
    """The error that ``path`` cannot be read."""
    return InvalidInput(str(path), expected="a readable file", actual=error.strerror or str(error))


def in_file(path: Path, error: InvalidInput) -> InvalidInput:
    """The ``error`` of something built from a file, with the file's name."""
    return InvalidInput(f"{path}: {error.what}", expected=error.expected, actual=error.actual, hint=error.hint)
