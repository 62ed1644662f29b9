"""Particle swarm optimization, as DEAP's example ``pso/basic_numpy.py`` assembles it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from optimizers.adapters.deap.loop import DeapAlgorithm
from optimizers.native.warm_start import MappingTables
from problems.arrays import FloatArray
from problems.doors.deap import Fitness, Individual
from problems.doors.encoding import CONTINUOUS
from problems.foundation.checks import check_at_least, check_integer
from problems.space import SearchSpace


@dataclass(frozen=True)
class Place:
    """A visited point ``(2G,)`` and its fitness."""

    point: FloatArray
    fitness: Fitness


class Particle(Individual):
    """An individual with a speed; ``point`` holds its genes as an array, for the arithmetic."""

    point: FloatArray
    speed: FloatArray
    best: Place | None = None


class ParticleSwarm(DeapAlgorithm):
    """Particle swarm in the unit cube with a speed limit and without inertia weight.

    The weights and the speed limit (relative to the range) are those of the example. The example has 5 particles in 2
    dimensions; the default of 40 is about 10 + 2 sqrt(D), the rule of Standard PSO 2006, for D = 200, i.e. 100 jobs.
    Particles stop at the edge of the cube.

    Args:
        population_size: Number of particles.
        phi1: Largest weight of the attraction to the particle's own best point.
        phi2: Largest weight of the attraction to the swarm's best point.
        largest_speed: Speed limit of each gene, as a fraction of the cube's edge.
        encoding: ``continuous``.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first swarm holds.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int = 40,
        phi1: float = 2.0,
        phi2: float = 2.0,
        largest_speed: float = 0.25,
        encoding: str = CONTINUOUS,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding, warm_start=warm_start)
        check_integer("population_size", population_size, 1)
        check_at_least("phi1", phi1, 0.0)
        check_at_least("phi2", phi2, 0.0)
        check_at_least("largest_speed", largest_speed, 0.0)
        self._size = population_size
        self._largest_speed = largest_speed
        self._toolbox.register("update", self._move, phi1=phi1, phi2=phi2)

    def first_population(self) -> int:
        """The whole swarm."""
        return self._size

    def evolve(self) -> Iterator[list[Individual]]:
        """Evaluate all particles, then move all of them."""
        swarm = [self._particle() for _ in range(self._size)]
        for particle, point in zip(swarm, () if self._given is None else self._given, strict=False):
            _at(particle, point)
        best: Place | None = None
        while True:
            yield list(swarm)
            best = _remember(swarm, best)
            for particle in swarm:
                self._toolbox.update(particle, best)

    def _particle(self) -> Particle:
        """Make a particle at a random point with a random speed."""
        particle = _at(Particle(), np.random.uniform(0.0, 1.0, self._num_genes))
        particle.speed = np.random.uniform(-self._largest_speed, self._largest_speed, self._num_genes)
        return particle

    def _move(self, particle: Particle, best: Place, phi1: float, phi2: float) -> None:
        """Kennedy & Eberhart 1995: attract the particle to both best points, with random weights for each gene."""
        assert particle.best is not None
        point = particle.point
        own = np.random.uniform(0.0, phi1, len(point)) * (particle.best.point - point)
        common = np.random.uniform(0.0, phi2, len(point)) * (best.point - point)
        particle.speed = (particle.speed + (own + common)).clip(-self._largest_speed, self._largest_speed)
        _at(particle, (point + particle.speed).clip(0.0, 1.0))


def _at(particle: Particle, point: FloatArray) -> Particle:
    """Move the particle to ``point`` and invalidate its fitness."""
    particle.point = point
    particle[:] = point.tolist()
    del particle.fitness.values
    return particle


def _remember(swarm: Sequence[Particle], best: Place | None) -> Place:
    """Update each particle's best place, and return the swarm's best place."""
    for particle in swarm:
        if particle.best is None or particle.best.fitness < particle.fitness:
            particle.best = Place(particle.point, copy(particle.fitness))
        if best is None or best.fitness < particle.fitness:
            best = particle.best
    assert best is not None
    return best
