"""Optional libraries: whether a requirement is installed, and the command that installs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import TYPE_CHECKING

from problems.foundation.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def missing_libraries(requirement: str) -> list[str]:
    """Return the distributions that ``requirement``, e.g. ``m3e[rl]``, needs and that are missing or too old.

    Raises:
        InvalidInput: If it is not a requirement.
    """
    wanted = _parsed(requirement)
    try:
        found = distribution(wanted.name)
    except PackageNotFoundError:
        return [wanted.name]
    if not _has_extras(found, wanted) or not wanted.specifier.contains(found.version, prereleases=True):
        return [str(wanted)]
    return [missing for needed in _needed(found, wanted) for missing in missing_libraries(needed)]


def install_command(*requirements: str) -> str:
    """Return the command that installs what ``requirements``, e.g. ``m3e[onnx]``, need.

    It names the libraries of an extra, ``pip install 'onnx>=1.17'``: the package with the extra need not be on any
    index, and may come from a folder that is gone.

    Raises:
        InvalidInput: If one is not a requirement.
    """
    libraries = dict.fromkeys(library for requirement in requirements for library in _libraries(requirement))
    return " ".join(["pip install", *(f"'{library}'" for library in libraries)])


@contextmanager
def from_extra(extra: str, what: str) -> Iterator[None]:
    """Surround imports of the libraries of an ``extra`` that ``what`` needs.

    Raises:
        MissingExtra: If one cannot be imported.
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtra(f"{what} needs a library that is not there: {install_command(f'm3e[{extra}]')}") from error


def _libraries(requirement: str) -> Iterator[str]:
    """Yield what the requested extras need, if the package that has them is installed; else ``requirement``."""
    wanted = _parsed(requirement)
    try:
        found = distribution(wanted.name)
    except PackageNotFoundError:
        found = None
    if found is None or not wanted.extras or not _has_extras(found, wanted):
        yield requirement
    else:
        for needed in _needed(found, wanted):
            yield from _libraries(needed)


def _parsed(requirement: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(requirement)
    except InvalidRequirement as error:
        expected = "one requirement as pip takes it"
        raise InvalidInput("requires", expected=expected, actual=requirement, hint=str(error)) from error


def _has_extras(found: Distribution, wanted: Requirement) -> bool:
    from packaging.utils import canonicalize_name

    offered = {canonicalize_name(extra) for extra in found.metadata.get_all("Provides-Extra") or ()}
    return {canonicalize_name(extra) for extra in wanted.extras} <= offered


def _needed(found: Distribution, wanted: Requirement) -> Iterator[str]:
    """Yield what a distribution needs for the requested extras."""
    for text in found.requires or ():
        needed = _parsed(text)
        if needed.marker and any(needed.marker.evaluate({"extra": extra}) for extra in wanted.extras):
            yield text.partition(";")[0].strip()
