"""Mappings that a method elsewhere has proposed, in its order: a method whose code cannot run here can be compared."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optimizers.contract import Optimizer
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import is_number
from problems.foundation.errors import InvalidInput
from problems.foundation.files import digest_of_file, read_text
from problems.space import Evaluator, SearchSpace

BATCH = 100
"""Mappings between two looks at the time limits."""

MOST_CORE = 2**31 - 1

COLUMNS = "columns core_0, core_1, ... and then priority_0, priority_1, ... of all jobs"


@dataclass(frozen=True, eq=False)
class Trace:
    """Mappings in the order of their evaluation, as read from a file.

    Attributes:
        path: The file.
        lines: ``(N,)`` the line of each mapping, from 1.
        cores: ``(N, G)``.
        priorities: ``(N, G)`` in [0, 1).
    """

    path: Path
    lines: IntArray
    cores: IntArray
    priorities: FloatArray

    def check_fits(self, space: SearchSpace) -> None:
        """Raise ``InvalidInput`` if these are no mappings of ``space``."""
        num_jobs = self.cores.shape[1]
        if num_jobs != space.num_jobs:
            what, expected = f"{self.path}, line 1", f"columns for {space.num_jobs} jobs"
            raise InvalidInput(what, expected=expected, actual=f"columns for {num_jobs}")
        for row, job in np.argwhere(self.cores >= space.num_cores)[:1]:
            what = f"{self.path}, line {self.lines[row]}, column core_{job}"
            raise InvalidInput(
                what, expected=f"a core from 0 to {space.num_cores - 1}", actual=int(self.cores[row, job])
            )


class ReplayedTrace(Optimizer):
    """Evaluates the mappings in a file, one a row, in their order and no others.

    The file is CSV with the header ``core_0,...,core_{G-1},priority_0,...,priority_{G-1}``. Its runs are marked:
    ``replayed`` is true in their settings.

    Args:
        path: The file; a relative path starts at the current folder.
        sha256: Digest of the file, which stands for its content in stored runs; "" for that of the file as it is.

    Raises:
        InvalidInput: If the file is not such a table (with line and column) or has another digest; in ``run``, if its
            mappings are not of this problem.
    """

    multi_objective = True
    seeded = False
    no_warm_start = "Its proposals do not depend on what was evaluated before."

    def __init__(
        self, space: SearchSpace, *, budget: int, seed: int, path: str | None = None, sha256: str = ""
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        if not isinstance(path, str) or not path:
            raise InvalidInput("path", expected="the path of a CSV file of mappings", actual=path)
        self._digest = digest_of_file(Path(path))
        if sha256 not in ("", self._digest):
            raise InvalidInput("sha256", expected=f"that of {path}, {self._digest}", actual=sha256)
        self._trace = read_trace(Path(path))

    @classmethod
    def identify(cls, parameters: Mapping[str, object]) -> dict[str, object]:
        """Identify the file by its digest."""
        path, told = parameters.get("path"), parameters.get("sha256")
        return {"sha256": digest_of_file(Path(path))} if isinstance(path, str) and path and told == "" else {}

    def settings(self) -> dict[str, object]:
        """That the mappings are replayed, how many there are, and the digest of their file."""
        return {"replayed": True, "mappings": len(self._trace.lines), "source_sha256": self._digest}

    def first_population(self) -> None:
        """None: values never matter."""

    def run(self, evaluator: Evaluator) -> None:
        """Evaluate the mappings."""
        trace = self._trace
        trace.check_fits(self.space)
        for start in range(0, len(trace.lines), BATCH):
            batch = slice(start, start + BATCH)
            evaluator.evaluate(trace.cores[batch], trace.priorities[batch])


def read_trace(path: Path) -> Trace:
    """Read the mappings in a CSV file.

    Raises:
        InvalidInput: If it is no such table, naming line and column.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    lines, rows = [], []
    try:
        columns = [name.strip() for name in next(reader, [])]
        num_jobs = _check_columns(path, columns)
        for cells in reader:
            if cells:
                lines.append(reader.line_num)
                rows.append(_numbers(f"{path}, line {reader.line_num}", cells, columns))
    except csv.Error as error:
        raise InvalidInput(f"{path}, line {reader.line_num}", expected="CSV", actual=str(error)) from error
    if not rows:
        raise InvalidInput(f"{path}", expected="a mapping a line below the header", actual="none")
    table = np.array(rows, dtype=np.float64)
    return Trace(path, np.array(lines), table[:, :num_jobs].astype(np.int64), np.ascontiguousarray(table[:, num_jobs:]))


def _check_columns(path: Path, columns: Sequence[str]) -> int:
    """Return the number of jobs."""
    num_jobs = max(len(columns) // 2, 1)
    expected = [f"{kind}_{job}" for kind in ("core", "priority") for job in range(num_jobs)]
    for number, (wanted, name) in enumerate(zip(expected, columns, strict=False), start=1):
        if name != wanted:
            what, hint = f"{path}, line 1, column {number}", f"Expected are {COLUMNS}."
            raise InvalidInput(what, expected=wanted, actual=name, hint=hint)
    if len(columns) != len(expected):
        raise InvalidInput(f"{path}, line 1", expected=COLUMNS, actual=f"{len(columns)} columns")
    return num_jobs


def _numbers(place: str, cells: Sequence[str], columns: Sequence[str]) -> FloatArray:
    """Return the numbers of a row, ``(2G,)``."""
    if len(cells) != len(columns):
        raise InvalidInput(place, expected=f"{len(columns)} cells", actual=str(len(cells)))
    half = len(cells) // 2
    with suppress(ValueError):  # a text: it is named below
        _check_plain("".join(cells))
        row: FloatArray = np.array(cells, dtype=np.float64)
        cores, priorities = row[:half], row[half:]
        are_cores = (cores >= 0) & (cores <= MOST_CORE) & (cores == np.floor(cores))
        if are_cores.all() and ((priorities >= 0.0) & (priorities < 1.0)).all():
            return row
    for number, (name, cell) in enumerate(zip(columns, cells, strict=True)):
        _check_cell(f"{place}, column {name}", cell, is_core=number < half)
    raise AssertionError("a cell is to blame")


def _check_plain(text: str) -> None:
    """Raise ``ValueError`` for what Python takes as a number and CSV does not: digits of other scripts, 1_000."""
    if "_" in text or not text.isascii():
        raise ValueError(text)


def _check_cell(place: str, cell: str, *, is_core: bool) -> None:
    try:
        _check_plain(cell)
        value = float(cell)
    except ValueError:
        value = float("nan")
    if is_core and not (is_number(value, 0, MOST_CORE) and value.is_integer()):
        raise InvalidInput(place, expected="a core, an integer from 0", actual=repr(cell))
    if not is_core and not 0.0 <= value < 1.0:
        raise InvalidInput(place, expected="a priority from 0 to below 1", actual=repr(cell))
