"""Optional libraries: whether what a part of the suite or a plug-in needs beyond itself is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution


def missing_libraries(requirement: str) -> list[str]:
    """The distributions that ``requirement``, e.g. ``m3e[rl]``, needs and that are not installed as it wants them."""
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        found = distribution(wanted.name)
    except PackageNotFoundError:
        return [wanted.name]
    if not wanted.specifier.contains(found.version, prereleases=True):
        return [str(wanted)]
    optional = [r for text in found.requires or () if (r := Requirement(text)).marker]
    needed = [r for r in optional if any(r.marker and r.marker.evaluate({"extra": extra}) for extra in wanted.extras)]
    return [missing for r in needed for missing in missing_libraries(str(r).partition(";")[0])]
