"""Optimizers without a registered entry: ``library:NAME``, classes (``module:Class``), programs (``exec:COMMAND``)."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from optimizers.adapters.program.command import DIGITS, digest_of, without_folders, words_of
from problems.foundation.errors import InvalidInput
from problems.foundation.registry import Entry

NEVERGRAD = "optimizers.adapters.nevergrad:NevergradOptimizer"
OPTUNA = "optimizers.adapters.optuna:OptunaOptimizer"
PROGRAM = "optimizers.adapters.program.optimizer:ProgramOptimizer"

REPLAY = Entry(
    "replay-trace",
    "optimizers.native.replayed:ReplayedTrace",
    family="native",
    summary="evaluates mappings from a CSV file in their order; for methods that cannot run here",
)
"""Not in the table: without its parameter ``path`` it is none."""

LIBRARIES = {"nevergrad": NEVERGRAD, "optuna": OPTUNA}

CLASS = re.compile(r"(?P<factory>(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*):[^\W\d]\w*)(#(?P<digest>\w+))?")

COMMAND = re.compile(rf"exec:(?P<command>.*?)(#(?P<digest>[0-9a-f]{{{DIGITS}}}))?", re.DOTALL)


@contextmanager
def current_folder_on_path() -> Iterator[None]:
    """Append the current folder to the module search path while a class that the user named is imported.

    At no other time: an import by a library must never pick up a file from the current folder.
    """
    folder = os.getcwd()
    sys.path.append(folder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with suppress(ValueError):  # an imported module may have changed the path
            sys.path.remove(folder)


class ClassEntry(Entry):
    """The entry of a class named as ``module:Class``."""

    def load(self) -> Callable[..., object]:
        """Import the class; its module may be in the current folder.

        Raises:
            BrokenEntry: If it cannot be imported.
        """
        with current_folder_on_path():
            return super().load()


@dataclass(frozen=True)
class GivenClass(Entry):
    """The entry of a class given as an object, e.g. in a notebook.

    Attributes:
        given: The class.
    """

    given: Callable[..., object] = field(default=object, kw_only=True)

    def load(self) -> Callable[..., object]:
        """Return the class."""
        return self.given


def entry_of_class(given: type) -> GivenClass:
    """Make the entry of a class; it is named ``module:Class``, so that the seeds are the same as by that name."""
    name = f"{given.__module__}:{given.__qualname__}"
    return GivenClass(name, name, family="class", summary="given as a class", given=given)


def derive(name: str) -> Entry | None:
    """Make the entry for an unregistered ``name``; None if it has none of the forms above.

    Entries of classes are named ``module:Class#digest``, with a digest of the module's file, those of programs
    ``exec:COMMAND#digest``: runs with different code are different runs.

    Raises:
        InvalidInput: If there is no such module or program, or its file does not match the digest.
    """
    if name == REPLAY.name:
        return REPLAY
    library, _, method = name.partition(":")
    if library in LIBRARIES and method:
        return Entry(name, LIBRARIES[library], {"method": method}, family=library, summary="by its name in the library")
    if match := COMMAND.fullmatch(name):
        return _program(name, match["command"], match["digest"])
    match = CLASS.fullmatch(name)
    if not match:
        return None
    digest = _digest(name, match["module"])
    _check_digest(name, "module", match["digest"], digest)
    return ClassEntry(f"{match['factory']}#{digest}", match["factory"], family="class", summary="by its module")


def lasting_name(name: str) -> str:
    """Return what stays of an entry's name when files change or move: no digest, and no folders of a program."""
    if match := COMMAND.fullmatch(name):
        return f"exec:{without_folders(match['command'])}"
    return name.partition("#")[0]


def _program(name: str, command: str, told: str | None) -> Entry:
    digest = digest_of(words_of(command))
    _check_digest(name, "program", told, digest)
    return Entry(f"exec:{command}#{digest}", PROGRAM, {"command": command}, "program", "a program, by its command")


def _check_digest(name: str, what: str, told: str | None, digest: str) -> None:
    if told not in (None, digest):
        expected = f"the {what} with digest {told}"
        raise InvalidInput(f"optimizer {name!r}", expected=expected, actual=f"one with digest {digest}")


def _digest(name: str, module: str) -> str:
    """Hash the file of a module."""
    if module.endswith(".py"):
        hint = f"It is the module that is named, not its file: {name.replace('.py:', ':')}"
        raise InvalidInput(f"optimizer {name!r}", expected="package.module:Class", actual=module, hint=hint)
    try:
        with current_folder_on_path():
            found = importlib.util.find_spec(module)
    except (Exception, SystemExit) as error:  # importing a parent package may raise anything
        hint = f"{type(error).__name__}: {error}"
        raise InvalidInput(f"optimizer {name!r}", expected="a module that imports", actual=module, hint=hint) from error
    if found is None or not found.origin or not Path(found.origin).is_file():
        hint = "Modules are searched in the current folder and in the installed packages."
        raise InvalidInput(f"optimizer {name!r}", expected="the name of a module in a file", actual=module, hint=hint)
    return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()[:8]
