"""Settings of the documentation: ``python -m sphinx -W --keep-going docs site``."""

import logging
import sys
from importlib.metadata import version as version_of
from pathlib import Path

from click import Context
from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "extensions"))

logging.getLogger("fontTools").setLevel(logging.WARNING)

project = "m3e"
author = project_copyright = "The m3e developers"
version = release = version_of("m3e")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "sphinx_click",
    "sphinx_design",
    "sphinx_copybutton",
    "tables_from_code",
    "math_as_mathml",
]
exclude_patterns = ["examples", "made/*.md", "problem/GALLERY_HEADER.rst", "problem/*.py", "reproduction/*.txt"]
nitpicky = True
nitpick_ignore_regex = [  # names of other projects, and of what a package does not hand on
    ("py:.*", r"(?!(bench|problems|optimizers|reports)\.).*"),
    ("py:.*", r"\w+\.[a-z_]+\..*"),
]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
math_renderer = "mathml"
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("BoolArray", "FloatArray", "IntArray", "Mappings")}
python_use_unqualified_type_names = True
napoleon_use_ivar = True
napoleon_use_rtype = False

sphinx_gallery_conf = {
    "examples_dirs": ["problem", "examples"],
    "gallery_dirs": ["made/problem", "made/examples"],
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"nevergrad_imports|optunahub/",
    "abort_on_example_error": True,
    "image_scrapers": ("figures_in_examples.figures",),
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "show_signature": False,
    "default_thumb_file": str(DOCS / "pictures" / "overview.png"),
    "within_subsection_order": "FileNameSortKey",
    "reset_modules": (),
}


def escaped(app: Sphinx, context: Context, lines: list[str]) -> None:
    """Keep the asterisks in help texts."""
    lines[:] = [line.replace("*", r"\*") for line in lines]


def setup(app: Sphinx) -> None:
    """Connect the event of sphinx-click."""
    app.connect("sphinx-click-process-options", escaped)
    app.connect("sphinx-click-process-description", escaped)


html_theme = "furo"
html_title = "m3e"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
templates_path = []
