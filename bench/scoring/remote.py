"""An optimizer whose code is elsewhere: here its mappings are evaluated, as those of any other, and counted."""

from __future__ import annotations

from bench.scoring.process import OptimizerProcess
from optimizers.contract import Evaluator, Optimizer
from optimizers.evaluators.wrapper import RunEnded

NAME = ("scored", "Optimizer")
"""Module and class from which seeds are derived: whatever file and class are called, they have the same luck."""


def remote(process: OptimizerProcess) -> type[Optimizer]:
    """Return the class of an optimizer that runs in ``process``."""

    class Remote(Optimizer):
        """Hands on what the process proposes."""

        def run(self, evaluator: Evaluator) -> None:
            """Search until the run is over, or the process has nothing more to try."""
            process.begin(self.space.num_jobs, self.space.num_cores, self.budget, self.seed)
            try:
                while (mappings := process.proposed()) is not None:
                    process.tell(evaluator.evaluate(*mappings))
            except RunEnded:
                process.end_run()
                raise

    Remote.__module__, Remote.__qualname__ = NAME
    return Remote
