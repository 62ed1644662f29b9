"""Engines from a name or from a TOML file with their settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from bench.engines import ENGINES
from bench.engines.engine import Engine, Pilots
from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.tomlfile import TomlTable

KINDS: Mapping[object, str] = {
    bool: "true or false",
    float: "a number",
    int: "an integer",
    str: "a text",
    Mapping: "a table",
}
"""Descriptions of the values that a setting can have, by its annotated type."""


def engine_from(name_or_path: str, workers: int | None = None) -> Engine | Pilots:
    """Return an engine by its name, or with the settings in a TOML file.

    The file says ``engine = "dask"``; its other keys are the fields of the engine's class.

    Args:
        name_or_path: Name in ``ENGINES``, or path of a file that ends in ``.toml``.
        workers: Goes before the engine's own setting of that name; None: as the engine is set.

    Raises:
        UnknownName: If there is no such engine or key.
        MissingExtra: If the engine's library is not installed.
        InvalidInput: If a setting is not valid, or the engine takes no ``workers``; with file, line and key.
    """
    if Path(name_or_path).suffix == ".toml":
        return _read(TomlTable.read(Path(name_or_path)), workers)
    if name_or_path not in ENGINES.names():
        raise UnknownName("engine", name_or_path, ENGINES.names(), hint="or give the path of a TOML file")
    return _make(name_or_path, {}, workers)


def _read(table: TomlTable, workers: int | None) -> Engine | Pilots:
    name = table.take("engine", str, "the name of an engine")
    if name not in ENGINES.names():
        raise UnknownName(f"engine in {table.where('engine')}:", name, ENGINES.names())
    kinds = _kinds(ENGINES.get(name).load())
    table.check_keys(["engine", *kinds])
    settings = {key: _take(table, key, kind) for key, kind in kinds.items() if key in table}
    try:
        return _make(name, settings, workers)
    except InvalidInput as error:
        raise _placed(table, error) from error


def _make(name: str, settings: Mapping[str, object], workers: int | None) -> Engine | Pilots:
    engine_class = ENGINES.get(name).load()
    if workers is None:
        return engine_class(**settings)  # type: ignore[no-any-return]
    if "workers" not in _kinds(engine_class):
        hint = "This engine has as many as it is started with."
        raise InvalidInput("workers", expected=f"none with the engine {name}", actual=workers, hint=hint)
    return engine_class(**{**settings, "workers": workers})  # type: ignore[no-any-return]


def _kinds(engine_class: Callable[..., Any]) -> dict[str, Any]:
    """Return the type of each setting, without ``None``."""
    hints = get_type_hints(engine_class)
    return {field.name: _without_none(hints[field.name]) for field in fields(engine_class)}  # type: ignore[arg-type]


def _without_none(hint: Any) -> Any:
    if isinstance(hint, UnionType):
        return next(member for member in get_args(hint) if member is not type(None))
    return get_origin(hint) or hint


def _take(table: TomlTable, key: str, kind: Any) -> object:
    return table.take(key, (int, float) if kind is float else kind, KINDS[kind])


def _placed(table: TomlTable, error: InvalidInput) -> InvalidInput:
    """Return the error with the line of the key that is to blame, if that is in the file."""
    key, _, inner = (error.key or error.what).partition(".")
    if inner and key in table and inner in table.table(key):
        return table.table(key).error(inner, error.expected, error.actual, error.hint)
    return table.error(key, error.expected, error.actual, error.hint) if key in table else error
