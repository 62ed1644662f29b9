"""System calls: this process starts no other, reaches no network, and touches no other process, by Linux's seccomp.

What Landlock leaves open of files is forbidden too: their modes, owners, times and attributes; and what would outlive
the process: shared memory, semaphores and queues.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from dataclasses import dataclass

from bench.scoring.confinement.system import call

PR_SET_SECCOMP, MODE_FILTER = 22, 2

EPERM, ENOSYS = 1, 38

ALLOW, ERROR = 0x7FFF0000, 0x00050000

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of the filter: load a word, jump if it is equal, or at least, or has a bit; return."""

NUMBER, PROCESSOR, FIRST = 0, 4, 16
"""Where the filter finds the call's number, the processor, and the low word of the first argument."""

THREAD = 0x10000
"""Flag of ``clone``: it starts a thread."""

OTHER_TABLE = 0x40000000
"""From here on numbers are of x86's second table of calls."""

FORBIDDEN = {
    "socket": (41, 198),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "userfaultfd": (323, 282),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
}
"""Numbers of calls on x86 and ARM, of 64 bits."""

CLONE, CLONE3, TGKILL, PRLIMIT = (56, 220), (435, 435), (234, 131), (302, 261)


@dataclass(frozen=True)
class Processor:
    """A processor: its number for the filter, and its column in the tables."""

    number: int
    column: int


PROCESSORS = {"x86_64": Processor(0xC000003E, 0), "aarch64": Processor(0xC00000B7, 1)}


def confine() -> None:
    """Forbid this process, and threads that it starts, the calls above; they fail as not permitted.

    Raises:
        OSError: If the system has no such filters, or the processor is another one.
    """
    processor = PROCESSORS.get(platform.machine())
    if processor is None:
        raise OSError("no table of system calls for this processor")
    code = filter_for(processor, os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    call("prctl", PR_SET_SECCOMP, ctypes.c_ulong(MODE_FILTER), ctypes.c_char_p(program), 0, 0)


def filter_for(processor: Processor, own: int) -> bytes:
    """Return the filter for the process ``own``, 8 bytes an instruction."""
    column = processor.column
    code = [
        _step(LOAD, PROCESSOR),
        _step(EQUAL, processor.number, 1, 0),
        _step(RETURN, ERROR | EPERM),
        _step(LOAD, NUMBER),
        _step(AT_LEAST, OTHER_TABLE, 0, 1),
        _step(RETURN, ERROR | EPERM),
    ]
    for numbers in FORBIDDEN.values():
        number = numbers[column]
        if number is not None:
            code += [_step(EQUAL, number, 0, 1), _step(RETURN, ERROR | EPERM)]
    code += [_step(EQUAL, CLONE3[column], 0, 1), _step(RETURN, ERROR | ENOSYS)]  # the C library then calls clone
    code += _only_if(CLONE[column], _step(ANY_BIT, THREAD, 1, 0))
    code += _only_if(TGKILL[column], _step(EQUAL, own, 1, 0))
    code += _only_if(PRLIMIT[column], _step(EQUAL, 0, 1, 0))
    return b"".join([*code, _step(RETURN, ALLOW)])


def _only_if(number: int, test: bytes) -> list[bytes]:
    """Allow a call only if its first argument, a word, passes a test that skips one instruction."""
    return [
        _step(EQUAL, number, 0, 4),
        _step(LOAD, FIRST),
        test,
        _step(RETURN, ERROR | EPERM),
        _step(RETURN, ALLOW),
    ]


def _step(operation: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", operation, then, otherwise, value)
