"""A program in a process of its own, to which lines are written and which answers with lines.

It leads a process group, which is killed when the run ends. On Linux the kernel kills the group if this process dies.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from subprocess import PIPE, Popen
from time import perf_counter

from optimizers.limits import ONE_THREAD
from problems.foundation.errors import BadProposal, InvalidInput, OptimizerFailed
from problems.foundation.text import printable

try:
    import fcntl
except ImportError:  # no such system calls
    fcntl = None  # type: ignore[assignment]

LONGEST_LINE = 2**26
"""Bytes of an answer."""

LAST_WORDS = 4_096
"""Bytes of the standard error that are kept."""

SHOWN = 300
"""Characters of what a program wrote that a message shows."""

TICK_SECONDS = 0.1
"""How often a program that does not answer is asked whether a limit is reached."""

GRACE_SECONDS = 1.0
"""Time in which a program may end by itself."""

_CHUNK = 2**16

MOST_CHUNKS = 64
"""How much of the standard error is read at the end, of a program that never stops writing."""


class Program:
    """A running program.

    Args:
        name: Name for messages.
        words: Path of the program, and its arguments.
        check: Called while the program is waited for; what it raises ends the waiting.

    Raises:
        InvalidInput: If the system has no process groups.
        OptimizerFailed: If the program cannot be started.
    """

    def __init__(self, name: str, words: Sequence[str], check: Callable[[], None]) -> None:
        self._name, self._check = name, check
        self._unsent = b""
        self._answer, self._line = bytearray(), b""
        self._errors = b""
        self._exit_code: int | None = None
        self._cpu_seconds = 0.0
        self._is_asked = self._is_idle = False
        self._next_check = 0.0
        lifeline = _Lifeline()
        try:
            self._process = _start(name, words, lifeline)
        except BaseException:
            lifeline.cut()
            raise
        self._lifeline = lifeline
        self._selector = DefaultSelector()
        self._listen()

    def _listen(self) -> None:
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None
        assert stdout is not None
        assert stderr is not None
        self._stdin, self._stdout, self._stderr = stdin.fileno(), stdout.fileno(), stderr.fileno()
        os.set_blocking(self._stdin, False)
        self._selector.register(self._stdout, EVENT_READ, self._read)
        self._selector.register(self._stderr, EVENT_READ, self._hear)

    def tell(self, message: bytes) -> None:
        """Write a line that is not answered.

        Raises:
            OptimizerFailed: If the program has ended, or writes without being asked.
        """
        self._unsent, self._is_idle = message, False
        self._selector.register(self._stdin, EVENT_WRITE, self._write)
        try:
            while self._unsent:
                self._step()
        finally:
            self._forget(self._stdin)
        self._is_idle = True

    def ask(self, message: bytes) -> bytes:
        """Write a line, and return the line that answers it.

        Raises:
            OptimizerFailed: If the program has ended, or its answer is longer than a line may be.
        """
        self.tell(message)
        self._is_asked, self._is_idle = True, False
        while not self._line:
            self._step()
        line, self._line = self._line, b""
        self._is_asked, self._is_idle = False, True
        return line

    def _step(self) -> None:
        """Wait for the program, and do what it is ready for."""
        for key, _ in self._selector.select(TICK_SECONDS):
            key.data()
        if (now := perf_counter()) >= self._next_check:
            self._next_check = now + TICK_SECONDS
            self._check()
            if self._reap(os.WNOHANG) and not self._is_heard():
                raise self.failure(self._how_ended())

    def _is_heard(self) -> bool:
        """Whether an answer was read or can be: of a program that has ended, the last one.

        Without that, its pipes need not close: a child that it has left may hold them.
        """
        return bool(self._line) or any(key.fd == self._stdout for key, _ in self._selector.select(0))

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._stdin, self._unsent) :]
        except BrokenPipeError:
            raise self.failure(self._how_ended() or "has closed its input") from None
        except BlockingIOError:
            return

    def _read(self) -> None:
        chunk = os.read(self._stdout, _CHUNK)
        if not chunk:
            raise self.failure(self._how_ended() or "has closed its output")
        if not self._is_asked:
            raise self.refusal("wrote without being asked", chunk)
        self._answer += chunk
        if len(self._answer) > LONGEST_LINE:
            raise self.refusal(f"wrote a line of more than {LONGEST_LINE:,} bytes", bytes(self._answer[:_CHUNK]))
        if b"\n" not in chunk:
            return
        if self._answer.find(b"\n") + 1 < len(self._answer):
            raise self.refusal("wrote more than one line for an ask", bytes(self._answer))
        self._line, self._answer = bytes(self._answer), bytearray()

    def _hear(self) -> None:
        chunk = os.read(self._stderr, _CHUNK)
        self._errors = (self._errors + chunk)[-LAST_WORDS:]
        if not chunk:
            self._selector.unregister(self._stderr)

    def failure(self, what: str) -> OptimizerFailed:
        """Return the error of a program that does not go on; ``what`` says how, after the program's name."""
        return OptimizerFailed(f"optimizer {self._name!r} {what}{self._last_words()}")

    def refusal(self, what: str, line: bytes) -> BadProposal:
        """Return the error of a program whose ``line`` is no answer, and which is asked no more; ``what`` says why."""
        self._is_idle = False
        shown = printable(line.decode(errors="backslashreplace").strip(), SHOWN)
        return BadProposal(f"optimizer {self._name!r} {what}: {shown!r}{self._last_words()}")

    def _last_words(self) -> str:
        os.set_blocking(self._stderr, False)
        with suppress(OSError):  # nothing more for now
            for _ in range(MOST_CHUNKS):
                self._errors = (self._errors + os.read(self._stderr, _CHUNK))[-LAST_WORDS:]
        words = printable(self._errors.decode(errors="backslashreplace").strip()[-SHOWN:])
        return f"; its last words on stderr: {words!r}" if words else ""

    def _how_ended(self) -> str:
        """Say how the process has ended, after some time to do so; "" if it has not."""
        self._await_end()
        if self._exit_code is None:
            return ""
        how = f"signal {-self._exit_code}" if self._exit_code < 0 else f"exit code {self._exit_code}"
        return f"has ended early ({how})"

    def _await_end(self) -> None:
        """Wait for a while until the process ends; meanwhile its standard error is read, for it may wait for that."""
        deadline = perf_counter() + GRACE_SECONDS
        for file in (self._stdin, self._stdout):
            self._forget(file)
        while not self._reap(os.WNOHANG) and perf_counter() < deadline:
            for key, _ in self._selector.select(0.005):
                key.data()

    def _forget(self, file: int) -> None:
        with suppress(KeyError):
            self._selector.unregister(file)

    def _reap(self, options: int = 0) -> bool:
        """Learn how the process has ended and what CPU time it used; whether it has ended."""
        if self._exit_code is not None:
            return True
        try:
            pid, status, usage = os.wait4(self._process.pid, options)
        except ChildProcessError:  # somebody else has waited for it
            pid, status, usage = self._process.pid, 0, None
        if not pid:
            return False
        if usage:
            self._cpu_seconds = usage.ru_utime + usage.ru_stime
        self._process.returncode = self._exit_code = os.waitstatus_to_exitcode(status)
        return True

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of the program and its ended children; on Linux also while it runs."""
        if self._exit_code is None:
            with suppress(OSError, ValueError):
                self._cpu_seconds = _cpu_seconds_of(self._process.pid)
        return self._cpu_seconds

    def close(self, message: bytes) -> None:
        """Write a last line if the program is not in the middle of something; end it and all of its group."""
        try:
            if self._is_idle:
                self._let_end(message)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._reap()
            self._selector.close()
            for file in (self._process.stdin, self._process.stdout, self._process.stderr):
                with suppress(OSError):  # what was not written
                    file.close()  # type: ignore[union-attr]
            self._lifeline.cut()

    def _let_end(self, message: bytes) -> None:
        assert self._process.stdin
        with suppress(OSError):
            os.write(self._stdin, message)
            self._process.stdin.close()
        self._await_end()


class _Lifeline:
    """A pipe whose other end a process group holds: on Linux it is killed when this end closes."""

    def __init__(self) -> None:
        self._theirs, self._ours = os.pipe() if hasattr(fcntl, "F_SETSIG") else (-1, -1)

    @property
    def passed(self) -> tuple[int, ...]:
        """What the group is to inherit."""
        return () if self._theirs < 0 else (self._theirs,)

    def tie(self, group: int) -> None:
        """Let the kernel kill the group when this end closes."""
        if self._theirs < 0:
            return
        fcntl.fcntl(self._theirs, fcntl.F_SETOWN, -group)
        fcntl.fcntl(self._theirs, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(self._theirs, fcntl.F_SETFL, fcntl.fcntl(self._theirs, fcntl.F_GETFL) | os.O_ASYNC)
        os.close(self._theirs)
        self._theirs = -1

    def cut(self) -> None:
        """Close both ends."""
        for end in (self._theirs, self._ours):
            with suppress(OSError):
                os.close(end)
        self._theirs = self._ours = -1


def _start(name: str, words: Sequence[str], lifeline: _Lifeline) -> Popen[bytes]:
    """Start a program at the head of its own process group."""
    if not hasattr(os, "killpg"):
        raise InvalidInput(f"optimizer {name!r}", expected="a system with process groups", actual=os.name)
    try:
        process = Popen(
            words,
            bufsize=0,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, **ONE_THREAD},
            pass_fds=lifeline.passed,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        hint = ""
        if isinstance(error, OSError) and error.errno == errno.ENOEXEC:
            hint = "; a script begins with a line such as #!/usr/bin/env python3"
        if isinstance(error, FileNotFoundError) and os.path.exists(words[0]):
            hint = "; the interpreter that its first line names is not there"
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OptimizerFailed(f"optimizer {name!r} cannot be started: {reason}{hint}") from error
    lifeline.tie(process.pid)
    return process


def _cpu_seconds_of(pid: int) -> float:
    """Return the CPU seconds of a process and its ended children, as Linux tells."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()  # after the name, which may hold anything
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
