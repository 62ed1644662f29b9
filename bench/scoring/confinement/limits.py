"""Limits of the process that the system counts."""

from __future__ import annotations

from contextlib import suppress

try:
    import resource
except ImportError:  # no such system calls
    resource = None  # type: ignore[assignment]

LARGEST_FILE = 2**24
"""Bytes of a file that the process may write."""

MOST_FILES = 64
"""Files that it may have open."""


def limit(cpu_seconds: int, memory_mib: int) -> None:
    """Limit CPU time and address space, the size and number of files, and core dumps of this process.

    A second after the CPU limit it is killed, should it have ignored the signal.
    """
    if resource is None:
        return
    memory = memory_mib * 2**20
    for name, soft, hard in (
        ("RLIMIT_CPU", cpu_seconds, cpu_seconds + 1),
        ("RLIMIT_AS", memory, memory),
        ("RLIMIT_FSIZE", LARGEST_FILE, LARGEST_FILE),
        ("RLIMIT_NOFILE", MOST_FILES, MOST_FILES),
        ("RLIMIT_CORE", 0, 0),
    ):
        _lower(getattr(resource, name, None), soft, hard)


def _lower(kind: int | None, soft: int, hard: int) -> None:
    """Lower one limit; what is lower already stays."""
    if kind is None:
        return
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with suppress(OSError, ValueError):  # some systems know a limit and refuse it
        resource.setrlimit(kind, (soft, hard))
