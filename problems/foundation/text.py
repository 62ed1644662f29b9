"""Making text from outside (labels, messages, paths, names in files) printable.

Text passes here once, on its way in; each output then escapes only what its own language reads as markup.
"""

from __future__ import annotations

from collections.abc import Callable

LONGEST_TEXT = 1_000
"""Number of characters of one text from outside that are shown or stored."""


def printable(text: object, most: int = LONGEST_TEXT) -> str:
    r"""Return ``text`` on one line of at most ``most`` characters, all of which can be printed and encoded.

    White space becomes single spaces. Control characters, lone surrogates and characters that change the direction of
    writing become escapes such as ``\x1b``. Long texts keep their start and end.
    """
    whole = shorten(text if isinstance(text, str) else text_of(text), most)
    shown = whole if whole.isprintable() else " ".join(visible(whole).split())
    return shorten(shown, most)


def visible(text: str) -> str:
    r"""Return ``text`` with escapes such as ``\x1b`` for unprintable characters, and spaces for white space."""
    return text if text.isprintable() else "".join(map(_visible, text))


def text_of(value: object, conversion: Callable[[object], str] = str) -> str:
    """Return ``str(value)``, or another conversion, also for a value whose conversion fails."""
    try:
        return conversion(value)
    except BaseException as error:  # whatever a foreign class raises, and be it SystemExit
        return f"<{type(value).__name__} that cannot be printed: {type(error).__name__}>"


def shorten(text: str, limit: int) -> str:
    """Shorten ``text`` to at most ``limit`` characters: its start and end."""
    if len(text) <= limit:
        return text
    end = limit - limit // 2 - 1
    return f"{text[: limit // 2]}\N{HORIZONTAL ELLIPSIS}{text[len(text) - end :]}"


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode()
