"""Labels beside points, none over another, over a point, or beyond the axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from problems.arrays import FloatArray
from reports.figures.lettering import inches

SIZE = 6.5
"""Font size, in points."""

DISTANCES = (4.0, 9.0, 15.0, 22.0, 30.0, 40.0, 52.0, 66.0)
"""Distances of a label from its point that are tried, in points."""

FAR = 8.0
"""Distance from which on a line leads to the label."""

CLEARLY = 1.6
"""How many times as far as its own point another one must be from a label."""

ANGLES = np.arange(0.0, 360.0, 22.5)

DOT = 2.6
"""Half the width of a point, in points of length."""


def place_labels(
    axes: Axes,
    points: FloatArray,
    names: Sequence[str],
    colours: Sequence[str],
    *,
    line: FloatArray,
    others: FloatArray,
) -> None:
    """Write labels beside points; the figure must have been laid out.

    Args:
        axes: Axes with the points.
        points: ``(n, 2)`` points, in data coordinates.
        names: Labels, of one line or more.
        colours: Colours of the labels.
        line: ``(k, 2)`` vertices of a line that goes up or sideways and that no label should cover.
        others: ``(m, 2)`` other points that none should cover.
    """
    scale = 72.0 / axes.figure.dpi
    places = axes.transData.transform(points) * scale
    frame = _corners(axes, scale)
    dots = np.concatenate([places, axes.transData.transform(others) * scale])
    taken = [_box(place, np.array([DOT, DOT])) for place in dots]
    vertices = axes.transData.transform(line) * scale
    taken += [np.concatenate([np.minimum(a, b) - 0.5, np.maximum(a, b) + 0.5]) for a, b in pairwise(vertices)]
    for number in sorted(range(len(names)), key=lambda own: names[own].count("\n")):  # small ones have most room
        place, point, name, colour = places[number], points[number], names[number], colours[number]
        half = _half(name)
        rest = dots[np.linalg.norm(dots - place, axis=1) > DOT]
        offset = min(_offsets(half), key=lambda own: _badness(_parts(place, own, half), taken, frame))
        taken += _parts(place, offset, half)
        _write(axes, point, offset, name, colour)
        end = _nearest(offset, half)
        if np.linalg.norm(end) > FAR or _is_astray(place, offset, half, rest):
            leader = {"arrowstyle": "-", "linewidth": 0.4, "color": "#888888", "shrinkA": 0.0, "shrinkB": 1.5}
            _write(axes, point, end, "", colour, leader)


def _write(
    axes: Axes,
    point: FloatArray,
    offset: FloatArray,
    text: str,
    colour: str,
    leader: Mapping[str, object] | None = None,
) -> None:
    axes.annotate(
        text,
        (float(point[0]), float(point[1])),
        xytext=(float(offset[0]), float(offset[1])),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=SIZE,
        color=colour,
        arrowprops=None if leader is None else dict(leader),
        path_effects=[withStroke(linewidth=1.2, foreground="white")] if text else [],
        annotation_clip=False,
    ).set_in_layout(False)


def _half(name: str) -> FloatArray:
    """Return half the width and height of a label, in points of length."""
    lines = name.split("\n")
    return np.array([36.0 * max(inches(own, SIZE) for own in lines) + 2.0, 0.6 * SIZE * len(lines) + 0.4])


def _nearest(offset: FloatArray, half: FloatArray) -> FloatArray:
    """Return where a label is nearest to its point, from the point."""
    return np.clip(np.zeros(2), offset - half, offset + half)


def _parts(place: FloatArray, offset: FloatArray, half: FloatArray) -> list[FloatArray]:
    """Return the boxes that a label takes up with the line that leads to it."""
    end = _nearest(offset, half)
    length = float(np.linalg.norm(end))
    beads = np.linspace((DOT + 1.5) / length, 0.92, 12) if length > FAR else ()
    return [_box(place + offset, half), *(_box(place + share * end, np.array([0.7, 0.7])) for share in beads)]


def _is_astray(place: FloatArray, offset: FloatArray, half: FloatArray, others: FloatArray) -> bool:
    """Whether a label may be taken for that of another point."""
    away = np.abs(others - (place + offset)) - half
    nearest = np.linalg.norm(np.maximum(away, 0.0), axis=1).min(initial=np.inf)
    return bool(nearest < CLEARLY * np.linalg.norm(_nearest(offset, half)))


def _corners(axes: Axes, scale: float) -> FloatArray:
    """Return left, bottom, right and top of the axes, in points of length."""
    box = axes.get_window_extent()
    return np.array([box.x0, box.y0, box.x1, box.y1]) * scale


def _offsets(half: FloatArray) -> Iterator[FloatArray]:
    """Yield the offsets of a label's centre that are tried, the nearest first."""
    for distance in DISTANCES:
        for angle in np.radians(ANGLES):
            direction = np.array([np.cos(angle), np.sin(angle)])
            yield direction * distance + np.clip(direction * 2.0, -1.0, 1.0) * half


def _box(centre: FloatArray, half: FloatArray) -> FloatArray:
    return np.concatenate([centre - half, centre + half])


def _badness(parts: Sequence[FloatArray], taken: Sequence[FloatArray], frame: FloatArray) -> float:
    """Return the area of boxes that lies on others or beyond the frame."""
    boxes = np.stack(parts)
    whole = float(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1).sum())
    return round(whole - _common(boxes, frame[None]) + _common(boxes, np.stack(taken)), 6)  # equal ones stay equal


def _common(boxes: FloatArray, others: FloatArray) -> float:
    """Return the area that boxes ``(n, 4)`` share with others ``(m, 4)``, summed over all pairs."""
    upper = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    lower = np.maximum(boxes[:, None, :2], others[None, :, :2])
    return float(np.prod(np.maximum(upper - lower, 0.0), axis=-1).sum())
