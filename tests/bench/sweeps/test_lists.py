"""Lists as users write them: numbers with an ellipsis, names with braces and files."""

import pytest

from bench.sweeps.lists import integers, names, numbers
from problems.foundation.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3", [3]),
        ("1, 2,4", [1, 2, 4]),
        ("4,1,4", [1, 4]),
        ("1,2,4,...,32", [1, 2, 4, 8, 16, 32]),
        ("1,2,4,…,32", [1, 2, 4, 8, 16, 32]),
        ("1,3,...,27", [1, 3, 9, 27]),
        ("8,4,...,1", [1, 2, 4, 8]),
        ("1,2,...,5", [1, 2, 3, 4, 5]),
        ("10,20,30,...,50", [10, 20, 30, 40, 50]),
        ("0.1,0.2,0.4,...,0.8", [0.1, 0.2, 0.4, 0.8]),
        ("0.1,0.2,0.3,...,0.5", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("1e2,2e2,4e2,...,8e2", [100, 200, 400, 800]),
    ],
)
def test_a_list_of_numbers_is_read(text, values):
    assert numbers(text, "--bandwidth") == tuple(values)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected at least one number"),
        (" , ", "expected at least one number"),
        ("a", "got a"),
        ("1,nan", "got nan"),
        ("1,-2", "got -2"),
        ("0", "got 0"),
        ("1e999", "got 1e999"),
        ("1/2", "got 1/2"),
        ("...", "expected two numbers or more"),
        ("1,...,4", "expected two numbers or more"),
        ("1,2,...", "expected two numbers or more"),
        ("1,2,...,8,16", "expected two numbers or more"),
        ("1,2,...,8,...,64", "expected two numbers or more"),
        ("1,2,4,...,300", "ends at 300, got 1,2,4,...,300, read as 1, 2, ..., 256, 512"),
        ("2,4,...,7", "read as 2, 4, 8 or as 2, 4, 6, 8"),
        ("2,1,...,8", "ends at 8"),
        ("1,2,5,...,20", "a constant ratio or difference before ..., got 1, 2, 5"),
        ("2,2,...,8", "a constant ratio or difference"),
        ("1,2,3,...,5000", "expected at most 1,000 numbers, got more, in 1,2,3,...,5000"),
    ],
)
def test_a_bad_list_of_numbers_is_one_error_that_says_what_was_read(text, told):
    with pytest.raises(InvalidInput, match=r"^--bandwidth: ") as error:
        numbers(text, "--bandwidth")
    assert told in str(error.value)


def test_integers_are_integers_within_a_limit():
    assert integers("2,4,...,16", "--cores", 16) == (2, 4, 8, 16)
    for text in ("1.5", "17"):
        with pytest.raises(InvalidInput, match="--cores: expected an integer from 1 to 16, got"):
            integers(text, "--cores", 16)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["S2"], ["S2"]),
        (["S2,S4", "S2"], ["S2", "S4"]),
        (["S{1..3}"], ["S1", "S2", "S3"]),
        (["S{2,4}, S6"], ["S2", "S4", "S6"]),
        (["a,b.toml"], ["a,b.toml"]),
        (["S1,a,b.toml,S{2,3}"], ["S1", "a,b.toml", "S2", "S3"]),
        (["c{1,2}.toml,S1"], ["c{1,2}.toml", "S1"]),
        (["chip{1,2}.toml"], ["chip1.toml", "chip2.toml"]),
        (["S{1"], ["S{1"]),
    ],
)
def test_a_list_of_names_is_read_and_tears_no_file(texts, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a,b.toml", "c{1,2}.toml", "chip1.toml", "chip2.toml"):
        (tmp_path / name).touch()
    assert names(texts, "--platform") == tuple(expected)


@pytest.mark.parametrize(
    ("text", "told"), [(",", "--platform: expected at least one name"), ("S{1..10000}", "at most 1,000 names")]
)
def test_a_bad_list_of_names_is_one_error(text, told):
    with pytest.raises(InvalidInput, match=told):
        names([text], "--platform")
