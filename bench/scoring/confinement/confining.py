"""All of it at once."""

from __future__ import annotations

import site
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

MARK = Path("problems", "best_known")
"""What tells a copy of the suite from any other folder of packages."""

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
    confined_files = _can(lambda: files.confine(readable(), hidden(), own))
    return Confined(calls=_can(calls.confine), files=confined_files)


def _can(take: Callable[[], None]) -> bool:
    try:
        take()
    except OSError:
        return False
    return True


def hidden() -> list[Path]:
    """Return what no optimizer may read, of this copy of the suite and of every other that Python could import."""
    paths = sysconfig.get_paths()
    libraries = {paths[name] for name in PYTHON} | {site.getusersitepackages()}
    places = {*sys.path, *libraries, *site.getsitepackages([sys.prefix, sys.base_prefix])}
    copies = {SUITE} | {Path(place).resolve() for place in places if (Path(place) / MARK).is_dir()}
    return [copy / name for copy in sorted(copies) for name in HIDDEN]


def readable() -> Iterator[Path]:
    """Yield what an optimizer may read: Python, its libraries, and of the suite what is no secret."""
    secret = hidden()
    paths = sysconfig.get_paths()
    python = {paths[name] for name in PYTHON} | {sys.prefix, sys.base_prefix}
    for tree in {Path(name).resolve() for name in (*SYSTEM, *python)}:
        if tree.exists():
            yield from files.without(tree, secret)
    yield from (Path(name) for name in DEVICES)
    yield from (SUITE / name for name in SHOWN)
