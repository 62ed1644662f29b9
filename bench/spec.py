"""What a run is: the specification that names it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bench.errors import InvalidInput
from optimizers.search import LARGEST_BUDGET, LARGEST_SEED, LONGEST_SECONDS

MAPPINGS: Literal["mappings"] = "mappings"
"""The full trace that holds the mappings beside their values."""

FullTrace = bool | Literal["mappings"]

LONGEST_NAME = 160
"""Of the readable part of a folder's name; file systems allow 255 bytes."""


def _is_integer(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_limit(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (is_number and 0 < value <= LONGEST_SECONDS)


_FIELDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "suite_version": ("an integer of at least 0", _is_integer(0, 10**6)),
    "problem": ("a text", lambda value: isinstance(value, str)),
    "optimizer": ("a text", lambda value: isinstance(value, str)),
    "parameters": ("a table", lambda value: isinstance(value, dict)),
    "seed": (f"an integer from 0 to {LARGEST_SEED:,}", _is_integer(0, LARGEST_SEED)),
    "budget": (f"an integer from 1 to {LARGEST_BUDGET:,}", _is_integer(1, LARGEST_BUDGET)),
    "wall_limit_seconds": (f"a number above 0, at most {LONGEST_SECONDS:,}, or null", _is_limit),
    "full_trace": (f'true, false or "{MAPPINGS}"', lambda value: value in (True, False, MAPPINGS)),
}


@dataclass(frozen=True)
class RunSpec:
    """One optimizer on one problem with one seed; two runs with equal content are the same run.

    Attributes:
        suite_version: Of the problems.
        problem: Canonical problem id.
        optimizer: Registered name.
        parameters: All of its parameters, defaults included; JSON values.
        seed: Of the optimizer.
        budget: Evaluations.
        wall_limit_seconds: After which the run is cut, or None.
        full_trace: Whether every value is stored; ``"mappings"``: every mapping as well.
    """

    suite_version: int
    problem: str
    optimizer: str
    parameters: Mapping[str, Any]
    seed: int
    budget: int
    wall_limit_seconds: float | None = None
    full_trace: FullTrace = False

    @property
    def id(self) -> str:
        """Readable, and ends in a digest of the content; the name of the run's folder."""
        content = json.dumps(asdict(self), sort_keys=True, allow_nan=False)
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        readable = f"{self.problem.replace('/', '_')}-{self.optimizer}-s{self.seed}"
        return f"{folder_name(readable)}-{digest}"

    def to_json(self) -> dict[str, Any]:
        """The content as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Any) -> RunSpec:
        """The inverse of ``to_json``.

        Raises:
            InvalidInput: If a key is missing or unknown, or a value of another type.
        """
        try:
            spec = cls(**content)
        except TypeError as error:
            raise InvalidInput("run specification", expected="its eight keys", actual=str(error)) from error
        for key, (expected, fits) in _FIELDS.items():
            value = getattr(spec, key)
            if not fits(value):
                raise InvalidInput(f"run specification: {key}", expected=expected, actual=value)
        return spec


def folder_name(text: str) -> str:
    """``text`` as the name of a folder: nothing but harmless characters, and not too long."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)[-LONGEST_NAME:].lstrip(".-")
