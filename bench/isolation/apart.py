"""Calls in processes of their own, whose findings survive whatever the called code does to its process."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from bench.isolation.giving_up import is_given_up
from bench.isolation.inside import leave, prepare_process
from bench.isolation.starting import kill, start

UNSENT = 70
"""Exit code of a process that could not send what it found: what it called has changed what that needs."""

LARGEST_MESSAGE = 2**33

ASK_SECONDS = 1.0
"""How often a call asks whether it is still wanted."""


@dataclass(frozen=True)
class Sent:
    """What a call returns in its process.

    Attributes:
        messages: What is sent, in order; none is empty.
        as_found: Whether the call has left its process as it found it, so that the process may serve another call.
    """

    messages: list[bytes]
    as_found: bool = False


@dataclass
class Ended:
    """How a call ended.

    Attributes:
        messages: What it sent, in order.
        exit_code: Exit code of its process, 0 if that serves other calls; negative is the number of a signal.
    """

    messages: list[bytes] = field(default_factory=list)
    exit_code: int = 0


@dataclass(frozen=True, eq=False)
class _Server:
    """A process that serves calls, and this end of its connection."""

    process: BaseProcess
    connection: Connection

    @classmethod
    def start(cls) -> _Server:
        here, there = Pipe()
        try:
            return cls(start(_serve, there), here)
        except BaseException:
            here.close()
            raise
        finally:
            there.close()

    def end(self) -> None:
        """End the process, with the children that it has left behind."""
        kill(self.process)
        self.process.join()
        self.connection.close()


_at_work: set[_Server] = set()
_idle: list[_Server] = []
"""Those that have served calls which left them as they were."""


def call_apart(function: Callable[..., Sent], *arguments: Any, fresh: bool = True) -> Ended:
    """Call a module-level function in another process.

    Unless the call leaves the process as it found it, the process ends with the call, and so do its children. Its
    content is not trusted: whoever reads the messages checks them.

    Args:
        function: What is called.
        arguments: Its arguments, which can be pickled.
        fresh: Whether the process serves this call alone.

    Raises:
        KeyboardInterrupt: If this process is interrupted; the call is ended.
    """
    server = (None if fresh else _idle_server()) or _Server.start()
    ended = Ended()
    _at_work.add(server)
    serves_others = False
    try:
        serves_others = _receive(server, (function, arguments), ended) and not fresh
    finally:
        _at_work.discard(server)
        if serves_others:
            _idle.append(server)
        else:
            server.end()
            ended.exit_code = server.process.exitcode or 0
    return ended


def _idle_server() -> _Server | None:
    with suppress(IndexError):  # another thread may be quicker
        return _idle.pop()
    return None


def _receive(server: _Server, call: tuple[object, ...], ended: Ended) -> bool:
    """Send a call, and collect messages until the process ends or closes its end; True if it serves another call.

    What it has left behind may hold its end open for ever.
    """
    ready: list[Any] = []
    with suppress(EOFError, OSError):
        server.connection.send(call)
        while server.process.sentinel not in ready:
            ready = wait([server.connection, server.process.sentinel], ASK_SECONDS)
            if not ready and is_given_up():
                return False
            while server.connection.poll():
                message = server.connection.recv_bytes(LARGEST_MESSAGE)
                if not message:
                    return True
                ended.messages.append(message)
    return False


def _serve(connection: Connection) -> None:
    """Serve calls, in the process, until one does not leave it as it was; then end it whatever is left in it."""
    prepare_process()
    as_found = True
    try:
        while as_found:
            function, arguments = connection.recv()
            sent = function(*arguments)
            as_found = sent.as_found
            for message in sent.messages:
                connection.send_bytes(message)
            if as_found:
                connection.send_bytes(b"")
    except BaseException:  # the parent sees why in what else it knows of the call
        os._exit(UNSENT)
    leave()


def end_calls() -> None:
    """End all calls that other threads wait for, and the processes that have served calls."""
    for server in list(_at_work):
        kill(server.process)
    while (idle := _idle_server()) is not None:
        idle.end()


atexit.register(end_calls)  # before the standard library waits for processes to end
