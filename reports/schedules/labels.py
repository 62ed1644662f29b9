"""Labels of jobs and cores in views of a schedule."""

from __future__ import annotations

import re
from collections.abc import Sequence

from problems import Problem

MOST_PASSES = 6
"""Most passes that have a colour each; of more, all of a network share one."""


def network_and_layer(problem: Problem) -> list[tuple[str, str]]:
    """Network (or "") and layer of each job; a job without a name gets its number as layer."""
    names = problem.job_names or tuple(str(job) for job in range(problem.num_jobs))
    whole = zip(problem.job_passes, names, strict=True)
    return [(network, name.partition("/")[2] if "/" in name else name) for network, name in whole]


def coloured_kinds(problem: Problem) -> tuple[str, ...]:
    """Return what each job is coloured by: its pass of a network, or if there are many passes its network."""
    return problem.job_passes if len(set(problem.job_passes)) <= MOST_PASSES else problem.job_networks


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key to sort names by that puts ``net#2`` before ``net#10``."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"([0-9]{1,18})", name)]


def core_labels(problem: Problem) -> Sequence[str]:
    """Name of each core, else ``core`` and its number."""
    return problem.core_names or [f"core {core}" for core in range(problem.num_cores)]
