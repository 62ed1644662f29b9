"""``m3e import``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import click
from rich.table import Table

import problems
from bench.commands.options import dims_option, parse_dims
from bench.console.console import open_console, plain_table
from bench.map_workload import OWN_MODEL
from bench.sources import parse_source, read_sources
from problems.costs import DEFAULT_MODEL
from problems.foundation.errors import InvalidInput
from problems.foundation.files import is_there, make_folder
from problems.ids import TABLE_PLATFORM
from problems.importing import write_job_table

MOST_SHOWN = 100
"""Number of networks that the table of a workload lists."""


@click.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE[:N]...")
@dims_option
@click.option("--yields", metavar="'N ITEMS'", help="What a pass yields, for rates, e.g. '4 images'.")
@click.option("--out", type=click.Path(path_type=Path), help="Workload file. [default: <source>.json, or .npz]")
@click.option("--force", is_flag=True, help="Write over an existing file.")
def import_(sources: tuple[str, ...], dims: tuple[str, ...], yields: str | None, out: Path | None, force: bool) -> None:
    """Make a workload of each SOURCE: a file, or a network by name.

    Files are networks of ONNX or MAESTRO (.m), job files and topologies of SCALE-Sim (CSV), or ready job tables (CSV,
    NPZ). The result is a file that every command takes in place of a task, as file:PATH. With resnet50:2 a network
    runs twice in a group; with resnet50:30/s and bert.onnx:10/s as often as these rates ask for.
    """
    console = open_console()
    for part in import_workload(sources, parse_dims(dims), out, yields=yields, force=force):
        if isinstance(part, str):
            console.say(part)
        else:
            console.show(part)


def import_workload(
    sources: Sequence[str],
    dims: Mapping[str, int | str],
    out: Path | None,
    *,
    yields: str | None = None,
    force: bool = False,
) -> Iterator[Table | str]:
    """Write the workload file, and yield what to print about it.

    Raises:
        UnknownName, InvalidInput, MissingExtra: As ``read_sources``; also if the file is there already, or ``yields``
            does not fit.
        StorageError: If it cannot be written.
    """
    content = read_sources(sources, dims)
    table = isinstance(content, problems.JobTable)
    name = "+".join(Path(parse_source(text).text).stem for text in dict.fromkeys(sources))
    path = out or Path(f"{name}.{'npz' if table else 'json'}")
    if not table and path.suffix != ".json":
        raise InvalidInput(f"output {str(path)!r}", expected="a name that ends in .json", actual=path.suffix or "none")
    if is_there(path) and not force:
        hint = "--force writes over it, --out names another."
        raise InvalidInput(f"output {str(path)!r}", expected="no such file yet", actual="there is one", hint=hint)
    content = content if yields is None else yielding(content, yields)
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


def yielding(content: problems.Workload | problems.JobTable, text: str) -> problems.Workload:
    """Return the workload with ``text``, e.g. "4 images", as what a pass of each network yields.

    Raises:
        InvalidInput: If the text has another form, or the workload is a job table.
    """
    match = re.fullmatch(r"([0-9]{1,9}) +(\S.*)", text)
    if match is None:
        raise InvalidInput("--yields", expected="a number and what it counts, e.g. '4 images'", actual=repr(text))
    if isinstance(content, problems.JobTable):
        raise InvalidInput("--yields", expected="networks", actual="a job table, whose jobs are of no network")
    items, unit = int(match[1]), match[2]
    passes = {name: replace(each, items=items, unit=unit) for name, each in content.passes.items()}
    return replace(content, passes=passes)


def _describe(workload: problems.Workload) -> Iterator[Table | str]:
    networks = plain_table("network", "layers", "GMAC a pass", "passes", "a pass yields")
    for name, layers in islice(workload.networks.items(), MOST_SHOWN):
        each = workload.passes[name]
        rate = "" if each.per_second is None else f" ({each.per_second:g} a second)"
        macs = sum(layer.macs for layer in layers)
        networks.add_row(name, str(len(layers)), f"{macs / 1e9:.4g}", f"{each.count:,}{rate}", each.yields)
    yield networks
    if len(workload.networks) > MOST_SHOWN:
        yield f"and {len(workload.networks) - MOST_SHOWN:,} more networks"
    yield (
        "MACs are those of the layers, as usually published. m3e map costs these layers with the model "
        f"{OWN_MODEL!r}, which counts the same; an id without that option means {DEFAULT_MODEL!r}, which does not."
    )
    if not workload.skipped:
        return
    known = workload.macs + workload.skipped_macs
    skipped = plain_table("skipped", "times", "share of MACs", "why")
    for s in workload.skipped:
        share = "unknown" if s.macs is None else f"{s.macs / known:.2%}" if known else "0 %"
        skipped.add_row(s.operator, str(s.count), share, s.reason)
    yield skipped
