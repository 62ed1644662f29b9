"""Figures that follow the colour scheme of the page: one SVG whose colours change on a dark page."""

from __future__ import annotations

import re

from reports.figures.style import COLOURS
from reports.page.colours import blend, is_neutral, on_dark

PAPER, INK = "#16181b", "#e6e8eb"
"""Background and text on a dark page, as in ``page.css``."""

_ATTRIBUTE = re.compile(r' (fill|stroke)="(#[0-9a-fA-F]{6})"')
_COLOUR = re.compile(r"(?<=: )#[0-9a-fA-F]{6}")
_ROOT = re.compile(r"<svg\b[^>]*>")


def themed(svg: bytes) -> bytes:
    """The picture with a variable for each colour, which has another value where dark pages are preferred.

    Black and white become the text and the background of the page, greys lie between; other colours, and the greys of
    optimizers, keep their hue and are as light as the page's own lines.
    """
    text = _ATTRIBUTE.sub(r' style="\1: \2"', svg.decode())  # attributes hold no variables
    colours = sorted({colour.lower() for colour in _COLOUR.findall(text)})
    names = {colour: f"--c{place}" for place, colour in enumerate(colours)}
    text = _COLOUR.sub(lambda found: f"var({names[found[0].lower()]})", text)
    light = ";".join(f"{name}:{colour}" for colour, name in names.items())
    dark = ";".join(f"{name}:{dark_of(colour)}" for colour, name in names.items())
    style = (  # what has no colour is black
        f"<style>:root{{fill:#000000;{light}}}@media (prefers-color-scheme:dark){{:root{{fill:{INK};{dark}}}}}</style>"
    )
    return _ROOT.sub(lambda found: found[0] + style, text, count=1).encode()


def dark_of(colour: str) -> str:
    """What stands for a figure's colour ``#rrggbb`` on a dark page."""
    own = colour.upper() in COLOURS
    return blend(INK, PAPER, int(colour[1:3], 16) / 255.0) if is_neutral(colour) and not own else on_dark(colour)
