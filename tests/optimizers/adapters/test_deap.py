"""DEAP's algorithms here are what its own loops and examples do, written out below with ``deap.creator``."""

import copy
import random

import numpy as np
import pytest
from deap import algorithms, base, cma, creator, tools
from hypothesis import given
from hypothesis import strategies as st

import optimizers
import problems
from optimizers.adapters.deap.cma_es import CovarianceMatrixAdaptation
from optimizers.adapters.deap.es import EvolutionStrategy
from optimizers.adapters.deap.ga import StandardGA
from optimizers.adapters.deap.nsga2 import NSGA2
from optimizers.testing import Weights
from problems.doors.deap import Individual, individuals_of, points_of
from problems.doors.encoding import ENCODINGS, codec_of
from problems.foundation.errors import InvalidInput, UnknownName
from problems.space import SearchSpace

SPACE = SearchSpace(num_jobs=8, num_cores=3)
ID = "mix/S2/bw16/g8/i0/corrected"


class Plain:
    """A problem as DEAP's examples want it: ``evaluate(individual)`` gives a tuple. Remembers all values."""

    def __init__(self, problem, native=False):
        self.problem, self.native, self.values = problem, native, []
        self.genes = 2 * problem.num_jobs

    def evaluate(self, individual):
        half = self.problem.num_jobs
        point = np.asarray(individual, dtype=float)
        cube = np.clip(point, 0.0, np.nextafter(1.0, 0.0))
        cores = point[:half] if self.native else cube[:half] * self.problem.num_cores
        value = np.atleast_1d(self.problem.evaluate(cores.astype(int), cube[half:])).tolist()
        self.values.append(value)
        return tuple(value)

    def score(self, individuals):
        for individual in individuals:
            if not individual.fitness.valid:
                individual.fitness.values = self.evaluate(individual)


@pytest.fixture(scope="module")
def made():
    """Classes by ``deap.creator``, as all its examples have them."""
    for n in (1, 2):
        creator.create(f"PlainFitness{n}", base.Fitness, weights=(-1.0,) * n)
        creator.create(f"Plain{n}", list, fitness=getattr(creator, f"PlainFitness{n}"))
    yield creator
    for n in (1, 2):
        delattr(creator, f"PlainFitness{n}")
        delattr(creator, f"Plain{n}")


@pytest.fixture(autouse=True)
def _global_generators_are_left_alone():
    states = random.getstate(), np.random.get_state()
    yield
    random.setstate(states[0])
    np.random.set_state(states[1])


def seeded(plain, name):
    seed = optimizers.derived_seed(name, 5)
    random.seed(seed)
    np.random.seed(seed)
    return plain


def trace(problem, name, budget, **parameters):
    search = optimizers.Search(
        problem, name, budget=budget, seed=5, parameters=parameters, full_trace=optimizers.FullTrace.VALUES
    )
    search.run()
    return search.result().all_values.reshape(budget, -1).tolist()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_standard_ga_is_ea_simple(made, encoding):
    plain = seeded(Plain(problems.get(ID), native=encoding == "native"), "deap-stdga")
    half, num_cores = plain.problem.num_jobs, plain.problem.num_cores

    def gene(position):
        return random.randrange(num_cores) if plain.native and position < half else random.random()

    def mutate(individual):
        for position in range(len(individual)):
            if random.random() < 0.1:
                individual[position] = gene(position)
        return (individual,)

    toolbox = base.Toolbox()
    toolbox.register("select", tools.selTournament, tournsize=3)
    toolbox.register("mate", tools.cxTwoPoint)
    toolbox.register("mutate", mutate)
    toolbox.register("evaluate", plain.evaluate)
    population = [made.Plain1([gene(g) for g in range(plain.genes)]) for _ in range(100)]
    algorithms.eaSimple(population, toolbox, cxpb=0.1, mutpb=1.0, ngen=3, verbose=False)
    assert trace(plain.problem, "deap-stdga", 400, encoding=encoding) == plain.values


def test_the_evolution_strategy_is_ea_mu_plus_lambda(made):
    plain = seeded(Plain(problems.get(ID)), "deap-es")

    def mutate(individual):
        tools.mutESLogNormal(individual, c=1.0, indpb=1.0)
        for i in range(len(individual)):
            individual.strategy[i] = max(individual.strategy[i], 0.01)
            individual[i] = min(max(individual[i], 0.0), 1.0)
        return (individual,)

    toolbox = base.Toolbox()
    toolbox.register("select", tools.selBest)
    toolbox.register("mate", tools.cxESBlend, alpha=0.1)
    toolbox.register("mutate", mutate)
    toolbox.register("evaluate", plain.evaluate)
    population = [made.Plain1([random.random() for _ in range(plain.genes)]) for _ in range(10)]
    for individual in population:
        individual.strategy = [0.2] * plain.genes
    algorithms.eaMuPlusLambda(population, toolbox, 10, 100, cxpb=0.6, mutpb=0.3, ngen=3, verbose=False)
    spent = trace(plain.problem, "deap-es", len(plain.values))
    assert spent == plain.values


def test_cma_es_is_ea_generate_update(made):
    plain = seeded(Plain(problems.get(ID)), "deap-cmaes")
    strategy = cma.Strategy(centroid=[0.5] * plain.genes, sigma=0.3)
    toolbox = base.Toolbox()
    toolbox.register("generate", strategy.generate, made.Plain1)
    toolbox.register("update", strategy.update)
    toolbox.register("evaluate", plain.evaluate)
    algorithms.eaGenerateUpdate(toolbox, ngen=20, verbose=False)
    assert len(plain.values) == 20 * strategy.lambda_
    assert trace(plain.problem, "deap-cmaes", len(plain.values)) == plain.values


def test_differential_evolution_is_the_one_of_the_examples(made):
    plain = seeded(Plain(problems.get(ID)), "deap-de")
    population = [made.Plain1([random.random() for _ in range(plain.genes)]) for _ in range(20)]
    plain.score(population)
    for _ in range(5):
        for k, agent in enumerate(population):
            a, b, c = tools.selRandom(population, k=3)
            y = copy.deepcopy(agent)
            index = random.randrange(plain.genes)
            for i in range(plain.genes):
                if i == index or random.random() < 0.25:
                    y[i] = min(max(a[i] + (b[i] - c[i]), 0.0), 1.0)
            del y.fitness.values
            plain.score([y])
            if y.fitness > agent.fitness:
                population[k] = y
    assert trace(plain.problem, "deap-de", 120, population_size=20) == plain.values


def test_the_particle_swarm_is_the_one_of_the_examples(made):
    plain = seeded(Plain(problems.get(ID)), "deap-pso")
    swarm, best = [], None
    for _ in range(40):
        particle = made.Plain1(np.random.uniform(0.0, 1.0, plain.genes))
        particle.speed = np.random.uniform(-0.25, 0.25, plain.genes)
        particle.best = None
        swarm.append(particle)
    for _ in range(6):
        for particle in swarm:
            particle.fitness.values = plain.evaluate(particle)
            if particle.best is None or particle.best.fitness < particle.fitness:
                particle.best = made.Plain1(particle)
                particle.best.fitness.values = particle.fitness.values
            if best is None or best.fitness < particle.fitness:
                best = made.Plain1(particle)
                best.fitness.values = particle.fitness.values
        for particle in swarm:
            own = np.random.uniform(0.0, 2.0, plain.genes) * (np.array(particle.best) - np.array(particle))
            common = np.random.uniform(0.0, 2.0, plain.genes) * (np.array(best) - np.array(particle))
            particle.speed = particle.speed + (own + common)
            for i, speed in enumerate(particle.speed):
                if abs(speed) > 0.25:
                    particle.speed[i] = np.copysign(0.25, speed)
                particle[i] = min(max(particle[i] + particle.speed[i], 0.0), 1.0)
    assert trace(plain.problem, "deap-pso", 240) == plain.values


@pytest.mark.parametrize("objective", ["", "/latency+energy"])
def test_nsga2_is_the_one_of_the_examples(made, objective):
    plain = seeded(Plain(problems.get(ID + objective)), "deap-nsga2")
    individual = getattr(made, f"Plain{problems.space.count_objectives(plain.problem)}")
    toolbox = base.Toolbox()
    toolbox.register("mate", tools.cxSimulatedBinaryBounded, low=0.0, up=1.0, eta=20.0)
    toolbox.register("mutate", tools.mutPolynomialBounded, low=0.0, up=1.0, eta=20.0, indpb=1.0 / plain.genes)
    population = [individual([random.random() for _ in range(plain.genes)]) for _ in range(100)]
    plain.score(population)
    population = tools.selNSGA2(population, len(population))
    for _ in range(3):
        offspring = [toolbox.clone(i) for i in tools.selTournamentDCD(population, len(population))]
        for one, other in zip(offspring[::2], offspring[1::2], strict=True):
            if random.random() <= 0.9:
                toolbox.mate(one, other)
            toolbox.mutate(one)
            toolbox.mutate(other)
            del one.fitness.values, other.fitness.values
        plain.score(offspring)
        population = tools.selNSGA2(population + offspring, 100)
    assert trace(plain.problem, "deap-nsga2", 400) == plain.values


@given(
    st.sampled_from(ENCODINGS),
    st.lists(st.tuples(st.integers(0, 2), st.floats(0.0, 1.0, exclude_max=True)), min_size=8, max_size=8),
)
def test_a_mapping_comes_back_from_an_individual(encoding, genes):
    cores = np.array([[core for core, _ in genes]])
    priorities = np.array([[priority for _, priority in genes]])
    codec = codec_of(encoding, SPACE)
    back = codec.decode(points_of(individuals_of(codec.encode(cores, priorities))))
    assert (back[0] == cores).all()
    assert (back[1] == priorities).all()


def test_a_clone_is_independent_and_keeps_its_fitness():
    individual = Individual([0.1, 0.2])
    individual.fitness.values = (3.0,)
    clone = base.Toolbox().clone(individual)
    clone[0] = 0.9
    del clone.fitness.values
    assert individual == [0.1, 0.2]
    assert individual.fitness.values == (3.0,)


@pytest.mark.parametrize("limits", [{"SMALLEST_STEP": 1.0}, {"MOST_CONDITION": 1.0001}])
def test_cma_es_starts_again_when_its_distribution_is_spent(monkeypatch, limits):
    for name, value in limits.items():
        monkeypatch.setattr(f"optimizers.adapters.deap.cma_es.{name}", value)
    optimizer = CovarianceMatrixAdaptation(SPACE, budget=100, seed=0)
    with optimizer.surroundings():
        first = optimizer._strategy
        for _ in range(3):
            cores, priorities = optimizer.ask()
            optimizer.tell(cores, priorities, priorities.sum(axis=1))
    assert optimizer._strategy is not first
    assert optimizer._strategy.sigma == 0.3


def test_cma_es_survives_convergence():
    result = optimizers.minimize(Weights(num_jobs=2, num_cores=1), "deap-cmaes", budget=6000, seed=0)
    assert result.num_evaluations == 6000
    assert result.best_value < 1.5 * Weights(num_jobs=2, num_cores=1)._weights.sum()


def test_the_resolved_settings_are_told():
    assert StandardGA(SPACE, budget=5, seed=0).settings() == {
        "select": {"operator": "selTournament", "tournsize": 3},
        "mate": {"operator": "cxTwoPoint"},
        "mutate": {"operator": "resample", "indpb": 0.1},
    }
    assert EvolutionStrategy(SPACE, budget=5, seed=0).settings()["mutate"] == {
        "operator": "mutESLogNormal",
        "c": 1.0,
        "indpb": 1.0,
    }
    assert NSGA2(SPACE, budget=5, seed=0).settings()["mutate"]["indpb"] == 1 / 16
    told = CovarianceMatrixAdaptation(SPACE, budget=5, seed=0).settings()
    assert (told["lambda_"], told["mu"]) == (12, 6)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("stdga", {"population_size": 1}),
        ("stdga", {"mutation_rate": 1.5}),
        ("es", {"mu": 1}),
        ("es", {"crossover_rate": 0.8}),
        ("es", {"smallest_step": -1.0}),
        ("cmaes", {"lambda_": 1}),
        ("cmaes", {"initial_step": 0.0}),
        ("de", {"population_size": 2}),
        ("de", {"differential_weight": -1.0}),
        ("pso", {"population_size": 0}),
        ("pso", {"largest_speed": -0.1}),
        ("nsga2", {"population_size": 10}),
        ("nsga2", {"population_size": 0}),
        ("nsga2", {"crossover_rate": 2.0}),
        ("nsga2", {"mutation_eta": -1.0}),
    ],
)
def test_impossible_parameters_are_refused_by_name(name, wrong):
    with pytest.raises(InvalidInput, match=f"{next(iter(wrong))}.*: expected"):
        optimizers.minimize(Weights(), f"deap-{name}", budget=10, **wrong)


def test_rates_that_only_copy_are_refused():
    with pytest.raises(InvalidInput, match="above 0"):
        EvolutionStrategy(SPACE, budget=10, seed=0, crossover_rate=0.0, mutation_rate=0.0)


@pytest.mark.parametrize("name", ["es", "cmaes", "de", "pso", "nsga2"])
def test_methods_for_reals_offer_no_native_encoding(name):
    with pytest.raises(UnknownName, match="native"):
        optimizers.minimize(Weights(), f"deap-{name}", budget=10, encoding="native")
