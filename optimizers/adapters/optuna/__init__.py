"""Optuna's samplers under the suite's contract: each by the name of its class in ``optuna.samplers``."""

from optimizers.adapters.optuna.optimizer import OptunaOptimizer, OptunaSingle, OptunaTorch

__all__ = ["OptunaOptimizer", "OptunaSingle", "OptunaTorch"]
