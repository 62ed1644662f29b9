"""The job files of the paper's authors: CSV, one job per row, with or without a header.

- Jobs of the paper: ``thread,layer,K,C,Y,X,R,S,type``.
- The paper's jobs before the draw, and those of GAMMA and ConfuciuX: ``K,C,Y,X,R,S,T``.
- GAMMA's matrix products: ``M,N,K``.

A header may name the columns in any order, in upper or lower case, and ``type`` also as ``T``. Types are those of
``LayerKind``. FFN rows hold out, in and GEMM rows M, N, Kg in their first columns; their other columns may hold
anything. The files know neither stride nor padding, so the output extents are those at stride 1 without padding; a
CONV whose filter is larger than its input is accepted as a layer, which the ``maestro`` cost model then marks invalid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import in_file
from problems.importing.csv_rows import Row, read_rows, to_width
from problems.importing.names import UniqueNames
from problems.importing.workload import Workload
from problems.layers import LARGEST_SIZE, Layer, LayerKind

COLUMNS = ("thread", "layer", "K", "C", "Y", "X", "R", "S", "type")

LAYER_COLUMNS = COLUMNS[2:]

PRODUCT_COLUMNS = ("M", "N", "K")

USED: Mapping[LayerKind, tuple[str, ...]] = {
    LayerKind.FFN: ("K", "C"),
    LayerKind.CONV: ("K", "C", "Y", "X", "R", "S"),
    LayerKind.DSCONV: ("K", "C", "Y", "X", "R", "S"),
    LayerKind.GEMM: ("K", "C", "Y"),
}
"""The columns that count in the rows of each type."""

_KINDS = tuple(LayerKind)

_HEADER = {"t": "type", "m": "M", "n": "N", **{column.casefold(): column for column in COLUMNS}}


def read_job_csv(path: Path, rows: Iterable[Row] | None = None) -> Workload:
    """Read the jobs of a file as layers: each thread is a network ``thread_<thread>``, or else the whole file is one.

    Layers keep their names; repeated names in a thread get the suffixes ``#2``, ``#3``, ... A row depends on the
    previous row of its thread if its layer number is higher, or its layer name is new: where numbers fall, the thread
    starts again, and drawn jobs, which all have the same number or none, have no dependencies.

    Args:
        path: Path of the file.
        rows: Rows of the file, if they have been read already.

    Raises:
        InvalidInput: If a row or value is invalid; names file, line and column.
        UnknownName: On an unknown column.
    """
    iterator = iter(read_rows(path) if rows is None else rows)
    first = next(iterator)
    columns, is_header = _columns(path, first)
    cells = _Cells(path, columns)
    threads: dict[str, _Thread] = {}
    for row in iterator if is_header else chain([first], iterator):
        cells.take(row)
        network = f"thread_{cells.text('thread')}" if "thread" in columns else path.stem
        if network not in threads:
            threads[network] = _Thread()
        threads[network].add(cells)
    try:
        return Workload(path.stem, {network: tuple(thread.layers) for network, thread in threads.items()})
    except InvalidInput as error:
        raise in_file(path, error) from error


def _columns(path: Path, first: Row) -> tuple[Sequence[str], bool]:
    """Return the columns of a file, and whether its first row names them."""
    cells = list(first.cells)
    while not cells[-1]:
        cells.pop()
    if len(cells) > 1 and not any(re.match(r"[+-]?[0-9]", cell) for cell in cells):
        return _named_columns(f"{path}, line {first.line}", cells), True
    widths = {len(columns): columns for columns in (COLUMNS, LAYER_COLUMNS, PRODUCT_COLUMNS)}
    columns = widths.get(len(cells)) or widths.get(len(first.cells))
    if columns is None:
        known = [f"{width} columns: {','.join(names)}" for width, names in sorted(widths.items())]
        actual = f"{len(first.cells)}: {','.join(first.cells)}"
        raise InvalidInput(f"{path}, line {first.line}", expected=", or ".join(known), actual=actual)
    return columns, False


def _named_columns(where: str, cells: list[str]) -> Sequence[str]:
    """Return the columns that a header names."""
    for cell in cells:
        if cell.casefold() not in _HEADER:
            known = "a header is one of job files, of job tables, or of SCALE-Sim's topologies"
            raise UnknownName(f"column in {where}:", cell, [*COLUMNS, "M", "N", "T"], hint=known)
    columns = [_HEADER[cell.casefold()] for cell in cells]
    needed = PRODUCT_COLUMNS if "M" in columns else LAYER_COLUMNS
    optional = [column for column in COLUMNS[:2] if column in columns]
    if sorted(columns) != sorted([*needed, *optional]):
        expected = f"the columns {','.join(needed)}, each once, and if need be thread and layer"
        raise InvalidInput(where, expected=expected, actual=",".join(cells))
    return columns


class _Thread:
    """The layers of one network, in the order of the rows."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self._names = UniqueNames()
        self._pass: dict[str, None] = {}  # labels since the last start of the thread

    def add(self, cells: _Cells) -> None:
        label = cells.label(len(self.layers) + 1)
        follows = cells.are_named and self._follows(label)
        if not follows:
            self._pass.clear()
        self._pass[label] = None
        after = (self.layers[-1].name,) if follows else ()
        self.layers.append(_layer(self._names.take(label), cells, after=after))

    def _follows(self, label: str) -> bool:
        """Return whether a row with this label depends on the previous one."""
        if not self._pass:
            return False
        last = next(reversed(self._pass))
        if _is_number(label) and _is_number(last):
            return int(label) > int(last)
        return label not in self._pass


def _is_number(label: str) -> bool:
    return label.isascii() and label.isdigit() and len(label) <= 18


def _layer(name: str, cells: _Cells, *, after: tuple[str, ...]) -> Layer:
    if not cells.are_typed:
        m, n, k = cells.sizes(PRODUCT_COLUMNS)
        return Layer.gemm(name, m=m, n=n, k=k, after=after)
    kind = cells.kind()
    sizes = cells.sizes(USED[kind])
    if kind is LayerKind.FFN:
        return Layer.ffn(name, out=sizes[0], inp=sizes[1], after=after)
    if kind is LayerKind.GEMM:
        return Layer.gemm(name, m=sizes[0], n=sizes[1], k=sizes[2], after=after)
    K, C, Y, X, R, S = sizes
    return Layer(name, kind, K, C, Y, X, R, S, after=after)


class _Numbers(dict[str, int]):
    """Cache of the integers in cells, -1 for other cells; most cells occur again and again."""

    def __missing__(self, cell: str) -> int:
        match = re.fullmatch(r"\+?([0-9]{1,18})(\.0*)?", cell)
        self[cell] = int(match[1]) if match else -1
        return self[cell]


class _Cells:
    """The cells of the current row, by column name."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.columns = columns
        self._path = path
        self._what = ",".join(columns)
        self._places = {column: place for place, column in enumerate(columns)}
        self.are_named = "layer" in columns
        self.are_typed = "type" in columns
        self._numbers = _Numbers()
        self._takers = {wanted: self._taker(wanted) for wanted in {*USED.values(), PRODUCT_COLUMNS}}
        self._cells: list[str] = []
        self._line = 0

    def _taker(self, wanted: tuple[str, ...]) -> Callable[[list[str]], tuple[str, ...]] | None:
        """Return a getter of the cells in the ``wanted`` columns, or None if the file lacks one of them."""
        return itemgetter(*(self._places[column] for column in wanted)) if {*wanted} <= {*self._places} else None

    def take(self, row: Row) -> None:
        self._line = row.line
        self._cells = to_width(self._path, row, len(self.columns), self._what)

    def label(self, count: int) -> str:
        """Return the name of the row's layer, or ``count`` if the file names none."""
        return self.text("layer") if self.are_named else str(count)

    def text(self, column: str) -> str:
        """Return the name in a column; a number that some program wrote as ``3.0`` becomes ``3``."""
        cell = self._cells[self._places[column]]
        if not cell:
            raise self._error(column, "a name or number", "an empty cell")
        return re.sub(r"\A([0-9]+)\.0*\Z", r"\1", cell) if "." in cell else cell

    def kind(self) -> LayerKind:
        """Return the type of the row's layer."""
        cell = self._cells[self._places["type"]]
        number = self._numbers[cell]
        if not 0 <= number < len(_KINDS):
            expected = "a type from 0 to 3: FFN, CONV, DSCONV, GEMM"
            raise self._error("type", expected, cell or "an empty cell")
        return _KINDS[number]

    def sizes(self, columns: tuple[str, ...]) -> list[int]:
        """Return the sizes in ``columns``."""
        take = self._takers[columns]
        assert take is not None
        sizes = [self._numbers[cell] for cell in take(self._cells)]
        if min(sizes) < 1 or max(sizes) > LARGEST_SIZE:
            column = next(c for c, size in zip(columns, sizes, strict=True) if not 1 <= size <= LARGEST_SIZE)
            cell = self._cells[self._places[column]] or "an empty cell"
            raise self._error(column, f"an integer from 1 to {LARGEST_SIZE:,}", cell)
        return sizes

    def _error(self, column: str, expected: str, actual: str) -> InvalidInput:
        return InvalidInput(f"{self._path}, line {self._line}: {column}", expected=expected, actual=actual)
