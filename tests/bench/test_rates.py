"""What is said of the size of a group that comes from rates."""

import pytest

import problems
from bench.rates import group_lines, rounded_counts
from bench.sources import read_sources


def lines(folder, *texts):
    problems.write_workload(read_sources(texts, {}), folder / "all.json")
    return list(group_lines(problems.get(f"file:{folder / 'all.json'}/S2/bw16/gall/i0/corrected")))


@pytest.mark.parametrize(
    ("passes", "jobs", "rounded"),
    [
        ((999, 2000), (50, 50), (1, 2)),
        ((2997, 2500), (10, 10), (6, 5)),
        ((2997, 2500), (100, 100), (5, 4)),
        ((1, 29), (500, 1), (1, 29)),
        ((7, 7), (5_000, 1), (1, 1)),
        ((3, 1000), (900, 900), (1, 333)),
    ],
)
def test_rates_are_rounded_to_the_nearest_that_make_a_small_group(passes, jobs, rounded):
    assert tuple(rounded_counts(*(dict(zip("ab", own, strict=True)) for own in (passes, jobs))).values()) == rounded


def test_a_large_group_that_comes_from_rates_is_told_with_rates_that_make_a_small_one(tmp_path):
    told, hint = lines(tmp_path, "alexnet:29.97/s", "ncf:60/s")
    assert told.startswith("mapping together: 999 x alexnet, 2,000 x ncf; ")
    assert hint.startswith("rates as 1:2 instead of 999:2000 would make a group of ")


def test_a_small_group_and_one_of_counts_are_told_without_a_hint(tmp_path):
    assert lines(tmp_path, "alexnet:30/s", "ncf:20/s")[0].startswith("mapping together: 3 x alexnet, 2 x ncf; ")
    assert len(lines(tmp_path, "alexnet:30/s", "ncf:20/s")) == 1
    assert len(lines(tmp_path, "alexnet:999", "ncf:2000")) == 1
    assert lines(tmp_path, "alexnet") == []
