"""Mappings as pymoo represents them, and a problem as its ``Problem``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import CONTINUOUS, NATIVE
from problems.doors.scorer import Scorer, name_of
from problems.foundation.extras import from_extra
from problems.space import ProblemLike, SearchSpace

with from_extra("pymoo", "the door to pymoo"):
    from pymoo.core.problem import Problem
    from pymoo.core.variable import Choice, Real, Variable

Solution = npt.ArrayLike | Mapping[str, float]
"""The ``X`` of one individual: an array ``(2G,)``, or in the native encoding values by variable name."""


def problem(problem: ProblemLike, encoding: str = CONTINUOUS) -> MappingProblem:
    """Return ``problem`` as a pymoo ``Problem``, with one objective or two.

    Args:
        problem: What ``problems.get`` returns, or anything like it.
        encoding: ``continuous``: ``X`` is an array ``(n, 2G)``, the unit cube, as most algorithms need; ``native``: a
            variable for every gene, a ``Choice`` of a core or a ``Real``, for ``MixedVariableGA``.

    Raises:
        InvalidInput: If it is no problem.
        UnknownName: If there is no such encoding.
        MissingExtra: (at import) If pymoo is not installed.
    """
    return MappingProblem(problem, encoding)


class MappingProblem(Problem):  # type: ignore[misc]
    """``F`` ``(n, k)`` are the values of n mappings in the units of the objective, by default cycles.

    A mapping that cannot run has 1e20, as crowding distances of infinite values are NaN. It is no constraint.
    """

    def __init__(self, problem: ProblemLike, encoding: str = CONTINUOUS) -> None:
        self._scorer = Scorer(problem, encoding)
        space = self._scorer.space
        kind = {"vars": variables(space, encoding)} if encoding == NATIVE else unit_cube(space)
        super().__init__(n_obj=space.num_objectives, **kind)
        self._told = name_of(problem)

    def name(self) -> str:
        """Return the id of the problem."""
        return self._told

    def decode(self, x: Solution) -> tuple[IntArray, FloatArray]:
        """Return the cores ``(G,)`` and priorities ``(G,)`` of one solution, e.g. ``result.X``."""
        return self._scorer.decode_one(rows_of([x])[0] if isinstance(x, Mapping) else x)

    def _evaluate(self, x: Any, out: dict[str, FloatArray], *args: object, **kwargs: object) -> None:
        out["F"] = self._scorer.losses(rows_of(x) if self._scorer.encoding == NATIVE else x)


def unit_cube(space: SearchSpace) -> dict[str, float]:
    """Return the arguments of ``Problem`` that describe the unit cube."""
    return {"n_var": 2 * space.num_jobs, "xl": 0.0, "xu": 1.0}


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
