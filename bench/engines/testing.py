"""The conformance suite for engines.

In a test file, also of your package::

    from bench.engines.testing import EngineConformance

    class TestMine(EngineConformance):
        def engine(self):
            return Mine(workers=2)
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, ClassVar

from bench.engines.engine import Engine
from bench.isolation.giving_up import is_given_up
from bench.isolation.inside import prepare_process
from bench.isolation.starting import kill, start

PATIENCE_SECONDS = 60.0
"""Longest time that anything here may take."""


class EngineConformance:
    """The suite as a test class: derive from it and define ``engine``; pytest runs one test per check.

    Attributes:
        slots: Number of calls that the engine carries out at a time.
        owns_workers: Whether the engine starts its workers, which then end with it.
        survives_deaths: Whether it goes on when a worker has died.
    """

    slots: ClassVar[int] = 2
    owns_workers: ClassVar[bool] = True
    survives_deaths: ClassVar[bool] = True

    def engine(self) -> Engine:
        """Return the engine, not yet open."""
        raise NotImplementedError

    def test_the_pool_tells_how_many_calls_it_carries_out_at_a_time(self) -> None:
        with self.engine().open() as pool:
            assert pool.slots == self.slots

    def test_each_result_comes_back_to_its_call(self) -> None:
        with self.engine().open() as pool:
            futures = [pool.submit(echo, number) for number in range(3 * pool.slots)]
            assert [_result(future) for future in futures] == [b"%d" % number for number in range(3 * pool.slots)]

    def test_an_exception_stays_with_its_call(self) -> None:
        with self.engine().open() as pool:
            before, failing, after = pool.submit(echo, 1), pool.submit(refuse, 2), pool.submit(echo, 3)
            error = failing.exception(PATIENCE_SECONDS)
            assert isinstance(error, ValueError)
            assert str(error) == "refused 2"
            assert [_result(before), _result(after)] == [b"1", b"3"]

    def test_a_worker_that_dies_ends_only_its_own_call(self) -> None:
        for how in ("exit", "kill") if self.survives_deaths else ():
            with self.engine().open() as pool:
                futures = [pool.submit(echo_late, number) for number in range(pool.slots - 1)]
                dying = pool.submit(die, how)
                futures += [pool.submit(echo_late, number) for number in range(pool.slots - 1, 2 * pool.slots)]
                assert dying.exception(PATIENCE_SECONDS) is not None
                assert [_result(future) for future in futures] == [b"%d" % number for number in range(2 * pool.slots)]

    def test_a_call_can_start_processes(self) -> None:
        with self.engine().open() as pool:
            assert _result(pool.submit(ask_child)) == b"from a child"

    def test_closing_ends_what_is_at_work_and_waits(self, tmp_path: Path) -> None:
        with self.engine().open() as pool:
            futures = [pool.submit(hang_apart, tmp_path / str(number)) for number in range(2 * pool.slots)]
            at_work = [_number_in(tmp_path / str(number)) for number in range(pool.slots)]
        assert _until(lambda: not any(map(_lives, at_work)))
        assert _until(lambda: all(future.done() for future in futures))

    def test_an_exception_in_the_block_closes_the_pool(self, tmp_path: Path) -> None:
        try:
            with self.engine().open() as pool:
                pool.submit(hang_apart, tmp_path / "number")
                number = _number_in(tmp_path / "number")
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            assert _until(lambda: not _lives(number))

    def test_no_worker_is_left(self) -> None:
        with self.engine().open() as pool:
            workers = {int(_result(pool.submit(process_number))) for _ in range(2 * pool.slots)} - {os.getpid()}
        if self.owns_workers:
            assert _until(lambda: not any(map(_lives, workers)))

    def test_it_can_be_opened_again(self) -> None:
        engine = self.engine()
        for number in range(2):
            with engine.open() as pool:
                assert _result(pool.submit(echo, number)) == b"%d" % number

    def test_nothing_is_left_in_the_current_folder(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.chdir(tmp_path)
        with self.engine().open() as pool:
            assert _result(pool.submit(echo, 1)) == b"1"
        assert not list(tmp_path.iterdir())


def echo(value: object) -> bytes:
    """Return ``value`` as text."""
    return str(value).encode()


def echo_late(value: object) -> bytes:
    """Return ``value`` as text, when a neighbour has had the time to die."""
    time.sleep(1)
    return echo(value)


def refuse(value: object) -> bytes:
    """Raise an exception."""
    raise ValueError(f"refused {value}")


def die(how: str) -> bytes:
    """End the worker's process."""
    if how == "exit":
        os._exit(3)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


def process_number() -> bytes:
    """Return the number of the process that carries out the call."""
    time.sleep(0.2)
    return echo(os.getpid())


def ask_child() -> bytes:
    """Return what a process says that the call starts."""
    context = get_context("forkserver")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_say, args=(sender,))
    child.start()
    answer = receiver.recv_bytes()
    child.join()
    return answer


def hang_apart(path: Path) -> bytes:
    """Wait for a process that hangs, as that of a run may, and writes its number to ``path``."""
    process = start(_hang, path)
    try:
        while not wait([process.sentinel], timeout=0.2):
            if is_given_up():
                break
    finally:
        kill(process)
        process.join()
    return b"ended"


def _say(sender: Connection) -> None:
    sender.send_bytes(b"from a child")


def _hang(path: Path) -> None:
    prepare_process()
    path.write_text(f"{os.getpid()}\n")
    time.sleep(3600)


def _result(future: Future[bytes]) -> bytes:
    return future.result(PATIENCE_SECONDS)


def _number_in(path: Path) -> int:
    assert _until(lambda: path.exists() and path.read_text().endswith("\n")), "the call has not begun"
    return int(path.read_text())


def _until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    return holds()


def _lives(number: int) -> bool:
    """Whether there is a process of that number that is no zombie."""
    try:
        os.kill(number, 0)
        return not Path("/proc").is_dir() or " Z " not in Path(f"/proc/{number}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
