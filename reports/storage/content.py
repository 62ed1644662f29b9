"""What a record holds, part by part: readers refuse fields of other types, and fields that are not here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Duration = Annotated[float, msgspec.Meta(ge=0.0)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


EVALUATES_ITSELF = "evaluates_itself"
"""Setting, true, of an optimizer that evaluates mappings beyond its budget."""

SEES_JOBS = "sees_jobs"
"""Setting, true, of an optimizer that is no black box."""

TUNED_ON = "tuned_on"
"""Setting of an optimizer that declares on which problems it was tuned: patterns of their ids."""

INTERNAL_EVALUATIONS = "internal_evaluations"
"""Setting of such an optimizer: how many."""


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """Base of the parts of a record."""


class Mapped(Part):
    """A mapping of a result: its values, ``(k,)``, and cores and priorities of the jobs, ``(G,)``."""

    values: list[float]
    cores: list[Count]
    priorities: list[float]


class Trajectory(Part):
    """Improvements: the evaluations, counted from 1, and the best values from then on."""

    evaluations: list[Count]
    values: list[float | None]


class Outcome(Part):
    """What a run ended with."""

    status: Literal["complete", "cut", "failed"]
    message: str
    num_evaluations: Count
    best_value: float | None
    trajectory: Trajectory
    mappings: list[Mapped]
    trace_sha256: Digest | None = None


class Environment(Part):
    """What a run was carried out with."""

    python: str
    platform: str
    versions: dict[str, str]
    commit: str
    linear_algebra: list[str]
    settings: dict[str, Any]
    first_population: Count | None
    vector_instructions: list[str] | None = None


class Parts(Part):
    """Seconds spent in the parts of a run."""

    ask: Duration
    tell: Duration
    evaluate: Duration
    total: Duration
    cpu: Duration


class Timing(Part):
    """What differs between two equal runs."""

    started: str
    ended: str
    engine: str
    host: str
    seconds: Parts
    trajectory_seconds: list[Duration]
    trajectory_cpu_seconds: list[Duration]
    checkpoints: list[tuple[Count, Duration, Duration]]
    sha256: str = ""


class Content(Part):
    """A whole record."""

    environment: Environment
    format: int
    id: str
    result: Outcome
    spec: dict[str, Any]
    sha256: Digest
    timing: Timing
    problem: dict[str, Any] | None = None
