"""Platforms: the paper's S1 to S6, and any TOML file of the same form.

To add a platform to the suite, put its file here.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from problems.foundation.registry import Registry
from problems.platform import Core, Platform
from problems.platforms.reading import read_platform

__all__ = ["PLATFORMS", "Core", "Platform", "read_platform"]

PLATFORMS: Registry[Platform] = Registry("platform")
"""The platforms that ship with the suite, by name."""

for _file in sorted((f for f in files(__name__).iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
    with as_file(_file) as _path:
        PLATFORMS.add(read_platform(_path, Path(_file.name).stem))
