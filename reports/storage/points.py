"""Each mapping of a front as a mapping file of its own."""

from __future__ import annotations

from pathlib import Path

import msgspec

from problems import Problem
from problems.foundation.files import make_folder, write_bytes
from reports.storage.content import Content, Mapped, Outcome, Trajectory
from reports.storage.record import encode
from reports.storage.spec import RunSpec

POINTS = "points"
"""Sub-folder of the files."""


def write_points(record: bytes, problem: Problem, folder: Path) -> list[Path]:
    """Write a mapping file for each mapping of a record into ``folder``/points; return the paths.

    The value of a run is then the hypervolume shortfall of that mapping alone.

    Raises:
        StorageError: If the folder cannot be written.
    """
    content = msgspec.json.decode(record, type=Content)
    mappings = content.result.mappings
    make_folder(folder / POINTS)
    width = len(str(len(mappings)))
    paths = []
    for number, mapped in enumerate(mappings, 1):
        paths.append(folder / POINTS / f"{number:0{width}}.json")
        write_bytes(paths[-1], _alone(content, mapped, problem, f"point {number} of {len(mappings)} of a front"))
    return paths


def _alone(content: Content, mapped: Mapped, problem: Problem, message: str) -> bytes:
    """Return the record of a run that has found this mapping and no other."""
    value = 1.0 - problem.hypervolume([mapped.values])
    result, timing = content.result, content.timing
    outcome = Outcome(
        status=result.status,
        message=message,
        num_evaluations=result.num_evaluations,
        best_value=value,
        trajectory=Trajectory(evaluations=[result.num_evaluations], values=[value]),
        mappings=[mapped],
    )
    seconds = {"trajectory_seconds": [timing.seconds.total], "trajectory_cpu_seconds": [timing.seconds.cpu]}
    return encode(
        RunSpec.from_json(content.spec),
        outcome,
        content.environment,
        msgspec.structs.replace(timing, **seconds),
        content.problem,
    )
