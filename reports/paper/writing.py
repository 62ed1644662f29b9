"""Select figures of the paper and write their files from campaign results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import make_folder, write_bytes
from reports.storage.campaign_folder import read_campaign

if TYPE_CHECKING:
    from reports.figures.drawing import Drawing
    from reports.paper import PaperFigure

FORMATS = ("png", "pdf", "csv", "tex", "txt")


def chosen(names: Sequence[str], *, every: bool) -> list[PaperFigure]:
    """Return the figures with the given names, without duplicates and in the paper's order; all if ``every``.

    Raises:
        UnknownName: If there is no such figure.
        InvalidInput: If neither or both of ``names`` and ``every`` are given.
    """
    from reports.paper import PAPER

    known = {figure.name: figure for figure in PAPER}
    if bool(names) == every:
        hint = f"Available figures: {', '.join(known)}."
        raise InvalidInput("figures", expected="names, or --all", actual="both" if every else "neither", hint=hint)
    for name in names:
        if name not in known:
            raise UnknownName("figure", name, known)
    return [figure for name, figure in known.items() if every or name in names]


def describe(drawing: Drawing) -> str:
    """Return title, caption and column meanings as text."""
    columns = "".join(f"  {name}: {meaning}\n" for name, meaning in drawing.columns.items())
    return f"{drawing.title}\n\n{drawing.caption}\n\nColumns of the numbers:\n{columns}"


def write_figure(figure: PaperFigure, campaign: Path | None, folder: Path, stem: str) -> list[Path]:
    """Draw a figure and write its files.

    Args:
        figure: Figure to draw.
        campaign: Campaign folder with the results; None if the figure needs none.
        folder: Output folder; created if missing.
        stem: Base name of the files; those of its gaps end in ``-gap``.

    Returns:
        Paths of the files.

    Raises:
        StorageError: If results cannot be read, or ``folder`` cannot be written.
    """
    from reports.figures import draw_files
    from reports.frames.summary import make_tables
    from reports.storage.foreign import NO_RUNS
    from reports.storage.replay import replayed

    stored = replace(NO_RUNS, name=stem) if campaign is None else read_campaign(campaign)
    tables = make_tables(replayed(stored))
    make_folder(folder)
    paths = []
    for drawing, name in ((figure.drawing, stem), (figure.gap, f"{stem}-gap")):
        if drawing is None:
            continue
        files = {**draw_files(drawing, tables).files, "txt": describe(drawing).encode()}
        for suffix in (suffix for suffix in FORMATS if suffix in files):
            paths.append(folder / f"{name}.{suffix}")
            write_bytes(paths[-1], files[suffix])
    return paths
