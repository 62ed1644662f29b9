"""This end of the optimizer's process: what it sends is read within limits, checked, and never trusted."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from subprocess import DEVNULL, PIPE, Popen
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, Literal, NoReturn

import msgspec
import numpy as np

from bench.scoring.confinement.confining import SUITE, Confined
from bench.scoring.frames import CHUNK, CONFINED, DONE, FAILED, HEAD, LOADED, OVER, PROPOSED, RUN, VALUES, unpacked
from bench.scoring.report import Failure, Kind, Limits, Printed, Sandbox
from optimizers.limits import ONE_THREAD
from problems.arrays import FloatArray
from problems.foundation.errors import InvalidInput
from problems.foundation.text import printable
from problems.space import Mappings

try:
    import fcntl
except ImportError:  # no such system calls
    fcntl = None  # type: ignore[assignment]

MOST_BYTES = 2**28
"""Bytes of a message: ten thousand mappings of ten thousand jobs have more, and come in smaller batches."""

TICK_SECONDS = 0.1
"""How often the wall limit is looked at."""

MOST_PRINTED = 2_000
"""Bytes of each output that are kept."""

GRACE_SECONDS = 2.0
"""Time in which a process that has closed its pipes may end by itself."""


class Failed(Exception):
    """The optimizer's process does not go on; ``failure`` says why."""

    def __init__(self, kind: Kind, message: str, *, exception: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.failure = Failure(kind=kind, message=message, exception=exception, line=line)


class _Told(msgspec.Struct, forbid_unknown_fields=True):
    """What the process says of an exception."""

    kind: Literal["error", "class", "memory"]
    exception: str
    message: str
    line: int | None


@dataclass
class _Heard:
    """The beginning of what was printed on one output."""

    kept: bytearray = field(default_factory=bytearray)
    count: int = 0

    def add(self, chunk: bytes) -> None:
        self.kept += chunk[: MOST_PRINTED - len(self.kept)]
        self.count += len(chunk)

    def text(self) -> str:
        return self.kept.decode(errors="replace")


class _Watch(Thread):
    """Reads what a process prints, and kills its group at the wall limit."""

    def __init__(self, process: Popen[bytes], seconds: float) -> None:
        super().__init__(daemon=True)
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._deadline = process, monotonic() + seconds
        self._heard = {stream.fileno(): _Heard() for stream in (process.stdout, process.stderr)}
        self._selector = DefaultSelector()
        for file in self._heard:
            self._selector.register(file, EVENT_READ)
        self._is_over = Event()
        self.has_killed = False
        self.start()

    def run(self) -> None:
        """Read and watch until it is over."""
        while not self._is_over.is_set() and not self.has_killed:
            self._listen()
            if monotonic() >= self._deadline:
                self.has_killed = True
                kill_group(self._process)

    def _listen(self) -> None:
        if not self._selector.get_map():  # it has closed its outputs
            self._is_over.wait(max(0.0, self._deadline - monotonic()))
        for key, _ in self._selector.select(TICK_SECONDS):
            chunk = os.read(key.fd, CHUNK)
            if chunk:
                self._heard[key.fd].add(chunk)
            else:
                self._selector.unregister(key.fd)

    def close(self) -> Printed:
        """Return what was printed by a process that has ended, without waiting for others that hold its outputs."""
        self._is_over.set()
        self.join()
        self._selector.close()
        for file, heard in self._heard.items():
            os.set_blocking(file, False)
            with suppress(BlockingIOError):
                while len(heard.kept) < MOST_PRINTED and (chunk := os.read(file, CHUNK)):
                    heard.add(chunk)
        out, err = self._heard.values()
        return Printed(stdout=out.text(), stderr=err.text(), bytes=out.count + err.count)


class OptimizerProcess:
    """A process that runs the optimizer in one file; close it in any case.

    Args:
        path: The file, alone in a folder that the process may write.
        name: Name of the class, or "" for the only one.
        parameters: Its parameters.
        limits: Its limits; the clocks start at once.

    Raises:
        InvalidInput: If the system has no process groups.
    """

    def __init__(self, path: Path, name: str, parameters: Mapping[str, object], limits: Limits) -> None:
        if not hasattr(os, "killpg"):
            raise InvalidInput("m3e score", expected="a system with process groups", actual=os.name)
        self._limits = limits
        self._content = bytearray()
        self._usage: tuple[int, float] | None = None
        source, self._target = _pipe()
        self._source, target = _pipe()
        order = {
            "parent": os.getpid(),
            "source": source,
            "target": target,
            "path": str(path),
            "class": name,
            "parameters": dict(parameters),
            "cpu_seconds": limits.cpu_seconds,
            "memory_mib": limits.memory_mib,
        }
        try:
            self._process = _start(order, path.parent)
        finally:
            os.close(source)
            os.close(target)
        self._watch = _Watch(self._process, limits.wall_seconds)

    def confined(self) -> Sandbox:
        """Wait until it has confined itself, and return what is forbidden; the file is not loaded before.

        Raises:
            Failed: If it ends before.
        """
        _, content = self._receive(CONFINED)
        found = Confined(**json.loads(content))
        rights: dict[bool, Literal["forbidden", "allowed"]] = {True: "forbidden", False: "allowed"}
        calls, files = rights[found.calls], rights[found.files]
        return Sandbox(network=calls, processes=calls, files=files)

    def loaded(self) -> str:
        """Wait until the file is loaded, and return the name of the class.

        Raises:
            Failed: If it has none that can be scored, or does not load.
        """
        return printable(self._receive(LOADED)[1].decode(errors="replace"), 200)

    def begin(self, num_jobs: int, num_cores: int, budget: int, seed: int) -> None:
        """Begin a run."""
        run = {"num_jobs": num_jobs, "num_cores": num_cores, "budget": budget, "seed": seed}
        self._send(RUN, json.dumps(run).encode())

    def proposed(self) -> Mappings | None:
        """Wait for mappings, as they come; None if it has nothing more to try.

        Raises:
            Failed: If something else comes, or nothing.
        """
        kind, content = self._receive(PROPOSED, DONE)
        if kind == DONE:
            return None
        try:
            return unpacked(content)
        except (ValueError, TypeError):
            self._broke()

    def tell(self, values: FloatArray) -> None:
        """Send the values of the mappings proposed last."""
        self._send(VALUES, np.ascontiguousarray(values, dtype=np.float64).tobytes())

    def end_run(self) -> None:
        """Say that the run is over, and wait until the optimizer has ended it.

        Raises:
            Failed: If it does not.
        """
        self._send(OVER)
        while self._receive(PROPOSED, DONE)[0] == PROPOSED:  # of another thread
            self._send(OVER)

    # --- messages ---

    def _send(self, kind: bytes, content: bytes = b"") -> None:
        rest = memoryview(HEAD.pack(kind, len(content)) + content)
        try:
            while rest:
                rest = rest[os.write(self._target, rest) :]
        except BrokenPipeError:
            self._ended()

    def _receive(self, *kinds: bytes) -> tuple[bytes, bytes]:
        """Wait for a message of one of these kinds."""
        self._read(HEAD.size)
        kind, length = HEAD.unpack_from(self._content)
        if length > MOST_BYTES:
            self._broke()
        self._read(HEAD.size + length)
        content = bytes(memoryview(self._content)[HEAD.size : HEAD.size + length])
        del self._content[: HEAD.size + length]
        if kind == FAILED:
            self._raise(content)
        if kind not in kinds:
            self._broke()
        return kind, content

    def _read(self, count: int) -> None:
        """Wait until so many bytes are there."""
        while len(self._content) < count:
            chunk = os.read(self._source, CHUNK)
            if not chunk:
                self._ended()
            self._content += chunk

    def _raise(self, content: bytes) -> NoReturn:
        try:
            told = msgspec.json.decode(content, type=_Told)
        except (msgspec.DecodeError, UnicodeError):
            self._broke()
        message = printable(told.message)
        if told.kind == "memory":
            message = f"memory limit of {self._limits.memory_mib} MiB reached: {message}"
        raise Failed(told.kind, message, exception=printable(told.exception, 100), line=told.line)

    def _broke(self) -> NoReturn:
        raise Failed("protocol", "its process wrote to the pipe on which mappings are sent")

    # --- the end ---

    def _ended(self) -> NoReturn:
        """Say how it has ended."""
        deadline = monotonic() + GRACE_SECONDS
        while not self._reap(os.WNOHANG) and monotonic() < deadline:
            sleep(0.005)
        if self._watch.has_killed:
            raise Failed("wall", f"wall limit of {self._limits.wall_seconds:g} s reached")
        if self._usage is None:
            raise Failed("protocol", "its process closed the pipe on which mappings are sent")
        code, seconds = self._usage
        if code == -signal.SIGXCPU or seconds >= self._limits.cpu_seconds:
            raise Failed("cpu", f"CPU limit of {self._limits.cpu_seconds} s reached")
        how = f"exit code {code}" if code >= 0 else f"signal {-code}, {_signal_name(-code)}"
        raise Failed("ended", f"its process ended early ({how})")

    def _reap(self, options: int = 0) -> bool:
        """Learn how the process has ended, and what it has used; whether it has ended."""
        if self._usage is None:
            pid, status, usage = os.wait4(self._process.pid, options)
            if not pid:
                return False
            self._usage = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
            self._process.returncode = self._usage[0]
        return True

    def close(self) -> tuple[Printed, float]:
        """End the process; return what it has printed, and its CPU seconds."""
        kill_group(self._process)
        self._reap()
        printed = self._watch.close()
        for end in (self._source, self._target):
            os.close(end)
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        assert self._usage is not None
        return printed, self._usage[1]


def kill_group(process: Popen[bytes]) -> None:
    """Kill a process that leads a group, and the group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _pipe() -> tuple[int, int]:
    """Return the ends of a pipe that holds a usual batch, if the system lets us."""
    ends = os.pipe()
    with suppress(OSError):
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, CHUNK)
    return ends


def _start(order: Mapping[str, Any], folder: Path) -> Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(SUITE),
        "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0",
        **ONE_THREAD,
    }
    return Popen(
        [sys.executable, "-u", "-W", "ignore", "-m", "bench.scoring.inside", json.dumps(order)],
        bufsize=0,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=folder,
        env=environment,
        pass_fds=(order["source"], order["target"]),
        start_new_session=True,
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unnamed"
