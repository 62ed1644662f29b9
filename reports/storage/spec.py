"""The specification of a run, which names its record."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from optimizers.limits import LARGEST_BUDGET, LARGEST_SEED, LONGEST_SECONDS
from optimizers.result import FullTrace
from problems.foundation.checks import is_above_zero, is_integer
from problems.foundation.errors import InvalidInput
from problems.foundation.files import Json

LONGEST_NAME = 160
"""Length of the readable part of a file's name; file systems allow 255 bytes."""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_FIELDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "suite_version": ("an integer of at least 0", lambda value: is_integer(value, 0, 10**6)),
    "problem": ("a text", _is_text),
    "optimizer": ("a text", _is_text),
    "parameters": ("a table", lambda value: isinstance(value, dict)),
    "seed": (f"an integer from 0 to {LARGEST_SEED:,}", lambda value: is_integer(value, 0, LARGEST_SEED)),
    "budget": (f"an integer from 1 to {LARGEST_BUDGET:,}", lambda value: is_integer(value, 1, LARGEST_BUDGET)),
    "wall_limit_seconds": (
        f"a number above 0, at most {LONGEST_SECONDS:,}, or null",
        lambda value: value is None or is_above_zero(value, LONGEST_SECONDS),
    ),
    "cpu_limit_seconds": (
        f"a number above 0, at most {LONGEST_SECONDS:,}, or null",
        lambda value: value is None or is_above_zero(value, LONGEST_SECONDS),
    ),
    "full_trace": ('"nothing", "values" or "mappings"', lambda value: isinstance(value, FullTrace)),
}


@dataclass(frozen=True)
class RunSpec:
    """One optimizer on one problem with one seed; two runs with equal content are the same run.

    Attributes:
        suite_version: Version of the problems.
        problem: Canonical problem id.
        optimizer: Registered name.
        parameters: All parameters of the optimizer, defaults included; JSON values.
        seed: Seed of the run.
        budget: Evaluations.
        wall_limit_seconds: Time after which the run is cut, or None.
        cpu_limit_seconds: CPU time after which it is cut, or None.
        full_trace: What is stored of every evaluation.
    """

    suite_version: int
    problem: str
    optimizer: str
    parameters: Mapping[str, object]
    seed: int
    budget: int
    wall_limit_seconds: float | None = None
    cpu_limit_seconds: float | None = None
    full_trace: FullTrace = FullTrace.NOTHING

    @cached_property
    def id(self) -> str:
        """Readable name of the run's record, which ends in a digest of the specification."""
        content = json.dumps(self.to_json(), sort_keys=True, allow_nan=False)
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        readable = f"{self.problem.replace('/', '_')}-{self.optimizer}-s{self.seed}"
        return f"{folder_name(readable)}-{digest}"

    def to_json(self) -> dict[str, object]:
        """Return the content as JSON values."""
        return {name: getattr(self, name) for name in _FIELDS} | {"full_trace": self.full_trace.value}

    @classmethod
    def from_json(cls, content: Json) -> RunSpec:
        """Rebuild a specification from ``to_json``.

        Raises:
            InvalidInput: If a key is missing or unknown, or a value has another type.
        """
        try:
            spec = cls(**{**content, "full_trace": _full_trace(content["full_trace"])})
        except (TypeError, KeyError) as error:
            raise InvalidInput("run specification", expected="its nine keys", actual=str(error)) from error
        if gone := set(_FIELDS) - set(content):
            raise InvalidInput("run specification", expected="its nine keys", actual=f"none of {sorted(gone)}")
        for key, (expected, fits) in _FIELDS.items():
            value = getattr(spec, key)
            if not fits(value):
                raise InvalidInput(f"run specification: {key}", expected=expected, actual=value)
        return spec


def _full_trace(value: object) -> object:
    """Return the setting for a stored value; the value itself if it is not one of them."""
    known = isinstance(value, str) and value in [setting.value for setting in FullTrace]
    return FullTrace(value) if known else value


def folder_name(text: str) -> str:
    """Return ``text`` as the name of a folder: only harmless characters, and not too long."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)[-LONGEST_NAME:].lstrip(".-")
