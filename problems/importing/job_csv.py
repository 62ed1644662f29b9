"""The paper's job files: CSV without header, a job a row, ``thread,layer,K,C,Y,X,R,S,type``.

The types are those of ``LayerKind``. FFN rows hold out, in and GEMM rows M, N, Kg in their first columns; the others
of their columns may hold anything. The files know neither stride nor padding, so that the output extents are those at
stride 1 without padding; a CONV whose filter is larger than its input is a layer too, which the ``maestro`` cost
model then calls invalid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bench.errors import InvalidInput
from problems.importing.csv_rows import Row, read_rows, to_width
from problems.importing.files import in_file
from problems.importing.names import UniqueNames
from problems.importing.workload import Workload
from problems.layers import LARGEST_SIZE, Layer, LayerKind

COLUMNS = ("thread", "layer", "K", "C", "Y", "X", "R", "S", "type")

USED: Mapping[LayerKind, tuple[str, ...]] = {
    LayerKind.FFN: ("K", "C"),
    LayerKind.CONV: ("K", "C", "Y", "X", "R", "S"),
    LayerKind.DSCONV: ("K", "C", "Y", "X", "R", "S"),
    LayerKind.GEMM: ("K", "C", "Y"),
}
"""The columns that count in the rows of a type."""


def read_job_csv(path: Path, rows: list[Row] | None = None) -> Workload:
    """The jobs of a file as layers: the rows of a thread are a network, ``thread_<thread>``, each after the one before.

    Layers are called as in the file; those of the same name in a thread get ``#2``, ``#3``, ... behind it.

    Args:
        path: The file.
        rows: Its rows, where they have been read already.

    Raises:
        InvalidInput: With file, line and column, if something does not fit.
    """
    rows = read_rows(path) if rows is None else rows
    if tuple(cell.casefold() for cell in rows[0].cells[:9]) == tuple(name.casefold() for name in COLUMNS):
        rows = rows[1:]
    networks: dict[str, list[Layer]] = {}
    names: dict[str, UniqueNames] = {}
    for row in rows:
        cells = _Cells(path, row)
        network = f"thread_{cells.text('thread')}"
        layers = networks.setdefault(network, [])
        name = names.setdefault(network, UniqueNames()).take(cells.text("layer"))
        layers.append(_layer(name, cells, after=tuple(layer.name for layer in layers[-1:])))
    try:
        return Workload(path.stem, {network: tuple(layers) for network, layers in networks.items()})
    except InvalidInput as error:
        raise in_file(path, error) from error


def _layer(name: str, cells: _Cells, *, after: tuple[str, ...]) -> Layer:
    number = cells.integer("type", 0, max(LayerKind), "a type from 0 to 3: FFN, CONV, DSCONV, GEMM")
    kind = LayerKind(number)
    sizes = {column: cells.integer(column, 1, LARGEST_SIZE) for column in USED[kind]}
    if kind is LayerKind.FFN:
        return Layer.ffn(name, out=sizes["K"], inp=sizes["C"], after=after)
    if kind is LayerKind.GEMM:
        return Layer.gemm(name, m=sizes["K"], n=sizes["C"], k=sizes["Y"], after=after)
    return Layer(name=name, kind=kind, after=after, **sizes)


class _Cells:
    """One row, its cells by column name."""

    def __init__(self, path: Path, row: Row) -> None:
        cells = to_width(path, row, len(COLUMNS), ",".join(COLUMNS))
        self._where = f"{path}, line {row.line}"
        self._cells = dict(zip(COLUMNS, cells, strict=True))

    def text(self, column: str) -> str:
        """A name; numbers as other programs write them, ``3.0``, become ``3``."""
        cell = self._cells[column]
        if not cell:
            raise InvalidInput(f"{self._where}: {column}", expected="a name or number", actual="an empty cell")
        return re.sub(r"\A([0-9]+)\.0*\Z", r"\1", cell)

    def integer(self, column: str, least: int, most: int, expected: str = "") -> int:
        cell = self._cells[column]
        match = re.fullmatch(r"\+?([0-9]{1,18})(\.0*)?", cell)
        value = int(match[1]) if match else -1
        if not least <= value <= most:
            what, wanted = f"{self._where}: {column}", expected or f"an integer from {least} to {most:,}"
            raise InvalidInput(what, expected=wanted, actual=cell or "an empty cell")
        return value
