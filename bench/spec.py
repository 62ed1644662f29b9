"""What a run is: the specification that names it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bench.errors import InvalidInput

MAPPINGS: Literal["mappings"] = "mappings"
"""The full trace that holds the mappings beside their values."""

FullTrace = bool | Literal["mappings"]

LONGEST_NAME = 160
"""Of the readable part of a folder's name; file systems allow 255 bytes."""


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
        for key, kind in (
            ("suite_version", int),
            ("problem", str),
            ("optimizer", str),
            ("parameters", dict),
            ("seed", int),
            ("budget", int),
        ):
            if not isinstance(getattr(spec, key), kind):
                raise InvalidInput(f"run specification: {key}", expected=kind.__name__, actual=getattr(spec, key))
        return spec


def folder_name(text: str) -> str:
    """``text`` as the name of a folder: nothing but harmless characters, and not too long."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)[-LONGEST_NAME:].lstrip(".-")
