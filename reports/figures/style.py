"""Common style of all figures: sizes, fonts, and the look of each optimizer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType
from typing import Any
from zlib import crc32

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from reports.figures.lettering import FONT, drawn, inches, safe
from reports.frames.summary import Tables

COLUMN, FULL = 3.5, 7.16
"""Widths of one and of two columns of an IEEE paper, in inches."""

_LEGEND_SIZE = 7.5
"""Font size of legends, in points."""

_SETTINGS: dict[Any, str | float | bool] = {  # Any: Matplotlib types keys as str or literals, by version
    "font.family": FONT,
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": _LEGEND_SIZE,
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
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
}

_MAGMA_COLOUR = "#D55E00"
COLOURS = (
    "#A6A6A6",
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#5B5B5B",
    "#B8AE00",
    "#882255",
    "#332288",
    "#8C6D46",
)
"""Colours of Okabe and Ito 2008 without the one of MAGMA, and greys; then three similar colours.

Their yellow and black are changed to stand out from white paper and black whiskers.
"""

_PLACES = {
    "random": 0,
    "deap-stdga": 1,
    "nevergrad-de": 2,
    "nevergrad-cma": 3,
    "nevergrad-tbpsa": 4,
    "nevergrad-pso": 5,
    "sb3-a2c": 6,
    "sb3-ppo": 7,
    "herald-like": 8,
    "ai-mt-like": 9,
    "native-sa": 10,
    "native-ga": 12,
    "cmaes-cma": 14,
    "optuna-nsga2": 15,
    "deap-es": 18,
}
"""Fixed positions in the style cycles for frequently drawn optimizers, by registered name, in all campaigns."""

_MARKERS = ("s", "^", "D", "v", "P", "X", "<", ">", "h", "p", "*", "d")
_HATCHES = ("////", "\\\\\\\\", "....", "xxxx", "----", "||||", "++++", "oo", "//..", "\\\\..", "**", "--..")
_DASHES: tuple[LineStyleType, ...] = ("--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)))


@dataclass(frozen=True)
class Look:
    """Look of an optimizer, the same in all figures.

    Attributes:
        colour: Colour of lines and bars.
        marker: Marker on lines.
        hatch: Hatch of bars; "" for solid bars.
        dashes: Line style.
        width: Line width in points.
        level: Drawing order; the highest is on top.
        leads: Whether it is emphasised: MAGMA, the reference of comparisons, or what stands beside an archive.
        quiet: Whether it is the look of those that stand behind the others: an archive's, or the rest of many.
    """

    colour: str
    marker: str
    hatch: str
    dashes: LineStyleType
    width: float = 1.0
    level: float = 3.0
    leads: bool = False
    quiet: bool = False


MOST_LOUD = 20
"""Most optimizers that can be told apart by their looks."""

LEADERS = 12
"""How many have looks of their own where there are more."""

_QUIET = Look("#C9C9C9", "", "", "-", width=0.7, level=2.0, quiet=True)
_MAGMA = Look(_MAGMA_COLOUR, "o", "", "-", width=1.8, level=4.0, leads=True)

Looks = Mapping[str, Look]
"""Looks by the optimizers' labels, in legend order."""


def looks(tables: Tables) -> dict[str, Look]:
    """Return the look of each optimizer, in the campaign's order.

    Frequently drawn optimizers look the same in all campaigns. The others get free colours, starting from one that
    depends on their label. Colours, markers and hatches have cycles of different lengths, so that no two optimizers
    share all of them. Those of an archive are all the same quiet grey, and the others beside them emphasised. Of more
    than ``MOST_LOUD`` the first by mean rank have colours, with MAGMA and random search, and the rest are quiet.
    """
    names = tables.registered
    if tables.campaign.reference:
        loud = [label for label in names if label not in tables.campaign.reference]
        found = {label: _emphasised(look) for label, look in _loud_looks(tables, loud).items()}
    elif len(names) > MOST_LOUD:
        first = list(tables.overall.sort_values("mean_rank", kind="stable")["optimizer"][:LEADERS])
        found = _loud_looks(tables, [n for n in names if n in first or n == tables.magma or names[n] == "random"])
    else:
        found = _loud_looks(tables, list(names))
    return {label: found.get(label, _QUIET) for label in names}


def _emphasised(look: Look) -> Look:
    return replace(look, width=_MAGMA.width, level=_MAGMA.level, leads=True)


def _loud_looks(tables: Tables, labels: Sequence[str]) -> dict[str, Look]:
    names = {label: tables.registered[label] for label in labels}
    counts = Counter(names.values())
    known = {label: _PLACES[name] for label, name in names.items() if name in _PLACES and counts[name] == 1}
    places = dict(known)
    for label in names:
        if label != tables.magma and label not in known:
            places[label] = _free_place(label, set(places.values()))
    return {label: _MAGMA if label == tables.magma else look_at(places[label]) for label in names}


def _free_place(label: str, taken: set[int]) -> int:
    """Return the first free place of the least used colour, searching from the colour given by the label."""
    start = crc32(label.encode())
    rounds = len(COLOURS)
    use = Counter(place % rounds for place in taken)
    colour = min(((start + step) % rounds for step in range(rounds)), key=lambda c: use[c])
    return next(place for place in count(colour, rounds) if place not in taken)


def look_at(place: int) -> Look:
    """Return the look at a position in the style cycles."""
    return Look(
        COLOURS[place % len(COLOURS)],
        _MARKERS[place % len(_MARKERS)],
        _HATCHES[place % len(_HATCHES)],
        _DASHES[place % len(_DASHES)],
    )


@contextmanager
def paper_style() -> Iterator[None]:
    """Apply the Matplotlib settings for making and saving a figure; restore those of the caller on exit."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return a figure of a size in inches, with constrained layout."""
    return Figure(figsize=(width, height), layout="constrained")


def empty_figure(why: str, width: float = COLUMN) -> Figure:
    """Return a figure with an empty axis that tells why there is nothing to show."""
    figure = new_figure(width, 1.5)
    axis = figure.add_subplot()
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(visible=True, color="#bbbbbb")
    axis.text(0.5, 0.5, safe(why, 200), ha="center", va="center", wrap=True, color="#555555", transform=axis.transAxes)
    return figure


LEGEND_ROW = 0.16
"""Height of a legend row, in inches."""

_ENTRY = 0.55
"""Width of a legend entry without its text (handle and gaps), in inches."""


def legend_above(
    figure: Figure,
    handles: Sequence[Artist],
    labels: Sequence[str],
    notes: Mapping[str, str] = MappingProxyType({}),
    *,
    limits: Sequence[int] = (30, 24, 18, 12),
) -> None:
    """Add a legend above the axes, in as many columns as fit; entries read row by row.

    The figure grows by the height of all rows beyond the second.

    Args:
        figure: Figure to add the legend to.
        handles: Handles of the entries.
        labels: Labels of the entries.
        notes: Texts to append to some of the labels, by label.
        limits: Most characters of a label; the first with which an entry fits into the figure.
    """
    texts, width = _entries(labels, notes, figure.get_figwidth(), limits)
    columns = max(1, min(len(texts), int(figure.get_figwidth() / width)))
    rows = -(-len(texts) // columns)
    columns = -(-len(texts) // rows)
    figure.set_figheight(figure.get_figheight() + LEGEND_ROW * max(0, rows - 2))
    order = [i for column in range(columns) for i in range(column, len(texts), columns)]
    places = [str(i) for i in order]  # Matplotlib leaves out labels that begin with "_"
    legend = figure.legend([handles[i] for i in order], places, loc="outside upper center", ncols=columns)
    for text, i in zip(legend.get_texts(), order, strict=True):
        text.set_text(texts[i])


def legend_of(figure: Figure, look: Looks, names: Sequence[str], handle: Callable[[Look], Artist]) -> None:
    """Add a legend of some optimizers above the axes, as ``legend_above``; the quiet ones share an entry at the end."""
    loud = [name for name in names if not look[name].quiet]
    quiet = len(names) - len(loud)
    texts = [*loud, *([f"{quiet:,} others"] if quiet else [])]
    legend_above(figure, [*(handle(look[name]) for name in loud), *([handle(_QUIET)] if quiet else [])], texts)


def _entries(
    labels: Sequence[str], notes: Mapping[str, str], room: float, limits: Sequence[int]
) -> tuple[list[str], float]:
    """Return the legend texts, shortened to fit into ``room`` inches, and the width of the widest entry."""
    for limit in limits:
        short = drawn(labels, limit)
        texts = [short[label] + notes.get(label, "") for label in labels]
        width = _ENTRY + max(inches(text, _LEGEND_SIZE) for text in texts)
        if width <= room:
            break
    return texts, width


def log_ticks(low: float, high: float) -> list[float]:
    """Return powers of ten from ``low`` to ``high``, with intermediate steps if these are few."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) >= 3:
            break
    return ticks[:: -(-len(ticks) // 6)] if ticks else []
