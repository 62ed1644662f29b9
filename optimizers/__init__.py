"""The optimizers: one contract, native MAGMA, and adapters to the libraries of the field.

>>> import optimizers, problems
>>> r = optimizers.minimize(problems.get("mix/S2/bw1/g20/i0"), "magma", budget=500, seed=0)
>>> r.num_evaluations
500
"""

from bench.registry import Entry
from optimizers.builtin import OPTIMIZERS
from optimizers.contract import AskTellOptimizer, Objective, Optimizer, SearchSpace
from optimizers.search import (
    Result,
    Search,
    canonical_name,
    check_objectives,
    check_parameters,
    derived_seed,
    minimize,
    names,
    recovered,
    resolve_parameters,
)

__all__ = [
    "OPTIMIZERS",
    "AskTellOptimizer",
    "Entry",
    "Objective",
    "Optimizer",
    "Result",
    "Search",
    "SearchSpace",
    "canonical_name",
    "check_objectives",
    "check_parameters",
    "derived_seed",
    "minimize",
    "names",
    "recovered",
    "resolve_parameters",
]
