"""All of it at once."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.scoring.confinement import calls, files
from bench.scoring.confinement.system import gain_no_rights

SUITE = Path(__file__).resolve().parents[3]
"""The folder that holds the suite's four packages."""

HIDDEN = ("bench", "problems", "reports")
"""Packages that hold instances, their best mappings, and results."""

SHOWN = ("optimizers", "problems/doors", "problems/foundation")
"""What an optimizer may import of the suite."""

PYTHON = ("stdlib", "platstdlib", "purelib", "platlib")
"""Where Python and its libraries are, by the names of ``sysconfig``."""

SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu", "/proc/cpuinfo")

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


@dataclass(frozen=True)
class Confined:
    """What the system has let us forbid; limits hold in any case.

    Attributes:
        calls: Whether other processes and the network are out of reach.
        files: Whether all files are but those that are needed.
    """

    calls: bool
    files: bool


def confine(own: Path) -> Confined:
    """Confine this process, which has one thread, to the folder ``own``."""
    if not _can(gain_no_rights):
        return Confined(calls=False, files=False)
    suite = [SUITE / name for name in HIDDEN]
    confined_files = _can(lambda: files.confine(readable(), suite, own))
    return Confined(calls=_can(calls.confine), files=confined_files)


def _can(take: Callable[[], None]) -> bool:
    try:
        take()
    except OSError:
        return False
    return True


def readable() -> Iterator[Path]:
    """Yield what an optimizer may read: Python, its libraries, and of the suite what is no secret."""
    hidden = [SUITE / name for name in HIDDEN]
    paths = sysconfig.get_paths()
    python = {paths[name] for name in PYTHON} | {sys.prefix, sys.base_prefix}
    for tree in {Path(name).resolve() for name in (*SYSTEM, *python)}:
        if tree.exists():
            yield from files.without(tree, hidden)
    yield from (Path(name) for name in DEVICES)
    yield from (SUITE / name for name in SHOWN)
