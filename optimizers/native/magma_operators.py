"""MAGMA's four operators and the breeding of a generation, compiled (Kao & Krishna 2022, section "MAGMA").

Each operator modifies one child in place, given its second parent; the child starts as a copy of the first.
"""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.compiling import compiled


@compiled
def breed(
    rng: np.random.Generator,
    parents: tuple[IntArray, FloatArray],
    num_children: int,
    num_cores: int,
    crossover_rates: FloatArray,
    mutation_rate: float,
) -> tuple[IntArray, FloatArray]:
    """Breed the children of a generation, each from two distinct parents.

    Args:
        rng: Source of all randomness.
        parents: Cores and priorities ``(M, G)`` of the parents, M >= 2.
        num_children: Number of children, n.
        num_cores: Number of cores, A.
        crossover_rates: ``(3,)`` rates of gen, rg and accel.
        mutation_rate: Probability that a gene is resampled.

    Returns:
        Cores and priorities ``(n, G)``.
    """
    parent_cores, parent_priorities = parents
    num_parents, num_jobs = parent_cores.shape
    cores = np.empty((num_children, num_jobs), np.int64)
    priorities = np.empty((num_children, num_jobs))
    for i in range(num_children):
        first = _below(rng, num_parents)
        second = (first + 1 + _below(rng, num_parents - 1)) % num_parents
        _take_over(cores[i], parent_cores[first], 0, num_jobs)
        _take_over(priorities[i], parent_priorities[first], 0, num_jobs)
        mate_cores, mate_priorities = parent_cores[second], parent_priorities[second]
        gen, rg, accel = _draw_operators(rng, crossover_rates)
        if gen:
            crossover_gen(rng, cores[i], priorities[i], mate_cores, mate_priorities)
        if rg:
            crossover_rg(rng, cores[i], priorities[i], mate_cores, mate_priorities)
        if accel:
            crossover_accel(rng, cores[i], priorities[i], mate_cores, mate_priorities, num_cores)
    mutate(rng, cores.reshape(-1), priorities.reshape(-1), num_cores, mutation_rate)
    return cores, priorities


@compiled
def _take_over(genome: IntArray | FloatArray, mate: IntArray | FloatArray, start: int, stop: int) -> None:
    """Copy genes of ``mate``; assigning slices would compile the text of an error of shapes, for seconds."""
    for j in range(start, stop):
        genome[j] = mate[j]


@compiled
def crossover_gen(
    rng: np.random.Generator,
    cores: IntArray,
    priorities: FloatArray,
    mate_cores: IntArray,
    mate_priorities: FloatArray,
) -> None:
    """Exchange the shorter side of a pivot in one of the two genomes ``(G,)``; the other is unchanged."""
    num_jobs = len(cores)
    pivot = 1 + _below(rng, num_jobs - 1)
    start, stop = (0, pivot) if 2 * pivot <= num_jobs else (pivot, num_jobs)
    if rng.random() < 0.5:
        _take_over(cores, mate_cores, start, stop)
    else:
        _take_over(priorities, mate_priorities, start, stop)


@compiled
def crossover_rg(
    rng: np.random.Generator,
    cores: IntArray,
    priorities: FloatArray,
    mate_cores: IntArray,
    mate_priorities: FloatArray,
) -> None:
    """Exchange a range in both genomes ``(G,)``, so that each job's core and priority stay together."""
    a, b = _below(rng, len(cores)), _below(rng, len(cores))
    start, stop = min(a, b), max(a, b) + 1
    _take_over(cores, mate_cores, start, stop)
    _take_over(priorities, mate_priorities, start, stop)


@compiled
def crossover_accel(
    rng: np.random.Generator,
    cores: IntArray,
    priorities: FloatArray,
    mate_cores: IntArray,
    mate_priorities: FloatArray,
    num_cores: int,
) -> None:
    """Take over all jobs that the second parent runs on one core, with their priorities.

    Jobs that only the child had on that core move to other random cores.
    """
    core = _below(rng, num_cores)
    for j in range(len(cores)):
        if mate_cores[j] == core:
            cores[j] = core
            priorities[j] = mate_priorities[j]
        elif cores[j] == core:
            cores[j] = (core + 1 + _below(rng, num_cores - 1)) % num_cores


@compiled
def mutate(rng: np.random.Generator, cores: IntArray, priorities: FloatArray, num_cores: int, rate: float) -> None:
    """Resample each gene of both flattened genomes ``(n * G,)`` with probability ``rate``.

    Drawing the gaps between mutated genes instead of a number for each gene gives the same process, 1/rate times
    faster.
    """
    if rate <= 0.0:
        return
    gene = rng.geometric(rate) - 1
    while gene < len(cores):
        cores[gene] = _below(rng, num_cores)
        gene += rng.geometric(rate)
    gene = rng.geometric(rate) - 1
    while gene < len(priorities):
        priorities[gene] = rng.random()
        gene += rng.geometric(rate)


@compiled
def _draw_operators(rng: np.random.Generator, rates: FloatArray) -> tuple[bool, bool, bool]:
    """Draw which of gen, rg and accel apply; if none does, choose one in proportion to the rates, unless all are 0."""
    gen, rg, accel = rng.random() < rates[0], rng.random() < rates[1], rng.random() < rates[2]
    if not (gen or rg or accel) and rates.sum() > 0.0:
        u = rng.random() * rates.sum()
        gen = u < rates[0]
        rg = not gen and u < rates[0] + rates[1]
        accel = not gen and not rg
    return gen, rg, accel


@compiled
def _below(rng: np.random.Generator, n: int) -> int:
    """Return a random integer in 0..n-1, or 0 if ``n`` is below 1."""
    return int(rng.random() * n) if n > 1 else 0
