"""Topologies of SCALE-Sim (Samajdar 2018): CSV with a header, one layer per row, in the order in which they run.

- Convolutions: ``Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides``,
  followed by the stride along the columns if it differs. Inputs include their padding. The output has
  ``ceil((input - filter + stride) / stride)`` rows, as in SCALE-Sim: a window that exceeds the input counts. A layer
  with ``DP`` in its name is depthwise: every channel is convolved by ``Num Filter`` filters of its own.
- Matrix products ``(M, K) @ (K, N)``: ``Layer, M, N, K``.

A column ``Batch Size`` (or ``Batch``) is the number of samples of a convolution, or of products with operands of their
own. ``Sparsity`` is ignored, as layers are dense here, and so are address offsets. Rows may end in commas and in a
comment, ``#dw``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import in_file
from problems.importing.csv_rows import Row
from problems.importing.names import UniqueNames
from problems.importing.workload import Workload
from problems.layers import LARGEST_SIZE, Layer, LayerKind

CONVOLUTION = ("layer name", "ifmap height", "ifmap width", "filter height", "filter width", "channels", "num filter")
PRODUCT = ("layer", "m", "n", "k")

FURTHER = ("stride width", "batch size", "batch", "sparsity")
"""Further columns that may follow those of a layer, beside address offsets."""


def has_topology_header(row: Row) -> bool:
    """Return whether ``row`` names the columns of a topology."""
    words = _words(row)
    return words[1:4] in (list(CONVOLUTION[1:4]), list(PRODUCT[1:])) and words[0].startswith("layer")


def read_topology(path: Path, rows: Iterable[Row]) -> Workload:
    """Read a topology as one network with the name of the file, each layer after the one before.

    Raises:
        InvalidInput: If a row or value is invalid; names file, line and column.
        UnknownName: On an unknown column.
    """
    iterator = iter(rows)
    header = next(iterator)
    columns = _columns(path, header)
    names = UniqueNames()
    layers: list[Layer] = []
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
    """Return the names in a header in a uniform spelling."""
    words = [" ".join(re.findall(r"[^\s_]+", cell.casefold())) for cell in row.cells]
    while words and not words[-1]:
        words.pop()
    return words


def _columns(path: Path, header: Row) -> Sequence[str]:
    """Return the columns of a topology: the first by position, as SCALE-Sim reads them, the others by name."""
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
    kind, K, C, groups = LayerKind.CONV, filters, channels, 1
    if "DP" in name and filters == 1:
        kind, K = LayerKind.DSCONV, channels
    elif "DP" in name:
        C, groups = 1, channels
    return Layer(name, kind, K, C, Y, X, R, S, rows, columns, groups=groups, batch=cells.batch(), after=after)


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
        if len(further) == 1 and len(columns) in (len(PRODUCT), len(CONVOLUTION) + 1):  # many headers omit its name
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
        """Return the number in a column, or ``default`` if it is empty or missing."""
        cell = self._cells.get(column, "")
        if not cell and default is not None:
            return default
        match = re.fullmatch(r"\+?([0-9]{1,18})(\.0*)?", cell)
        if not match or not 1 <= int(match[1]) <= LARGEST_SIZE:
            expected = f"an integer from 1 to {LARGEST_SIZE:,}"
            raise InvalidInput(f"{self.where}: {column}", expected=expected, actual=cell or "an empty cell")
        return int(match[1])
