"""Results keep the files that their problems are made of, and who reads them opens no others."""

import os
import re

import pytest

import problems
from bench.campaigns.plan import plan_campaign
from bench.campaigns.reading import load_campaign
from bench.campaigns.running import run_plan
from bench.engines.serial import Serial
from problems.foundation.errors import InvalidInput
from problems.ids import files_only_in
from reports.storage.campaign_folder import read_campaign
from reports.storage.record import decode
from reports.storage.replay import known_problem, refusal, replayed
from reports.storage.stored_mapping import mappings_at


def test_results_can_be_read_and_drawn_where_their_files_are_not(own_campaign):
    assert sorted(f.suffix for f in (own_campaign / "files").iterdir()) == [".csv", ".toml"]
    campaign = replayed(read_campaign(own_campaign))
    assert [run.status for run in campaign.runs] == ["complete", "complete"]
    assert known_problem(campaign.runs[0].spec.problem, campaign.files).num_jobs == 3
    read = mappings_at(own_campaign / "records" / f"{campaign.runs[0].id}.json")
    assert read.cores.shape[1] == read.problem.num_jobs == 3


def test_a_copy_that_was_changed_is_not_the_file(own_campaign):
    copy = next((own_campaign / "files").glob("*.csv"))
    copy.write_text(copy.read_text().replace("512", "513"))
    with pytest.raises(InvalidInput, match="the file has changed"), files_only_in([own_campaign / "files"]):
        problems.get(read_campaign(own_campaign).runs[0].spec.problem)


@pytest.mark.parametrize("name", ["file:{}#00000000", "file:{}"])
def test_a_report_opens_no_file_but_those_of_the_results(own_campaign, tmp_path, name):
    os.mkfifo(tmp_path / "pipe.csv")
    campaign = read_campaign(own_campaign)
    for path in (tmp_path / "pipe.csv", "/dev/zero"):
        problem_id = f"{name.format(path)}/S2/bw1/g5/i0"
        spec = campaign.runs[0].spec.__class__(**campaign.runs[0].spec.to_json() | {"problem": problem_id})
        hostile = campaign.runs[0].__class__(**vars(campaign.runs[0]) | {"spec": spec})
        assert refusal(hostile) == ""  # it is taken at its word, as of any problem that is unknown here
        with pytest.raises(InvalidInput, match=r"a file (that is kept with the results|with its digest)"):
            known_problem(problem_id)


def test_a_run_whose_mapping_is_not_believed_is_done_again(small_campaign, tmp_path):
    folder = tmp_path / "runs"
    campaign = load_campaign(str(small_campaign))
    run_plan(plan_campaign(campaign, folder), Serial(), lambda *_: None)
    one = next((folder / "records").glob("*random*.json"))
    before = one.read_bytes()
    one.write_bytes(re.sub(rb'"cores":\[[0-9,]+\]', b'"cores":[0,0,0,0,0,0,0,0]', before))
    assert [spec.id for spec, _ in plan_campaign(campaign, folder).missing()] == [one.stem]
    run_plan(plan_campaign(campaign, folder), Serial(), lambda *_: None)
    assert list(plan_campaign(campaign, folder).missing()) == []
    assert decode(one.read_bytes()).cores.tolist() == decode(before).cores.tolist()


def test_reports_and_schedules_are_not_written_through_links_in_results(m3e_here, own_campaign, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = next((own_campaign / "records").glob("*random*.json"))
    for link, command in (
        (own_campaign / "report", ("report", own_campaign)),
        (own_campaign / "schedules", ("gantt", run)),
    ):
        link.symlink_to(elsewhere)
        done = m3e_here(*command)
        assert done.returncode == 2, done.stderr
        assert "expected a folder or nothing, got a link" in done.stderr
    (own_campaign / "report").unlink()
    (own_campaign / "report").mkdir()
    (own_campaign / "report" / "figures").symlink_to(elsewhere)
    assert m3e_here("report", own_campaign).returncode == 2
    assert not list(elsewhere.iterdir())
    assert m3e_here("report", own_campaign, "--out", "own").returncode == 0
