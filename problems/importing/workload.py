"""Workloads: the layers of their networks, and the operators that an importer left out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, UnknownName
from problems.layers import Layer
from problems.names import check_name
from problems.passes import Passes

MOST_COMPARED = 1000
"""Most names among which a similar one is searched."""


@dataclass(frozen=True)
class Skipped:
    """Operators of one type that an importer left out for one reason.

    Attributes:
        operator: Name of the operator, with its domain unless that is ONNX's own.
        count: Number of such operators.
        macs: Their multiply-accumulates; None if unknown.
        reason: Why they are not layers.

    Raises:
        InvalidInput: If a name is invalid (see ``check_name``) or a number out of range.
    """

    operator: str
    count: int
    macs: int | None
    reason: str

    def __post_init__(self) -> None:
        check_name("skipped: operator", self.operator)
        check_name(f"skipped {self.operator}: reason", self.reason)
        for name, least in (("count", 1), ("macs", 0)):
            value = getattr(self, name)
            if name == "macs" and value is None:
                continue
            check_integer(f"skipped {self.operator}: {name}", value, least)


@dataclass(frozen=True)
class Workload:
    """Networks to be mapped together.

    Attributes:
        name: Name in lists and reports.
        networks: Layers of each network by its name, each layer after those that it needs; read-only.
        skipped: Operators that an importer left out.
        passes: How often each network runs, and what a pass yields; where it is not told, once; read-only.

    Raises:
        InvalidInput: If there are no networks, a network has no layers or two layers of the same name, a layer needs
            anything but earlier layers of its network, a name is invalid (see ``check_name``), passes are of no
            network, or two passes have the same name.
    """

    name: str
    networks: Mapping[str, tuple[Layer, ...]]
    skipped: tuple[Skipped, ...] = ()
    passes: Mapping[str, Passes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        networks = {name: tuple(layers) for name, layers in self.networks.items()}
        passes = {name: self.passes.get(name, Passes()) for name in networks}
        object.__setattr__(self, "networks", MappingProxyType(networks))
        object.__setattr__(self, "skipped", tuple(self.skipped))
        check_name("workload: name", self.name)
        if not networks:
            raise InvalidInput(f"workload {self.name!r}", expected="at least one network", actual="none")
        for number, (name, layers) in enumerate(networks.items()):
            check_name(f"workload: name of network {number}", name)
            _check_network(f"network {name!r}", layers)
        for name in self.passes:
            if name not in networks:
                raise UnknownName("network with passes:", name, networks)
        object.__setattr__(self, "passes", MappingProxyType(passes))
        names = [own for name, each in passes.items() for own in each.names(name)]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidInput(f"workload {self.name!r}", expected="passes of different names", actual=repr(twice))

    def __reduce__(self) -> tuple[type[Workload], tuple[object, ...]]:
        return Workload, (self.name, dict(self.networks), self.skipped, dict(self.passes))  # no views: not picklable

    @cached_property
    def runs(self) -> Mapping[str, tuple[Layer, ...]]:
        """The layers of every pass, by its name (see ``Passes.names``)."""
        return {own: layers for name, layers in self.networks.items() for own in self.passes[name].names(name)}

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one pass of every network."""
        return sum(layer.macs for layers in self.networks.values() for layer in layers)

    @property
    def skipped_macs(self) -> int:
        """Multiply-accumulates of the operators left out, as far as they are known."""
        return sum(skipped.macs or 0 for skipped in self.skipped)

    @property
    def skipped_share(self) -> float:
        """Share of the known multiply-accumulates that was left out, from 0 to 1."""
        return self.skipped_macs / (self.macs + self.skipped_macs)


def _check_network(where: str, layers: tuple[Layer, ...]) -> None:
    if not layers:
        raise InvalidInput(where, expected="at least one layer", actual="none")
    earlier: set[str] = set()
    for number, layer in enumerate(layers):
        if layer.name in earlier:
            raise InvalidInput(where, expected="layers of different names", actual=f"{layer.name!r} more than once")
        check_name(f"{where}: name of layer {number}", layer.name)
        for name in layer.after:
            if name not in earlier:
                raise _misplaced(f"{where}, layer {layer.name!r}: after", name, earlier, layers)
        earlier.add(layer.name)


def _misplaced(what: str, name: str, earlier: set[str], layers: tuple[Layer, ...]) -> InvalidInput:
    """Return the error that a layer needs anything but earlier layers."""
    names = [layer.name for layer in layers]
    known = [] if name in names or len(earlier) > MOST_COMPARED else names[: len(earlier)]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "Every layer must follow those that it needs."
    return InvalidInput(what, expected="names of earlier layers", actual=repr(name), hint=hint)
