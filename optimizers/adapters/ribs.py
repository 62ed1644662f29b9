"""Adapter to pyribs (Tjanaka 2023): MAP-Elites, which keeps the best mapping of every kind."""

from __future__ import annotations

import numpy as np
from ribs.archives import GridArchive

from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, mappings_of, placed_first
from problems.arrays import BoolArray, FloatArray, IntArray
from problems.doors.encoding import CONTINUOUS, codec_of
from problems.doors.losses import Losses
from problems.doors.measures import Measures
from problems.foundation.checks import check_above_zero, check_integer
from problems.space import Mappings, SearchSpace


def _archive(num_genes: int, cells: int, seed: int) -> GridArchive:
    """Return an empty grid of ``cells`` by ``cells`` over the measures."""
    return GridArchive(solution_dim=num_genes, dims=(cells, cells), ranges=[(0.0, 1.0), (0.0, 1.0)], seed=seed)


class MapElites(AskTellOptimizer):
    """MAP-Elites (Mouret & Clune 2015) over the balance of loads and the energy; see ``Measures``.

    A batch changes some genes of random elites of the archive, a grid over the measures, in which every cell keeps its
    best mapping. The measures need the job table, so that it is no black-box optimizer.

    Args:
        cells: Cells of the grid along each measure.
        batch_size: Mappings per batch; the first batch is random, but for a warm start.
        mutations: Expected number of genes that are resampled in a mapping; at least one is.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first batch holds.

    Raises:
        InvalidInput: If a number is below 1, the search space has no job table, or ``warm_start`` contains an invalid
            mapping.
    """

    sees_jobs = True
    libraries = ("ribs",)

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        cells: int = 20,
        batch_size: int = 50,
        mutations: float = 2.0,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._cells = check_integer("cells", cells, 1)
        self._batch_size = check_integer("batch_size", batch_size, 1)
        self._rate = min(check_above_zero("mutations", mutations) / (2 * space.num_jobs), 1.0)
        self._given = None if warm_start is None else mappings_of(warm_start, space)
        self._codec = codec_of(CONTINUOUS, space)
        self._losses = Losses()
        self._measures = Measures(space.known_jobs())
        self._archive = _archive(2 * space.num_jobs, cells, seed)

    @classmethod
    def warm_up(cls) -> None:
        """Compile what the archive needs, by a batch into an empty archive and another into a filled one."""
        archive = _archive(2, 2, 0)
        for _ in range(2):
            archive.add(np.zeros((2, 2)), np.zeros(2), np.eye(2))

    def settings(self) -> dict[str, object]:
        """The measures."""
        return {"measures": ["balance", self._measures.second]}

    def first_population(self) -> int:
        """The first batch."""
        return self._batch_size

    def ask(self) -> Mappings:
        """Return the first batch, random but for a warm start, or one of changed elites."""
        fresh = self.space.sample(self.rng, self._batch_size)
        if self._archive.empty:
            return placed_first(self._given, fresh)
        points = self._archive.sample_elites(self._batch_size)["solution"]
        return self._codec.decode(np.where(self._changed(points.shape), self._codec.encode(*fresh), points))

    def _changed(self, shape: tuple[int, int]) -> BoolArray:
        """Draw which genes of each mapping are resampled, ``(P, 2G)``."""
        changed = self.rng.random(shape) < self._rate
        changed[np.arange(shape[0]), self.rng.integers(shape[1], size=shape[0])] = True
        return changed

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Put the mappings into the archive, which maximizes."""
        losses = self._losses.of(values)[:, 0]
        self._archive.add(self._codec.encode(cores, priorities), -losses, self._measures.of(cores))
