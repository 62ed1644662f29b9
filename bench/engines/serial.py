"""Runs one after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.engines.engine import Engine, Pool
from bench.isolation.apart import end_calls


@dataclass(frozen=True)
class Serial(Engine):
    """An engine for debugging: runs still have processes of their own, but there is one at a time and no thread."""

    @contextmanager
    def open(self) -> Iterator[Pool]:
        """Yield a pool that carries a call out while it is submitted."""
        try:
            yield Pool(_called, slots=1)
        finally:
            end_calls()


def _called(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(function(*arguments))
    except Exception as error:  # it belongs to this call
        future.set_exception(error)
    return future
