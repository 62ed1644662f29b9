import json
import os
import shutil

import pytest

import problems
from problems.foundation.errors import StorageError
from reports.storage.campaign_folder import read_campaign
from reports.storage.stored_mapping import mappings_at

VIEWS = {"schedule.png", "schedule.svg", "schedule.html", "trace.json"}


@pytest.fixture
def done(finished_campaign):
    """The folder of a campaign that is done."""
    return finished_campaign


def test_the_mapping_of_a_run_is_worth_what_the_run_claims(done):
    for run in read_campaign(done).runs:
        found = mappings_at(run.place)
        assert found.problem.id == run.spec.problem
        assert found.problem.evaluate(found.cores[0], found.priorities[0]) == run.best_value


def test_a_run_s_schedule_is_drawn_into_its_folder_or_another(m3e_here, done, tmp_path):
    run = read_campaign(done).runs[0]
    found = m3e_here("gantt", run.place)
    assert found.returncode == 0, found.stderr
    assert {path.name for path in (done / "schedules" / run.id).iterdir()} == VIEWS
    assert str(done / "schedules" / run.id / "schedule.html") in found.stdout
    events = json.loads((done / "schedules" / run.id / "trace.json").read_text())["traceEvents"]
    assert sum(event["ph"] == "X" for event in events) >= problems.get(run.spec.problem).num_jobs
    assert m3e_here("gantt", run.place, "--out", "elsewhere").returncode == 0
    assert {path.name for path in (tmp_path / "elsewhere").iterdir()} == VIEWS
    assert read_campaign(done).runs[0].status == "complete"  # the views harm nothing


def test_what_map_has_found_is_drawn_from_its_file_or_folder(m3e_here, tmp_path):
    assert m3e_here("map", "mix/S2/bw1/g8/i0", "--budget", 20, "--out", "mapped").returncode == 0
    for what in ("mapped", "mapped/mapping.json"):
        assert m3e_here("gantt", what).returncode == 0
        assert {path.name for path in (tmp_path / "mapped" / "schedule").iterdir()} == VIEWS
        shutil.rmtree(tmp_path / "mapped" / "schedule")


def test_replay_takes_what_gantt_takes(m3e_here, done):
    for run in read_campaign(done).runs:
        assert (mappings_at(run.place).replay() == run.front_values).all()
    found = m3e_here("replay", read_campaign(done).runs[0].place)
    assert (found.returncode, found.stderr) == (0, "")
    assert "replayed: the value is what the file claims, to the last digit" in " ".join(found.stdout.split())
    assert m3e_here("map", "mix/S2/bw1/g8/i0", "--budget", 20, "--out", "mapped").returncode == 0
    found = m3e_here("replay", "mapped")
    assert (found.returncode, "to the last digit" in found.stdout) == (0, True), found.stderr
    assert m3e_here("replay", "nowhere").stderr.startswith("m3e: no mapping in nowhere: expected a record")


@pytest.mark.parametrize("name", ["pipe.json", "pipe"])
def test_a_mapping_is_read_from_a_regular_file_alone(tmp_path, name):
    path = tmp_path / name / "mapping.json" if name == "pipe" else tmp_path / name
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(StorageError, match="expected a readable file, got a named pipe"):
        mappings_at(tmp_path / name)


@pytest.mark.parametrize("name", ["a" * 5000, "nul\0byte"])
def test_what_can_be_no_path_holds_no_mapping(tmp_path, name):
    with pytest.raises(StorageError, match="no mapping in"):
        mappings_at(tmp_path / name)


def test_a_campaign_is_no_run_and_its_best_is_named(done):
    with pytest.raises(StorageError, match=r"is a campaign: expected one of its runs, for instance the best on mix/S1"):
        mappings_at(done)


def test_nothing_to_draw_is_one_clear_error(m3e_here, done, tmp_path):
    with pytest.raises(StorageError, match=r"no mapping in .*nowhere: expected a record"):
        mappings_at(tmp_path / "nowhere")
    found = m3e_here("gantt", tmp_path / "nowhere")
    assert (found.returncode, "Traceback" in found.stderr) == (2, False)


def test_runs_of_other_versions_of_the_suite_are_not_drawn(done, monkeypatch):
    monkeypatch.setattr(problems, "SUITE_VERSION", 99)
    with pytest.raises(StorageError, match="expected one of suite version 99, got"):
        mappings_at(read_campaign(done).runs[0].place)
