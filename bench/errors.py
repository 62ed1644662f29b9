"""Every error that m3e raises on purpose, in one tree.

A message says what is wrong and where, what was expected, what came instead, and a hint.
The ``m3e`` command prints the message alone and exits with ``exit_code``.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.text import printable, text_of

MOST_NAMES = 12
"""How many names a message lists."""

LONGEST_SHOWN = 120
"""Characters of a value that a message shows."""


class M3EError(Exception):
    """Base of all errors of the suite; they can be sent from one process to another."""

    exit_code = 2

    def __reduce__(self) -> tuple[Any, ...]:
        plain = {key: value if isinstance(value, str) else printable(value) for key, value in vars(self).items()}
        return _restored, (type(self), str(self), plain)


def _restored(kind: type[M3EError], message: str, attributes: dict[str, str]) -> M3EError:
    """An error as it was, but for attributes that were no texts; made without its constructor, which builds texts."""
    error = kind.__new__(kind, message)
    error.args = (message,)
    vars(error).update(attributes)
    return error


class InvalidInput(M3EError, ValueError):
    """A value from outside does not fit.

    Args:
        what: The value and where it stands, e.g. ``campaign.toml, line 3: budget``.
        expected: What would fit.
        actual: What came; shown shortened.
        hint: What to do about it.
    """

    def __init__(self, what: str, *, expected: str, actual: object, hint: str = "") -> None:
        self.what, self.expected, self.actual, self.hint = what, expected, actual, hint
        shown = printable(actual if isinstance(actual, str) else text_of(actual, repr), LONGEST_SHOWN)
        message = f"{what}: expected {expected}, got {shown}"
        super().__init__(f"{message}. {hint}" if hint else message)


class UnknownName(M3EError, KeyError):
    """A name that is not registered; the message suggests the nearest ones.

    Args:
        kind: What the name should name, e.g. ``optimizer``.
        name: What came.
        known: All names that would do.
        hint: Where to see them.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        names = sorted(known)
        near = difflib.get_close_matches(
            text_of(name)[:LONGEST_SHOWN].lower(), [n.lower() for n in names], n=3, cutoff=0.5
        )
        close = [n for m in near for n in names if n.lower() == m]
        shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], "..."]
        advice = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(shown) or 'none'}"
        shown_name = printable(text_of(name, repr), LONGEST_SHOWN)
        self.message = f"unknown {kind} {shown_name}: {advice}" + (f" ({hint})" if hint else "")
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message  # KeyError would show the message in quotes


class DuplicateName(M3EError, ValueError):
    """Two entries of one registry claim one name."""


class BrokenEntry(M3EError):
    """The code of a registry entry cannot be imported."""


class MissingExtra(M3EError, ImportError):
    """An optional library is not installed; the message names the command that installs it."""


class BadProposal(M3EError, ValueError):
    """An optimizer proposed something that is not a mapping."""

    exit_code = 1


class BadValue(M3EError, ValueError):
    """An objective returned what is no value of a mapping."""

    exit_code = 1


class OptimizerFailed(M3EError, RuntimeError):
    """An optimizer raised what is no error of the suite."""

    exit_code = 1


class NothingFound(M3EError, RuntimeError):
    """A search ended, or was ended, before it had found a mapping that can run."""

    exit_code = 1


class Interrupted(KeyboardInterrupt):
    """The user, or whoever watches the process, wants it to end.

    Args:
        signum: The signal that came.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(f"signal {signum}")
        self.exit_code = 128 + signum


class CommandInterrupted(M3EError):
    """A command was interrupted.

    Args:
        cause: How.
        holds: What is true of its results now.
    """

    def __init__(self, cause: KeyboardInterrupt, holds: str) -> None:
        super().__init__("; ".join(filter(None, ("interrupted", holds))))
        self.exit_code = cause.exit_code if isinstance(cause, Interrupted) else 130


class WorkerError(M3EError, RuntimeError):
    """Worker processes die before they begin a run, so that none of them can be blamed."""


class StorageError(M3EError, OSError):
    """A run folder or output folder cannot be read or written."""

    def __str__(self) -> str:
        return str(self.args[0])


def explain(error: BaseException) -> str:
    """The message, fit to be shown, and for errors that are not the suite's own where they came from."""
    message = printable(error)
    if isinstance(error, M3EError):
        return message
    place = traceback.extract_tb(error.__traceback__)[-1:]
    origin = "".join(f" ({Path(p.filename).name}, line {p.lineno}, in {p.name})" for p in place)
    return printable(f"{type(error).__name__}: {message}") + origin
