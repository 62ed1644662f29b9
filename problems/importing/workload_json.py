"""Workloads as JSON files in m3e's own format: one line per layer, default values omitted.

A layer is ``{"name": "conv1", "kind": "CONV", "K": 64, ...}`` with the fields of ``Layer``. Fields that do not matter
for its kind may be omitted: an FFN needs K (out) and C (in), a GEMM ``(m, k) @ (k, n)`` K (n), C (k) and Y (m).
"""

from __future__ import annotations

import json
import reprlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import in_file, read_text, write_bytes
from problems.importing.workload import Skipped, Workload
from problems.layers import SIZES, Layer, LayerKind, unpadded_extent
from problems.names import check_name
from problems.passes import UNIT, Passes

FORMAT = "m3e-workload-1"

OTHER_FORMATS = {"m3e-mapping-1": "It is a mapping of 'm3e map', for 'm3e replay' and 'm3e gantt'."}
"""What to do with files of other formats."""

KEYS = ("format", "name", "networks", "skipped", "passes")
MOST_BYTES = 2**27
"""Largest file, enough for millions of layers; reading it takes some twenty times its size in memory."""

SHAPE = SIZES[:6]
"""K to S; the other sizes have defaults in ``Layer``."""

LAYER_KEYS = ("name", "kind", *SIZES, "after")
SKIPPED_KEYS = ("operator", "count", "macs", "reason")
PASSES_KEYS = ("count", "items", "unit", "per_second")

REQUIRED: Mapping[LayerKind, tuple[str, ...]] = {
    LayerKind.FFN: ("K", "C"),
    LayerKind.CONV: ("K", "C", "Y", "X", "R", "S"),
    LayerKind.DSCONV: ("K", "C", "Y", "X", "R", "S"),
    LayerKind.GEMM: ("K", "C", "Y"),
}
"""The sizes that a layer of each kind must have; the others of the six are 1 by default."""


T = TypeVar("T")


def read_workload_json(path: Path) -> Workload:
    """Read a workload from a file written by ``write_workload`` or by hand.

    Raises:
        InvalidInput: If a value is missing or invalid; names file, network, layer and key.
        UnknownName: On an unknown key or kind; suggests the nearest name.
    """
    try:
        return _workload(path, _Object(path, "", _parsed(path)))
    except RecursionError as error:
        actual = "lists or objects nested too deeply"
        raise InvalidInput(str(path), expected="JSON", actual=actual) from error


def _workload(path: Path, top: _Object) -> Workload:
    found = top.content.get("format")
    if found != FORMAT and isinstance(found, str):  # before the keys, as files of other formats have other keys
        hint = OTHER_FORMATS.get(found, "Is it a file of a later m3e?")
        raise top.error("format", repr(FORMAT), hint)
    top.check_keys(KEYS)
    top.take("format", str, repr(FORMAT))
    named = top.take("networks", dict, "networks by name, each a list of layers")
    networks = {network: tuple(_layers(path, network, items)) for network, items in named.items()}
    entries = top.take("skipped", list, "a list of what was left out", default=[])
    skipped = tuple(_skipped(_Object(path, f"skipped[{i}]", entry)) for i, entry in enumerate(entries))
    told = top.take("passes", dict, "an object of passes by network", default={})
    for network in told:
        if network not in networks:
            raise UnknownName(f"network in {path}: passes:", network, networks)
    passes = {name: _passes(_Object(path, f"passes of {name!r}", entry)) for name, entry in told.items()}
    name = top.take("name", str, "a text")
    try:
        return Workload(name, networks, skipped, passes)
    except InvalidInput as error:
        raise in_file(path, error) from error


def write_workload(workload: Workload, path: str | Path) -> None:
    """Write ``workload`` as JSON; ``read_workload`` returns an equal workload.

    Raises:
        StorageError: If the file cannot be written.
    """
    write_bytes(Path(path), workload_text(workload).encode())


def workload_text(workload: Workload) -> str:
    """Return what ``write_workload`` writes."""
    networks = ",\n".join(
        f"  {json.dumps(name)}: {_lines(map(_layer_entry, layers), '   ')}"
        for name, layers in workload.networks.items()
    )
    skipped = _lines(({key: getattr(each, key) for key in SKIPPED_KEYS} for each in workload.skipped), "  ")
    passes = {name: _told(each) for name, each in workload.passes.items() if each != Passes()}
    return (
        f'{{\n "format": {json.dumps(FORMAT)},\n "name": {json.dumps(workload.name)},\n'
        f' "networks": {{\n{networks}\n }},\n "skipped": {skipped}'
        + (f',\n "passes": {json.dumps(passes)}' if passes else "")
        + "\n}\n"
    )


def _told(passes: Passes) -> dict[str, object]:
    """Return the fields of ``passes`` that are not the defaults."""
    return {key: getattr(passes, key) for key in PASSES_KEYS if getattr(passes, key) != getattr(Passes(), key)}


def _lines(entries: Iterable[Mapping[str, object]], indent: str) -> str:
    """Return a JSON list with one entry per line."""
    lines = ",\n".join(f"{indent}{json.dumps(entry)}" for entry in entries)
    return f"[\n{lines}\n{indent[:-1]}]" if lines else "[]"


def _layer_entry(layer: Layer) -> dict[str, object]:
    """Return the fields of ``layer``, except those that ``_layer`` fills in by default."""
    defaults = {
        **dict.fromkeys(SIZES, 1),
        "output_rows": unpadded_extent(layer.Y, layer.R),
        "output_columns": unpadded_extent(layer.X, layer.S),
    }
    entry: dict[str, object] = {"name": layer.name, "kind": layer.kind.name}
    for size in SIZES:
        value = int(getattr(layer, size))
        if value != defaults[size] or size in REQUIRED[layer.kind]:
            entry[size] = value
    if layer.after:
        entry["after"] = list(layer.after)
    return entry


def _layers(path: Path, network: str, items: object) -> Iterator[Layer]:
    check_name(f"{path}: name of a network", network)
    if not isinstance(items, list):
        raise InvalidInput(f"{path}: network {network!r}", expected="a list of layers", actual=_shown(items))
    for index, item in enumerate(items):
        entry = _Object(path, f"network {network!r}, layer {index}", item)
        name = entry.take("name", str, "a text")
        check_name(f"{entry.where}: name", name)
        entry.place = f"network {network!r}, layer {name!r}"
        yield _layer(name, entry)


def _layer(name: str, entry: _Object) -> Layer:
    entry.check_keys(LAYER_KEYS)
    kind_name = entry.take("kind", str, "a layer type")
    if kind_name not in LayerKind.__members__:
        raise UnknownName(f"layer type in {entry.where}:", kind_name, LayerKind.__members__)
    kind = LayerKind[kind_name]
    sizes = {}
    for size in SIZES:
        if size in entry.content or size in REQUIRED[kind]:
            sizes[size] = entry.integer(size, least=1)
        elif size in SHAPE:
            sizes[size] = 1
    after = entry.take("after", list, "a list of layer names", default=[])
    if not all(isinstance(each, str) for each in after):
        raise entry.error("after", "a list of layer names")
    try:
        return Layer(name=name, kind=kind, after=tuple(after), **sizes)
    except InvalidInput as error:
        raise in_file(entry.path, error) from error


def _skipped(entry: _Object) -> Skipped:
    entry.check_keys(SKIPPED_KEYS)
    macs = None if entry.content.get("macs") is None else entry.integer("macs", least=0)
    operator, reason = entry.take("operator", str, "a text"), entry.take("reason", str, "a text")
    count = entry.integer("count", least=1)
    try:
        return Skipped(operator, count, macs, reason)
    except InvalidInput as error:
        raise in_file(entry.path, error) from error


def _passes(entry: _Object) -> Passes:
    entry.check_keys(PASSES_KEYS)
    counts = {key: entry.integer(key, least=1) for key in ("count", "items") if key in entry.content}
    unit = entry.take("unit", str, "a word, e.g. images", default=UNIT)
    per_second = entry.content.get("per_second")
    try:
        return Passes(**counts, unit=unit, per_second=per_second)  # type: ignore[arg-type]  # it checks
    except InvalidInput as error:
        raise in_file(entry.path, error) from error


class _Object:
    """A JSON object in the file ``path``, whose values are read one by one and checked."""

    def __init__(self, path: Path, place: str, content: object) -> None:
        self.path, self.place = path, place
        if not isinstance(content, dict):
            raise InvalidInput(self.where, expected="a JSON object, {...}", actual=_shown(content))
        self.content: dict[str, object] = content

    @property
    def where(self) -> str:
        return f"{self.path}: {self.place}" if self.place else str(self.path)

    def check_keys(self, known: Iterable[str]) -> None:
        for key in self.content:
            if key not in known:
                raise UnknownName(f"key in {self.where}:", key, known)

    def take(self, key: str, kind: type[T], expected: str, default: T | None = None) -> T:
        """Return the value of ``key``; if it is missing, return ``default`` or, without one, raise."""
        if key not in self.content:
            if default is None:
                raise InvalidInput(f"{self.where}: {key}", expected=expected, actual="no such key")
            return default
        value = self.content[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise self.error(key, expected)
        return value

    def integer(self, key: str, *, least: int) -> int:
        expected = f"an integer of at least {least}"
        value = self.take(key, int, expected)
        if value < least:
            raise self.error(key, expected)
        return value

    def error(self, key: str, expected: str, hint: str = "") -> InvalidInput:
        """Return the error that the value of ``key``, shown as JSON, is not as expected."""
        value = self.content[key]
        return InvalidInput(f"{self.where}: {key}", expected=expected, actual=_shown(value), hint=hint)


def _shown(value: object) -> str:
    """Format a JSON value for a message; long texts and lists are shortened."""
    if isinstance(value, str):
        return json.dumps(value[:200])
    return reprlib.repr(value) if isinstance(value, list | dict) else json.dumps(value)


def _parsed(path: Path) -> object:
    """Return the content of a JSON file; doubled keys and NaN are errors."""
    text = read_text(path, MOST_BYTES)
    try:
        return json.loads(text, object_pairs_hook=_pairs, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        what = f"{path}, line {error.lineno}, column {error.colno}"
        raise InvalidInput(what, expected="JSON", actual=error.msg) from error
    except ValueError as error:
        raise InvalidInput(str(path), expected="JSON", actual=str(error)) from error


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a JSON object; raise ``ValueError`` on a doubled key, of which JSON readers silently keep the last."""
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice!r} twice in one object")
    return content


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}, which is not JSON")
