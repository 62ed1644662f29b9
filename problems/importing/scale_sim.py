"""Topologies of SCALE-Sim (Samajdar 2018): CSV with a header, a layer a row, in the order in which they run.

- Convolutions: ``Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides``,
  behind them the stride along the columns if it is another one. Inputs include their padding. The output has
  ``ceil((input - filter + stride) / stride)`` rows, as SCALE-Sim counts: a window that sticks out counts. A layer with
  ``DP`` in its name is depthwise: every channel is convolved by ``Num Filter`` filters of its own.
- Matrix products ``(M, K) @ (K, N)``: ``Layer, M, N, K``.

A column ``Batch Size`` (or ``Batch``) counts: the samples of a convolution; products with operands of their own.
``Sparsity`` does not, as layers are dense here, nor do offsets of addresses. Rows may end in commas and in a comment,
``#dw``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.errors import InvalidInput, UnknownName
from problems.importing.csv_rows import Row
from problems.importing.files import in_file
from problems.importing.names import UniqueNames
from problems.importing.workload import Workload
from problems.layers import LARGEST_SIZE, Layer, LayerKind

CONVOLUTION = ("layer name", "ifmap height", "ifmap width", "filter height", "filter width", "channels", "num filter")
PRODUCT = ("layer", "m", "n", "k")

FURTHER = ("stride width", "batch size", "batch", "sparsity")
"""What columns behind those of a layer may be, beside offsets of addresses."""


def has_topology_header(row: Row) -> bool:
    """Whether ``row`` names the columns of a topology."""
    words = _words(row)
    return words[1:4] in (list(CONVOLUTION[1:4]), list(PRODUCT[1:])) and words[0].startswith("layer")


def read_topology(path: Path, rows: Iterable[Row]) -> Workload:
    """The layers of a topology: a network, called as the file, each layer after the one before.

    Raises:
        InvalidInput: With file, line and column, if something does not fit.
        UnknownName: On a column that means nothing.
    """
    iterator = iter(rows)
    header = next(iterator)
    columns = _columns(path, header)
    names, layers = UniqueNames(), list[Layer]()
    for row in iterator:
        cells = _Cells(f"{path}, line {row.line}", columns, row)
        after = tuple(layer.name for layer in layers[-1:])
        layer = _product if "m" in columns else _convolution
        layers.append(layer(names.take(cells.name()), cells, after))
    try:
        return Workload(path.stem, {path.stem: tuple(layers)})
    except InvalidInput as error:
        raise in_file(path, error) from error


def _words(row: Row) -> list[str]:
    """The names in a header, in one spelling."""
    words = [" ".join(re.findall(r"[^\s_]+", cell.casefold())) for cell in row.cells]
    while words and not words[-1]:
        words.pop()
    return words


def _columns(path: Path, header: Row) -> Sequence[str]:
    """The columns of a topology: the first by their place, as SCALE-Sim reads them, the others by their name."""
    words = _words(header)
    first = PRODUCT if words[1:4] == list(PRODUCT[1:]) else (*CONVOLUTION, "strides")
    for word in words[len(first) :]:
        if word not in FURTHER and "offset" not in word:
            raise UnknownName(f"column in {path}, line {header.line}:", word, FURTHER)
    return (*first, *words[len(first) :])


def _convolution(name: str, cells: _Cells, after: tuple[str, ...]) -> Layer:
    Y, X, R, S, channels, filters, stride = (cells.integer(column) for column in (*CONVOLUTION[1:], "strides"))
    if R > Y or S > X:
        raise InvalidInput(cells.where, expected="a filter no larger than its input", actual=f"{R}x{S} on {Y}x{X}")
    rows, columns = _extent(Y, R, stride), _extent(X, S, cells.integer("stride width", stride))
    batch = cells.batch()
    extents = {"Y": Y, "X": X, "R": R, "S": S, "output_rows": rows, "output_columns": columns}
    if "DP" not in name:
        return Layer(name, LayerKind.CONV, filters, channels, **extents, batch=batch, after=after)
    if filters == 1:
        return Layer(name, LayerKind.DSCONV, channels, channels, **extents, batch=batch, after=after)
    return Layer(name, LayerKind.CONV, filters, 1, **extents, groups=channels, batch=batch, after=after)


def _extent(size: int, kernel: int, stride: int) -> int:
    return -(-(size - kernel) // stride) + 1


def _product(name: str, cells: _Cells, after: tuple[str, ...]) -> Layer:
    m, n, k = (cells.integer(column) for column in PRODUCT[1:])
    return Layer.gemm(name, m=m, n=n, k=k, groups=cells.batch(), after=after)


class _Cells:
    """The cells of a row by column."""

    def __init__(self, where: str, columns: Sequence[str], row: Row) -> None:
        self.where = where
        cells = [cell for cell in row.cells if not cell.startswith("#")]
        while cells and not cells[-1]:
            cells.pop()
        self._cells = dict(zip(columns, cells, strict=False))
        further = cells[len(columns) :]
        if len(further) == 1 and len(columns) in (len(PRODUCT), len(CONVOLUTION) + 1):  # many headers do not name it
            unnamed = "batch" if "m" in columns else "stride width"
            self._cells["sparsity" if ":" in further[0] else unnamed] = further[0]
        elif further:
            actual = f"{len(cells)}: {','.join(cells)}"
            raise InvalidInput(where, expected=f"{len(columns)} columns: {', '.join(columns)}", actual=actual)

    def name(self) -> str:
        name = next(iter(self._cells.values()), "")
        if not name:
            raise InvalidInput(f"{self.where}: layer name", expected="a name", actual="an empty cell")
        return name

    def batch(self) -> int:
        return self.integer("batch size", self.integer("batch", 1))

    def integer(self, column: str, default: int | None = None) -> int:
        """The number of a column; ``default`` if it is empty or not there."""
        cell = self._cells.get(column, "")
        if not cell and default is not None:
            return default
        match = re.fullmatch(r"\+?([0-9]{1,18})(\.0*)?", cell)
        if not match or not 1 <= int(match[1]) <= LARGEST_SIZE:
            expected = f"an integer from 1 to {LARGEST_SIZE:,}"
            raise InvalidInput(f"{self.where}: {column}", expected=expected, actual=cell or "an empty cell")
        return int(match[1])
