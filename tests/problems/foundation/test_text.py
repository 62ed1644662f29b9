"""Text from outside, made fit to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput, UnknownName, explain
from problems.foundation.text import LONGEST_TEXT, printable, shorten


class Unprintable(Exception):
    def __str__(self):
        raise SystemExit(3)

    __repr__ = __str__


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 50))
def test_whatever_comes_is_one_printable_line_of_the_length_that_can_be_encoded(text, most):
    shown = printable(text, most)
    assert shown.isprintable()
    assert len(shown) <= most
    shown.encode()


@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=200))
def test_what_can_be_printed_stays_as_it_is(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", r"a\x1b[31mred"),
        ("two\n  lines\t", "two lines"),
        ("half \ud800 of a pair", r"half \ud800 of a pair"),
        ("right\u202eto left", r"right\u202eto left"),
        ("é 数 [x]", "é 数 [x]"),
        (12, "12"),
    ],
)
def test_what_cannot_be_printed_is_told_as_an_escape(text, shown):
    assert printable(text) == shown


def test_long_texts_keep_start_and_end():
    assert printable("a" * 30_000_000 + "z").endswith("z")
    assert len(printable("\x1b" * 5_000)) == LONGEST_TEXT
    assert shorten("abcdefgh", 5) == "ab…gh"


def test_a_value_that_cannot_be_printed_is_named_by_its_type():
    told = explain(Unprintable())
    assert told.startswith("Unprintable: <Unprintable that cannot be printed: SystemExit>")
    assert "Unprintable" in str(InvalidInput("x", expected="y", actual=Unprintable()))


def test_messages_of_errors_are_never_longer_than_a_screen():
    nested = []
    for _ in range(10_000):
        nested = [nested]
    for actual in ("x" * 10**6, list(range(10**5)), nested):
        assert len(str(InvalidInput("x", expected="y", actual=actual))) < 200
    assert len(str(UnknownName("optimizer", "x" * 10**6, ["magma"]))) < 300
