"""``m3e check``: exit codes and what is said."""

import pytest

import problems
from bench.map_workload import find_mapping
from reports.storage.spec import RunSpec


@pytest.fixture
def mapping(tmp_path):
    """The output folder of a tiny ``m3e map``."""
    record = find_mapping(RunSpec(1, "mix/S1/bw1/g8/i0", "random", {}, 0, 20), problems.get("mix/S1/bw1/g8/i0"))
    (tmp_path / "mapped").mkdir()
    (tmp_path / "mapped" / "mapping.json").write_bytes(record)
    return tmp_path / "mapped"


def test_clean_results_are_0(m3e_here, finished_campaign, mapping):
    done = m3e_here("check", finished_campaign, mapping, mapping / "mapping.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "checked 14 records, 14 of them evaluated again: no faults\n"


def test_faults_are_1_and_a_line_each(m3e_here, finished_campaign, mapping, change_record):
    path = next((finished_campaign / "records").iterdir())
    path.write_text("{}")
    change_record(mapping / "mapping.json", lambda c: c["result"]["mappings"][0]["cores"].reverse())
    done = m3e_here("check", finished_campaign, mapping)
    assert done.returncode == 1
    first, second, last = done.stdout.splitlines()
    assert first == f"{path}: record: expected JSON as m3e writes it, got something else, or part of it"
    assert second.startswith(f"{mapping / 'mapping.json'}: value of its stored mapping: expected ")
    assert last == "checked 13 records, 12 of them evaluated again: 2 faults"


def test_nothing_to_check_is_2(m3e_here, tmp_path):
    (tmp_path / "empty" / "records").mkdir(parents=True)
    for place, told in (
        ("empty", "nothing to check in empty"),
        ("none", "no results in none"),
        (".", "no campaign in ."),
    ):
        done = m3e_here("check", place)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"m3e: {told}")
        assert done.stderr.count("\n") == 1
