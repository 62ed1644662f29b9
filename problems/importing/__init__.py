"""Bring your own workload: networks and job tables from files.

File formats, by suffix:

=========  ==================================================================================
``.onnx``  a network as exported by PyTorch and others (``onnx_graph``; needs the library onnx)
``.json``  a workload written by ``write_workload`` or by hand (``workload_json``)
``.csv``   by its header: job files of the paper's authors, possibly without one (``job_csv``),
           topologies of SCALE-Sim (``scale_sim``), or job tables (``job_tables``)
``.npz``   job tables (``job_tables``)
``.m``     networks of MAESTRO (``maestro_network``)
=========  ==================================================================================

For other known formats the error names the format (``foreign``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

from problems.foundation.errors import InvalidInput
from problems.foundation.files import check_file, is_there
from problems.importing.csv_rows import read_rows
from problems.importing.foreign import foreign_file
from problems.importing.job_csv import read_job_csv
from problems.importing.job_tables import (
    has_job_table_header,
    read_job_table_csv,
    read_job_table_npz,
    write_job_table,
)
from problems.importing.maestro_network import read_maestro
from problems.importing.onnx_graph import read_onnx
from problems.importing.scale_sim import has_topology_header, read_topology
from problems.importing.workload import Skipped, Workload
from problems.importing.workload_json import read_workload_json, write_workload
from problems.job_table import JobTable

__all__ = ["Skipped", "Workload", "read_onnx", "read_workload", "write_job_table", "write_workload"]


EXPECTED = "a name that ends in .onnx or .m (networks), .json (workload), .csv (jobs, topology, table) or .npz (table)"


def read_workload(path: str | Path, dims: Mapping[str, int] | None = None) -> Workload | JobTable:
    """Read a workload or job table from a file.

    Args:
        path: Path of a file in one of the formats above.
        dims: Sizes of the open dimensions of an ONNX file, by name.

    Raises:
        InvalidInput: If the file is invalid; names the file and where in it. Also on ``dims`` for other formats than
            ONNX.
        UnknownName: On an unknown name in the file; suggests the nearest one.
        MissingExtra: If the file is ONNX and the library is not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return read_onnx(path, dims)
    if suffix not in _READERS:
        if is_there(path):
            check_file(path)
        raise foreign_file(path, EXPECTED)
    if dims:
        given = ", ".join(f"{name}={size}" for name, size in dims.items())
        raise InvalidInput(f"{path}: dimensions", expected=f"none, as {suffix} files leave none open", actual=given)
    return _READERS[suffix](path)


def _read_csv(path: Path) -> Workload | JobTable:
    rows = read_rows(path)
    first = next(rows)
    whole = chain([first], rows)
    if has_job_table_header(first):
        return read_job_table_csv(path, whole)
    return read_topology(path, whole) if has_topology_header(first) else read_job_csv(path, whole)


_READERS: Mapping[str, Callable[[Path], Workload | JobTable]] = {
    ".json": read_workload_json,
    ".csv": _read_csv,
    ".npz": read_job_table_npz,
    ".m": read_maestro,
}
