"""Files: this process sees and changes only what it is given, by Linux's Landlock."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from bench.scoring.confinement.system import call

CREATE, ADD, RESTRICT = 444, 445, 446
"""Numbers of the system calls, on every processor."""

VERSION_FLAG, PATH_BENEATH = 1, 1

READ_FILE, READ_FOLDER = 1 << 2, 1 << 3

TRUNCATE, REFER = 1 << 14, 1 << 13

ALL = (1 << 13) - 1
"""Rights that the first version knows."""

ON_FILES = 1 << 0 | 1 << 1 | READ_FILE | TRUNCATE
"""Rights that a single file can have: execute, write, read, truncate."""


def confine(readable: Iterable[Path], listable: Iterable[Path], own: Path) -> None:
    """Let this process, and threads that it starts, read what is ``readable``, and do anything in ``own`` only.

    Raises:
        OSError: If the system has no Landlock, or forbids it.
    """
    known = _known_rights()
    ruleset = call("syscall", CREATE, ctypes.c_char_p(struct.pack("Q", known)), ctypes.c_size_t(8), 0)
    for place in readable:
        _allow(ruleset, place, READ_FILE | READ_FOLDER)
    for place in listable:
        _allow(ruleset, place, READ_FOLDER)
    _allow(ruleset, own, known & ~1)  # nothing is executed
    call("syscall", RESTRICT, ruleset, 0)
    os.close(ruleset)


def _known_rights() -> int:
    version = call("syscall", CREATE, None, ctypes.c_size_t(0), VERSION_FLAG)
    return ALL | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)


def _allow(ruleset: int, place: Path, rights: int) -> None:
    with suppress(FileNotFoundError, PermissionError, NotADirectoryError):
        file = os.open(place, os.O_PATH | os.O_CLOEXEC)
        try:
            rights = rights if place.is_dir() else rights & ON_FILES
            rule = ctypes.c_char_p(struct.pack("=Qi", rights, file))
            call("syscall", ADD, ruleset, PATH_BENEATH, rule, 0)
        finally:
            os.close(file)


def without(tree: Path, hidden: Collection[Path]) -> Iterator[Path]:
    """Yield folders and files that together are ``tree`` without what is ``hidden``; all are resolved paths."""
    if tree in hidden:
        return
    if not any(place.is_relative_to(tree) for place in hidden):
        yield tree
        return
    for entry in sorted(tree.iterdir()):
        if not entry.is_symlink():
            yield from without(entry, hidden)
