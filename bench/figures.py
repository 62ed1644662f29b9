"""The paper's figures: which are asked for, and their files once their campaigns are run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import InvalidInput, UnknownName
from bench.files import make_folder, write_bytes
from bench.store import StoredCampaign, read_campaign

if TYPE_CHECKING:
    from reports.paper import PaperFigure

FORMATS = ("png", "pdf", "csv", "tex", "txt")


def chosen(names: Sequence[str], *, every: bool) -> list[PaperFigure]:
    """The figures of those names, each once and in the paper's order; all of them if ``every``.

    Raises:
        UnknownName: If there is no such figure.
        InvalidInput: If none is asked for, or all and some.
    """
    from reports.paper import PAPER

    known = {figure.name: figure for figure in PAPER}
    if bool(names) == every:
        hint = f"There are {', '.join(known)}."
        raise InvalidInput("figures", expected="names, or --all", actual="both" if every else "neither", hint=hint)
    for name in names:
        if name not in known:
            raise UnknownName("figure", name, known)
    return [figure for name, figure in known.items() if every or name in names]


def describe(figure: PaperFigure) -> str:
    """Title, caption, and what the columns of the numbers are."""
    drawing = figure.drawing
    columns = "".join(f"  {name}: {meaning}\n" for name, meaning in drawing.columns.items())
    return f"{drawing.title}\n\n{drawing.caption}\n\nColumns of the numbers:\n{columns}"


def write_figure(figure: PaperFigure, campaign: Path | None, folder: Path, stem: str) -> list[Path]:
    """Draw a figure from the results in a campaign's folder, None if it needs none; the paths of its files.

    Raises:
        StorageError: If results cannot be read, or ``folder`` cannot be written.
    """
    from reports.figures import draw_files
    from reports.replay import replayed
    from reports.summary import make_tables

    stored = (
        StoredCampaign(name=stem, runs=(), planned=(), unreadable={}, foreign=())
        if campaign is None
        else read_campaign([campaign])
    )
    pictures = draw_files(figure.drawing, make_tables(replayed(stored))) | {"txt": describe(figure).encode()}
    make_folder(folder)
    paths = {suffix: folder / f"{stem}.{suffix}" for suffix in FORMATS if suffix in pictures}
    for suffix, path in paths.items():
        write_bytes(path, pictures[suffix])
    return list(paths.values())
