"""The plan of a call of ``m3e run``: which of the runs it asks for are still to do, and how much they will store."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import problems
from bench.campaigns.campaign import Campaign
from optimizers import FullTrace
from problems.foundation.files import make_folder
from problems.objectives import OBJECTIVES
from reports.storage.campaign_folder import join, keep_files
from reports.storage.design import Cell, Design
from reports.storage.spec import RunSpec
from reports.storage.writing import Stored, stored_in

BLOCK = 4_096
"""Block size of file systems: what the smallest file takes."""

BLOCKS_OF_A_CAMPAIGN = 6
"""What its folders, its file and a request take."""

BYTES_IN_FOLDERS = 400
"""Bytes that a run takes in the lists of its folders."""

BYTES_A_TRACED_EVALUATION = 8

BYTES_A_TRACED_JOB = 4.5
"""Bytes of a core and a priority, compressed, where no two mappings are alike."""

LARGEST_FRONT = 20
"""Number of mappings that fronts hardly ever exceed."""


@dataclass(frozen=True)
class Plan:
    """The runs that a folder lacks; they are planned as they are needed, as there may be millions.

    Attributes:
        folder: The campaign's folder.
        design: The runs that are asked for.
        done: Status and duration of each run that need not be done, by id.
        done_by_label: How many these are, by label.
        redone: Runs that are there, and are done again.
        bytes_at_most: Rough upper bound of what the others will store.
    """

    folder: Path
    design: Design
    done: dict[str, Stored]
    done_by_label: Counter[str]
    redone: dict[str, Stored]
    bytes_at_most: int

    @property
    def total(self) -> int:
        """Number of runs that are asked for."""
        return len(self.design)

    def missing(self, ordered: Callable[[Sequence[Cell]], Sequence[Cell]] = list) -> Iterator[tuple[RunSpec, str]]:
        """Yield the runs to do with their labels, as ``Design.runs``."""
        return ((spec, label) for spec, label in self.design.runs(ordered) if spec.id not in self.done)


def plan_campaign(campaign: Campaign, folder: Path, *, retry: bool = False) -> Plan:
    """Note in ``folder`` what is asked for, and find out which of it is there.

    Args:
        campaign: The campaign.
        folder: Folder of the campaign.
        retry: Whether failed and cut runs are done again.

    Raises:
        StorageError: If the folder cannot be written, or holds another campaign of that name.
        UnknownName, MissingExtra: If an optimizer or parameter is unknown, or not installed.
    """
    design = campaign.design()
    make_folder(folder)
    join(folder, campaign.file(), design)
    keep_files(folder, campaign.problems)
    return plan_design(design, folder, retry=retry)


def plan_design(design: Design, folder: Path, *, retry: bool = False) -> Plan:
    """Find out which runs of a design the campaign's folder lacks; ``retry`` as for ``plan_campaign``.

    Raises:
        StorageError: If the folder cannot be read.
    """
    there = stored_in(folder)
    kept = ("complete",) if retry else ("complete", "cut", "failed")
    done: dict[str, Stored] = {}
    redone: dict[str, Stored] = {}
    by_label: Counter[str] = Counter()
    for spec, label in design.runs() if there else ():
        stored = there.get(spec.id)
        if stored and stored.status in kept:
            done[spec.id] = stored
            by_label[label] += 1
        elif stored:
            redone[spec.id] = stored
    left = len(design) - len(done)
    size = BLOCKS_OF_A_CAMPAIGN * BLOCK + left * max((_size(design, problem) for problem in design.problems), default=0)
    return Plan(folder, design, done, by_label, redone, size)


def _size(design: Design, problem: str) -> int:
    """Return the bytes on disk that a run on ``problem`` may take: a file in whole blocks, and one of a full trace."""
    known = problems.parse_id(problem)
    jobs = known.num_jobs or problems.get(problem).num_jobs
    mappings = 1 if OBJECTIVES.get(known.objective).count == 1 else min(design.budget, LARGEST_FRONT)
    improvements = min(design.budget, 20 * math.log(1 + design.budget))  # hardly ever more
    files = [2_500 + int(70 * improvements) + 26 * jobs * mappings]
    if design.full_trace is not FullTrace.NOTHING:
        traced = BYTES_A_TRACED_EVALUATION + BYTES_A_TRACED_JOB * jobs * (design.full_trace is FullTrace.MAPPINGS)
        files.append(1_000 + int(design.budget * traced))
    return BYTES_IN_FOLDERS + BLOCK * sum(-(-size // BLOCK) for size in files)
