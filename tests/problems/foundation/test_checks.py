"""Checks of single values: what passes comes back as a plain number, all else is one clear error."""

import math
from fractions import Fraction

import numpy as np
import pytest

from problems.foundation.checks import (
    check_above_zero,
    check_at_least,
    check_fraction,
    check_integer,
    check_widths,
    is_above_zero,
    is_integer,
    is_number,
)
from problems.foundation.errors import InvalidInput


@pytest.mark.parametrize("value", [1, 7, np.int64(7), np.uint8(7)])
def test_integers_of_any_kind_come_back_as_plain_ones(value):
    assert type(check_integer("x", value, 1, 7)) is int


@pytest.mark.parametrize("value", [True, np.bool_(True), 1.0, "3", None, 0, 8, math.nan, [1]])
def test_all_else_is_no_integer_from_1_to_7(value):
    assert not is_integer(value, 1, 7)
    with pytest.raises(InvalidInput, match=r"^x: expected an integer from 1 to 7, got"):
        check_integer("x", value, 1, 7)


def test_a_text_of_digits_is_shown_in_quotes():
    with pytest.raises(InvalidInput, match=r"^x: expected an integer of at least 1, got '3'$"):
        check_integer("x", "3", 1)


@pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.25), Fraction(1, 3)])
def test_fractions_come_back_as_floats(value):
    assert type(check_fraction("x", value)) is float


@pytest.mark.parametrize("value", [-0.1, 1.5, math.nan, math.inf, True, "0.5", 1j, None])
def test_all_else_is_no_fraction(value):
    with pytest.raises(InvalidInput, match=r"^x: expected a number from 0 to 1, got"):
        check_fraction("x", value)


def test_a_number_of_at_least_0_may_be_infinite_and_one_above_0_may_not():
    assert check_at_least("x", math.inf, 0.0) == math.inf
    assert is_number(math.inf)
    assert not is_number(math.nan)
    assert is_above_zero(5e-324)
    assert not is_above_zero(math.inf)
    assert not is_above_zero(11, most=10)
    for value in (0, math.inf, -1, True, "1"):
        with pytest.raises(InvalidInput, match=r"^x: expected a finite number above 0, got"):
            check_above_zero("x", value)
    with pytest.raises(InvalidInput, match=r"^x: expected a number of at least 2, got 1"):
        check_at_least("x", 1, 2.0)


def test_widths_are_a_list_of_integers():
    assert check_widths("net", [64, 32]) == [64, 32]
    with pytest.raises(InvalidInput, match=r"^net\[1\]: expected an integer of at least 1, got 0"):
        check_widths("net", [64, 0])
    with pytest.raises(InvalidInput, match=r"^net: expected a list of layer widths, got 64"):
        check_widths("net", 64)
