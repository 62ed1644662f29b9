from .builtin import OPTIMIZERS, Entry
from .catalogue import (
    canonical_name,
    check_objectives,
    check_parameters,
    derived_seed,
    names,
    resolve_parameters,
)
from .contract import AskTellOptimizer, Evaluator, Optimizer, ProblemLike, SearchSpace
from .evaluators.watched import Progress
from .result import FullTrace, Result
from .search import Search, minimize, recovered, replay_trace

__all__ = [
    "OPTIMIZERS",
    "AskTellOptimizer",
    "Entry",
    "Evaluator",
    "FullTrace",
    "Optimizer",
    "ProblemLike",
    "Progress",
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
    "replay_trace",
    "resolve_parameters",
]
