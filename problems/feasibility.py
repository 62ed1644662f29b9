"""Whether networks can be done within limits: a proof where they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from problems.precedence import Precedence
from problems.problem import Problem

if TYPE_CHECKING:
    from problems.bounds.certificate import Certificate


@dataclass(frozen=True, eq=False)
class Infeasible:
    """The proof that no mapping keeps some limits.

    Attributes:
        networks: Networks that have to be done, by name.
        limit: Cycles in which all of them have to be.
        problem: Their jobs alone, and those that these wait for.
        certificate: Of that problem: its makespan exceeds the limit.
    """

    networks: tuple[str, ...]
    limit: float
    problem: Problem
    certificate: Certificate


def infeasible(problem: Problem, limits: Mapping[str, float], effort: str = "default") -> Infeasible | None:
    """Return a proof that no mapping keeps the ``limits``, in cycles by network; None if none is found.

    All networks whose limit is at most t have to be done by t, and no mapping of their jobs alone is done before its
    certified bound: other jobs only take time and bandwidth away.

    Args:
        problem: Problem that is mapped.
        limits: Cycles in which all jobs of a network must be done, by its name.
        effort: As for ``Problem.certificate``.
    """
    for limit in sorted(set(limits.values())):
        networks = tuple(name for name, own in limits.items() if own <= limit)
        alone = _alone(problem, networks)
        certificate = alone.new_certificate(effort)
        if certificate.makespan > limit * (1.0 + 1e-9):
            return Infeasible(networks, limit, alone, certificate)
    return None


def _alone(problem: Problem, networks: tuple[str, ...]) -> Problem:
    """Return the problem of these networks' jobs, and of those that they wait for."""
    jobs = {job for job, own in enumerate(problem.job_networks) if own in networks}
    before = problem.precedence.predecessors if problem.precedence is not None else None
    waiting = list(jobs)
    while before is not None and waiting:
        new = set(before[waiting.pop()]) - jobs
        jobs |= new
        waiting += new
    rows = sorted(jobs)
    places = {job: place for place, job in enumerate(rows)}
    return replace(
        problem,
        id=f"{problem.id}: {', '.join(networks)} alone",
        job_table=problem.job_table.take(rows),
        total_macs=None,
        objective_name="latency",
        precedence=None if before is None else Precedence.of([[places[j] for j in before[job]] for job in rows]),
        layer_macs=None,
        passes={},
    )
