"""The contract of all optimizers, shared by the harness, the adapters and plug-ins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import BadProposal
from problems.space import Evaluator, Jobs, Mappings, ProblemLike, SearchSpace

__all__ = [
    "AskTellOptimizer",
    "Evaluator",
    "FloatArray",
    "IntArray",
    "Jobs",
    "Mappings",
    "Optimizer",
    "ProblemLike",
    "SearchSpace",
]


class Optimizer(ABC):
    """A search method for one run on one problem.

    Contract:
        - The constructor takes the search space, the budget (evaluations), the seed and the optimizer's own keyword
          parameters, all with defaults; then ``run`` is called once.
        - ``run`` passes mappings to ``evaluator.evaluate`` in batches of any size. The evaluator counts and times
          evaluations, and ends the run at the budget or a time limit by an exception that is not an ``Exception``:
          do not catch it. If a batch exceeds the budget, only its first mappings are evaluated.
        - Threads of an optimizer may share the evaluator: one evaluates at a time, the others wait. Once the run has
          ended, every call raises that exception, in whatever thread; threads of its own may catch it to end quietly.
        - The evaluator records the best mapping; ``run`` returns nothing, and only if there is nothing more to try.
        - The same space, budget, seed and parameters give the same proposals in any process. All randomness comes from
          ``self.rng`` or is seeded from ``self.seed``.
        - Values ``(P,)`` are at least 0, by default makespans; ``inf`` marks a mapping that cannot run, or for which
          the objective is undefined (NaN). If ``space.num_objectives`` is 2, which happens only to classes with
          ``multi_objective``, values are ``(P, 2)``; the run is then judged by its Pareto front.

    Attributes:
        multi_objective: Whether the optimizer supports problems with several objectives.
        sees_jobs: Whether the optimizer is not a black-box optimizer, but reads the jobs in ``space.jobs``.
        evaluates_itself: Whether it evaluates mappings by a model of its own too, which no budget counts. Reports list
            its runs, but rank them with no others; ``settings`` may tell their number as ``internal_evaluations``.
        tuned_on: Patterns of the ids of problems on which its parameters were tuned (``mix/*/i10?``). Reports mark
            verdicts on these: they are no claims. Instances from i100 on are there to tune on.
        seeded: Whether the proposals depend on the seed.
        no_warm_start: Why it has no parameter ``warm_start``, for messages.
        of_a_problem: Parameters whose values fit one problem and no other: they are checked when a run begins.
        libraries: Distributions whose versions are stored with each run.
        space: Search space.
        budget: Evaluations available to the run.
        seed: Seed of this optimizer, derived from the run's seed and the optimizer's name.
        rng: Random generator seeded from ``seed``.
        check_limits: Ends the run, as ``evaluate`` does, if a limit is reached: for optimizers that wait for something
            outside, where no signal may come.
    """

    multi_objective: ClassVar[bool] = False
    sees_jobs: ClassVar[bool] = False
    evaluates_itself: ClassVar[bool] = False
    tuned_on: ClassVar[tuple[str, ...]] = ()
    seeded: ClassVar[bool] = True
    no_warm_start: ClassVar[str] = "It has no such parameter."
    of_a_problem: ClassVar[frozenset[str]] = frozenset(("warm_start",))
    libraries: ClassVar[tuple[str, ...]] = ()

    def __init__(self, space: SearchSpace, *, budget: int, seed: int) -> None:
        self.space = space
        self.budget = budget
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.check_limits: Callable[[], None] = lambda: None  # outside of a run there are none

    @classmethod
    def warm_up(cls) -> None:
        """Load and compile what every instance will need: called before the clocks of a run start.

        A class with compiled code calls it here once, on small arguments of the types that will come. The random state
        of the process must be left as it is.
        """
        return  # most have nothing to do

    @classmethod
    def identify(cls, parameters: Mapping[str, object]) -> dict[str, object]:
        """Return parameters that follow from ``parameters``: the digest of a file that they name, a default's value.

        They are stored with the others, so that another content is another run.
        """
        return {}

    @abstractmethod
    def run(self, evaluator: Evaluator) -> None:
        """Search until the evaluator ends the run."""

    def settings(self) -> dict[str, object]:
        """Return the defaults chosen by the underlying library, as JSON values; they are stored with the run."""
        return {}

    def first_population(self) -> int | None:
        """Return how many mappings are proposed before any value can matter; None if values never matter.

        The number is known from the start and stored with the run: reports mark a run that ends before it as no
        search. If it is not known exactly, return a lower bound; the first batch counts in any case.
        """
        return 1

    def cpu_seconds_elsewhere(self) -> float:
        """Return the CPU seconds that processes of its own have used so far: they count as the run's."""
        return 0.0

    def surroundings(self) -> AbstractContextManager[None]:
        """Return a context for ``run``, for libraries that use global random generators, warnings or threads.

        It restores whatever it changes in the process.
        """
        return nullcontext()


class AskTellOptimizer(Optimizer):
    """An optimizer with an ask/tell interface; the loop is inherited.

    Calls alternate: ``ask``, ``tell`` with the mappings asked, ``ask``, and so on. The arrays that ``ask`` returns and
    ``tell`` receives belong to the optimizer.
    """

    @abstractmethod
    def ask(self) -> Mappings:
        """Return the next mappings: cores ``(P, G)`` int in 0..A-1, priorities ``(P, G)`` float in [0, 1); P >= 1."""

    @abstractmethod
    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Receive the ``values``, ``(P,)`` or ``(P, 2)``, of the mappings asked last."""

    def run(self, evaluator: Evaluator) -> None:
        """Ask, evaluate and tell until the evaluator ends the run.

        Raises:
            BadProposal: If ``ask`` returns anything but two things.
        """
        while True:
            asked = self.ask()
            if not isinstance(asked, tuple | list) or len(asked) != 2:
                actual = f"{len(asked)} things" if isinstance(asked, tuple | list) else type(asked).__name__
                raise BadProposal(f"ask() proposed no mapping: expected cores and priorities, got {actual}")
            cores, priorities = asked
            self.tell(cores, priorities, evaluator.evaluate(cores, priorities))
