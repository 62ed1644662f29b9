"""What stands between an optimizer and a problem: wrappers with the interface of what they wrap.

``minimize`` stacks them: budget around wall limit around checks around the record around the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.errors import BadProposal, BadValue
from bench.text import printable, shorten
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, Objective, count_objectives

Front = tuple[FloatArray, IntArray, FloatArray]
"""Values ``(m, k)``, cores ``(m, G)`` and priorities ``(m, G)`` of m mappings, by ascending first value."""


_NO_NUMBERS = (type(None), str, bytes, complex, np.complexfloating)
"""What NumPy would make a number of, silently."""


class RunEnded(BaseException):
    """Ends a run from inside ``evaluate``; no ``Exception``, lest an optimizer's own handlers catch it."""


class BudgetSpent(RunEnded):
    """All evaluations are used."""


class Wrapper:
    """Passes everything on; subclasses change ``evaluate``."""

    def __init__(self, inner: Objective) -> None:
        self._inner = inner

    @property
    def num_jobs(self) -> int:
        """G."""
        return self._inner.num_jobs

    @property
    def num_cores(self) -> int:
        """A."""
        return self._inner.num_cores

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``."""
        values: FloatArray = self._inner.evaluate(cores, priorities)
        return values


class Budgeted(Wrapper):
    """Ends the run with its last evaluation; a batch that goes beyond the budget is cut.

    Attributes:
        first_batch: Mappings in the first batch, before it was cut.
    """

    def __init__(self, inner: Objective, budget: int) -> None:
        super().__init__(inner)
        self._left = budget
        self.first_batch = 0

    @property
    def is_spent(self) -> bool:
        """Whether there is nothing left."""
        return self._left <= 0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``; raises ``BudgetSpent`` once the budget is used."""
        if self._left <= 0:
            raise BudgetSpent
        count = np.shape(cores)[0] if np.ndim(cores) else 0
        self.first_batch = self.first_batch or count
        if count > self._left:
            cores, priorities = cores[: self._left], priorities[: self._left]
        values = super().evaluate(cores, priorities)
        self._left -= len(values)
        if self._left <= 0:
            raise BudgetSpent
        return values


class Checked(Wrapper):
    """Refuses what is not a mapping, naming the optimizer, and from then on everything; likewise after a bad value.

    Attributes:
        refusal: The error that was raised, in case the optimizer catches it.
    """

    def __init__(self, inner: Objective, optimizer: str) -> None:
        super().__init__(inner)
        self._optimizer = optimizer
        self.refusal: BadProposal | BadValue | None = None

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``; raises ``BadProposal`` on wrong shapes, types or values."""
        if self.refusal:
            raise RunEnded
        shape = (np.shape(cores)[0] if np.ndim(cores) == 2 else 0, self.num_jobs)
        core, priority = np.asarray(cores), np.asarray(priorities)
        if shape[0] < 1 or core.shape != shape or priority.shape != shape:
            self._refuse(
                f"cores and priorities of shape (P, {self.num_jobs}), P at least 1",
                f"{core.shape} and {priority.shape}",
            )
        if core.dtype.kind not in "iu" or priority.dtype.kind != "f":
            self._refuse("integer cores and float priorities", f"{core.dtype} and {priority.dtype}")
        if core.min() < 0 or core.max() >= self.num_cores:
            self._refuse(f"cores from 0 to {self.num_cores - 1}", f"{core.min()} to {core.max()}")
        low, high = priority.min(), priority.max()  # NaN passes through both
        if not (low >= 0.0 and high < 1.0):
            self._refuse("priorities in [0, 1)", f"{low} to {high}")
        try:
            return super().evaluate(core.astype(np.int64, copy=False), priority.astype(np.float64, copy=False))
        except BadValue as error:
            self.refusal = error
            raise

    def _refuse(self, expected: str, actual: str) -> None:
        message = f"optimizer {self._optimizer!r} proposed no mapping: expected {expected}, got {actual}"
        self.refusal = BadProposal(message)
        raise self.refusal


class Rankable(Wrapper):
    """Sees that all values can be ranked: NaN counts as infinite, as a mapping that cannot run.

    So a mapping without a value is never the best one, in whatever library, and none of the others is lost for it. If
    one of several values is NaN, all of the mapping's are infinite.
    """

    def __init__(self, inner: Objective) -> None:
        super().__init__(inner)
        self._num_objectives = count_objectives(inner)

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, k)``; raises ``BadValue`` on what are no values, naming the mapping."""
        values = super().evaluate(cores, priorities)
        shape = (len(cores),) if self._num_objectives == 1 else (len(cores), self._num_objectives)
        if type(values) is not np.ndarray or values.dtype != np.float64:
            values = self._converted(values)
        if values.shape != shape:
            raise BadValue(f"{self._told}: expected values of shape {shape}, got {values.shape}")
        least = values.min()  # NaN passes through it
        if least != least or least == -np.inf:
            values = self._without_nan(values, cores, priorities)
        return values

    @property
    def _told(self) -> str:
        innermost: Any = self._inner
        return f"objective {printable(getattr(innermost, 'id', type(innermost).__name__))}"

    def _converted(self, values: Any) -> FloatArray:
        """``values`` as numbers; complex ones and texts are none, and masked ones are NaN."""
        try:
            array = np.ma.asanyarray(values) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
            objects = array.flat if array.dtype.kind == "O" else ()
            if array.dtype.kind not in "biufO" or any(isinstance(value, _NO_NUMBERS) for value in objects):
                raise TypeError(array.dtype)
            with np.errstate(over="ignore"):  # of more than 64 bits: infinite
                return np.ma.filled(array.astype(np.float64), np.nan)
        except Exception as error:  # whatever a foreign class makes of being a number
            raise BadValue(f"{self._told}: expected numbers as values, got {printable(values, 80)}") from error

    def _without_nan(self, values: FloatArray, cores: IntArray, priorities: FloatArray) -> FloatArray:
        rows = values.reshape(len(values), -1)
        endless = np.flatnonzero((rows == -np.inf).any(axis=1))
        if len(endless):
            mapping = f"cores {cores[endless[0]].tolist()}, priorities {priorities[endless[0]].tolist()}"
            raise BadValue(f"{self._told}: expected no value of -inf, got it of the mapping {shorten(mapping, 400)}")
        return np.where(np.isnan(rows).any(axis=1, keepdims=True), np.inf, rows).reshape(values.shape)


class Repaired(Wrapper):
    """Gives every job that its core cannot run to the next one that can, if the problem knows how to.

    What is recorded is the repaired mapping; the optimizer keeps what it proposed.
    """

    def __init__(self, inner: Objective, problem: Objective) -> None:
        super().__init__(inner)
        self._repair = getattr(problem, "repair", None)

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)``, or ``(P, k)``."""
        return super().evaluate(cores if self._repair is None else self._repair(cores), priorities)


class Timed(Wrapper):
    """Adds up the time in ``evaluate``; ``seconds``."""

    def __init__(self, inner: Objective) -> None:
        super().__init__(inner)
        self.seconds = 0.0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``."""
        start = perf_counter()
        values = super().evaluate(cores, priorities)
        self.seconds += perf_counter() - start
        return values


class Remembered(Wrapper):
    """Keeps every mapping that is evaluated, compactly.

    Attributes:
        all_cores: Batches ``(P, G)`` in order, 16-bit integers.
        all_priorities: Batches ``(P, G)`` in order, single precision.
    """

    def __init__(self, inner: Objective) -> None:
        super().__init__(inner)
        self.all_cores: list[npt.NDArray[np.int16]] = []
        self.all_priorities: list[npt.NDArray[np.float32]] = []

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``."""
        values = super().evaluate(cores, priorities)
        self.all_cores.append(cores.astype(np.int16))
        self.all_priorities.append(priorities.astype(np.float32))
        return values


class Recorded(Wrapper):
    """Counts, and keeps the best mapping, every improvement, and when a sparse grid of counts was reached.

    Attributes:
        num_evaluations: So far.
        best_value: Lowest value; ``inf`` before the first evaluation.
        best_cores: ``(G,)`` of the best mapping; the first of equals.
        best_priorities: ``(G,)``, likewise.
        improvements: (evaluation counted from 1, value, seconds since the start) of each.
        checkpoints: (evaluations, seconds since the start), about ten a decade.
        all_values: Every batch of values in order, if asked for.
        entered: Rows of the last batch that changed what is kept.
        elapsed: Seconds since the start at the last evaluation.
    """

    GRID_RATIO = 1.25

    def __init__(self, inner: Objective, *, keep_all: bool = False, clock: Callable[[], float] = perf_counter) -> None:
        super().__init__(inner)
        self._clock = clock
        self.restart_clock()
        self._keep_all = keep_all
        self._next_checkpoint = 1.0
        self.num_evaluations = 0
        self.best_value = np.inf
        self.best_cores: IntArray = np.zeros(0, dtype=np.int64)
        self.best_priorities: FloatArray = np.zeros(0)
        self.improvements: list[tuple[int, float, float]] = []
        self.checkpoints: list[tuple[int, float]] = []
        self.all_values: list[FloatArray] = []
        self.entered: Sequence[int] = ()
        self.elapsed = 0.0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``."""
        values = super().evaluate(cores, priorities)
        elapsed = self.elapsed = self._clock() - self._start
        self.entered = self.learn(cores, priorities, values, elapsed)
        self.num_evaluations += len(values)
        if self.num_evaluations >= self._next_checkpoint:
            self.checkpoints.append((self.num_evaluations, elapsed))
            self._next_checkpoint = self.num_evaluations * self.GRID_RATIO
        if self._keep_all:
            self.all_values.append(np.array(values))
        return values

    def restart_clock(self) -> None:
        """Count seconds from now."""
        self._start = self._clock()

    @property
    def front(self) -> Front:
        """The best mapping alone, ``m`` is 1; none if it cannot run."""
        m = int(np.isfinite(self.best_value))
        return np.full((m, 1), self.best_value), self.best_cores[None, :][:m], self.best_priorities[None, :][:m]

    def learn(self, cores: IntArray, priorities: FloatArray, values: FloatArray, elapsed: float) -> Sequence[int]:
        """Keep what is remarkable in a batch, and tell its rows; ``num_evaluations`` are those before it."""
        if self.num_evaluations and not values.min() < self.best_value:
            return ()
        before = np.minimum.accumulate(np.concatenate([[self.best_value], values]))[:-1]
        is_better = values < before
        is_better[0] |= not self.num_evaluations  # the first is recorded even if it cannot run
        better = np.flatnonzero(is_better)
        self.improvements += [(self.num_evaluations + int(i) + 1, float(values[i]), elapsed) for i in better]
        self.best_value = float(values[better[-1]])
        self.best_cores = np.array(cores[better[-1]], dtype=np.int64)
        self.best_priorities = np.array(priorities[better[-1]], dtype=np.float64)
        rows: list[int] = better.tolist()
        return rows


class TimedAskTell(AskTellOptimizer):
    """An ask/tell optimizer with the time in both added up: ``ask_seconds``, ``tell_seconds``."""

    def __init__(self, inner: AskTellOptimizer) -> None:
        self._inner = inner
        self.ask_seconds = 0.0
        self.tell_seconds = 0.0

    def ask(self) -> Mappings:
        """The next mappings."""
        start = perf_counter()
        try:
            return self._inner.ask()
        finally:
            self.ask_seconds += perf_counter() - start

    def tell(self, cores: npt.NDArray[np.int64], priorities: FloatArray, values: FloatArray) -> None:
        """Values of the mappings asked last."""
        start = perf_counter()
        self._inner.tell(cores, priorities, values)
        self.tell_seconds += perf_counter() - start
