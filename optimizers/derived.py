"""Optimizers that need no entry: other methods of a library by ``library:NAME``, and classes by ``module:Class``."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.errors import InvalidInput
from bench.registry import Entry

NEVERGRAD = "optimizers.adapters.nevergrad:NevergradOptimizer"
OPTUNA = "optimizers.adapters.optuna:OptunaOptimizer"

LIBRARIES = {"nevergrad": NEVERGRAD, "optuna": OPTUNA}

CLASS = re.compile(r"(?P<factory>(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*):[^\W\d]\w*)(#(?P<digest>\w+))?")


@contextmanager
def current_folder_on_path() -> Iterator[None]:
    """Let modules of the current folder be found, behind all others, while a class is looked for that the user names.

    At no other time: what libraries try to import must never be found in a folder that somebody happens to be in.
    """
    folder = os.getcwd()
    sys.path.append(folder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with suppress(ValueError):  # a module may have changed the path itself
            sys.path.remove(folder)


class ClassEntry(Entry):
    """The entry of a class that is named by its module."""

    def load(self) -> Callable[..., Any]:
        """The class; its module may be in the current folder.

        Raises:
            BrokenEntry: If it cannot be imported.
        """
        with current_folder_on_path():
            return super().load()


def derive(name: str) -> Entry | None:
    """The entry that ``name`` stands for without being registered, or None if it has no such form.

    Entries of classes are called ``module:Class#digest``, after the module's content: runs of another state of the
    code are other runs.

    Raises:
        InvalidInput: If there is no such module, or its content is not what the digest says.
    """
    library, _, method = name.partition(":")
    if library in LIBRARIES and method:
        return Entry(name, LIBRARIES[library], {"method": method}, family=library, summary="by its name there")
    match = CLASS.fullmatch(name)
    if not match:
        return None
    digest = _digest(name, match["module"])
    if match["digest"] not in (None, digest):
        raise InvalidInput(f"optimizer {name!r}", expected="the module as it was", actual=f"one with digest {digest}")
    return ClassEntry(f"{match['factory']}#{digest}", match["factory"], family="class", summary="by its module")


def _digest(name: str, module: str) -> str:
    """Of the content of the file that a module is in."""
    try:
        with current_folder_on_path():
            found = importlib.util.find_spec(module)
    except Exception as error:  # whatever a parent package raises at import
        hint = f"{type(error).__name__}: {error}"
        raise InvalidInput(f"optimizer {name!r}", expected="a module that imports", actual=module, hint=hint) from error
    if found is None or not found.origin or not Path(found.origin).is_file():
        hint = "The folder that you call m3e from, and installed packages, are searched."
        raise InvalidInput(f"optimizer {name!r}", expected="a module that can be found", actual=module, hint=hint)
    return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()[:8]
