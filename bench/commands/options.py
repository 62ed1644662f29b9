"""What commands share: options, and how they take them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from optimizers.limits import LARGEST_SEED
from problems.foundation.errors import InvalidInput

SEED = click.IntRange(0, LARGEST_SEED)
"""Seed of a search."""

RESULTS = Path("runs")
"""Default folder for results."""

T = TypeVar("T")


def taking(kind: Callable[..., T]) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Pass a command its arguments and options as one ``kind``, a dataclass with a field for each."""

    def decorate(command: Callable[[T], None]) -> Callable[..., None]:
        @wraps(command)
        def called(**values: Any) -> None:  # click's own types; the dataclass names them
            command(kind(**values))

        return called

    return decorate


def single_out(paths: Sequence[Path], out: Path | None) -> Path | None:
    """Return ``out``, which only a single one of ``paths`` can have.

    Raises:
        InvalidInput: If there are several.
    """
    if out is not None and len(paths) > 1:
        raise InvalidInput("--out", expected="one place to take from", actual=f"{len(paths)}")
    return out


def parse_dims(texts: Sequence[str]) -> dict[str, int | str]:
    """Return sizes by name from ``NAME=SIZE`` texts; sizes may be words, as in ``phase=decode``.

    Raises:
        InvalidInput: If one has another form, or a name is repeated.
    """
    dims: dict[str, int | str] = {}
    for text in texts:
        name, _, size = text.rpartition("=")
        if not name or not re.fullmatch("[0-9]{1,18}|[A-Za-z][A-Za-z0-9_]*", size) or name in dims:
            expected = "NAME=SIZE, each name once, e.g. --dim batch=4 --dim phase=decode"
            raise InvalidInput("--dim", expected=expected, actual=text)
        dims[name] = int(size) if size.isdecimal() else size
    return dims


def parse_settings(texts: Sequence[str]) -> dict[str, object]:
    """Return parameters by name from ``KEY=VALUE`` texts; a value is JSON, or else the text itself.

    Raises:
        InvalidInput: If one has another form, or a parameter is there twice.
    """
    settings: dict[str, object] = {}
    for key, value in map(_setting, texts):
        if key in settings:
            raise InvalidInput("--set", expected="each parameter once", actual=f"{key} twice")
        settings[key] = value
    return settings


def _setting(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InvalidInput("--set", expected="KEY=VALUE", actual=text)
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


set_option = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter of the optimizer. May be repeated."
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=RESULTS, show_default=True, help="Results folder."
)
engine_option = click.option(
    "--engine",
    default="process",
    show_default=True,
    metavar="NAME|FILE",
    help="Where runs are carried out: serial, process, dask, mpi, slurm, or a TOML file with an engine's settings.",
)
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Runs at a time, in processes of their own. [default: cores]"
)
dims_option = click.option(
    "--dim",
    "dims",
    multiple=True,
    metavar="NAME=VALUE",
    help="A dimension: of a file one that it leaves open, of a network of the suite any, as in batch=4 or "
    "phase=decode. May be repeated.",
)
jobs_option = click.option(
    "--jobs",
    "num_jobs",
    type=click.IntRange(min=1),
    help="Number of jobs to draw. [default: 100 for a task, else all]",
)
instance_option = click.option(
    "--instance", type=click.IntRange(min=0), default=0, show_default=True, help="Which random draw of the group."
)
dependent_option = click.option(
    "--dep", "dependent", is_flag=True, help="Jobs wait for those of their network whose outputs they need."
)
quick_option = click.option("--quick", is_flag=True, help="The campaign's quick form: minutes.")
retry_option = click.option("--retry", is_flag=True, help="Do failed and cut runs again.")
