"""One registry for everything that has a name: optimizers, tasks, platforms, commands, engines."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType, ModuleType
from typing import Any, Generic, Protocol, TypeVar

from problems.foundation.errors import BrokenEntry, DuplicateName, InvalidInput, MissingExtra, UnknownName
from problems.foundation.extras import install_command, missing_libraries


class Named(Protocol):
    """What a registry can hold."""

    @property
    def name(self) -> str:
        """Name in the registry."""


T = TypeVar("T", bound=Named)


@cache
def installed() -> Any:  # of a class that differs between versions of Python
    """Return the entry points of all installed packages; reading their metadata takes a while."""
    return entry_points()


@cache
def has_plugins() -> bool:
    """Whether a package other than the suite adds to its registries."""
    groups = [group for group in installed().groups if group.startswith("m3e.")]
    return any(point.name != "builtin" for group in groups for point in installed().select(group=group))


class Registry(Generic[T]):
    """Named things of one kind; those of an entry-point group are added when they are first needed.

    Args:
        kind: Kind of thing, for messages, e.g. ``optimizer``.
        group: Entry-point group whose objects are iterables of ``T``; the built-in ones come the same way.
        derive: Makes the item for a name that is not registered, or returns None.
    """

    def __init__(self, kind: str, group: str | None = None, derive: Callable[[str], T | None] | None = None) -> None:
        self.kind = kind
        self._derive = derive
        self._group = group
        self._items: dict[str, T] = {}
        self._loaded = group is None

    def add(self, item: T) -> None:
        """Register ``item``.

        Raises:
            DuplicateName: If its name is taken.
            InvalidInput: If its name cannot stand in a problem id.
        """
        if not item.name or "/" in item.name or item.name.split() != [item.name]:
            raise InvalidInput(
                f"{self.kind} {item.name!r}", expected="a name without blanks and slashes", actual=item.name
            )
        if item.name in self._items:
            raise DuplicateName(f"{self.kind} {item.name!r} is registered twice")
        self._items[item.name] = item

    def names(self) -> list[str]:
        """Return all names, in the order of registration."""
        self._load()
        return list(self._items)

    def get(self, name: str) -> T:
        """Return the item of that name.

        Raises:
            UnknownName: With the nearest names.
        """
        self._load()
        item = self._items.get(name) or (self._derive(name) if self._derive else None)
        if item is None:
            raise UnknownName(self.kind, name, self._items)
        return item

    def _load(self) -> None:
        if self._loaded or self._group is None:
            return
        self._loaded = True
        points = installed().select(group=self._group)
        for point in sorted(points, key=lambda p: (p.name != "builtin", p.name)):
            self._add_all(point)

    def _add_all(self, point: EntryPoint) -> None:
        """Add the items of a plug-in; a broken one is left out with a warning."""
        before = dict(self._items)
        try:
            items: Iterable[T] = list(point.load())
            for item in items:
                self.add(item)
        except (Exception, SystemExit) as error:  # whatever a foreign package raises at import
            self._items = before
            warnings.warn(
                f"{self.kind} plug-in {point.name!r} ({point.value}) is left out: {type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=4,
            )


@dataclass(frozen=True)
class Entry:
    """A registry entry whose code is imported only when it is used.

    Attributes:
        name: Name, unique in its registry.
        factory: ``module:attribute`` of a callable.
        parameters: Keyword arguments that the entry fixes.
        family: Heading in lists.
        summary: One line for lists.
        source: Publication, as "Name YEAR".
        requires: Requirement beyond the suite itself, e.g. ``m3e[rl]``, or "".
    """

    name: str
    factory: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    family: str = ""
    summary: str = ""
    source: str = ""
    requires: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        self.missing_libraries()  # of a plug-in: refuse what is no requirement at once

    def missing_libraries(self) -> list[str]:
        """Return the required distributions that are not installed."""
        return missing_libraries(self.requires) if self.requires else []

    def load(self) -> Callable[..., Any]:
        """Import the factory.

        Raises:
            MissingExtra: If a library that it requires is not installed.
            BrokenEntry: If it cannot be imported for another reason.
        """
        missing = self.missing_libraries()
        if missing:
            needs = f"{self.name!r} needs an optional library (missing: {', '.join(missing)})"
            raise MissingExtra(f"{needs}: {install_command(self.requires)}")
        module, _, attribute = self.factory.partition(":")
        try:
            imported = importlib.import_module(module)
            if not hasattr(imported, attribute):
                raise UnknownName(f"class or function of {module}:", attribute, _own_callables(imported))
            loaded = getattr(imported, attribute)
        except (Exception, SystemExit) as error:  # whatever a foreign module raises at import
            reason = str(error) if isinstance(error, UnknownName) else f"{type(error).__name__}: {error}"
            if isinstance(error, SystemExit):
                reason = f"it exits when it is imported ({reason})"
            raise BrokenEntry(f"{self.name!r} cannot be loaded from {self.factory!r}: {reason}") from error
        return loaded  # type: ignore[no-any-return]


def _own_callables(module: ModuleType) -> list[str]:
    """Return the public names of the classes and functions that ``module`` defines."""
    own = vars(module).items()
    return [n for n, v in own if callable(v) and n[0] != "_" and getattr(v, "__module__", "") == module.__name__]
