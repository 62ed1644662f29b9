"""The adapter: a program asks and tells over its standard input and output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from optimizers.adapters.program.command import digest_of, words_of
from optimizers.adapters.program.messages import ASK, END, VERSION, read_answer, space_message, tell_message
from optimizers.adapters.program.process import Program
from optimizers.contract import AskTellOptimizer
from optimizers.evaluators.wrapper import RunEnded
from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import InvalidInput
from problems.space import Mappings, SearchSpace


class ProgramOptimizer(AskTellOptimizer):
    """A program in any language that speaks the protocol in ``protocol.md``.

    It runs as long as the run, and is killed with all of its process group when that ends.

    Args:
        command: Program and arguments, as in a shell; a relative path starts at the current folder.
        parameters: JSON values by name, which the program is told.

    Raises:
        InvalidInput: If there is no such program, or the parameters are no table.
        BadProposal: (in ``ask``) If the program writes anything but mappings.
        OptimizerFailed: (also in ``ask`` and ``tell``) If it cannot be started, or ends before the run.
    """

    multi_objective = True
    no_warm_start = "The protocol has no message for it; tell the program by its own parameters."

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        command: str = "",
        parameters: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._command, self._words = command, words_of(command)
        if parameters is not None and not isinstance(parameters, Mapping):
            raise InvalidInput("parameters", expected="a table of parameters", actual=parameters)
        self._parameters = parameters or {}
        self._program: Program | None = None

    def settings(self) -> dict[str, object]:
        """The path of the program, its digest, and the version of the protocol."""
        return {"program": self._words[0], "digest": digest_of(self._words), "protocol": VERSION}

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """Run the program, and end it with the run."""
        self._program = Program(f"exec:{self._command}", self._words, self.check_limits)
        try:
            first = space_message(self.space, budget=self.budget, seed=self.seed, parameters=self._parameters)
            self._program.tell(first)
            yield
        finally:
            self._program.close(END)

    def cpu_seconds_elsewhere(self) -> float:
        """Those of the program."""
        return self._program.cpu_seconds() if self._program else 0.0

    def ask(self) -> Mappings:
        """Return the mappings that the program proposes; the run ends if there are none."""
        program = self._running()
        line = program.ask(ASK)
        try:
            cores, priorities = read_answer(line, self.space)
        except ValueError as error:
            raise program.refusal(f"answered with what is no list of mappings: {error}", line) from error
        if not len(cores):
            raise RunEnded
        return cores, priorities

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Tell the program the values of the mappings asked last."""
        self._running().tell(tell_message(values))

    def _running(self) -> Program:
        if self._program is None:
            raise RuntimeError("ask and tell work inside surroundings() only")
        return self._program
