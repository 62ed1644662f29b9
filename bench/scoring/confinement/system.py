"""System calls that the standard library does not offer."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

IS_LINUX = sys.platform == "linux"

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38

CAPABILITY_VERSION = 0x20080522
"""Of the structures that ``capset`` takes."""


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library.

    Raises:
        OSError: If it fails, or there is no such function.
    """
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is None:
        raise OSError(f"no function {name} in the C library")
    result = int(function(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def end_with_parent(parent: int) -> None:
    """Let the system kill this process when its parent, of that number, ends."""
    if IS_LINUX:
        call("prctl", PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it has ended before
        os._exit(1)


def gain_no_rights() -> None:
    """Give up all capabilities, and that programs bring new ones."""
    call("prctl", PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0)
    call("capset", (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)())
