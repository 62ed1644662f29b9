"""Networks of MAESTRO (Kwon 2019), ``.m`` files: their layers, without the dataflows.

    Network name {
        Layer CONV1 {
            Type: CONV
            Stride { X: 2, Y: 2 }
            Dimensions { K: 64, C: 3, R: 7, S: 7, Y: 224, X: 224 }
            Dataflow { ... }
        }
    }

Y and X are the extents of the input as in the file. MAESTRO knows no padding: the output has
``floor((Y - R) / stride) + 1`` rows, or Y' if the file gives it. N is the batch. Layers run one after another.

==========  ================================================================================================
type        becomes
==========  ================================================================================================
CONV        a CONV
DSCONV      a DSCONV of C channels
NGCONV      a CONV of G groups: C counts the inputs of all groups, K the outputs of one, as in MAESTRO's ResNeXt50
TRCONV      a CONV over the extents of the input, with as many multiply-accumulates
FC          an FFN of K outputs and C inputs; a CONV if it has a filter
GEMM        a GEMM of M, N and K
BMM         B such GEMMs, each with operands of its own
others      no layer: they are listed as skipped
==========  ================================================================================================
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import in_file, read_text
from problems.importing.names import UniqueNames
from problems.importing.workload import Skipped, Workload
from problems.layers import LARGEST_SIZE, Layer, LayerKind, unpadded_extent
from problems.names import check_name

DIMENSIONS = ("N", "G", "K", "C", "Y", "X", "R", "S", "Y'", "X'", "M", "B")

SKIPPED = {
    "POOL": (0, "makes no multiply-accumulates"),
    "RESIDUAL_IDENTITY": (0, "makes no multiply-accumulates"),
    "LSTM": (None, "has no model in MAESTRO either"),
}
"""The types that are left out: their multiply-accumulates, and the reason."""

NO_NETWORK = "MAESTRO's network files can be read, not its hardware files; other tools use the suffix too."

Sizes = dict[str, int]


def read_maestro(path: Path) -> Workload:
    """Read the networks in a MAESTRO file.

    Raises:
        InvalidInput: If the syntax or a value is invalid; names file and line.
        UnknownName: On a type or dimension that MAESTRO does not know.
    """
    parser = _Parser(path, read_text(path))
    networks = parser.networks()
    skipped = tuple(Skipped(kind, count, *SKIPPED[kind]) for kind, count in sorted(parser.skipped.items()))
    try:
        return Workload(path.stem, networks, skipped)
    except InvalidInput as error:
        raise in_file(path, error) from error


class _Word(NamedTuple):
    """A word or brace, and the number of its line."""

    text: str
    line: int


def _words(text: str) -> Iterator[_Word]:
    """Yield the words and braces of a file, without comments; after its end, endless empty words."""
    number = 0
    for number, line in enumerate(text.splitlines(), 1):
        for match in re.finditer(r"[{}]|[^\s,:;(){}]+", line.partition("//")[0]):
            yield _Word(match[0], number)
    yield from repeat(_Word("", number))


class _Parser:
    """Recursive-descent parser of a MAESTRO file."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._words = _words(text)
        self._word = next(self._words)
        self._line = self._word.line
        self._constants: Sizes = {}
        self.skipped: Counter[str] = Counter()

    def networks(self) -> dict[str, tuple[Layer, ...]]:
        """Parse the whole file: the layers of all networks, by name."""
        networks: dict[str, tuple[Layer, ...]] = {}
        names = UniqueNames()
        while self._word.text:
            word = self._take()
            if word == "Network":
                name = names.take(self._opened() or self._path.stem)
                networks[name] = tuple(self._layers())
            elif word == "Constant":
                constant = self._take()
                self._constants[constant] = self._number(constant)
            elif word == "Accelerator":
                self._opened()
                self._skip_block()
            else:
                raise self._error("Network NAME { Layer NAME { ... } }", word, NO_NETWORK)
        if not networks:
            raise InvalidInput(str(self._path), expected="a network", actual="none", hint=NO_NETWORK)
        return networks

    def _layers(self) -> Iterator[Layer]:
        """Parse the layers of a network up to its closing brace; each follows the previous one."""
        names = UniqueNames()
        after: tuple[str, ...] = ()
        while (word := self._take()) != "}":
            if word == "FPS":  # in benchmarks of several networks
                self._number(word)
            elif word != "Layer":
                raise self._error("Layer NAME { ... }", word)
            else:
                layer = self._layer(names, after)
                if layer is not None:
                    yield layer
                    after = (layer.name,)

    def _layer(self, names: UniqueNames, after: tuple[str, ...]) -> Layer | None:
        """Parse a layer up to its closing brace; None if its type is left out."""
        name = self._opened() or "layer"
        where = f"{self._path}, line {self._line}"
        kind = ""
        strides, sizes = Sizes(), Sizes()
        while (word := self._take()) != "}":
            if word == "Type":
                kind = self._take()
            elif word == "Stride":
                strides = self._sizes(word, ("X", "Y"))
            elif word == "Dimensions":
                sizes = self._sizes(word, DIMENSIONS)
            elif word == "Dataflow":
                self._opened()
                self._skip_block()
            else:
                raise self._error("Type, Stride, Dimensions or Dataflow", word)
        if kind in SKIPPED:
            self.skipped[kind] += 1
            return None
        if kind not in _MAKERS:
            raise UnknownName(f"type of layer {name!r} in {where}:", kind, [*_MAKERS, *SKIPPED])
        return _made(where, kind, _Given(names.take(name), sizes, strides, after))

    def _sizes(self, what: str, known: Sequence[str]) -> Sizes:
        """Parse numbers by name between braces."""
        self._opened()
        sizes: Sizes = {}
        while (name := self._take()) != "}":
            if name not in known:
                raise UnknownName(f"name in {what} in {self._path}, line {self._line}:", name, known)
            if name in sizes:
                raise self._error("different names", f"{name} twice")
            sizes[name] = self._number(name)
        return sizes

    def _number(self, what: str) -> int:
        """Parse a number, or the name of a constant."""
        word = self._take()
        value = self._constants.get(word, int(word) if re.fullmatch(r"[0-9]{1,18}", word) else 0)
        if not 1 <= value <= LARGEST_SIZE:
            raise self._error(f"{what}, an integer from 1 to {LARGEST_SIZE:,} or a Constant", word)
        return value

    def _opened(self) -> str:
        """Parse an opening brace and return the words before it."""
        words = []
        while (word := self._take()) != "{":
            if word == "}":
                raise self._error("{", word)
            words.append(word)
        name = " ".join(words)
        check_name(f"{self._path}, line {self._line}: name", name)
        return name

    def _skip_block(self) -> None:
        """Skip everything up to the brace that closes the one just opened."""
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self._take(), 0)

    def _take(self) -> str:
        """Return the next word; raise at the end of the file."""
        word = self._word
        if not word.text:
            raise self._error("more words", "the end of the file")
        self._line = word.line
        check_name(f"{self._path}, line {self._line}: word", word.text)
        self._word = next(self._words)
        return word.text

    def _error(self, expected: str, actual: str, hint: str = "") -> InvalidInput:
        return InvalidInput(f"{self._path}, line {self._line}", expected=expected, actual=actual, hint=hint)


class _Given(NamedTuple):
    """What the file states about a layer."""

    name: str
    sizes: Sizes
    strides: Sizes
    after: tuple[str, ...]

    def extents(self) -> Sizes:
        """Return Y, X, R, S, output_rows and output_columns."""
        found: Sizes = {}
        for inp, kernel, out in (("Y", "R", "output_rows"), ("X", "S", "output_columns")):
            size = self.sizes[kernel]
            stride = self.strides.get(inp, 1)
            given = self.sizes.get(f"{inp}'")
            found[kernel] = size
            found[inp] = self.sizes[inp] if given is None else self.sizes.get(inp, (given - 1) * stride + size)
            found[out] = given or unpadded_extent(found[inp], size, stride)
        return found


def _made(where: str, kind: str, given: _Given) -> Layer:
    try:
        return _MAKERS[kind](given)
    except KeyError as error:
        shown = ", ".join(f"{name} {size}" for name, size in given.sizes.items()) or "none"
        what = f"{where}: layer {given.name!r}"
        raise InvalidInput(what, expected=f"the dimension {error.args[0]}", actual=shown) from error
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error.what}", expected=error.expected, actual=error.actual) from error


def _convolution(given: _Given) -> Layer:
    sizes = given.sizes
    groups, batch = sizes.get("G", 1), sizes.get("N", 1)
    if sizes["C"] % groups:
        what = f"layer {given.name!r}: C"
        raise InvalidInput(what, expected=f"a multiple of G, {groups}", actual=sizes["C"])
    K, C = sizes["K"], sizes["C"] // groups
    return Layer(given.name, LayerKind.CONV, K, C, **given.extents(), groups=groups, batch=batch, after=given.after)


def _depthwise(given: _Given) -> Layer:
    channels, batch = given.sizes["C"], given.sizes.get("N", 1)
    return Layer(given.name, LayerKind.DSCONV, channels, channels, **given.extents(), batch=batch, after=given.after)


def _transposed(given: _Given) -> Layer:
    return replace(_convolution(given), output_rows=given.sizes["Y"], output_columns=given.sizes["X"])


def _connected(given: _Given) -> Layer:
    sizes = given.sizes
    if not set(sizes) <= {"K", "C"}:
        ones = dict.fromkeys(("R", "S", "Y", "X"), 1)
        return _convolution(given._replace(sizes=ones | sizes))
    return Layer.ffn(given.name, out=sizes["K"], inp=sizes["C"], after=given.after)


def _product(given: _Given) -> Layer:
    sizes = given.sizes
    groups = sizes.get("B", 1)
    return Layer.gemm(given.name, m=sizes["M"], n=sizes["N"], k=sizes["K"], groups=groups, after=given.after)


_MAKERS: Mapping[str, Callable[[_Given], Layer]] = {
    "CONV": _convolution,
    "DSCONV": _depthwise,
    "NGCONV": _convolution,
    "TRCONV": _transposed,
    "FC": _connected,
    "GEMM": _product,
    "BMM": _product,
}
