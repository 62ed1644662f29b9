"""Standard genetic algorithm by DEAP's ``eaSimple``."""

from __future__ import annotations

from collections.abc import Iterator

from deap import algorithms, tools

from optimizers.adapters.deap.loop import DeapAlgorithm
from optimizers.native.warm_start import MappingTables
from problems.doors.deap import MUTATION_RATE, TOURNAMENT_SIZE, Genes, Individual
from problems.doors.encoding import ENCODINGS, NATIVE
from problems.foundation.checks import check_fraction, check_integer
from problems.space import SearchSpace


class StandardGA(DeapAlgorithm):
    """Generational GA: tournament selection, two-point crossover, resampling mutation; offspring replace their parents.

    The rates are those of stdGA in Kao 2022. DEAP has no mutation for mixed integers and reals; the one here resamples
    both, as DEAP's ``mutUniformInt`` does with integers.

    Args:
        population_size: Individuals per generation.
        crossover_rate: Probability that a pair is crossed.
        mutation_rate: Probability that a gene is resampled.
        tournament_size: Individuals per tournament.
        encoding: ``native``: cores are integers; ``continuous``: all genes are reals.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first population holds.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int = 100,
        crossover_rate: float = 0.1,
        mutation_rate: float = MUTATION_RATE,
        tournament_size: int = TOURNAMENT_SIZE,
        encoding: str = NATIVE,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding, offered=ENCODINGS, warm_start=warm_start)
        check_integer("population_size", population_size, 2)
        check_integer("tournament_size", tournament_size, 1)
        check_fraction("crossover_rate", crossover_rate)
        check_fraction("mutation_rate", mutation_rate)
        self._size = population_size
        self._crossover_rate = crossover_rate
        self._genes = Genes(space, encoding)
        self._toolbox.register("select", tools.selTournament, tournsize=tournament_size)
        self._toolbox.register("mate", tools.cxTwoPoint)
        self._toolbox.register("mutate", self._genes.resample, indpb=mutation_rate)

    def first_population(self) -> int:
        """The first generation."""
        return self._size

    def evolve(self) -> Iterator[list[Individual]]:
        """Select, then cross and mutate (``varAnd``)."""
        population = self.started([self._genes.individual() for _ in range(self._size)])
        yield population
        while True:
            chosen = self._toolbox.select(population, self._size)
            population = algorithms.varAnd(chosen, self._toolbox, cxpb=self._crossover_rate, mutpb=1.0)
            yield population
