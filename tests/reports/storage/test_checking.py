"""Every fault of stored results is found, and named in one line."""

import io
import json
import re
import shutil
from hashlib import sha256

import numpy as np
import pytest

import problems
from problems.foundation.errors import StorageError
from reports.storage.campaign_folder import read_campaign
from reports.storage.checking import faults_of, files_checked
from reports.storage.packing import pack
from reports.storage.replay import CheckedCampaign, believed, replayed
from reports.storage.stored_mapping import mappings_at

TRACED = 'problems = ["mix/S1/bw1/g8/i0"]\noptimizers = ["random"]\nseeds = 1\nbudget = 20\nfull_trace = "mappings"\n'


def records(campaign):
    return sorted((campaign / "records").glob("*.json"))


def test_what_was_just_run_has_no_faults_in_a_folder_or_packed(finished_campaign, tmp_path):
    pack(finished_campaign, tmp_path / "small.zip")
    for path in (finished_campaign, tmp_path / "small.zip"):
        assert list(faults_of(path)) == []
        checked = list(files_checked(path))
        assert sum(one.is_run for one in checked) == sum(one.is_evaluated for one in checked) == 12


def test_resealing_is_what_the_suite_does(finished_campaign, change_record):
    path = records(finished_campaign)[0]
    before = path.read_bytes()
    change_record(path, lambda content: None)
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.999])
def test_a_flipped_bit_is_a_fault(finished_campaign, place):
    path = records(finished_campaign)[3]
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)
    (fault,) = faults_of(finished_campaign)
    assert fault.file == str(path)
    assert "\n" not in str(fault)


def halve(content):
    content["result"]["mappings"][0]["values"] = [content["result"]["best_value"] / 2]
    content["result"]["best_value"] /= 2
    content["result"]["trajectory"]["values"][-1] /= 2


def another_core(content):
    content["result"]["mappings"][0]["cores"][0] = 99


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (halve, "value of its stored mapping: expected .* cycles, got .* cycles"),
        (another_core, "stored mapping: expected a valid one, got "),
        (lambda content: content["result"].update(num_evaluations=10**6), "num_evaluations: expected at most"),
        (lambda content: content["result"].update(extra=1), "record: expected JSON as m3e writes it"),
        (lambda content: content["spec"].update(seed=7), "the id of the specification: expected "),
        (lambda content: content["timing"]["trajectory_seconds"].append(1.0), "number of seconds in the trajectory"),
    ],
)
def test_a_record_that_is_sealed_but_wrong_is_a_fault(finished_campaign, change_record, edit, what):
    path = records(finished_campaign)[0]
    change_record(path, edit)
    (fault,) = faults_of(finished_campaign)
    assert re.search(what, str(fault))


def test_a_record_under_another_name_or_of_a_run_that_nobody_asked_for_is_a_fault(finished_campaign, tmp_path):
    first, second, *_ = records(finished_campaign)
    second.unlink()
    first.rename(second)
    (fault,) = faults_of(finished_campaign)
    assert (fault.what, fault.expected) == ("name of the file", first.name)
    for request in (finished_campaign / "requests").iterdir():
        content = json.loads(request.read_bytes())
        content["design"]["seeds"] = [0]
        request.write_text(json.dumps(content))
    assert {fault.what for fault in faults_of(finished_campaign)} == {"name of the file", "run"}


def test_a_full_trace_is_checked(run_campaign, change_record, tmp_path):
    campaign = run_campaign(TRACED, tmp_path, "traced")
    assert list(faults_of(campaign)) == []
    (trace,) = (campaign / "records").glob("*.npz")
    good = trace.read_bytes()
    trace.write_bytes(good[:-1])
    (fault,) = faults_of(campaign)
    assert fault.what == "full trace"
    with np.load(io.BytesIO(good)) as read:
        arrays = dict(read)
    np.savez_compressed(trace, **arrays | {"values": arrays["values"][:-1]})
    digest = sha256(trace.read_bytes()).hexdigest()
    change_record(trace.with_suffix(".json"), lambda content: content["result"].update(trace_sha256=digest))
    (fault,) = faults_of(campaign)
    assert (fault.what, fault.expected, fault.actual) == ("full trace: shape of values", "(20,)", "(19,)")
    trace.unlink()
    assert [fault.what for fault in faults_of(campaign)] == ["full trace"]


def test_fronts_and_their_full_traces_are_checked(run_campaign, tmp_path):
    text = TRACED.replace("mix/S1/bw1/g8/i0", "mix/S2/bw16/g8/i0/corrected/latency+energy")
    campaign = run_campaign(text, tmp_path, "two")
    assert [(one.faults, one.is_evaluated) for one in files_checked(campaign) if one.is_run] == [((), True)]


def test_a_damaged_design_is_a_fault(finished_campaign):
    (finished_campaign / "campaign.json").write_text("{")
    assert [fault.what for fault in faults_of(finished_campaign)] == ["content"]


def test_what_is_no_result_is_an_error(tmp_path):
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", tmp_path / "nothing"):
        with pytest.raises(StorageError):
            list(faults_of(path))


# --- types that say what was checked ---------------------------------------------------------------------------


def test_a_replayed_campaign_is_a_checked_one_and_stays_as_it_is(finished_campaign):
    campaign = replayed(read_campaign(finished_campaign))
    assert isinstance(campaign, CheckedCampaign)
    assert replayed(campaign) is campaign
    assert {run.status for run in campaign.runs} == {"complete"}


def test_a_mapping_that_does_not_bear_out_its_value_is_not_drawn(finished_campaign, change_record, m3e_here):
    path = records(finished_campaign)[0]
    change_record(path, halve)
    with pytest.raises(StorageError, match="does not match: stored"):
        believed(mappings_at(path))
    done = m3e_here("gantt", path)
    assert done.returncode == 2
    assert "is not to be believed" in done.stderr


OWN = 'problems = ["file:jobs.csv/S2/bw4/gall/i0"]\noptimizers = ["random"]\nseeds = 1\nbudget = 20\n'
JOBS = "1,1,512,128,1,1,1,1,0\n1,2,64,64,56,56,3,3,1\n2,1,64,64,28,28,3,3,1\n"


def test_copies_of_files_are_found_in_packed_campaigns_too_and_checked(run_campaign, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs.csv").write_text(JOBS)
    campaign = run_campaign(OWN, tmp_path, "own")
    (tmp_path / "jobs.csv").unlink()
    pack(campaign, tmp_path / "own.zip")
    stored = read_campaign(tmp_path / "own.zip")
    assert all(folder.is_dir() for folder in stored.files)
    (checked,) = [one for one in files_checked(tmp_path / "own.zip") if one.is_run]
    assert checked.is_evaluated
    assert not checked.faults
    member = tmp_path / "own.zip" / "records" / records(campaign)[0].name
    assert mappings_at(member).problem.num_jobs == 3
    (copy,) = (campaign / "files").iterdir()
    copy.write_text(JOBS.replace("512", "513"))
    assert [fault.what for fault in faults_of(campaign)] == ["digest of the copy"]


def test_a_campaign_s_files_serve_no_other_campaign(run_campaign, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs.csv").write_text(JOBS)
    campaign = run_campaign(OWN, tmp_path, "own")
    moved = shutil.copytree(campaign, tmp_path / "moved")
    shutil.rmtree(moved / "files")
    assert [one.is_evaluated for one in files_checked(campaign) if one.is_run] == [True]
    problems.suite.workload_named.cache_clear()
    assert [one.is_evaluated for one in files_checked(moved) if one.is_run] == [False]
