"""Lists as users write them: names with braces and files, and numbers with an ellipsis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from bench.campaigns.braces import expanded
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput

ELLIPSIS = "..."

EXAMPLE = f"as in 1,2,5 or 1,2,4,{ELLIPSIS},256"

MOST = 1_000
"""Most entries of a list."""


def names(texts: Iterable[str], what: str) -> tuple[str, ...]:
    """Return the names in comma lists, each once; braces expand as in campaign files, but not inside of files' names.

    Raises:
        InvalidInput: If there are none, or too many.
    """
    found = tuple(dict.fromkeys(name for text in texts for name in _names(text)))
    if not found:
        raise InvalidInput(what, expected="at least one name", actual="none")
    return found


def _names(text: str) -> Iterator[str]:
    """Yield the names in a comma list; the longest parts that are files come first."""
    words = text.split(",")
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            whole = ",".join(words[start:end]).strip()
            if _is_file(whole):
                yield from _plain_names(",".join(words[:start]))
                yield whole
                yield from _names(",".join(words[end:]))
                return
    yield from _plain_names(text)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long, or with a zero
        return False


def _plain_names(text: str) -> Iterator[str]:
    """Yield the names in a list whose commas separate outside of braces."""
    depths = accumulate((letter == "{") - (letter == "}") for letter in text)
    marked = ("\0" if letter == "," and depth <= 0 else letter for letter, depth in zip(text, depths, strict=True))
    for pattern in "".join(marked).split("\0"):
        yield from filter(None, (name.strip() for name in expanded(pattern, MOST)))


def integers(text: str, what: str, most: int) -> tuple[int, ...]:
    """Return the integers from 1 to ``most`` in a list as for ``numbers``.

    Raises:
        InvalidInput: As ``numbers``, or if one is no such integer.
    """
    return tuple(check_integer(what, int(v) if v.is_integer() else v, 1, most) for v in numbers(text, what))


def numbers(text: str, what: str) -> tuple[float, ...]:
    """Return the numbers in a comma list, ascending and each once.

    An ellipsis before the last number continues the progression of those before it: the geometric one if their ratio is
    constant and it ends at that number, else the arithmetic one.

    Raises:
        InvalidInput: If there are none, or one is not a finite number above 0, or no progression fits.
    """
    words = [word.strip() for word in text.replace("\N{HORIZONTAL ELLIPSIS}", ELLIPSIS).split(",")]
    words = [word for word in words if word]
    if not words:
        raise InvalidInput(what, expected=f"at least one number, {EXAMPLE}", actual="none")
    values = _continued(words, what) if ELLIPSIS in words else [_number(word, what) for word in words]
    if len(values) > MOST:
        raise InvalidInput(what, expected=f"at most {MOST:,} numbers", actual=f"{len(values):,}")
    return tuple(sorted({float(value) for value in values}))


def _number(word: str, what: str) -> Fraction:
    """Return a number exactly, so that progressions of decimal fractions are exact."""
    try:
        if 0.0 < float(word) < math.inf:
            return Fraction(word)
    except ValueError:
        pass
    raise InvalidInput(what, expected=f"finite numbers above 0, {EXAMPLE}", actual=word)


def _continued(words: Sequence[str], what: str) -> list[Fraction]:
    """Return the progression that a list with an ellipsis means.

    Raises:
        InvalidInput: If there is none that ends at the last number.
    """
    if len(words) < 4 or words.index(ELLIPSIS) != len(words) - 2:
        expected = f"two numbers or more, {ELLIPSIS}, and the last one, as in 1,2,4,{ELLIPSIS},256"
        raise InvalidInput(what, expected=expected, actual=",".join(words))
    *start, last = (_number(word, what) for word in words if word != ELLIPSIS)
    first, second = start[:2]
    steps = (lambda value: value * second / first, lambda value: value + second - first)
    read = [_progression(start, last, step) for step in steps if first != second and _is_of(start, step)]
    if not read:
        expected = f"a constant ratio or difference before {ELLIPSIS}"
        raise InvalidInput(what, expected=expected, actual=", ".join(words[:-2]))
    for values in read:
        if values[-1] == last:
            return values
    if any(len(values) > MOST for values in read):
        raise InvalidInput(what, expected=f"at most {MOST:,} numbers", actual=f"more, in {','.join(words)}")
    actual = f"{','.join(words)}, read as {' or as '.join(map(_shown, read))}"
    raise InvalidInput(what, expected=f"a progression that ends at {words[-1]}", actual=actual)


def _is_of(values: Sequence[Fraction], step: Callable[[Fraction], Fraction]) -> bool:
    return [step(value) for value in values[:-1]] == list(values[1:])


def _progression(start: Sequence[Fraction], last: Fraction, step: Callable[[Fraction], Fraction]) -> list[Fraction]:
    """Return the progression up to the first value that reaches or passes ``last``."""
    values, rises = list(start), start[1] > start[0]
    while len(values) <= MOST and (values[-1] < last if rises else values[-1] > last):
        values.append(step(values[-1]))
    return values


def _shown(values: Sequence[Fraction]) -> str:
    texts = [f"{float(value):g}" for value in values]
    return ", ".join(texts if len(texts) < 6 else [*texts[:2], ELLIPSIS, *texts[-2:]])
