"""Job tables as files: the costs of every job on every core, from any cost model or measurement.

CSV with a header: one row per job, columns ``latency_<core>`` (cycles; ``inf`` where the core cannot run the job) and
``bandwidth_<core>`` (bytes/cycle) for each core, optionally ``energy_<core>`` (nJ; empty or ``nan`` where unknown)
and ``job`` (a name). The order of the cores is that of the latency columns. Cores without names are numbered from 0:
columns ``latency_0``, ``latency_1``, ... in this order do not name the cores.

NPZ: the arrays ``latency`` and ``bandwidth``, ``(G, A)``, optionally ``energy`` ``(G, A)``, ``job_names`` ``(G,)`` and
``core_names`` ``(A,)``. Nothing is unpickled.
"""

from __future__ import annotations

import csv
import io
import math
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import in_file, write_bytes
from problems.importing.csv_rows import Row, read_rows, to_width
from problems.importing.npz_arrays import read_arrays
from problems.job_table import JobTable
from problems.names import check_name

FIGURES = ("latency", "bandwidth", "energy")

EXPECTED = {
    "latency": "cycles, 0 to inf",
    "bandwidth": "bytes/cycle, a finite number of at least 0",
    "energy": "nJ, a number of at least 0, or nothing",
}

NAMES = ("job_names", "core_names")


def has_job_table_header(row: Row) -> bool:
    """Return whether ``row`` names columns of a job table; unlike a row of a job file it then holds no numbers."""
    starts = tuple(f"{figure}_" for figure in FIGURES)
    return any(cell.startswith(starts) for cell in row.cells) and not any(cell.isdigit() for cell in row.cells)


def read_job_table_csv(path: Path, rows: Iterable[Row] | None = None) -> JobTable:
    """Read a job table from a CSV file with a header.

    Args:
        path: Path of the file.
        rows: Rows of the file, if they have been read already.

    Raises:
        InvalidInput: If a row or value is invalid; names file, line and column.
        UnknownName: On an unknown column.
    """
    body = iter(read_rows(path) if rows is None else rows)
    header = next(body)
    columns = _columns(path, header)
    cores = [column.removeprefix("latency_") for column in columns if column.startswith("latency_")]
    _check_columns(f"{path}, line {header.line}", columns, cores)
    cells = _Cells(path, columns, cores)
    for row in body:
        cells.add(row)
    return cells.job_table()


def read_job_table_npz(path: Path) -> JobTable:
    """Read a job table from an NPZ file.

    Raises:
        InvalidInput: If an array is missing or invalid; names file and array.
        UnknownName: On an unknown array.
    """
    arrays = read_arrays(path, dict.fromkeys(FIGURES, "iuf") | dict.fromkeys(NAMES, "U"))
    for name in ("latency", "bandwidth"):
        if name not in arrays:
            raise InvalidInput(f"{path}: {name}", expected="an array (jobs, cores)", actual="no such array")
    names = {name: _texts(f"{path}: {name}", arrays[name]) for name in NAMES if name in arrays}
    return _table(path, arrays, names.get("job_names", ()), names.get("core_names", ()))


def _texts(what: str, array: npt.NDArray[np.generic]) -> tuple[str, ...]:
    if array.ndim != 1:
        raise InvalidInput(what, expected="an array of text, one row", actual=f"{array.dtype}, shape {array.shape}")
    own = array.astype(array.dtype.newbyteorder("="))
    if np.frombuffer(own.tobytes(), np.uint32).max(initial=0) > sys.maxunicode:  # Python fails on such text
        raise InvalidInput(what, expected="an array of text, one row", actual="numbers that are no characters")
    return tuple(own.tolist())


def write_job_table(table: JobTable, path: str | Path) -> None:
    """Write ``table`` as CSV or NPZ, by the suffix of ``path``; reading it back gives the same numbers and names.

    Raises:
        InvalidInput: On another suffix, or, for CSV, if core names are empty or not unique.
        StorageError: If the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        write_bytes(path, _csv(table).encode())
    elif path.suffix.lower() == ".npz":
        stream = io.BytesIO()
        fields = {name: getattr(table, name) for name in (*FIGURES, *NAMES)}
        given = {name: np.array(field) for name, field in fields.items() if field is not None and len(field)}
        arrays: dict[str, Any] = given  # Any: NumPy's stubs take `**arrays` for its option `allow_pickle` too
        np.savez_compressed(stream, **arrays)
        write_bytes(path, stream.getvalue())
    else:
        raise InvalidInput(str(path), expected="a name that ends in .csv or .npz", actual=path.suffix or "no suffix")


def _csv(table: JobTable) -> str:
    cores = table.core_names or tuple(map(str, range(table.num_cores)))
    if len(set(cores)) < len(cores) or not all(cores):
        hint = "Rename the cores, or write NPZ."
        raise InvalidInput("core_names", expected="different names, none of them empty", actual=cores, hint=hint)
    figures = [figure for figure in FIGURES if getattr(table, figure) is not None]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*(["job"] if table.job_names else []), *(f"{figure}_{c}" for figure in figures for c in cores)])
    for job in range(table.num_jobs):
        numbers = [repr(value) for figure in figures for value in getattr(table, figure)[job].tolist()]
        writer.writerow([*table.job_names[job : job + 1], *numbers])
    return stream.getvalue()


def _columns(path: Path, header: Row) -> list[str]:
    columns = list(header.cells)
    while not columns[-1]:
        columns.pop()
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        what = f"{path}, line {header.line}"
        raise InvalidInput(what, expected="different columns", actual=f"{twice[0]!r} more than once")
    return columns


def _check_columns(where: str, columns: list[str], cores: list[str]) -> None:
    """Raise unless every core has the columns that it needs, and no other column is there."""
    if not cores:
        expected = "columns latency_<core> and bandwidth_<core> for each core"
        raise InvalidInput(where, expected=expected, actual=",".join(columns))
    needed = [f"{figure}_{core}" for figure in FIGURES for core in cores]
    known = {"job", *needed}
    for column in columns:
        if column not in known:
            raise UnknownName(f"column in {where}:", column, known)
    some_energy = any(column.startswith("energy_") for column in columns)
    there = set(columns)
    for column in needed:
        if column not in there and (some_energy or not column.startswith("energy_")):
            raise InvalidInput(where, expected=f"a column {column}", actual=",".join(columns))


class _Cells:
    """The cells of a job table in CSV, collected row by row."""

    def __init__(self, path: Path, columns: list[str], cores: list[str]) -> None:
        self._path, self._columns, self._cores = path, columns, cores
        self._numbers = [column for column in columns if column != "job"]
        self._places = {column: place for place, column in enumerate(self._numbers)}
        self._job = columns.index("job") if "job" in columns else None
        self._what = ",".join(columns)
        self._values = array("d")
        self._jobs: list[str] = []

    def add(self, row: Row) -> None:
        cells = to_width(self._path, row, len(self._columns), self._what)
        if self._job is not None:
            self._jobs.append(cells[self._job])
            cells = cells[: self._job] + cells[self._job + 1 :]
        try:
            values = list(map(float, cells))
            plain = min(values) >= 0.0 and sum(values) < math.inf  # false for NaN
        except ValueError:
            plain = False
        self._values.extend(values if plain else self._looked_at(f"{self._path}, line {row.line}", cells))

    def _looked_at(self, where: str, texts: list[str]) -> list[float]:
        """Return the numbers of a row in which some are special or invalid."""
        cells = dict(zip(self._numbers, texts, strict=True))
        for core in self._cores:
            if cells[f"latency_{core}"].lower() in ("inf", "infinity") and not cells[f"bandwidth_{core}"]:
                cells[f"bandwidth_{core}"] = "0"
        values = [_number(where, column, cells[column]) for column in self._numbers]
        if all(values[self._places[f"latency_{core}"]] == math.inf for core in self._cores):
            raise InvalidInput(where, expected="a finite latency on some core", actual="inf on all")
        return values

    def job_table(self) -> JobTable:
        values = np.frombuffer(self._values).reshape(-1, len(self._numbers))
        figures = {
            figure: values[:, [self._places[f"{figure}_{core}"] for core in self._cores]]
            for figure in FIGURES
            if f"{figure}_{self._cores[0]}" in self._places
        }
        counted = self._cores == [str(i) for i in range(len(self._cores))]
        return _table(self._path, figures, tuple(self._jobs), () if counted else tuple(self._cores))


def _number(where: str, column: str, cell: str) -> float:
    """Return the number in a cell; NaN only for an energy."""
    figure = column.partition("_")[0]
    try:
        value = float(cell or "nan")
    except ValueError:
        value = -1.0
    unknown = math.isnan(value) and figure != "energy"
    if value < 0 or unknown or (value == math.inf and figure == "bandwidth"):
        raise InvalidInput(f"{where}: {column}", expected=EXPECTED[figure], actual=cell or "an empty cell")
    return value


def _table(
    path: Path,
    figures: Mapping[str, npt.NDArray[np.generic]],
    job_names: tuple[str, ...],
    core_names: tuple[str, ...],
) -> JobTable:
    """Make a job table of the arrays ``FIGURES``, of which ``energy`` is optional; other arrays are ignored."""
    try:
        with np.errstate(over="ignore"):  # numbers beyond float64 become infinite
            latency, bandwidth = (np.asarray(figures[name], dtype=np.float64) for name in ("latency", "bandwidth"))
            energy = np.asarray(figures["energy"], dtype=np.float64) if "energy" in figures else None
            table = JobTable(latency, bandwidth, energy, job_names, core_names)
        for what in NAMES:
            for number, name in enumerate(getattr(table, what)):
                check_name(f"{what}[{number}]", name)
    except InvalidInput as error:
        raise in_file(path, error) from error
    return table
