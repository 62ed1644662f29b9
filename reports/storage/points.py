"""The points of a front, told apart, and each as a mapping file of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from problems import Problem
from problems.foundation.files import make_folder, write_bytes
from reports.storage.content import Content, Mapped, Outcome, Trajectory
from reports.storage.mapping_file import StoredMapping
from reports.storage.record import encode
from reports.storage.spec import RunSpec
from reports.wording.numbers import ROUNDING

POINTS = "points"
"""Sub-folder of the files."""


def write_points(record: bytes, problem: Problem, folder: Path) -> list[Path]:
    """Write a mapping file for each point of a record's front into ``folder``/points; return the paths.

    The value of a run is then the hypervolume shortfall of that mapping alone.

    Raises:
        StorageError: If the folder cannot be written.
    """
    content = msgspec.json.decode(record, type=Content)
    found = content.result.mappings
    mappings = [found[place] for place in told_apart([mapped.values for mapped in found])]
    make_folder(folder / POINTS)
    width = len(str(len(mappings)))
    paths = []
    for number, mapped in enumerate(mappings, 1):
        paths.append(folder / POINTS / f"{number:0{width}}.json")
        write_bytes(paths[-1], _alone(content, mapped, problem, f"point {number} of {len(mappings)} of a front"))
    return paths


def told_apart(values: npt.ArrayLike) -> list[int]:
    """Return the places of the points ``(m, k)`` of a front that rounding alone would not put there.

    Left out is what is nowhere better than another point; of several equal ones the first stays.
    """
    points = np.asarray(values, dtype=np.float64)
    no_worse = (points[:, None] <= points * (1.0 + ROUNDING)).all(axis=2)
    earlier = np.triu(np.ones_like(no_worse), 1)
    return [int(place) for place in np.flatnonzero(~(no_worse & (earlier | ~no_worse.T)).any(axis=0))]


def shown_front(mapping: StoredMapping) -> StoredMapping:
    """Return a mapping with the points of its front that are told apart; with one objective itself."""
    run, places = mapping.run, told_apart(mapping.values)
    parts = {name: getattr(run, name)[places] for name in ("front_values", "front_cores", "front_priorities")}
    return replace(mapping, run=replace(run, **parts))


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
