"""Dimensions that are expressions of others."""

import pytest

from problems.importing.onnx_graph.expressions import is_ambiguous, names_in, size_of


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("past + 1", 8),
        ("1+past", 8),
        ("2*past", 14),
        ("past_length + past", 9),
        ("(past + past_length) // 2", 4),
        ("past - past_length - 1", 4),
        ("((past - 1)//2) + 1", 4),
        ("2 - past", -5),
    ],
)
def test_sums_products_and_quotients_are_computed(text, size):
    assert size_of(text, {"past": 7, "past_length": 2}) == size
    assert names_in(text) <= {"past", "past_length"}
    assert names_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "past",
        "(past)",
        "1 + 2",
        "past / 2",
        "past ** 2",
        "-past",
        "past + 1.5",
        "past + True",
        "max(past, 2)",
        "past.length + 1",
        "x.0",
        "past +",
        "past + 'a'",
        "past if past else 1",
        "lambda + 1",
        "past\n+ 1",
        "",
        "(" * 150 + "past + 1" + ")" * 150,
        "past + 1" + " + 1" * 10_000,
    ],
)
def test_anything_else_is_a_name(text):
    assert names_in(text) == frozenset()
    assert size_of(text, {text: 3}) == 3
    assert size_of(text, {}) is None


def test_an_expression_of_unknown_sizes_or_of_none_has_no_size():
    assert size_of("past + 1", {}) is None
    assert size_of("past // n", {"past": 1, "n": 0}) is None


def test_names_with_hyphens_are_ambiguous_without_spaces():
    assert [is_ambiguous(name) for name in ("batch-size", "dim-0", "a - b", "a-1 + b", "batch", "2-a")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
