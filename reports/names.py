"""Short names, for where there is little room."""

from __future__ import annotations

from collections.abc import Sequence


def common_parts(cases: Sequence[str]) -> str:
    """The parts of the problem ids, like ``bw1/g100/i0``, in which all cases agree; "" for fewer than two problems."""
    parts = [case.partition(", ")[0].split("/") for case in cases]
    common = _common_places(parts)
    return "/".join(parts[0][place] for place in common) if common else ""


def short_names(cases: Sequence[str]) -> dict[str, str]:
    """Each case without the parts of its problem id that are common to all."""
    parts = [case.partition(", ")[0].split("/") for case in cases]
    common = _common_places(parts)
    return {
        case: "/".join(part for place, part in enumerate(own) if place not in common) + case[len("/".join(own)) :]
        for case, own in zip(cases, parts, strict=True)
    }


def _common_places(parts: Sequence[Sequence[str]]) -> list[int]:
    """Where all agree; nowhere if they are of different lengths, or agree altogether."""
    if len({len(own) for own in parts}) != 1:
        return []
    common = [place for place, values in enumerate(zip(*parts, strict=True)) if len(set(values)) == 1]
    return common if len(common) < len(parts[0]) else []


def shorten(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters: start and end kept."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}…{text[len(text) - (limit - limit // 2 - 1) :]}"
