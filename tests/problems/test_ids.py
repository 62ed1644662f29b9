"""Ids of problems: what they name, and what is said of those that name nothing."""

import os

import pytest

import problems
from problems.foundation.errors import InvalidInput, M3EError
from problems.ids import parse_id

TABLE = "latency_a,latency_b,bandwidth_a,bandwidth_b\n1,2,1,1\n3,inf,1,\n"


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A folder with a job table, a pipe, and a folder in it, as the current one."""
    (tmp_path / "table.csv").write_text(TABLE)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "table.csv").write_text(TABLE)
    os.mkfifo(tmp_path / "pipe.csv")
    monkeypatch.chdir(tmp_path)


def test_the_platform_of_a_job_table_is_table():
    problem = problems.get("file:table.csv/table/bw4/gall/i0")
    assert (problem.num_jobs, problem.num_cores) == (2, 2)


@pytest.mark.parametrize("name", ["table.csv", "sub/table.csv", "./sub/table.csv", "table.csv#01234567"])
def test_a_file_without_a_platform_is_told_so_with_the_one_of_job_tables(name):
    with pytest.raises(InvalidInput) as caught:
        parse_id(f"file:{name}/bw4/gall/i0")
    assert "expected task/platform/bwB/gG/iI, got no platform. A ready job table has its own cores" in str(caught.value)
    assert "file:PATH/table/bwB/gG/iI" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("vision/bw4/g10/i0", "got no platform"),
        ("/S2/bw4/g10/i0", "got an empty task"),
        ("vision//bw4/g10/i0", "got an empty platform"),
    ],
)
def test_what_is_missing_of_an_id_is_told(text, actual):
    with pytest.raises(InvalidInput) as caught:
        parse_id(text)
    assert str(caught.value).endswith(f"expected task/platform/bwB/gG/iI, {actual}")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("dep/dep", "expected at most one 'dep', got also 'dep'"),
        ("corrected/maestro", "expected at most one cost model, got also 'maestro'"),
        ("edp/dep/energy", "expected at most one objective, got also 'energy'"),
    ],
)
def test_options_of_a_kind_come_once(options, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        parse_id(f"mix/S2/bw4/g10/i0/{options}")


@pytest.mark.parametrize(
    ("name", "actual"),
    [("pipe.csv", "a named pipe"), ("/dev/zero", "a device"), ("sub", "a folder"), ("no.csv", "no such file")],
)
def test_files_of_ids_are_regular_ones(name, actual):
    for what, text in (("workload", f"file:{name}/S2/bw4/gall/i0"), ("platform", f"mix/file:{name}/bw4/g10/i0")):
        with pytest.raises(InvalidInput, match=f"{what} '{name}': expected a readable file, got {actual}"):
            parse_id(text)


def test_a_file_too_large_to_be_read_is_not_hashed(tmp_path):
    with open(tmp_path / "large.csv", "wb") as file:
        file.truncate(2**40)  # a hole
    with pytest.raises(InvalidInput, match=r"workload 'large.csv': expected a file of at most 2,147,483,648 bytes"):
        parse_id("file:large.csv/S2/bw4/gall/i0")


@pytest.mark.parametrize("text", ["file:\ud800.csv/S2/bw4/gall/i0", "\udcff/S2/bw4/gall/i0", "file:\0/S2/bw1/gall/i0"])
def test_text_that_can_name_nothing_is_one_error(text):
    with pytest.raises(M3EError) as caught:
        parse_id(text)
    str(caught.value).encode()


def test_all_jobs_of_a_file_are_at_most_as_many_as_a_group_may_have(tmp_path, monkeypatch):
    (tmp_path / "net.csv").write_text("1,1,512,128,1,1,1,1,0\n" * 3)
    monkeypatch.setattr("problems.suite.MOST_JOBS", 2)
    assert problems.get("file:table.csv/table/bw4/gall/i0").num_jobs == 2
    with pytest.raises(InvalidInput, match=r"gall: expected at most 2 jobs, got 3\. Draw a group"):
        problems.get("file:net.csv/S2/bw4/gall/i0")
    monkeypatch.setattr("problems.suite.MOST_JOBS", 1)
    with pytest.raises(InvalidInput, match="gall: expected at most 1 jobs, got 2"):
        problems.get("file:table.csv/table/bw4/gall/i0")


def test_drawn_jobs_of_one_number_depend_on_nothing(tmp_path):
    (tmp_path / "drawn.csv").write_text("1,1,512,128,1,1,1,1,0\n1,1,64,64,56,56,3,3,1\n1,1,64,64,28,28,3,3,1\n")
    (tmp_path / "chain.csv").write_text("1,1,512,128,1,1,1,1,0\n1,2,64,64,56,56,3,3,1\n1,3,64,64,28,28,3,3,1\n")
    drawn, chain = (problems.get(f"file:{name}.csv/S2/bw4/gall/i0/dep") for name in ("drawn", "chain"))
    assert drawn.precedence.predecessors == ((), (), ())
    assert chain.precedence.predecessors == ((), (0,), (1,))
