"""Line styles of optimizers for the page: as in the static figures, plus colours for a dark page."""

from __future__ import annotations

import colorsys
from typing import TypedDict

from reports.figures.style import Look

SEEN = 0.17
"""Least relative luminance (WCAG 2) of lines on a dark page: a contrast of more than 3.5."""

_DASHES = {"-": "solid", "--": "dash", "-.": "dashdot", ":": "dot"}


class Line(TypedDict):
    """How a script draws an optimizer's line.

    Attributes:
        colour: Colour ``#rrggbb`` on a light page.
        dark: Colour ``#rrggbb`` on a dark page.
        dash: Plotly's dash style.
        leads: Whether the line is emphasised.
        quiet: Whether it stands behind the others.
    """

    colour: str
    dark: str
    dash: str
    leads: bool
    quiet: bool


def line_of(look: Look) -> Line:
    """The line style of an optimizer with this look."""
    dashes = look.dashes
    dash = _DASHES[dashes] if isinstance(dashes, str) else ",".join(f"{2 * length}px" for length in dashes[1])
    return {"colour": look.colour, "dark": on_dark(look.colour), "dash": dash, "leads": look.leads, "quiet": look.quiet}


def on_dark(colour: str) -> str:
    """A colour ``#rrggbb`` of the same hue, light enough for a dark page."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while luminance(colour) < SEEN:
        lightness += 0.02
        red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = f"#{round(255 * red):02X}{round(255 * green):02X}{round(255 * blue):02X}"
    return colour


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` in sRGB, 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def is_neutral(colour: str) -> bool:
    """Whether ``#rrggbb`` is black, white, or a grey."""
    return len(set(_channels(colour))) == 1


def blend(start: str, end: str, share: float) -> str:
    """The colour at a ``share`` of the way from one ``#rrggbb`` to another."""
    pairs = zip(_channels(start), _channels(end), strict=True)
    return "#" + "".join(f"{round(255 * (a + share * (b - a))):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255.0 for place in (1, 3, 5))
    return red, green, blue
