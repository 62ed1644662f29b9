"""Labels of jobs and cores in views of a schedule."""

from __future__ import annotations

from collections.abc import Sequence

from problems import Problem


def network_and_layer(problem: Problem) -> list[tuple[str, str]]:
    """Network (or "") and layer of each job; a job without a name gets its number as layer."""
    names = problem.job_names or tuple(str(job) for job in range(problem.num_jobs))
    whole = zip(problem.job_passes, names, strict=True)
    return [(network, name.partition("/")[2] if "/" in name else name) for network, name in whole]


def core_labels(problem: Problem) -> Sequence[str]:
    """Name of each core, else ``core`` and its number."""
    return problem.core_names or [f"core {core}" for core in range(problem.num_cores)]
