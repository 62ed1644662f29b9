"""Pictures of examples: the figures that a cell has made, also those of which pyplot does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any  # blocks and settings of sphinx-gallery
from weakref import WeakSet

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

_SEEN: WeakSet[Figure] = WeakSet()


def figures(block: Any, variables: dict[str, Any], settings: dict[str, Any]) -> str:
    """Save each new figure that a name of the example stands for, or pyplot holds; return what shows them."""
    del block
    named = [value for value in variables["example_globals"].values() if isinstance(value, Figure)]
    held = [plt.figure(number) for number in plt.get_fignums()]
    new = [figure for figure in dict.fromkeys((*named, *held)) if figure not in _SEEN]
    _SEEN.update(new)
    paths = [_saved(figure, next(variables["image_path_iterator"])) for figure in new]
    plt.close("all")
    return str(figure_rst(paths, settings["src_dir"]))


def _saved(figure: Figure, path: str) -> str:
    figure.savefig(Path(path).with_suffix(".png"), dpi=160, facecolor="white")
    return path
