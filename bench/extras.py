"""Optional libraries: whether what a part of the suite or a plug-in needs beyond itself is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

from bench.errors import InvalidInput


def missing_libraries(requirement: str) -> list[str]:
    """The distributions that ``requirement``, e.g. ``m3e[rl]``, needs and that are not installed as it wants them.

    Raises:
        InvalidInput: If it is no requirement.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        wanted = Requirement(requirement)
    except InvalidRequirement as error:
        expected = "one requirement as pip takes it"
        raise InvalidInput("requires", expected=expected, actual=requirement, hint=str(error)) from error
    try:
        found = distribution(wanted.name)
    except PackageNotFoundError:
        return [wanted.name]
    offered = {canonicalize_name(extra) for extra in found.metadata.get_all("Provides-Extra") or ()}
    has_extras = {canonicalize_name(extra) for extra in wanted.extras} <= offered
    if not has_extras or not wanted.specifier.contains(found.version, prereleases=True):
        return [str(wanted)]
    optional = [r for text in found.requires or () if (r := Requirement(text)).marker]
    needed = [r for r in optional if any(r.marker and r.marker.evaluate({"extra": extra}) for extra in wanted.extras)]
    return [missing for r in needed for missing in missing_libraries(str(r).partition(";")[0])]
