"""Whether a call is still wanted: where an engine cannot end a call from outside, the call asks.

Whoever waits inside a call, e.g. for the process of a run, waits a second at a time and asks in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_asked: ContextVar[Callable[[], bool]] = ContextVar("_asked", default=lambda: False)


def is_given_up() -> bool:
    """Whether nobody waits any more for what this thread does."""
    return _asked.get()()


@contextmanager
def given_up_if(asked: Callable[[], bool]) -> Iterator[None]:
    """Let ``is_given_up`` return what ``asked`` returns, in this thread, inside the block."""
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)
