"""``m3e import``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import click
from rich.table import Table

import problems
from bench.console.console import open_console, plain_table
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import is_there, make_folder
from problems.ids import TABLE_PLATFORM
from problems.importing import write_job_table
from problems.networks import NETWORKS

MOST_SHOWN = 100
"""Number of networks that the table of a workload lists."""


@click.command("import")
@click.argument("source")
@click.option("--dim", "dims", multiple=True, metavar="NAME=SIZE", help="A dimension that SOURCE leaves open.")
@click.option("--out", type=click.Path(path_type=Path), help="Workload file. [default: <source>.json]")
@click.option("--force", is_flag=True, help="Write over an existing file.")
def import_(source: str, dims: tuple[str, ...], out: Path | None, force: bool) -> None:
    """Make a workload of SOURCE: a file, or a network by name.

    Files are networks of ONNX or MAESTRO (.m), job files and topologies of SCALE-Sim (CSV), or ready job tables (CSV,
    NPZ). The result is a file that every command takes in place of a task, as file:PATH.
    """
    console = open_console()
    for part in import_workload(source, parse_dims(dims), out, force=force):
        if isinstance(part, str):
            console.say(part)
        else:
            console.show(part)


def parse_dims(texts: Sequence[str]) -> dict[str, int | str]:
    """Return sizes by name from ``NAME=SIZE`` texts; sizes may be words, as in ``phase=decode``.

    Raises:
        InvalidInput: If one has another form, or a name is repeated.
    """
    dims: dict[str, int | str] = {}
    for text in texts:
        name, _, size = text.rpartition("=")
        if not name or not re.fullmatch("[0-9]{1,18}|[A-Za-z][A-Za-z0-9_]*", size) or name in dims:
            expected = "NAME=SIZE, each name once, e.g. --dim batch=4 --dim phase=decode"
            raise InvalidInput("--dim", expected=expected, actual=text)
        dims[name] = int(size) if size.isdecimal() else size
    return dims


def read_source(source: str, dims: Mapping[str, int | str]) -> problems.Workload | problems.JobTable:
    """Read the workload in a file, or the network of that name.

    Raises:
        UnknownName, InvalidInput, MissingExtra: If it is neither, or its content is not valid.
    """
    path = Path(source.removeprefix("file:"))
    there = is_there(path)
    if source in NETWORKS.names() and not (there and path.is_file()):
        return problems.Workload(source, {source: NETWORKS.get(source).layers(**dims)})
    if there:
        sizes = {name: check_integer(f"--dim {name}", size, 1) for name, size in dims.items()}
        return problems.read_workload(path, sizes or None)
    if path.suffix:
        raise InvalidInput(f"workload {source!r}", expected="a file, or the name of a network", actual="no such file")
    raise UnknownName("file or network", source, NETWORKS.names())


def import_workload(
    source: str, dims: Mapping[str, int | str], out: Path | None, *, force: bool = False
) -> Iterator[Table | str]:
    """Write the workload file, and yield what to print about it.

    Raises:
        UnknownName, InvalidInput, MissingExtra: As ``read_source``; also if the file is there already.
        StorageError: If it cannot be written.
    """
    content = read_source(source, dims)
    table = isinstance(content, problems.JobTable)
    path = out or Path(f"{Path(source).stem}.{'npz' if table else 'json'}")
    if not table and path.suffix != ".json":
        raise InvalidInput(f"output {str(path)!r}", expected="a name that ends in .json", actual=path.suffix or "none")
    if is_there(path) and not force:
        hint = "--force writes over it, --out names another."
        raise InvalidInput(f"output {str(path)!r}", expected="no such file yet", actual="there is one", hint=hint)
    make_folder(path.parent)
    if isinstance(content, problems.JobTable):
        write_job_table(content, path)
        yield f"{content.num_jobs} jobs on {content.num_cores} cores"
        yield (
            f"wrote {path}; use it as file:{path}, with the platform {TABLE_PLATFORM} in ids, "
            f"e.g. m3e show {shlex.quote(f'file:{path}/{TABLE_PLATFORM}/bw16/gall/i0')}"
        )
        return
    problems.write_workload(content, path)
    yield from _describe(content)
    yield f"wrote {path}; use it as file:{path}, e.g. m3e map {shlex.quote(str(path))} --platform S2"


def _describe(workload: problems.Workload) -> Iterator[Table | str]:
    networks = plain_table("network", "layers", "GMAC")
    for name, layers in islice(workload.networks.items(), MOST_SHOWN):
        networks.add_row(name, str(len(layers)), f"{sum(layer.macs for layer in layers) / 1e9:.4g}")
    yield networks
    if len(workload.networks) > MOST_SHOWN:
        yield f"and {len(workload.networks) - MOST_SHOWN:,} more networks"
    if not workload.skipped:
        return
    known = workload.macs + workload.skipped_macs
    skipped = plain_table("skipped", "times", "share of MACs", "why")
    for s in workload.skipped:
        share = "unknown" if s.macs is None else f"{s.macs / known:.2%}" if known else "0 %"
        skipped.add_row(s.operator, str(s.count), share, s.reason)
    yield skipped
