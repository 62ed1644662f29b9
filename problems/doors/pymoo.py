"""Mappings as pymoo represents them: a variable for each gene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pymoo.core.variable import Choice, Real, Variable

from problems.arrays import FloatArray
from problems.doors.encoding import NATIVE
from problems.space import SearchSpace


def variables(space: SearchSpace, encoding: str) -> dict[str, Variable]:
    """Make a variable for every gene, by name: cores first, then priorities."""

    def core() -> Variable:
        return Choice(options=list(range(space.num_cores))) if encoding == NATIVE else Real(bounds=(0.0, 1.0))

    jobs = range(space.num_jobs)
    return {f"core_{j}": core() for j in jobs} | {f"priority_{j}": Real(bounds=(0.0, 1.0)) for j in jobs}


def rows_of(genomes: Sequence[Mapping[str, float]]) -> FloatArray:
    """Convert P genomes, as values by variable name, to points ``(P, 2G)``."""
    half = len(genomes[0]) // 2
    names = [f"core_{j}" for j in range(half)] + [f"priority_{j}" for j in range(half)]
    return np.array([[genome[name] for name in names] for genome in genomes], dtype=np.float64)


def genomes_of(points: FloatArray, space: SearchSpace, encoding: str) -> list[dict[str, float]]:
    """Convert points ``(P, 2G)`` to P genomes, as values by variable name; cores are integers if they are choices."""
    names = variables(space, encoding)
    genomes = [dict(zip(names, row, strict=True)) for row in points.tolist()]
    if encoding == NATIVE:
        return [{n: int(v) if n.startswith("core_") else v for n, v in genome.items()} for genome in genomes]
    return genomes
