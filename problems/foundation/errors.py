"""Every error that m3e raises on purpose, in one tree.

    M3EError
    ├── InvalidInput         a value from outside does not fit
    ├── UnknownName          a name is not registered
    ├── DuplicateName        two entries of a registry claim one name
    ├── BrokenEntry          the code of an entry cannot be imported
    ├── MissingExtra         an optional library is not installed
    ├── BadProposal          an optimizer proposed something that is not a mapping
    ├── BadValue             an objective returned something that is not a value
    ├── OptimizerFailed      an optimizer raised an unexpected exception
    ├── NothingFound         a search ended before it had found a mapping that can run
    ├── CommandInterrupted   a command was interrupted
    ├── WorkerError          processes die before they begin a run
    └── StorageError         a folder or file cannot be read or written

A message says what is wrong and where, what was expected, what came instead, and gives a hint.
The ``m3e`` command prints only the message and exits with ``exit_code``.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from problems.foundation.text import printable, text_of

MOST_NAMES = 12
"""Number of names that a message lists."""

LONGEST_SHOWN = 120
"""Number of characters of a value that a message shows."""


class M3EError(Exception):
    """Base class of all errors of the suite, which can be sent between processes."""

    exit_code = 2

    def __reduce__(self) -> tuple[Any, ...]:
        plain = {key: value if isinstance(value, str) else printable(value) for key, value in vars(self).items()}
        return _restored, (type(self), str(self), plain)


def _restored(kind: type[M3EError], message: str, attributes: dict[str, str]) -> M3EError:
    """Rebuild an error, its attributes as texts, without its constructor, which would build the message again."""
    error = kind.__new__(kind, message)
    error.args = (message,)
    vars(error).update(attributes)
    return error


class InvalidInput(M3EError, ValueError):
    """A value from outside does not fit.

    Args:
        what: Name of the value and its place, e.g. ``campaign.toml, line 3: budget``.
        expected: Description of valid values.
        actual: The value; the message shortens it.
        hint: Advice.
        key: Field of a larger object that holds the value, for callers who know where that was read.
        item: Number of the item in that field, if it is a list.
    """

    def __init__(
        self, what: str, *, expected: str, actual: object, hint: str = "", key: str = "", item: int | None = None
    ) -> None:
        self.what, self.expected, self.actual, self.hint = what, expected, actual, hint
        self.key, self.item = key, item
        shown = printable(actual if isinstance(actual, str) else text_of(actual, repr), LONGEST_SHOWN)
        message = f"{what}: expected {expected}, got {shown}"
        super().__init__(f"{message}. {hint}" if hint else message)


class UnknownName(M3EError, KeyError):
    """A name that is not registered; the message suggests the nearest ones.

    Args:
        kind: Kind of thing that is named, e.g. ``optimizer``.
        name: The unknown name.
        known: All valid names.
        hint: Where to find them.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        self.name = name
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
    """An objective returned something that is not a value of a mapping."""

    exit_code = 1


class OptimizerFailed(M3EError, RuntimeError):
    """An optimizer raised an unexpected exception."""

    exit_code = 1


class LibraryFailure(M3EError):
    """A library raised an unexpected exception, or reports an error in its own way; the message names the optimizer."""

    exit_code = 1


class NothingFound(M3EError, RuntimeError):
    """A search ended before it had found a mapping that can run."""

    exit_code = 1


class Interrupted(KeyboardInterrupt):
    """A signal asked the process to end.

    Args:
        signum: Number of the signal.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(f"signal {signum}")
        self.exit_code = 128 + signum


class CommandInterrupted(M3EError):
    """A command was interrupted.

    Args:
        cause: The interruption.
        holds: Clause on what holds of its results.
    """

    def __init__(self, cause: KeyboardInterrupt, holds: str) -> None:
        super().__init__("; ".join(filter(None, ("interrupted", holds))))
        self.exit_code = cause.exit_code if isinstance(cause, Interrupted) else 130


class WorkerError(M3EError, RuntimeError):
    """Worker processes die before they begin a run, so that no run can be blamed."""


class StorageError(M3EError, OSError):
    """A run folder or output folder cannot be read or written."""

    def __str__(self) -> str:
        return str(self.args[0])


def explain(error: BaseException) -> str:
    """Return the message of an error, printable, and for foreign errors their type and origin."""
    message = printable(error)
    if isinstance(error, M3EError):
        return message
    place = traceback.extract_tb(error.__traceback__)[-1:]
    origin = "".join(f" ({Path(p.filename).name}, line {p.lineno}, in {p.name})" for p in place)
    return printable(f"{type(error).__name__}: {message}") + origin
