"""Tables on the terminal."""

import io

import pytest
from rich.table import Column, Table

import problems
from bench.commands.show import problem_tables
from bench.console.console import PatientConsole, plain_table
from bench.console.mapping_view import show_mapping
from bench.map_workload import find_mapping
from reports.storage.mapping_file import StoredMapping
from reports.storage.record import decode
from reports.storage.spec import RunSpec

WIDTHS = [*range(60, 130), *range(130, 201, 7)]
LONG_NAME = "network-of-a-company-that-has-a-very-long-name"


def shown(width, print_on):
    """What is printed at a width."""
    console = PatientConsole(file=io.StringIO(), width=width)
    print_on(console)
    return console.file.getvalue()


def words(text):
    return set(text.split())


@pytest.fixture(scope="module")
def mapping(tmp_path_factory):
    """A mapping of a file with long names, whose id is longer than most terminals are wide."""
    path = tmp_path_factory.mktemp("folder-of-files") / f"{LONG_NAME}.json"
    layers = (problems.Layer.ffn("first", out=64, inp=32), problems.Layer.ffn("second", out=32, inp=64))
    problems.write_workload(problems.Workload("net", {LONG_NAME: layers}), path)
    problem = problems.get(f"file:{path}/S2/bw16/gall/i0/corrected")
    spec = RunSpec(problems.SUITE_VERSION, problem.id, "random", {}, 0, 20)
    return StoredMapping(decode(find_mapping(spec, problem)), problem)


def test_what_is_said_of_a_mapping_breaks_no_word_at_any_width(mapping):
    whole = words(shown(2_000, lambda console: show_mapping(console, mapping, None)))
    assert mapping.problem.id in whole
    for width in WIDTHS:
        text = shown(width, lambda console: show_mapping(console, mapping, None))
        assert words(text) == whole, width
        assert "certified bound  " in text


def test_what_is_said_of_a_problem_breaks_no_word_at_any_width():
    name = "mix/S2/bw16/g20/i0/corrected"
    whole = words(shown(2_000, lambda console: console.show(*problem_tables(name))))
    for width in WIDTHS:
        assert words(shown(width, lambda console: console.show(*problem_tables(name)))) == whole, width


@pytest.mark.parametrize("lengths", [(28, 24, 5), (5, 60, 3), (30, 30, 30), (100, 90, 80)])
def test_a_table_breaks_no_word_and_fills_no_more_than_it_needs(lengths):
    cells = [("x" * length, " ".join(["yy"] * length), "z" * (length // 2) + " z") for length in lengths]
    for width in WIDTHS:
        for table in (plain_table("a head", "b", "c"), Table.grid(Column(no_wrap=True), "", "", padding=(0, 2))):
            for row in cells:
                table.add_row(*row)
            text = shown(width, lambda console, own=table: console.show(own))
            whole = {word for row in cells for cell in row for word in cell.split()}
            assert words(text) - {"a", "head", "b", "c"} == whole
            least = max(lengths) + max(lengths) // 2
            assert max(map(len, text.splitlines())) <= max(width, least + 16)
