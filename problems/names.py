"""Check of names from users: those of workloads, networks, layers, jobs and cores."""

from __future__ import annotations

from problems.foundation.errors import InvalidInput

LONGEST_NAME = 10_000
"""Most characters of a name; frameworks export names of hundreds."""


def check_name(what: str, name: str) -> None:
    """Raise if no file or terminal could take ``name``; any other name is kept, and escaped where it is shown.

    Raises:
        InvalidInput: If UTF-8 cannot encode ``name``, or it is very long.
    """
    if len(name) > LONGEST_NAME:
        expected = f"at most {LONGEST_NAME:,} characters"
        raise InvalidInput(what, expected=expected, actual=f"{len(name):,}, {name[:40]!r}...")
    if not name.isascii():
        _check_encodable(what, name)


def _check_encodable(what: str, name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        expected = "text without surrogates, which UTF-8 cannot hold"
        raise InvalidInput(what, expected=expected, actual=ascii(name[error.start : error.start + 40])) from error
