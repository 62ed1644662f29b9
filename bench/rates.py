"""How large a group is in which networks run as often as rates ask for, and which rates make a smaller one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

from problems import Problem
from reports.wording.numbers import counted, first_of

Name = TypeVar("Name", bound=Hashable)

MANY_JOBS = 1_000
"""Number of jobs above which a group that comes from rates is said to be large."""

MOST_NAMED = 6
"""Most networks whose passes are named."""


def group_lines(problem: Problem) -> Iterator[str]:
    """Yield how many passes and jobs are mapped together, and which rates make a small group of a large one."""
    passes = {name: own.count for name, own in problem.passes.items()}
    if len(passes) < 2 and max(passes.values(), default=1) == 1:
        return
    told = first_of([f"{count:,} x {name}" for name, count in passes.items()], MOST_NAMED)
    yield f"mapping together: {told}; {counted(problem.num_jobs, 'job')}"
    if problem.num_jobs <= MANY_JOBS or any(own.per_second is None for own in problem.passes.values()):
        return
    jobs = {name: number // passes[name] for name, number in Counter(problem.job_networks).items()}
    rounded = rounded_counts(passes, jobs)
    fewer = sum(rounded[name] * jobs[name] for name in passes)
    if fewer < problem.num_jobs:
        told = f"rates as {as_ratio(rounded)} instead of {as_ratio(passes)}"
        yield f"{told} would make a group of {counted(fewer, 'job')}"


def rounded_counts(passes: Mapping[Name, int], jobs: Mapping[Name, int]) -> dict[Name, int]:
    """Return the numbers of passes that are nearest in ratio, of those with few jobs; the fewest of equally near ones.

    Args:
        passes: Passes of each network.
        jobs: Jobs of a pass of each.
    """
    least = min(passes.values())
    tried = [{name: max(1, round(count * k / least)) for name, count in passes.items()} for k in range(1, 31)]
    small = [own for own in tried if sum(own[name] * jobs[name] for name in passes) <= MANY_JOBS]
    return min(small or tried[:1], key=lambda own: round(_error(own, passes), 6))


def _error(rounded: Mapping[Name, int], passes: Mapping[Name, int]) -> float:
    """Return by what factor, less 1, two networks' passes differ in ratio at most."""
    factors = [rounded[name] / count for name, count in passes.items()]
    return max(factors) / min(factors) - 1.0


def as_ratio(passes: Mapping[Name, int]) -> str:
    """Return numbers of passes as ``1:2``."""
    return ":".join(f"{count}" for count in passes.values())
