"""Short names, for where there is little room."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bench.text import shorten as shorten
from problems.costs import DEFAULT_MODEL
from problems.ids import DEPENDENT, FILE
from problems.objectives import DEFAULT_OBJECTIVE, OBJECTIVES

_FORM = re.compile(r"(.+)/(bw[^/]+)/(g[0-9]+|gall)/(i[0-9]+)((?:/[^/]+)*)")
_DEFAULTS = ("", "", "", "", "", "independent", DEFAULT_MODEL, DEFAULT_OBJECTIVE)
"""What the parts are called that an id leaves out."""


def common_parts(cases: Sequence[str]) -> str:
    """The parts of the problem ids, like ``bw1/g100/i0``, in which all cases agree; "" for fewer than two problems."""
    parts = [_parts(case) for case in cases]
    return "/".join(parts[0][place] for place in _common_places(parts) if parts[0][place])


def short_names(cases: Sequence[str]) -> dict[str, str]:
    """Each case without the parts of its problem id that are common to all."""
    parts = [_parts(case) for case in cases]
    common = _common_places(parts)
    if not common:
        return {case: case for case in cases}
    return {
        case: "/".join(
            part or default
            for place, (part, default) in enumerate(zip(own, _DEFAULTS, strict=True))
            if place not in common
        )
        + "".join(case.partition(", ")[1:])
        for case, own in zip(cases, parts, strict=True)
    }


def _parts(case: str) -> tuple[str, ...]:
    """Task, platform, bandwidth, group, instance, and the three options or ""; () if the id is of another form."""
    match = _FORM.fullmatch(case.partition(", ")[0])
    if match is None:
        return ()
    head, bandwidth, group, instance, options = match.groups()
    place = head.rfind(f"/{FILE}")
    task, platform = (head[:place], head[place + 1 :]) if place >= 0 else (head.rpartition("/")[::2])
    words = options.split("/")[1:]
    objective = next((word for word in words if word in OBJECTIVES.names()), "")
    model = next((word for word in words if word not in (DEPENDENT, objective)), "")
    return task, platform, bandwidth, group, instance, DEPENDENT if DEPENDENT in words else "", model, objective


def _common_places(parts: Sequence[Sequence[str]]) -> list[int]:
    """Where all agree; nowhere if one is of another form, or if they agree altogether."""
    if not all(parts):
        return []
    common = [place for place, values in enumerate(zip(*parts, strict=True)) if len(set(values)) == 1]
    return common if len(common) < len(_DEFAULTS) else []
