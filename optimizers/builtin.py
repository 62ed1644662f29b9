"""The optimizers that ship with the suite. To add one, write its module and add a line here."""

from __future__ import annotations

from optimizers.derived import NEVERGRAD, OPTUNA, derive
from problems.foundation.registry import Entry as Entry
from problems.foundation.registry import Registry

NEVERGRAD_FIXED = "optimizers.adapters.nevergrad:NevergradSequence"
OPTUNA_SINGLE = "optimizers.adapters.optuna:OptunaSingle"
OPTUNA_TORCH = "optimizers.adapters.optuna:OptunaTorch"

OPTIMIZERS: Registry[Entry] = Registry("optimizer", group="m3e.optimizers", derive=derive)
"""All optimizers by name, plug-ins included; factories return an ``optimizers.Optimizer``."""


def _native(name: str, factory: str, summary: str, source: str = "") -> Entry:
    return Entry(name, f"optimizers.native.{factory}", family="native", summary=summary, source=source)


def _mapper(name: str, factory: str, summary: str, source: str = "", **parameters: str) -> Entry:
    return Entry(name, f"optimizers.native.{factory}", parameters, family="mapper", summary=summary, source=source)


def _list(order: str, core_rule: str, summary: str) -> Entry:
    name = f"list-{order}-{core_rule}"
    factory = "list_scheduling:ListScheduling"
    return _mapper(name, factory, summary, "Braun 2001", order=order, core_rule=core_rule)


def _nevergrad(method: str, summary: str, source: str, factory: str = NEVERGRAD) -> Entry:
    return Entry(f"nevergrad-{method.lower()}", factory, {"method": method}, "nevergrad", summary, source)


def _optuna(name: str, sampler: str, summary: str, source: str, factory: str = OPTUNA, **parameters: object) -> Entry:
    fixed = {"method": f"{sampler}Sampler", **parameters}
    requires = "m3e[gp]" if factory == OPTUNA_TORCH else ""
    return Entry(f"optuna-{name}", factory, fixed, "optuna", summary, source, requires)


def _deap(name: str, factory: str, summary: str, source: str) -> Entry:
    return Entry(f"deap-{name}", f"optimizers.adapters.deap.{factory}", {}, "deap", summary, source)


def _pymoo(name: str, method: str, summary: str, source: str, factory: str = "PymooOptimizer") -> Entry:
    factory = f"optimizers.adapters.pymoo:{factory}"
    return Entry(f"pymoo-{name}", factory, {"method": method}, "pymoo", summary, source, "m3e[pymoo]")


def _cmaes(name: str, factory: str, summary: str, source: str, **parameters: str) -> Entry:
    return Entry(f"cmaes-{name}", f"optimizers.adapters.cmaes:{factory}", parameters, "cmaes", summary, source)


def _fcmaes(name: str, method: str, summary: str, source: str) -> Entry:
    factory = "optimizers.adapters.fcmaes:FcmaesOptimizer"
    return Entry(f"fcmaes-{name}", factory, {"method": method}, "fcmaes", summary, source, "m3e[fcmaes]")


def _scipy(name: str, factory: str, summary: str, source: str, **parameters: int) -> Entry:
    return Entry(f"scipy-{name}", f"optimizers.adapters.scipy:{factory}", parameters, "scipy", summary, source)


def _sb3(name: str, factory: str, summary: str, source: str, **parameters: object) -> Entry:
    return Entry(f"sb3-{name}", f"optimizers.adapters.rl.{factory}", parameters, "sb3", summary, source, "m3e[rl]")


BUILTIN = (
    _native("magma", "magma:Magma", "genetic algorithm designed for this problem", "Kao & Krishna 2022"),
    _native("random", "random_search:RandomSearch", "uniform random search; supports two objectives"),
    _native(
        "native-ga",
        "genetic:GeneticAlgorithm",
        "plain genetic algorithm: tournaments, uniform crossover",
        "Holland 1975",
    ),
    _native("native-sa", "annealing:SimulatedAnnealing", "simulated annealing", "Kirkpatrick 1983"),
    _native(
        "native-swap-sa",
        "swap_annealing:SwapAnnealing",
        "simulated annealing that exchanges jobs too",
        "Osman & Potts 1989",
    ),
    _native(
        "native-identifying",
        "identifying.search:IdentifyingAnnealing",
        "identifies the jobs' costs by experiments, then anneals its model; assumes the problem's structure",
        "Kirkpatrick 1983",
    ),
    _native(
        "native-annealing-informed",
        "informed.search:InformedAnnealing",
        "simulated annealing that sees the job table, with restarts; no black-box optimizer",
        "Kirkpatrick 1983",
    ),
    Entry(
        "cp-sat",
        "optimizers.native.cp_sat:CpSat",
        family="native",
        summary="constraint programming on the job table, blind to slow-down; no black-box optimizer",
        source="Perron 2023",
        requires="m3e[cp]",
    ),
    _list("fcfs", "rr", "first come first served, cores in turn"),
    _list("fcfs", "idle", "first come first served, to the core that is idle first"),
    _list("fcfs", "met", "first come first served, to the core that runs it fastest"),
    _list("fcfs", "heft", "first come first served, to the core that finishes it first"),
    _list("sjf", "rr", "shortest job first, cores in turn"),
    _list("sjf", "idle", "shortest job first, to the core that is idle first"),
    _list("sjf", "met", "shortest job first, to the core that runs it fastest"),
    _list("sjf", "heft", "shortest job first, to the core that finishes it first"),
    _list("ljf", "rr", "longest job first, cores in turn"),
    _list("ljf", "idle", "longest job first, to the core that is idle first"),
    _list("ljf", "met", "longest job first, to the core that runs it fastest"),
    _list("ljf", "heft", "longest job first, to the core that finishes it first"),
    _mapper(
        "herald-like",
        "list_scheduling:ListScheduling",
        "after Herald, for heterogeneous cores; same as list-ljf-heft",
        "Kwon 2021",
        order="ljf",
        core_rule="heft",
    ),
    _mapper("ai-mt-like", "ai_mt_like:AIMTLike", "after AI-MT, assumes equal cores; mixes demands", "Baek 2020"),
    _nevergrad("DE", "differential evolution", "Storn & Price 1997"),
    _nevergrad("TwoPointsDE", "differential evolution, two-point crossover", "Rapin & Teytaud 2018"),
    _nevergrad("CMA", "covariance matrix adaptation", "Hansen & Ostermeier 2001"),
    _nevergrad("DiagonalCMA", "as CMA, with a diagonal covariance matrix", "Ros & Hansen 2008"),
    _nevergrad("PSO", "particle swarm", "Kennedy & Eberhart 1995"),
    _nevergrad("TBPSA", "test-based population size adaptation", "Hellwig & Beyer 2016"),
    _nevergrad("NaiveTBPSA", "as TBPSA, recommends the best point seen", "Hellwig & Beyer 2016"),
    _nevergrad("OnePlusOne", "(1+1) evolution strategy", "Schumer & Steiglitz 1968"),
    _nevergrad("DiscreteOnePlusOne", "(1+1) with discrete mutations", "Muehlenbein 1992"),
    _nevergrad("Portfolio", "several methods in turn", "Rapin & Teytaud 2018"),
    _nevergrad("cGA", "compact genetic algorithm", "Harik 1999"),
    _nevergrad("CauchyLHSSearch", "Latin hypercube, Cauchy quantiles", "McKay 1979"),
    _nevergrad("HaltonSearch", "Halton sequence", "Halton 1960", NEVERGRAD_FIXED),
    _nevergrad("HammersleySearch", "Hammersley sequence", "Hammersley 1960", NEVERGRAD_FIXED),
    _nevergrad("MetaRecentering", "scrambled Hammersley sequence, contracted to the centre", "Cauwet 2020"),
    _nevergrad("NGOpt", "selects a method by budget and dimension", "Meunier 2022"),
    Entry(
        "nevergrad-cma-wide",
        NEVERGRAD,
        {"method": "OldCMA", "configuration": {"scale": 6.0}},
        "nevergrad",
        "covariance matrix adaptation, initial step six times the library's, which samples near one mapping",
        "Hansen & Ostermeier 2001",
    ),
    _optuna("random", "Random", "uniform random search; supports two objectives", "Akiba 2019"),
    _optuna(
        "tpe", "TPE", "tree-structured Parzen estimator; slow for many trials; supports two objectives", "Bergstra 2011"
    ),
    _optuna("cmaes", "CmaEs", "covariance matrix adaptation", "Hansen & Ostermeier 2001", OPTUNA_SINGLE),
    _optuna("nsga2", "NSGAII", "NSGA-II; supports two objectives", "Deb 2002"),
    _optuna("nsga3", "NSGAIII", "NSGA-III; supports two objectives", "Deb & Jain 2014"),
    _optuna("qmc", "QMC", "Sobol sequence, nearly the same for all seeds; supports two objectives", "Sobol 1967"),
    _optuna(
        "qmc-scrambled",
        "QMC",
        "scrambled Sobol sequence, so that seeds differ; supports two objectives",
        "Owen 1998",
        sampler_parameters={"scramble": True},
    ),
    _optuna(
        "gp", "GP", "Gaussian process; very slow for many trials; supports two objectives", "Snoek 2012", OPTUNA_TORCH
    ),
    _deap("stdga", "ga:StandardGA", "standard genetic algorithm (eaSimple)", "Holland 1975"),
    _deap("es", "es:EvolutionStrategy", "(mu + lambda) evolution strategy", "Beyer & Schwefel 2002"),
    _deap("cmaes", "cma_es:CovarianceMatrixAdaptation", "covariance matrix adaptation", "Hansen & Ostermeier 2001"),
    _deap("de", "de:DifferentialEvolution", "differential evolution", "Storn & Price 1997"),
    _deap("pso", "pso:ParticleSwarm", "particle swarm", "Kennedy & Eberhart 1995"),
    _deap("nsga2", "nsga2:NSGA2", "real-coded NSGA-II; supports two objectives", "Deb 2002"),
    _pymoo("ga", "GA", "genetic algorithm", "Blank & Deb 2020"),
    _pymoo("de", "DE", "differential evolution", "Storn & Price 1997"),
    _pymoo("nsga2", "NSGA2", "NSGA-II; supports two objectives", "Deb 2002", "PymooFronts"),
    _pymoo("mixedga", "MixedVariableGA", "genetic algorithm with mixed variables", "Blank & Deb 2020", "PymooMixed"),
    _pymoo("brkga", "BRKGA", "biased random-key genetic algorithm", "Goncalves & Resende 2011"),
    _cmaes("cma", "CmaesCube", "covariance matrix adaptation", "Hansen & Ostermeier 2001", method="CMA"),
    _cmaes("sepcma", "CmaesCube", "as cmaes-cma, covariance matrix diagonal", "Ros & Hansen 2008", method="SepCMA"),
    _cmaes("cmawm", "CmaesMargin", "as cmaes-cma, cores are integers, with a margin", "Hamano 2022"),
    _cmaes("catcmawm", "CmaesCategories", "as cmaes-cma, cores are categories, with a margin", "Hamano 2025"),
    _scipy("dual-annealing", "DualAnnealing", "generalized simulated annealing, without local search", "Xiang 1997"),
    _scipy("de", "DifferentialEvolution", "differential evolution, 15 individuals a gene", "Storn & Price 1997"),
    _scipy(
        "de-100",
        "DifferentialEvolution",
        "as scipy-de, 100 individuals, which leaves generations for a search",
        "Storn & Price 1997",
        population_size=100,
    ),
    Entry(
        "alns",
        "optimizers.adapters.alns:LargeNeighbourhoodSearch",
        family="alns",
        summary="adaptive large neighbourhood search; removes jobs and inserts them at random",
        source="Ropke & Pisinger 2006",
        requires="m3e[alns]",
    ),
    Entry(
        "ribs-mapelites",
        "optimizers.adapters.ribs:MapElites",
        family="ribs",
        summary="MAP-Elites over balance and energy, which the job table tells; no black-box optimizer",
        source="Mouret & Clune 2015",
        requires="m3e[ribs]",
    ),
    _fcmaes("biteopt", "BiteOpt", "self-adapting mixture of search methods", "Vaneev 2021"),
    _fcmaes("crfmnes", "CR-FM-NES", "natural evolution strategy for many dimensions", "Nomura & Ono 2022"),
    _sb3("a2c", "agents:A2C", "advantage actor-critic, one job per step", "Mnih 2016"),
    _sb3("a2c-episode", "agents:A2C", "as sb3-a2c, learns from whole episodes", "Mnih 2016", n_steps=None),
    _sb3("ppo", "agents:PPO", "proximal policy optimization, one job per step", "Schulman 2017"),
    _sb3("trpo", "agents:TRPO", "trust region policy optimization, one job per step", "Schulman 2015"),
    _sb3("dqn", "agents:DQN", "deep Q-network, one job per step", "Mnih 2015"),
)
