"""What all figures share: sizes, fonts, and one look for each optimizer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Any
from zlib import crc32

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from reports.figures.lettering import FONT, drawn, inches, safe
from reports.frames.summary import Tables

COLUMN, FULL = 3.5, 7.16
"""Widths in inches of one and of two columns of an IEEE paper."""

_SETTINGS: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "legend.columnspacing": 1.4,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "path",
    "savefig.dpi": 200,
}

_MAGMA_COLOUR = "#D55E00"
_COLOURS = (
    *("#A6A6A6", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#5B5B5B", "#B8AE00", "#882255"),
    *("#332288", "#8C6D46"),
)
"""Okabe and Ito 2008 without the colour of MAGMA, their yellow and black moved off the white of the paper and the black
of whiskers, and greys; then three of like kind."""

_PLACES = {
    **{"random": 0, "deap-stdga": 1, "nevergrad-de": 2, "nevergrad-cma": 3, "nevergrad-tbpsa": 4, "nevergrad-pso": 5},
    **{"sb3-a2c": 6, "sb3-ppo": 7, "herald-like": 8, "ai-mt-like": 9, "native-sa": 10},
    **{"native-ga": 12, "optuna-cmaes": 14, "optuna-nsga2": 15, "deap-es": 18},
}
"""Places in the cycles of the optimizers that are drawn most, by registered name: in all campaigns the same."""

_MARKERS = ("s", "^", "D", "v", "P", "X", "<", ">", "h", "p", "*", "d")
_HATCHES = ("////", "\\\\\\\\", "....", "xxxx", "----", "||||", "++++", "oo", "//..", "\\\\..", "**", "--..")
_DASHES: tuple[Any, ...] = ("--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)))


@dataclass(frozen=True)
class Look:
    """How an optimizer is drawn, in all figures alike.

    Attributes:
        colour: Of lines and bars.
        marker: On lines.
        hatch: In bars; "" for a full one.
        dashes: Of lines.
        width: Of lines, points.
        level: Drawing order; the highest is on top.
        leads: Whether it is MAGMA's, which the others are compared with.
    """

    colour: str
    marker: str
    hatch: str
    dashes: Any
    width: float = 1.0
    level: float = 3.0
    leads: bool = False


_MAGMA = Look(_MAGMA_COLOUR, "o", "", "-", width=1.8, level=4.0, leads=True)

Looks = Mapping[str, Look]
"""By the optimizer's label, in the order of legends."""


def looks(tables: Tables) -> dict[str, Look]:
    """The look of each optimizer, in the campaign's order; those that are drawn most look the same in all campaigns.

    The others get colours that are free, starting from one that their label chooses. Colours, markers and hatches have
    cycles of different lengths, so that no two optimizers share all of them.
    """
    names = tables.registered
    counts = Counter(names.values())
    known = {label: _PLACES[name] for label, name in names.items() if name in _PLACES and counts[name] == 1}
    places = dict(known)
    for label in names:
        if label != tables.magma and label not in known:
            places[label] = _free_place(label, set(places.values()))
    return {label: _MAGMA if label == tables.magma else _look(places[label]) for label in names}


def _free_place(label: str, taken: set[int]) -> int:
    """The first place of the next colour that is used least."""
    start, rounds = crc32(label.encode()), len(_COLOURS)
    use = Counter(place % rounds for place in taken)
    colour = min(((start + step) % rounds for step in range(rounds)), key=lambda c: use[c])
    return next(place for place in count(colour, rounds) if place not in taken)


def _look(place: int) -> Look:
    return Look(
        _COLOURS[place % len(_COLOURS)],
        _MARKERS[place % len(_MARKERS)],
        _HATCHES[place % len(_HATCHES)],
        _DASHES[place % len(_DASHES)],
    )


@contextmanager
def paper_style() -> Iterator[None]:
    """Matplotlib's settings for making and saving a figure; those of the caller are put back."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def new_figure(width: float, height: float) -> Figure:
    """A figure in inches, laid out by constraints."""
    return Figure(figsize=(width, height), layout="constrained")


def empty_figure(why: str, width: float = COLUMN) -> Figure:
    """An empty axis that says why there is nothing."""
    figure = new_figure(width, 1.5)
    axis = figure.add_subplot()
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(visible=True, color="#bbbbbb")
    axis.text(0.5, 0.5, safe(why, 200), ha="center", va="center", wrap=True, color="#555555", transform=axis.transAxes)
    return figure


LEGEND_ROW = 0.16
"""Inches that a row of a legend takes."""

_ENTRY = 0.55
"""Inches of a legend's entry beside its text: handle and gaps."""


def legend_above(
    figure: Figure, handles: Sequence[Artist], labels: Sequence[str], notes: Mapping[str, str] = MappingProxyType({})
) -> None:
    """A legend over the axes, in as many columns as fit; its entries read row by row.

    The figure grows by the rows for which it cannot have room.

    Args:
        figure: Where.
        handles: Of the entries.
        labels: Likewise.
        notes: What stands behind some of the labels.
    """
    texts, width = _entries(labels, notes, figure.get_figwidth())
    columns = max(1, min(len(texts), int(figure.get_figwidth() / width)))
    rows = -(-len(texts) // columns)
    columns = -(-len(texts) // rows)
    figure.set_figheight(figure.get_figheight() + LEGEND_ROW * max(0, rows - 2))
    order = [i for column in range(columns) for i in range(column, len(texts), columns)]
    places = [str(i) for i in order]  # a label that begins with "_" would be left out
    legend = figure.legend([handles[i] for i in order], places, loc="outside upper center", ncols=columns)
    for text, i in zip(legend.get_texts(), order, strict=True):
        text.set_text(texts[i])


def _entries(labels: Sequence[str], notes: Mapping[str, str], room: float) -> tuple[list[str], float]:
    """Texts of a legend that fit into ``room`` inches, and what the widest entry takes."""
    for limit in (30, 24, 18, 12):
        short = drawn(labels, limit)
        texts = [short[label] + notes.get(label, "") for label in labels]
        width = _ENTRY + max(inches(text, _SETTINGS["legend.fontsize"]) for text in texts)
        if width <= room:
            break
    return texts, width


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten, with steps between where these are few, from ``low`` to ``high``."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) >= 3:
            break
    return ticks[:: -(-len(ticks) // 6)] if ticks else []
