"""Bring your own workload: networks and job tables from files.

What is read, by suffix:

=========  ==================================================================================
``.onnx``  a network as exported by PyTorch and others (``onnx_graph``; needs ``m3e[onnx]``)
``.json``  a workload that ``write_workload`` wrote or somebody by hand (``workload_json``)
``.csv``   the paper's job files, without header (``job_csv``), or job tables with one
``.npz``   job tables (``job_tables``)
=========  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bench.errors import InvalidInput
from problems.importing.csv_rows import read_rows
from problems.importing.job_csv import read_job_csv
from problems.importing.job_tables import (
    has_job_table_header,
    read_job_table_csv,
    read_job_table_npz,
    write_job_table,
)
from problems.importing.onnx_graph import read_onnx
from problems.importing.workload import Skipped, Workload
from problems.importing.workload_json import read_workload_json, write_workload
from problems.job_table import JobTable

__all__ = ["Skipped", "Workload", "read_onnx", "read_workload", "write_job_table", "write_workload"]


def read_workload(path: str | Path, dims: Mapping[str, int] | None = None) -> Workload | JobTable:
    """The workload or job table in a file.

    Args:
        path: A file of one of the formats above.
        dims: Sizes of the dimensions that an ONNX file leaves open, by name.

    Raises:
        InvalidInput: With file and place, if something does not fit; on ``dims`` for a format that leaves none open.
        UnknownName: Likewise, with the nearest name.
        MissingExtra: If the file is ONNX and the library is not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return read_onnx(path, dims)
    if suffix not in _READERS:
        expected = "a name that ends in .onnx (network), .json (workload), .csv (jobs or job table) or .npz (job table)"
        raise InvalidInput(str(path), expected=expected, actual=path.suffix or "no suffix")
    if dims:
        given = ", ".join(f"{name}={size}" for name, size in dims.items())
        raise InvalidInput(f"{path}: dimensions", expected=f"none, {suffix} files leave none open", actual=given)
    return _READERS[suffix](path)


def _read_csv(path: Path) -> Workload | JobTable:
    rows = read_rows(path)
    return read_job_table_csv(path, rows) if has_job_table_header(rows[0]) else read_job_csv(path, rows)


_READERS: Mapping[str, Callable[[Path], Workload | JobTable]] = {
    ".json": read_workload_json,
    ".csv": _read_csv,
    ".npz": read_job_table_npz,
}
