"""The optimizers that ship with the suite. To add one: its file, and a line here."""

from __future__ import annotations

from bench.registry import Entry, Registry

OPTIMIZERS: Registry[Entry] = Registry("optimizer", group="m3e.optimizers")
"""All optimizers by name, plug-ins included; factories return an ``optimizers.Optimizer``."""

NEVERGRAD = "optimizers.adapters.nevergrad:NevergradOptimizer"
OPTUNA = "optimizers.adapters.optuna:OptunaOptimizer"
OPTUNA_FRONTS = "optimizers.adapters.optuna:OptunaFronts"

DEAP = "optimizers.adapters.deap"

BUILTIN = (
    Entry(
        "magma",
        "optimizers.magma:Magma",
        family="native",
        summary="the genetic algorithm made for this problem",
        source="Kao & Krishna 2022",
    ),
    Entry("random", "optimizers.random_search:RandomSearch", family="native", summary="uniform random search"),
    Entry(
        "nevergrad-de",
        NEVERGRAD,
        {"method": "DE"},
        family="nevergrad",
        summary="differential evolution",
        source="Storn & Price 1997",
    ),
    Entry(
        "nevergrad-cma",
        NEVERGRAD,
        {"method": "CMA"},
        family="nevergrad",
        summary="covariance matrix adaptation",
        source="Hansen & Ostermeier 2001",
    ),
    Entry(
        "nevergrad-pso",
        NEVERGRAD,
        {"method": "PSO"},
        family="nevergrad",
        summary="particle swarm",
        source="Kennedy & Eberhart 1995",
    ),
    Entry(
        "nevergrad-tbpsa",
        NEVERGRAD,
        {"method": "TBPSA"},
        family="nevergrad",
        summary="population-size adaptation by tests",
        source="Hellwig & Beyer 2016",
    ),
    Entry(
        "nevergrad-oneplusone",
        NEVERGRAD,
        {"method": "OnePlusOne"},
        family="nevergrad",
        summary="(1+1) evolution strategy",
        source="Schumer & Steiglitz 1968",
    ),
    Entry(
        "optuna-tpe",
        OPTUNA,
        {"method": "TPE"},
        family="optuna",
        summary="tree-structured Parzen estimator; slow at many trials",
        source="Bergstra 2011",
    ),
    Entry(
        "optuna-nsga2",
        OPTUNA_FRONTS,
        {"method": "NSGA-II"},
        family="optuna",
        summary="NSGA-II; takes two objectives",
        source="Deb 2002",
    ),
    Entry(
        "optuna-cmaes",
        OPTUNA,
        {"method": "CMA-ES"},
        family="optuna",
        summary="covariance matrix adaptation",
        source="Hansen & Ostermeier 2001",
    ),
    Entry(
        "deap-stdga",
        f"{DEAP}:StandardGA",
        family="deap",
        summary="standard genetic algorithm (eaSimple)",
        source="Holland 1975",
    ),
    Entry(
        "deap-es",
        f"{DEAP}:EvolutionStrategy",
        family="deap",
        summary="(mu + lambda) evolution strategy",
        source="Beyer & Schwefel 2002",
    ),
    Entry(
        "deap-nsga2",
        f"{DEAP}:NSGA2",
        family="deap",
        summary="NSGA-II on real numbers; takes two objectives",
        source="Deb 2002",
    ),
)
