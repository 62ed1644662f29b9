"""Files: only regular ones of bounded size are read, and each is written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from problems.foundation.errors import InvalidInput, StorageError

MOST_BYTES = 2**29
"""Size limit of a file, and of the arrays that one unpacks to: a job table of a million jobs on 32 cores."""

MOST_TEXT_BYTES = 2**28
"""Size limit of a text file."""

MOST_JSON_BYTES = 2**30
"""Size limit of a JSON file."""

Json = Any  # a file may hold any JSON value: each reader checks what it needs

_CHUNK = 2**20

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def chunks(path: Path, most: int = MOST_BYTES) -> Iterator[bytes]:
    """Read a file piece by piece; only regular files are opened, as others may block or never end.

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
    """Raise if ``chunks`` would not read a file that a library will read.

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
    """Whether anything is at ``path``; a text that cannot be a path is not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a file.

    Raises:
        InvalidInput: As ``chunks``.
    """
    return b"".join(chunks(path, most))


def read_text(path: Path, most: int = MOST_TEXT_BYTES) -> str:
    """Read a UTF-8 file, without its byte-order mark, with its line ends as they are.

    Raises:
        InvalidInput: As ``chunks`` and ``decoded``.
    """
    return decoded(path, read_bytes(path, most))


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 digest of a file, which is read once for each state of it.

    Raises:
        InvalidInput: As ``chunks``.
    """
    check_file(path)
    status = path.stat()
    return _digest(path.absolute(), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _digest(path: Path, mtime_ns: int, size: int) -> str:
    digest = hashlib.sha256()
    for chunk in chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def decoded(path: Path, content: bytes) -> str:
    """Decode the ``content`` of a file.

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
    """Raise for folders, pipes, devices, and files of more than ``most`` bytes."""
    if not stat.S_ISREG(status.st_mode):
        actual = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise InvalidInput(str(path), expected="a readable file", actual=actual)
    if status.st_size > most:
        raise _too_large(path, f"{status.st_size:,}", most)


def _too_large(path: Path, size: str, most: int) -> InvalidInput:
    return InvalidInput(str(path), expected=f"a file of at most {most:,} bytes", actual=size)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def unreadable(path: Path, error: Exception) -> InvalidInput:
    """Return the error that ``path`` cannot be read."""
    actual = getattr(error, "strerror", None) or str(error)
    return InvalidInput(str(path), expected="a readable file", actual=actual)


def in_file(path: Path, error: InvalidInput) -> InvalidInput:
    """Return ``error`` with the name of the file that it comes from, once."""
    if error.what.startswith(str(path)):
        return error
    return InvalidInput(f"{path}: {error.what}", expected=error.expected, actual=error.actual, hint=error.hint)


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a temporary file beside ``path`` by ``write``, then rename it to ``path``.

    Raises:
        StorageError: If the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.tmp")
    try:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # the error that led here says more
            temporary.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` atomically.

    Raises:
        StorageError: If the folder cannot be written.
    """
    write_atomically(path, lambda file: file.write(content))


def write_new(path: Path, content: bytes) -> bool:
    """Write ``content`` whole to a file that does not exist yet; False if it does, also if another was quicker.

    Raises:
        StorageError: If the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.tmp")
    try:
        write_bytes(temporary, content)
        os.link(temporary, path)  # unlike a rename, it never replaces
        return True
    except FileExistsError:
        return False
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # the error that led here says more
            temporary.unlink()


def write_json(path: Path, content: object) -> None:
    """Write ``content`` as JSON atomically; NaN and infinity are errors, as JSON has neither.

    Raises:
        StorageError: If the folder cannot be written.
    """
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    write_bytes(path, text.encode())


def read_json(path: Path) -> Json:
    """Read a JSON file.

    Raises:
        StorageError: If it is missing, unreadable or not JSON.
    """
    try:
        return json.loads(read_bytes(path, MOST_JSON_BYTES))
    except InvalidInput as error:
        raise StorageError(f"cannot read {path}: expected {error.expected}, got {error.actual}") from error
    except json.JSONDecodeError as error:
        raise StorageError(f"{path}, line {error.lineno}: expected JSON, got something else: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise StorageError(f"{path}: expected JSON, got a file that is not text") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise StorageError(f"{path}: expected JSON, got {error}") from error


def not_linked(path: Path) -> Path:
    """Return ``path``, which must not be a link: a stranger's results must not redirect what is written into them.

    Raises:
        StorageError: If it is a link.
    """
    if path.is_symlink():
        hint = "Remove it, or choose another folder."
        raise StorageError(f"output folder {path}: expected a folder or nothing, got a link. {hint}")
    return path


def make_folder(path: Path) -> None:
    """Make ``path`` and its parents, and check that files can be created in it.

    Raises:
        StorageError: If that is not possible.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe.{os.getpid()}-{threading.get_native_id()}.tmp"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"output folder {path}: expected a folder that can be written, got: {error.strerror or error}. "
            "Choose another."
        ) from error


def make_on_trial(path: Path, undo: ExitStack) -> None:
    """Make ``path`` and its parents; ``undo`` removes those again that are new and empty then.

    Raises:
        StorageError: As ``make_folder``.
    """
    new = [own for own in (path, *path.parents) if not is_there(own)]
    for own in reversed(new):
        undo.callback(_remove_if_empty, own)
    make_folder(path)


def write_on_trial(path: Path, content: bytes, undo: ExitStack) -> None:
    """Write a file unless it holds ``content``; ``undo`` removes it again if it is new, with the folders made for it.

    Raises:
        StorageError: If the folder cannot be written.
    """
    make_on_trial(path.parent, undo)
    if not path.is_file():
        undo.callback(path.unlink, missing_ok=True)
    elif path.read_bytes() == content:
        return
    write_bytes(path, content)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not empty
        folder.rmdir()
