"""From the jobs of a search space to the arrays of the search, and from these to mappings."""

from __future__ import annotations

import heapq
from itertools import pairwise

import numpy as np

from optimizers.native.informed.arrays import Plan, Table
from optimizers.native.informed.guide import guide_of
from problems.arrays import FloatArray, IntArray
from problems.space import Jobs


def table_of(jobs: Jobs, *, counts_energy: bool) -> Table:
    """Return the table of ``jobs``; latencies are scaled by a power of two, so that no sum can exceed the floats."""
    possible = np.isfinite(jobs.latency)
    latency = np.ascontiguousarray(np.where(possible, jobs.latency, 0.0))  # another order would be compiled anew
    latency = np.ldexp(latency, time_exponent(jobs))
    energy = np.zeros((0, 0))
    if counts_energy and jobs.energy is not None:
        known = possible & np.isfinite(jobs.energy)
        possible = np.where(known.any(axis=1, keepdims=True), known, possible)
        energy = np.ascontiguousarray(np.where(known, jobs.energy, 0.0))
        energy = np.ldexp(energy, -int(np.frexp(energy.max())[1]))
    demand = np.ascontiguousarray(jobs.bandwidth / jobs.system_bandwidth)
    needs = [sorted(set(before)) for before in jobs.predecessors] or [[] for _ in latency]
    return Table(
        latency=latency,
        demand=demand,
        energy=energy,
        choices=np.argsort(~possible, axis=1, kind="stable"),
        num_choices=possible.sum(axis=1),
        first_needs=np.cumsum([0, *map(len, needs)], dtype=np.int64),
        needs=np.array([n for before in needs for n in before], dtype=np.int64),
        chains=_chains(needs, np.where(possible, latency, np.inf).min(axis=1)),
        guide=guide_of(latency, demand, possible, counts_excess=False),
    )


def time_exponent(jobs: Jobs) -> int:
    """Return the exponent of the power of two by which the table's times are multiplied."""
    return -int(np.frexp(np.where(np.isfinite(jobs.latency), jobs.latency, 0.0).max())[1])


def counting_excess(table: Table) -> Table:
    """Return ``table`` with the other guide, whose prices contain the excess."""
    possible = np.zeros(table.latency.shape, dtype=np.bool_)
    listed = np.arange(table.latency.shape[1]) < table.num_choices[:, None]
    np.put_along_axis(possible, table.choices, listed, axis=1)
    return table._replace(guide=guide_of(table.latency, table.demand, possible, counts_excess=True))


def _chains(needs: list[list[int]], shortest: FloatArray) -> FloatArray:
    """Return the longest chain ``(G,)`` of successors of each job, if all run on their fastest core."""
    chains = np.zeros(len(needs))
    for job in reversed(_topological(needs, np.arange(len(needs), dtype=np.float64))):
        for before in needs[job]:
            chains[before] = max(chains[before], shortest[job] + chains[job])
    return chains


def _topological(needs: list[list[int]], keys: FloatArray) -> list[int]:
    """Return the jobs so that each comes after those that it needs; of those that are ready the lowest key first."""
    waiting = [len(before) for before in needs]
    followers: list[list[int]] = [[] for _ in needs]
    for job, before in enumerate(needs):
        for other in before:
            followers[other].append(job)
    ready = [(keys[job], job) for job, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, job = heapq.heappop(ready)
        order.append(job)
        for follower in followers[job]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (keys[follower], follower))
    return order


def needs_of(table: Table) -> list[list[int]]:
    """Return the predecessors of each job."""
    return [table.needs[first:end].tolist() for first, end in pairwise(table.first_needs)]


def first_cores(table: Table, weights: FloatArray, rng: np.random.Generator) -> tuple[IntArray, list[int]]:
    """Return a first mapping: in an order that respects dependencies, each job goes to where it would end first.

    Those with the longest chain before them come first, give or take a tenth, so that restarts differ. The latency is
    multiplied by ``weights`` ``(G, A)``.
    """
    num_jobs, num_cores = table.latency.shape
    costs = np.full((num_jobs, num_cores), np.inf)
    for job, count in enumerate(table.num_choices):
        choices = table.choices[job, :count]
        costs[job, choices] = table.latency[job, choices] * weights[job, choices]
    order = _topological(needs_of(table), -(costs.min(axis=1) + table.chains) * (0.9 + 0.2 * rng.random(num_jobs)))
    loads, cores = np.zeros(num_cores), np.zeros(num_jobs, np.int64)
    for job in order:
        cores[job] = np.argmin(loads + costs[job])
        loads[cores[job]] += costs[job, cores[job]]
    return cores, order


def as_plan(table: Table, cores: IntArray, priorities: FloatArray) -> tuple[IntArray, list[int]]:
    """Return a mapping as ``first_cores`` does; a job on a core that cannot run it goes to the first that can."""
    placed = cores.copy()
    for job, count in enumerate(table.num_choices):
        if cores[job] not in table.choices[job, :count]:
            placed[job] = table.choices[job, 0]
    return placed, _topological(needs_of(table), priorities)


def fill(plan: Plan, cores: IntArray, order: list[int] | IntArray) -> None:
    """Let the cores of ``plan`` run the jobs in this order."""
    ranked = np.asarray(order)
    plan.cores[:] = cores
    for core in range(len(plan.counts)):
        own = ranked[cores[ranked] == core]
        plan.counts[core] = len(own)
        plan.sequences[core, : len(own)] = own
        plan.positions[own] = np.arange(len(own))


def priorities_of(table: Table, plan: Plan) -> FloatArray:
    """Return priorities ``(G,)`` by which the cores run the jobs of ``plan``, laid out: by start."""
    needs = needs_of(table)
    for core, count in enumerate(plan.counts):
        for before, job in pairwise(plan.sequences[core, :count].tolist()):
            needs[job].append(before)
    order = _topological([list(set(before)) for before in needs], plan.starts)
    priorities = np.empty(len(order))
    priorities[order] = np.arange(len(order)) / len(order)
    return priorities
