"""What a run is carried out with: versions, commit, platform, and what code libraries chose by the processor."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

import problems
from optimizers import OPTIMIZERS
from problems.foundation.errors import M3EError
from reports.storage.content import EVALUATES_ITSELF, SEES_JOBS, TUNED_ON

CORE = ("m3e", "numpy", "numba", "llvmlite", "scipy")
"""Packages behind every run."""

SUITE = "m3e"


def libraries_of(optimizer: str) -> tuple[str, ...]:
    """Return the distributions behind an optimizer, by the names that it gives; () if it cannot be loaded."""
    with suppress(M3EError):  # the run itself will say so
        return tuple(getattr(OPTIMIZERS.get(optimizer).load(), "libraries", ()))
    return ()


def declared(optimizer: str) -> dict[str, object]:
    """Return the settings that an optimizer has in every run, also one that tells none; {} if it cannot be loaded."""
    with suppress(M3EError):
        factory = OPTIMIZERS.get(optimizer).load()
        flags = {key: True for key in (EVALUATES_ITSELF, SEES_JOBS) if getattr(factory, key, False)}
        tuned_on = list(getattr(factory, TUNED_ON, ()))
        return {**flags, **({TUNED_ON: tuned_on} if tuned_on else {})}
    return {}


@cache
def versions(libraries: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of the core packages, of ``libraries``, and of all that these require, by name."""
    found = {name: _version(name) for name in CORE}
    waiting = list(libraries)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _version(name)
            waiting += _requirements(name)
    return dict(sorted(found.items()))


def _version(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return "not installed"


def _requirements(name: str) -> list[str]:
    """Return what a distribution requires that is installed; extras do not count."""
    try:
        required: Iterable[str] = distribution(name).requires or ()
    except PackageNotFoundError:
        return []
    names = (match[0].lower() for text in required if "extra ==" not in text for match in [_NAME.match(text)] if match)
    return [name for name in names if _version(name) != "not installed"]


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@cache
def commit() -> str:
    """Return the commit of the suite: where it is installed from a repository, or works in one; else ""."""
    with suppress(PackageNotFoundError, ValueError, OSError):
        found = _installed_from(distribution(SUITE)) or _checked_out(Path(problems.__file__).resolve().parents[1])
        return found if re.fullmatch(r"[0-9a-f]{40,64}", found) else ""
    return ""


def _installed_from(suite: Distribution) -> str:
    origin = json.loads(suite.read_text("direct_url.json") or "{}")
    return str(origin.get("vcs_info", {}).get("commit_id", ""))


def _checked_out(root: Path) -> str:
    """Return the commit that is checked out in ``root``; a folder of a repository, or a worktree of it."""
    git = root / ".git"
    if git.is_file():  # a worktree
        git = root / git.read_text().removeprefix("gitdir:").strip()
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    common = git / (git / "commondir").read_text().strip() if (git / "commondir").exists() else git
    for folder in (git, common):
        if (folder / name).exists():
            return (folder / name).read_text().strip()
    packed = (common / "packed-refs").read_text()
    return next((line.split()[0] for line in packed.splitlines() if line.endswith(f" {name}")), "")


@cache
def system() -> dict[str, str]:
    """Return ``python`` and ``platform``: their versions."""
    return {"python": platform.python_version(), "platform": platform.platform()}


@cache
def linear_algebra() -> tuple[str, ...]:
    """Return the libraries of linear algebra of NumPy and SciPy, with their versions and the kernels that they chose.

    The last digits of what CMA-ES and others find may depend on them.
    """
    import scipy.linalg  # loads SciPy's own

    folders = [str(Path(str(package.__file__)).parents[1]) for package in (np, scipy)]
    own = (i for i in threadpool_info() if i["user_api"] == "blas" and str(i["filepath"]).startswith(tuple(folders)))
    return tuple(sorted({f"{i['internal_api']} {i['version']} {i.get('architecture', '')}".strip() for i in own}))


@cache
def vector_instructions() -> tuple[str, ...]:
    """Return the vector instructions beyond its baseline for which NumPy chose code, by the names that it gives them.

    In which order it sorts equal values, and the last digits of its exponentials, depend on them.
    """
    instructions = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return tuple(instructions.get("found", ()))
