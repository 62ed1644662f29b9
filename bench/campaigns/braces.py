"""Braces that stand for several names, as in a shell: ``S{1,2}`` and ``S{1..6}``."""

from __future__ import annotations

import bracex

from problems.foundation.errors import InvalidInput


def expanded(pattern: str, most: int, what: str = "names") -> list[str]:
    """Return the names that a pattern stands for, in its order.

    Raises:
        InvalidInput: If there are more than ``most``, or braces are nested too deeply; ``what`` says what they are.
    """
    try:
        return list(bracex.iexpand(pattern, limit=most))
    except bracex.ExpansionLimitException as error:
        raise InvalidInput(repr(pattern), expected=f"at most {most:,} {what}", actual="more") from error
    except (RecursionError, ValueError, MemoryError) as error:
        expected = "braces that are not nested too deeply"
        raise InvalidInput(what, expected=expected, actual=pattern) from error
