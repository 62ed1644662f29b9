"""Problems of the suite m3e as benchmarks of OptunaHub."""

from __future__ import annotations

import problems
from problems.doors.optunahub import MappingProblem


class Problem(MappingProblem):
    """Map the jobs of neural networks to the cores of an accelerator, so that they end early.

    Args:
        problem_id: Name of an instance, ``task/platform/bwB/gG/iI`` and options; ``m3e list problems`` tells them.
        encoding: ``native``: the core of a job is a categorical parameter, a priority a float; ``continuous``: all are
            floats in [0, 1].
        integers: Whether cores in the native encoding are integers, for samplers that do not model categories.

    Raises:
        problems.UnknownName: If an id names what is not there, or there is no such encoding.
    """

    def __init__(
        self, problem_id: str = "mix/S2/bw1/g20/i0", encoding: str = "native", *, integers: bool = False
    ) -> None:
        self.problem = problems.get(problem_id)
        super().__init__(self.problem, encoding, integers=integers)

    def lower_bound(self) -> float:
        """Return a certified value that no (first) objective value can beat."""
        return self.problem.lower_bound()
