"""Small files that are either whole or not there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from bench.errors import StorageError

LARGEST_FILE = 2**30
"""Bytes of a JSON file that is read."""


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then rename it over ``path``.

    Raises:
        StorageError: If the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content``, atomically.

    Raises:
        StorageError: If the folder cannot be written.
    """
    write_atomically(path, lambda file: file.write(content))


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as JSON, atomically; NaN and infinity are refused, they are no JSON.

    Raises:
        StorageError: If the folder cannot be written.
    """
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    write_bytes(path, text.encode())


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        StorageError: If it is missing, unreadable or no JSON.
    """
    try:
        return json.loads(_read_regular(path))
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise StorageError(f"{path} is damaged: expected JSON, got {error}") from error


def _read_regular(path: Path) -> bytes:
    """The content of a file that is one: a pipe or a device would be waited for, or never end."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise StorageError(f"{path} is damaged: expected a regular file, got another kind")
        if status.st_size > LARGEST_FILE:
            raise StorageError(f"{path} is damaged: expected at most {LARGEST_FILE:,} bytes, got {status.st_size:,}")
        return file.read()


def not_linked(path: Path) -> Path:
    """``path``, which must not be a link: who writes into a stranger's folder of results must not be led out of it.

    Raises:
        StorageError: If it is.
    """
    if path.is_symlink():
        hint = "Remove it, or choose another folder with --out."
        raise StorageError(f"output folder {path}: expected a folder or nothing, got a link. {hint}")
    return path


def make_folder(path: Path) -> None:
    """Make ``path`` and its parents, and see that files can be made in it.

    Raises:
        StorageError: If not.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe.{os.getpid()}.tmp"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StorageError(
            f"output folder {path}: expected a folder that can be written, got: {error.strerror or error}. "
            "Choose another with --out."
        ) from error
