"""Job tables as files: what every job costs on every core, by whatever cost model or measurement.

CSV with a header: a row a job, columns ``latency_<core>`` (cycles; ``inf`` where the core cannot run the job) and
``bandwidth_<core>`` (bytes a cycle) for each core, optionally ``energy_<core>`` (nJ; empty or ``nan`` where unknown)
and ``job`` (a name). The order of the cores is that of the latency columns. Cores without names are counted from 0:
columns ``latency_0``, ``latency_1``, ... in this order name none.

NPZ: the arrays ``latency`` and ``bandwidth``, ``(G, A)``, optionally ``energy`` ``(G, A)``, ``job_names`` ``(G,)`` and
``core_names`` ``(A,)``. Nothing is unpickled.
"""

from __future__ import annotations

import csv
import io
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput, UnknownName
from problems.importing.csv_rows import Row, read_rows, to_width
from problems.importing.files import in_file, read_bytes, write_bytes
from problems.job_table import JobTable

FIGURES = ("latency", "bandwidth", "energy")

EXPECTED = {
    "latency": "cycles, 0 to inf",
    "bandwidth": "bytes a cycle, a finite number of at least 0",
    "energy": "nJ, a number of at least 0, or nothing",
}

ARRAYS = (*FIGURES, "job_names", "core_names")


def has_job_table_header(row: Row) -> bool:
    """Whether ``row`` names columns of a job table; a row of a job file holds numbers, whatever its layer is called."""
    starts = tuple(f"{figure}_" for figure in FIGURES)
    return any(cell.startswith(starts) for cell in row.cells) and not any(cell.isdigit() for cell in row.cells)


def read_job_table_csv(path: Path, rows: list[Row] | None = None) -> JobTable:
    """The job table in a CSV file with a header.

    Args:
        path: The file.
        rows: Its rows, where they have been read already.

    Raises:
        InvalidInput: With file, line and column, if something does not fit.
        UnknownName: On a column that means nothing.
    """
    header, *body = read_rows(path) if rows is None else rows
    columns = _columns(path, header)
    cores = [column.removeprefix("latency_") for column in columns if column.startswith("latency_")]
    _check_columns(f"{path}, line {header.line}", columns, cores)
    table = _Numbers(path, columns, cores)
    for row in body:
        table.add(row)
    return table.job_table()


def read_job_table_npz(path: Path) -> JobTable:
    """The job table in an NPZ file.

    Raises:
        InvalidInput: With file and array, if something does not fit.
        UnknownName: On an array that means nothing.
    """
    arrays = _arrays(path)
    for name in arrays:
        if name not in ARRAYS:
            raise UnknownName(f"array in {path}:", name, ARRAYS)
    for name in ("latency", "bandwidth"):
        if name not in arrays:
            raise InvalidInput(f"{path}: {name}", expected="an array (jobs, cores)", actual="no such array")
    for name, array in arrays.items():
        kinds, expected = ("iuf", "an array of numbers") if name in FIGURES else ("U", "an array of text, one row")
        if array.dtype.kind not in kinds or (kinds == "U" and array.ndim != 1):
            raise InvalidInput(f"{path}: {name}", expected=expected, actual=f"{array.dtype}, shape {array.shape}")
    names = {name: tuple(arrays[name].tolist()) for name in ("job_names", "core_names") if name in arrays}
    figures = {name: arrays[name] for name in FIGURES if name in arrays}
    return _table(path, **figures, **names)


def write_job_table(table: JobTable, path: str | Path) -> None:
    """Write ``table`` as CSV or NPZ, by the suffix of ``path``; reading it gives the same numbers and names.

    Raises:
        InvalidInput: On another suffix, or for CSV on core names that are empty or not different.
        StorageError: If the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        write_bytes(path, _csv(table).encode())
    elif path.suffix.lower() == ".npz":
        stream = io.BytesIO()
        fields = {name: getattr(table, name) for name in ARRAYS}
        arrays: dict[str, Any] = {name: np.array(a) for name, a in fields.items() if a is not None and len(a)}
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
    twice = [column for column in columns if columns.count(column) > 1]
    if twice:
        what = f"{path}, line {header.line}"
        raise InvalidInput(what, expected="different columns", actual=f"{twice[0]!r} more than once")
    return columns


def _check_columns(where: str, columns: list[str], cores: list[str]) -> None:
    """Every core has the columns that it needs, and no column is left over."""
    if not cores:
        expected = "columns latency_<core> and bandwidth_<core> for each core"
        raise InvalidInput(where, expected=expected, actual=",".join(columns))
    needed = [f"{figure}_{core}" for figure in FIGURES for core in cores]
    for column in columns:
        if column != "job" and column not in needed:
            raise UnknownName(f"column in {where}:", column, ["job", *needed])
    some_energy = any(column.startswith("energy_") for column in columns)
    for column in needed:
        if column not in columns and (some_energy or not column.startswith("energy_")):
            raise InvalidInput(where, expected=f"a column {column}", actual=",".join(columns))


class _Numbers:
    """The figures of a CSV file, collected row by row."""

    def __init__(self, path: Path, columns: list[str], cores: list[str]) -> None:
        self._path, self._columns, self._cores = path, columns, cores
        self._figures = {figure: list[list[float]]() for figure in FIGURES if f"{figure}_{cores[0]}" in columns}
        self._jobs: list[str] = []

    def add(self, row: Row) -> None:
        where = f"{self._path}, line {row.line}"
        width = len(self._columns)
        cells = dict(zip(self._columns, to_width(self._path, row, width, ",".join(self._columns)), strict=True))
        for core in self._cores:
            if cells[f"latency_{core}"].lower() in ("inf", "infinity") and not cells[f"bandwidth_{core}"]:
                cells[f"bandwidth_{core}"] = "0"
        for figure, values in self._figures.items():
            values.append([_number(where, f"{figure}_{core}", cells, EXPECTED[figure]) for core in self._cores])
        if min(self._figures["latency"][-1]) == math.inf:
            raise InvalidInput(where, expected="a finite latency on some core", actual="inf on all")
        self._jobs.append(cells.get("job", ""))

    def job_table(self) -> JobTable:
        shape = len(self._jobs), len(self._cores)
        figures = {figure: np.array(values).reshape(shape) for figure, values in self._figures.items()}
        counted = self._cores == [str(i) for i in range(len(self._cores))]
        job_names = self._jobs if "job" in self._columns else ()
        return _table(self._path, **figures, job_names=tuple(job_names), core_names=() if counted else self._cores)


def _number(where: str, column: str, cells: dict[str, str], expected: str) -> float:
    """The number in a cell; NaN only for an energy."""
    cell, figure = cells[column], column.partition("_")[0]
    try:
        value = float(cell or "nan")
    except ValueError:
        value = -1.0
    unknown = math.isnan(value) and figure != "energy"
    if value < 0 or unknown or (value == math.inf and figure == "bandwidth"):
        raise InvalidInput(f"{where}: {column}", expected=expected, actual=cell or "an empty cell")
    return value


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an NPZ file."""
    stream = io.BytesIO(read_bytes(path))
    expected = "an NPZ file of plain arrays, as numpy.savez writes it"
    if not zipfile.is_zipfile(stream):
        raise InvalidInput(str(path), expected=expected, actual="no ZIP archive, or a part of one")
    stream.seek(0)
    try:
        with np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # numpy, zipfile and zlib have no common base
        hint = "Objects would have to be unpickled, which can run any code." if "pickle" in str(error) else ""
        raise InvalidInput(str(path), expected=expected, actual=str(error) or "nothing", hint=hint) from error
    return arrays


def _table(path: Path, **fields: Any) -> JobTable:
    try:
        return JobTable(**fields)
    except InvalidInput as error:
        raise in_file(path, error) from error
