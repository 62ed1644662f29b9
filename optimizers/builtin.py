"""The optimizers that ship with the suite. To add one: its file, and a line here."""

from __future__ import annotations

from bench.registry import Entry, Registry

OPTIMIZERS: Registry[Entry] = Registry("optimizer", group="m3e.optimizers")
"""All optimizers by name, plug-ins included; factories return an ``optimizers.Optimizer``."""

NEVERGRAD = "optimizers.adapters.nevergrad:NevergradOptimizer"
OPTUNA = "optimizers.adapters.optuna:OptunaOptimizer"

BUILTIN = (
    Entry("magma", "optimizers.magma:Magma", family="native", source="Kao & Krishna 2022"),
    Entry("random", "optimizers.random_search:RandomSearch", family="native", summary="uniform random search"),
)
