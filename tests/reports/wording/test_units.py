from __future__ import annotations

import pytest

from problems.objectives import objective_at_the_end_of
from reports.wording.units import amount, title_of, told_apart, unit_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.8, "1,234,568"),
        (999.96, "1000"),
        (12.3456, "12.35"),
        (0.000117754, "0.0001178"),
        (3.14159e14, "3.142e+14"),
        (0.0, "0"),
        (float("nan"), "\N{EN DASH}"),
        (float("inf"), "\N{INFINITY}"),
    ],
)
def test_values_read_well(value, text):
    assert amount(value) == text


def test_values_are_called_by_objective_and_unit():
    assert title_of("latency") == "makespan in cycles"
    assert title_of("latency", "thousand cycles") == "makespan in thousand cycles"
    assert title_of("edp") == "edp in nJ*cycles"
    assert title_of("latency+energy") == "hypervolume shortfall"
    assert unit_of("latency+energy") == "hypervolume shortfall"


def test_the_objective_stands_at_the_end_of_an_id():
    assert objective_at_the_end_of("mix/S2/bw1/g9/i0") == "latency"
    assert objective_at_the_end_of("mix/S2/bw1/g9/i0/dep/latency+energy") == "latency+energy"
    assert objective_at_the_end_of("energy") == "energy"


@pytest.mark.parametrize(
    ("limit", "least", "texts"),
    [
        (5.0, 6.0, ("5", "6")),
        (5.77858, 5.778581, ("5.77858", "5.77859")),
        (5.7785804, 5.77858041, ("5.77858", "5.77859")),
    ],
)
def test_a_limit_and_what_exceeds_it_are_told_with_digits_that_differ(limit, least, texts):
    assert told_apart(limit, least) == texts
    assert limit < least <= float(texts[1])
