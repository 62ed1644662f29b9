"""Particle swarm, as DEAP's example ``pso/basic_numpy.py`` assembles it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from optimizers.adapters.deap.loop import DeapAlgorithm, Fitness, Individual
from optimizers.contract import FloatArray, SearchSpace, check_at_least, check_integer
from optimizers.encoding import CONTINUOUS


@dataclass(frozen=True)
class Place:
    """A point ``(2G,)`` where a particle was, and what it is worth."""

    point: FloatArray
    fitness: Fitness


class Particle(Individual):
    """An individual that flies; its genes are ``point`` again, for the arithmetic."""

    point: FloatArray
    speed: FloatArray
    best: Place | None = None


class ParticleSwarm(DeapAlgorithm):
    """Particle swarm with limited speed and without inertia weight, in the unit cube.

    Weights and, as a share of the range, the speed limit are the example's. Its 5 particles are for 2 dimensions: 40
    is about 10 + 2 sqrt(D), the rule of the standard swarm of 2006, at the 200 dimensions of 100 jobs. Particles stop
    at the edge of the cube.

    Args:
        population_size: Particles.
        phi1: Largest weight of the way to the particle's own best place.
        phi2: Largest weight of the way to the swarm's.
        largest_speed: In shares of the cube, for each gene.
        encoding: ``continuous``.
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
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding)
        check_integer("population_size", population_size, 1)
        check_at_least("phi1", phi1, 0.0)
        check_at_least("phi2", phi2, 0.0)
        check_at_least("largest_speed", largest_speed, 0.0)
        self._size, self._largest_speed = population_size, largest_speed
        self._toolbox.register("update", self._move, phi1=phi1, phi2=phi2)

    def first_population(self) -> int:
        """The whole swarm."""
        return self._size

    def evolve(self) -> Iterator[list[Individual]]:
        """Score all, then move all."""
        swarm = [self._particle() for _ in range(self._size)]
        best: Place | None = None
        while True:
            yield list(swarm)
            best = _remember(swarm, best)
            for particle in swarm:
                self._toolbox.update(particle, best)

    def _particle(self) -> Particle:
        """At a random place, with a random speed."""
        particle = _at(Particle(), np.random.uniform(0.0, 1.0, self._num_genes))
        particle.speed = np.random.uniform(-self._largest_speed, self._largest_speed, self._num_genes)
        return particle

    def _move(self, particle: Particle, best: Place, phi1: float, phi2: float) -> None:
        """Kennedy & Eberhart 1995: drawn to both bests, each gene by a weight of its own."""
        assert particle.best is not None
        point = particle.point
        own = np.random.uniform(0.0, phi1, len(point)) * (particle.best.point - point)
        common = np.random.uniform(0.0, phi2, len(point)) * (best.point - point)
        particle.speed = (particle.speed + (own + common)).clip(-self._largest_speed, self._largest_speed)
        _at(particle, (point + particle.speed).clip(0.0, 1.0))


def _at(particle: Particle, point: FloatArray) -> Particle:
    """Put it there; what it is worth is not known then."""
    particle.point = point
    particle[:] = point.tolist()
    del particle.fitness.values
    return particle


def _remember(swarm: Sequence[Particle], best: Place | None) -> Place:
    """The best place that any was at; each keeps its own."""
    for particle in swarm:
        if particle.best is None or particle.best.fitness < particle.fitness:
            particle.best = Place(particle.point, copy(particle.fitness))
        if best is None or best.fitness < particle.fitness:
            best = particle.best
    assert best is not None
    return best
