"""What a score says, as it is written: JSON whose schema is ``schema.json`` beside this file."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import Any, Literal

import msgspec

SCHEMA_FILE = Path(__file__).parent / "schema.json"

Kind = Literal["error", "class", "proposal", "nothing", "cpu", "wall", "memory", "ended", "protocol"]
"""Kinds of failure.

``error``: an exception. ``class``: no class that can be scored. ``proposal``: it proposed something that is not a
mapping, or nothing. ``nothing``: no mapping that can run. ``cpu``, ``wall``, ``memory``: a limit. ``ended``: its
process ended. ``protocol``: its process closed the pipe of the mappings, or wrote something else to it.
"""

Right = Literal["forbidden", "allowed"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the parts of a score."""


class Failure(Part, frozen=True, kw_only=True):
    """Why there is no score.

    Attributes:
        kind: Kind of failure.
        message: What went wrong.
        exception: Name of the exception's class, if there was one.
        line: Line of the file, if it is known.
        problem: Instance at which it happened; null while the file was loaded.
        seed: Seed of the run at which it happened; likewise.
    """

    kind: Kind
    message: str
    exception: str | None = None
    line: int | None = None
    problem: str | None = None
    seed: int | None = None


class InstanceScore(Part, frozen=True, kw_only=True):
    """What was found on one instance.

    Attributes:
        problem: Id of the instance.
        status: ``not run`` after a failure.
        best_known: Best value known.
        values: Best value of each run.
        evaluations: Evaluations of each run: fewer than the budget if it had nothing more to try.
        ratio: Median of the values over the best known one; null unless the status is ``ok``.
    """

    problem: str
    status: Literal["ok", "failed", "not run"]
    best_known: float
    values: list[float]
    evaluations: list[int]
    ratio: float | None


class ReferencePoint(Part, frozen=True, kw_only=True):
    """The score of another optimizer with the same budget on the same instances, from the archive.

    Attributes:
        optimizer: Its label.
        score: Its score, of all seeds that are in the archive.
    """

    optimizer: str
    score: float


class Limits(Part, frozen=True, kw_only=True):
    """Limits of the optimizer's process."""

    cpu_seconds: int
    wall_seconds: float
    memory_mib: int


class Sandbox(Part, frozen=True, kw_only=True):
    """What was forbidden, as far as the system lets us.

    Attributes:
        network: Reaching any network.
        processes: Starting other processes, and touching those that there are.
        files: Reading files but Python's, its libraries' and the suite's optimizers, and writing but in its own folder.
    """

    network: Right = "allowed"
    processes: Right = "allowed"
    files: Right = "allowed"


class Printed(Part, frozen=True, kw_only=True):
    """What the file printed: the beginning of it.

    Attributes:
        stdout: Standard output.
        stderr: Standard error.
        bytes: Number of all bytes.
    """

    stdout: str = ""
    stderr: str = ""
    bytes: int = 0


class Seconds(Part, frozen=True, kw_only=True):
    """The only numbers that differ from call to call.

    Attributes:
        wall: Wall seconds of the whole.
        cpu: CPU seconds of the optimizer's process.
    """

    wall: float
    cpu: float


class Score(Part, frozen=True, kw_only=True):
    """The score of one file.

    Attributes:
        schema: Version of this format.
        suite_version: Version of the problems.
        file: Path as it was given.
        sha256: Digest of its content.
        optimizer: Name of the class; null if none was loaded.
        parameters: Parameters as they were set.
        status: ``scored`` or ``failed``.
        score: Geometric mean of the instances' ratios, to 12 digits; null if anything failed.
        failure: Why there is none.
        on: Campaign whose instances these are.
        budget: Evaluations of a run.
        seeds: Seeds of the runs on each instance.
        instances: What was found, instance by instance.
        references: Other optimizers, the best first; empty if the archive cannot tell.
        place: Place among them, 1 if all are worse; null without score or references.
        limits: Limits of its process.
        sandbox: What was forbidden.
        printed: What it printed.
        seconds: How long it took.
    """

    schema: Literal[1] = 1
    suite_version: int
    file: str
    sha256: str
    optimizer: str | None
    parameters: dict[str, Any]
    status: Literal["scored", "failed"]
    score: float | None
    failure: Failure | None
    on: str
    budget: int
    seeds: list[int]
    instances: list[InstanceScore]
    references: list[ReferencePoint]
    place: int | None
    limits: Limits
    sandbox: Sandbox
    printed: Printed
    seconds: Seconds


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a score; descriptions are indented alike whatever Python or msgspec leave of them."""
    made = msgspec.json.schema(Score)
    for part in made["$defs"].values():
        part["description"] = cleandoc(part["description"])
    return made
