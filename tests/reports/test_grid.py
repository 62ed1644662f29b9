from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from reports.grid import LEAST, Strip, print_grid, print_whole, say

NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=60)
CELLS = st.floats(width=32).map("{:,.3g}".format) | st.integers(-(10**12), 10**12).map("{:,}".format)


def printed(width, *arguments, printer=print_grid):
    console = Console(file=io.StringIO(), width=width, highlight=False)
    printer(console, *arguments)
    return console.file.getvalue().splitlines()


def a_grid(rows, columns, names, cells):
    """``columns`` columns of numbers beside one or more of names."""
    lists = st.lists(cells, min_size=rows, max_size=rows)
    beside = st.lists(st.lists(names, min_size=rows, max_size=rows, unique=True), min_size=1, max_size=2)
    return st.tuples(beside, st.lists(lists, min_size=columns, max_size=columns))


@given(
    st.tuples(st.integers(1, 6), st.integers(1, 12)).flatmap(lambda size: a_grid(*size, NAMES, CELLS)),
    st.sampled_from((60, 80, 100)),
)
def test_numbers_and_short_names_stand_whole_in_lines_that_fit(content, width):
    names, numbers = content
    strips = [Strip(f"name {i}", own, "name") for i, own in enumerate(names)]
    lines = printed(width, [*strips, *(Strip(f"number {i}", own) for i, own in enumerate(numbers))])
    assert max(map(cell_len, lines)) <= width
    for row in range(len(names[0])):
        for cell in (own[row] for own in numbers):
            assert any(cell in line.split() for line in lines)
        for name in (own[row] for own in names if cell_len(own[row]) <= LEAST):
            assert any(name in line for line in lines)


@given(st.lists(NAMES, min_size=2, max_size=9, unique=True))
def test_no_two_names_of_a_column_are_alike(names):
    lines = printed(40, [Strip("name", names, "name"), Strip("a b c d", ["123,456,789,012"] * len(names))])
    assert len(set(lines[-len(names) :])) == len(names)


def test_names_give_way_before_numbers_go_on_below():
    strips = [Strip("name", ["a" * 30, "b" * 5], "name"), *(Strip("number", ["1,234"] * 2) for _ in range(3))]
    assert printed(60, strips)[1:] == [f"{'a' * 30}  1,234  1,234  1,234", f"{'b' * 5:30}  1,234  1,234  1,234"]
    assert printed(40, strips)[1:] == ["aaaaaaaaa…aaaaaaaaa  1,234  1,234  1,234", f"{'b' * 5:19}  1,234  1,234  1,234"]
    assert [line.split()[1:] for line in printed(30, strips)[0::3]] == [["number", "number"], ["number"]]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_names_that_are_shortened_are_told_whole_below(width):
    names = ["short", "a-name-of-thirty-cells-and-no-more", f"another with blanks {'x' * (width - 22)}", "y" * 200]
    strips = [Strip("name", names, "name"), Strip("number", ["123,456,789"] * 4), Strip("more", ["123,456,789"] * 4)]
    lines = printed(width, strips, printer=lambda console, strips: print_whole(console, print_grid(console, strips)))
    assert max(map(cell_len, lines)) <= width
    shown = [line.partition(" 123")[0].strip() for line in lines if "123," in line][:4]
    for name, short in zip(names[1:3], shown[1:3], strict=True):
        whole = [f"{short} = {name}"], [f"{short} =", f"  {name}"]
        assert short == name or any(
            own == lines[place : place + len(own)] for own in whole for place in range(len(lines))
        )
    assert not any(line.startswith("short =") for line in lines)


def test_names_that_are_whole_are_not_told_again():
    shortened = printed(
        80, [Strip("name", ["a", "b"], "name")], printer=lambda *own: print_whole(own[0], print_grid(*own))
    )
    assert len(shortened) == 3


def test_no_line_ends_before_a_percent_sign():
    for width in range(10, 30):
        lines = printed(width, "it is within 2 % of the bound, and 12.5 % off.", printer=say)
        assert not any(line.startswith("%") for line in lines)


def test_a_name_above_stands_in_a_line_of_its_own():
    lines = printed(80, [Strip("n", ["1", "2", "3"])], {0: "first", 2: "x" * 100})
    assert lines == ["n", "first", "1", "2", f"{'x' * 40}…{'x' * 39}", "3"]


def test_a_name_that_is_told_once_stands_in_the_first_of_its_rows():
    assert printed(80, [Strip("p", ["a", "a", "b"], "name", once=True), Strip("n", ["1", "2", "3"])]) == [
        *("p n", "a 1", "  2", "b 3")
    ]


def test_sentences_end_lines_between_words_and_outside_names():
    name = "a name with blanks"
    for width in range(20, 60):
        lines = printed(width, f"warning: it is about {name}, and goes on.", "", [name], printer=say)
        assert any(name in line for line in lines)
        assert max(map(len, lines)) <= width
    assert printed(20, f"see {'x' * 50}.", printer=say) == ["see", f"{'x' * 50}."]


@pytest.mark.parametrize("width", [1, 5, 20])
def test_the_narrowest_terminal_loses_nothing(width):
    lines = printed(width, [Strip("name", ["a", "b"], "name"), *(Strip("n", ["12,345,678"] * 2) for _ in range(2))])
    assert sum("12,345,678" in line.split() for line in lines) == 4
    assert all(len(a) + len(b) > 0 for a, b in pairwise(lines))
