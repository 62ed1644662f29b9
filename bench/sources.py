"""What the command line maps: networks and files as users name them, alone or several in one problem."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from math import gcd, lcm
from pathlib import Path
from typing import NamedTuple

import problems
from bench.rates import as_ratio, rounded_counts
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import is_there, write_on_trial
from problems.ids import FILE
from problems.importing.workload_json import workload_text
from problems.networks import NETWORKS
from problems.passes import MOST_PASSES, Passes

NUMBER = re.compile(r"(?P<source>.+):(?P<number>[0-9]{1,9}(\.[0-9]{1,9})?)(?P<rate>/s)?")

LONGEST_NAME = 60
"""Most characters that the name of several networks' workload takes from theirs."""


class Source(NamedTuple):
    """A network or file, and how often it runs.

    Attributes:
        text: Name of a network, or path.
        number: Passes in the group, or a second.
        is_rate: Whether ``number`` is passes per second.
    """

    text: str
    number: Fraction = Fraction(1)
    is_rate: bool = False


def parse_source(text: str) -> Source:
    """Parse ``SOURCE``, ``SOURCE:COUNT`` or ``SOURCE:RATE/s``; a file of that very name comes first.

    Raises:
        InvalidInput: If the number is 0, or a count is no integer.
    """
    if is_there(Path(text.removeprefix(FILE))):
        return Source(text)
    match = NUMBER.fullmatch(text)
    if match is None:
        _check_number(text)
        return Source(text)
    number, is_rate = Fraction(match["number"]), match["rate"] is not None
    if not number or not (is_rate or number.denominator == 1):
        expected = "a number of passes from 1, or passes per second, e.g. resnet50:2 or resnet50:30/s"
        raise InvalidInput(f"workload {text!r}", expected=expected, actual=match["number"])
    return Source(match["source"], number, is_rate)


def _check_number(text: str) -> None:
    """Raise if something that looks like a number of passes follows a colon, but is none."""
    source, colon, number = text.rpartition(":")
    if colon and source != FILE[:-1] and re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+|/[0-9.]+)?(/?[A-Za-z]+)?", number):
        expected = "`:N` passes, from 1, or `:N/s`, passes per second, e.g. resnet50:2 or resnet50:30/s"
        raise InvalidInput(f"workload {text!r}", expected=expected, actual=f":{number}")


def read_source(source: str, dims: Mapping[str, int | str]) -> problems.Workload | problems.JobTable:
    """Read the workload in a file, or the network of that name.

    Raises:
        UnknownName, InvalidInput, MissingExtra: If it is neither, or its content is not valid.
    """
    path = Path(source.removeprefix(FILE))
    there = is_there(path)
    if source in NETWORKS.names() and not (there and path.is_file()):
        network = NETWORKS.get(source)
        return problems.Workload(source, {source: network.layers(**dims)}, passes={source: network.passes(**dims)})
    if there:
        sizes = {name: check_integer(f"--dim {name}", size, 1) for name, size in dims.items()}
        return problems.read_workload(path, sizes or None)
    if path.suffix:
        raise InvalidInput(f"workload {source!r}", expected="a file, or the name of a network", actual="no such file")
    if source in problems.TASKS.names():
        if len(dims):
            expected = "a network or file, as a task leaves no dimension open"
            raise InvalidInput("--dim", expected=expected, actual=f"the task {source!r}")
        expected = "networks or files, as the jobs of a task are drawn"
        raise InvalidInput(f"workload {source!r}", expected=expected, actual="a task", hint="Give it alone to m3e map.")
    raise UnknownName("file or network", source, NETWORKS.names())


def read_sources(texts: Sequence[str], dims: Mapping[str, int | str]) -> problems.Workload | problems.JobTable:
    """Read one source, or several as one workload; ``dims`` are those of each.

    Raises:
        UnknownName, InvalidInput, MissingExtra: As ``read_source``; also if counts and rates are mixed, rates have no
            common period of few passes, or one of several is a job table.
    """
    sources = [parse_source(text) for text in texts]
    if len(sources) == 1 and sources[0].number == 1 and not sources[0].is_rate:
        return read_source(sources[0].text, dims)
    counts = _counts(sources)
    parts = []
    for source in sources:
        content = _read_beside(source.text, dims) if len(sources) > 1 else read_source(source.text, dims)
        if isinstance(content, problems.JobTable):
            hint = "It has costs for its own cores only: map it alone."
            raise InvalidInput(f"workload {source.text!r}", expected="networks", actual="a job table", hint=hint)
        parts.append(content)
    return _joined(parts, sources, counts)


def _read_beside(source: str, dims: Mapping[str, int | str]) -> problems.Workload | problems.JobTable:
    """Read one of several sources.

    Raises:
        UnknownName, InvalidInput, MissingExtra: As ``read_source``; if it lacks a dimension, with what to do about it.
    """
    try:
        return read_source(source, dims)
    except UnknownName as error:
        if not dims or (source not in NETWORKS.names() and not is_there(Path(source.removeprefix(FILE)))):
            raise
        hint = "Import alone what has other dimensions, and give the file that this makes."
        raise InvalidInput("--dim", expected="dimensions of all that is given", actual=str(error), hint=hint) from None


def _counts(sources: Sequence[Source]) -> list[int]:
    """Return the passes of each source in the group: its count, or of rates the smallest whole numbers.

    Raises:
        InvalidInput: If there are counts and rates, or too many passes.
    """
    if len({source.is_rate for source in sources}) > 1:
        actual = ", ".join(f"{s.text}:{float(s.number):g}{'/s' if s.is_rate else ''}" for s in sources)
        raise InvalidInput("workloads", expected="a count for each, or a rate for each", actual=actual)
    numbers = [source.number for source in sources]
    if sources[0].is_rate:
        scale = lcm(*(n.denominator for n in numbers))
        numbers = [n / Fraction(gcd(*(int(n * scale) for n in numbers)), scale) for n in numbers]
    if max(numbers) > MOST_PASSES:
        expected = f"at most {MOST_PASSES:,} passes of a network in one group"
        near = rounded_counts(dict(enumerate(map(int, numbers))), dict.fromkeys(range(len(numbers)), 1))
        hint = f"A group has as many passes as the ratio needs: round it, e.g. to {as_ratio(near)}."
        raise InvalidInput("workloads", expected=expected, actual=f"{int(max(numbers)):,}", hint=hint)
    return [int(n) for n in numbers]


def _joined(parts: Sequence[problems.Workload], sources: Sequence[Source], counts: Sequence[int]) -> problems.Workload:
    """Return all networks as one workload; the same network given twice runs as often as both say."""
    networks: dict[str, tuple[problems.Layer, ...]] = {}
    passes: dict[str, Passes] = {}
    for part, source, count in zip(parts, sources, counts, strict=True):
        rate = float(source.number) if source.is_rate else None
        for network, layers in part.networks.items():
            own = part.passes[network]
            name = network if networks.get(network, layers) == layers else f"{part.name}.{network}"
            if networks.get(name, layers) != layers:
                hint = "Rename one of the files."
                raise InvalidInput("workloads", expected="networks of different names", actual=name, hint=hint)
            before = passes.get(name)
            total = own.count * count + (before.count if before else 0)
            asked = own.per_second if rate is None else own.count * rate
            if before and before.per_second:
                asked = (asked or 0.0) + before.per_second
            networks[name], passes[name] = layers, replace(own, count=total, per_second=asked)
    skipped = tuple(skipped for part in parts for skipped in part.skipped)
    return problems.Workload("+".join(dict.fromkeys(part.name for part in parts)), networks, skipped, passes)


def one_workload(texts: Sequence[str], dims: Mapping[str, int | str], folder: Path, undo: ExitStack) -> str:
    """Return what ``problem_of`` takes for these sources; several are written as a workload file into ``folder``.

    ``undo`` removes that file again, if it is new.

    Raises:
        UnknownName, InvalidInput, MissingExtra: As ``read_sources``.
        StorageError: If the file cannot be written.
    """
    only = parse_source(texts[0])
    if len(texts) == 1 and not dims and only == Source(texts[0]):
        return texts[0]
    content = read_sources(texts, dims)
    if isinstance(content, problems.JobTable):
        raise InvalidInput("--dim", expected="none, as a job table leaves none open", actual=", ".join(dims))
    text = workload_text(content).encode()
    name = re.sub(r"[^\w+.-]", "_", content.name)[:LONGEST_NAME]
    path = folder / f"{name}-{hashlib.sha256(text).hexdigest()[:8]}.json"
    write_on_trial(path, text, undo)
    return str(path)
