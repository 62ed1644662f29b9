"""The points of a front that rounding alone would not put there."""

import io

import numpy as np
import pytest

import problems
from bench.console.console import PatientConsole
from bench.console.mapping_view import show_mapping
from bench.map_workload import find_mapping
from reports.figures.front import front_numbers
from reports.storage.mapping_file import StoredMapping
from reports.storage.points import shown_front, told_apart, write_points
from reports.storage.record import decode
from reports.storage.spec import RunSpec


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([[1.0, 4.0], [2.0, 3.0]], [0, 1]),
        ([[1.0, 4.0], [1.0 + 5e-16, 3.84], [2.0, 3.0]], [1, 2]),
        ([[1.0, 4.0], [1.5, 4.0 - 1e-12], [2.0, 3.0]], [0, 2]),
        ([[1.0, 4.0], [1.0 + 5e-16, 4.0 - 4e-16]], [0]),
        ([[1.0, 4.0], [1.0 + 1e-8, 3.84]], [0, 1]),
        ([[3.0]], [0]),
        ([[0.0, 0.0]], [0]),
    ],
)
def test_points_that_are_nowhere_better_but_for_rounding_are_left_out(values, places):
    assert told_apart(values) == places


def test_files_picture_and_account_leave_out_the_same_points_and_the_record_none(tmp_path):
    p = problems.get("mix/S2/bw1/g12/i100/corrected/latency+energy")
    record = find_mapping(RunSpec(problems.SUITE_VERSION, p.id, "random", {}, 0, 200), p)
    mapping = StoredMapping(decode(record), p)
    mapping.values[0] = (np.nextafter(mapping.values[1, 0], 0.0), 1.04 * mapping.values[1, 1])
    number = len(mapping.values)
    assert front_numbers(shown_front(mapping))["time_ms"].tolist() == (mapping.values[1:, 0] / 1e6).tolist()
    console = PatientConsole(file=io.StringIO(), width=200)
    show_mapping(console, mapping, None)
    assert f"of {number - 1} in the front" in console.file.getvalue()
    assert len(write_points(record, p, tmp_path)) == len(told_apart(decode(record).front_values))
    assert len(mapping.values) == number
