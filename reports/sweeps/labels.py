"""Labels beside points, none over another, over a point, or beyond the axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes

from problems.arrays import FloatArray
from reports.figures.lettering import inches

SIZE = 6.5
"""Font size, in points."""

DISTANCES = (4.0, 9.0, 15.0, 22.0, 30.0, 40.0, 52.0, 66.0)
"""Distances of a label from its point that are tried, in points; from the second on a line leads to it."""

ANGLES = np.arange(0.0, 360.0, 22.5)

DOT = 2.6
"""Half the width of a point, in points of length."""


def place_labels(axes: Axes, points: FloatArray, names: Sequence[str], colours: Sequence[str]) -> None:
    """Write ``names`` beside ``points`` ``(n, 2)``, in data coordinates; the figure must have been laid out."""
    scale = 72.0 / axes.figure.dpi
    places = axes.transData.transform(points) * scale
    frame = _corners(axes, scale)
    taken = [_box(place, np.array([DOT, DOT])) for place in places]
    for place, point, name, colour in zip(places, points, names, colours, strict=True):
        half = np.array([72.0 * inches(name, SIZE) / 2.0 + 1.0, SIZE / 2.0 + 0.6])
        offset = min(_offsets(half), key=lambda own: _badness(_box(place + own, half), taken, frame))
        taken.append(_box(place + offset, half))
        far = np.linalg.norm(np.maximum(np.abs(offset) - half, 0.0)) > DISTANCES[1]
        line = {"arrowstyle": "-", "linewidth": 0.4, "color": "#888888", "shrinkA": 0.0, "shrinkB": 2.0}
        axes.annotate(
            name,
            (float(point[0]), float(point[1])),
            xytext=(float(offset[0]), float(offset[1])),
            textcoords="offset points",
            ha="center",
            va="center_baseline",
            fontsize=SIZE,
            color=colour,
            arrowprops=line if far else None,
            annotation_clip=False,
        ).set_in_layout(False)


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


def _badness(box: FloatArray, taken: Sequence[FloatArray], frame: FloatArray) -> float:
    """Return the area of a box that lies on others or beyond the frame."""
    size = np.prod(box[2:] - box[:2])
    return float(sum(_common(box, other) for other in taken) + size - _common(box, frame))


def _common(one: FloatArray, other: FloatArray) -> float:
    """Return the area that two boxes share."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    return float(np.prod(np.maximum(sides, 0.0)))
