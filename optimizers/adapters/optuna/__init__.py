"""Adapter to Optuna's samplers, each selected by the name of its class in ``optuna.samplers``."""

from optimizers.adapters.optuna.optimizer import OptunaOptimizer, OptunaSingle, OptunaTorch

__all__ = ["OptunaOptimizer", "OptunaSingle", "OptunaTorch"]
