"""``m3e pack`` and ``m3e unpack``, and every reader on what they make."""

import shutil

import pytest

from bench.campaigns.claims import Claims


@pytest.fixture
def packed(m3e_here, finished_campaign):
    done = m3e_here("pack", finished_campaign)
    assert done.returncode == 0, done.stderr
    assert "packed 12 records into" in done.stdout
    assert f"to remove it: rm -r {finished_campaign}" in done.stdout
    shutil.rmtree(finished_campaign)
    return finished_campaign.with_suffix(".zip")


def test_every_reader_takes_a_packed_campaign(m3e_here, packed, tmp_path):
    assert m3e_here("check", packed).stdout == "checked 12 records, 12 of them evaluated again: no faults\n"
    assert " 12 " in m3e_here("status", packed).stdout
    assert m3e_here("export", packed, "--out", "tables").returncode == 0
    assert m3e_here("merge", packed, "--out", "merged").stdout == "merged 12 records of campaign small into merged\n"
    assert "the same" in m3e_here("compare", packed, tmp_path / "merged").stdout
    member = packed / "records" / next((tmp_path / "merged" / "records").iterdir()).name
    assert "the value is what the file claims" in m3e_here("replay", member).stdout
    assert m3e_here("gantt", member, "--out", "drawn").returncode == 0
    assert (tmp_path / "drawn" / "schedule.png").exists()


def test_replay_of_a_whole_packed_campaign_names_a_run_of_it(m3e_here, packed):
    done = m3e_here("replay", packed)
    assert done.returncode == 2
    assert f"{packed} is a campaign: expected one of its runs, for instance the best on" in done.stderr
    assert f"{packed}/records/" in done.stderr


def test_a_report_on_a_packed_campaign_lies_beside_it(m3e_here, packed):
    assert m3e_here("report", packed).returncode == 0
    assert (packed.parent / "small-report" / "report.html").exists()


def test_unpacked_it_is_the_campaign_again(m3e_here, packed):
    assert m3e_here("unpack", packed).stdout == f"unpacked 12 records into {packed.with_suffix('')}\n"
    assert m3e_here("check", packed.with_suffix("")).returncode == 0
    done = m3e_here("unpack", packed)
    assert done.returncode == 2
    assert done.stderr == f"m3e: {packed.with_suffix('')} is there already: choose another with --out\n"


def test_a_folder_that_drivers_are_at_work_in_is_not_packed(m3e_here, finished_campaign):
    with Claims(finished_campaign):
        done = m3e_here("pack", finished_campaign)
    assert done.returncode == 2
    assert "drivers are at work in" in done.stderr
    assert not finished_campaign.with_suffix(".zip").exists()


def test_a_file_is_written_over_only_by_force(m3e_here, finished_campaign, tmp_path):
    path = tmp_path / "precious"
    path.write_text("precious")
    done = m3e_here("pack", finished_campaign, "--out", path)
    assert (done.returncode, path.read_text()) == (2, "precious")
    assert m3e_here("pack", finished_campaign, "--out", path, "--force").returncode == 0
    assert m3e_here("check", path).returncode == 0


@pytest.mark.parametrize("arguments", [("pack", "none"), ("pack", "."), ("unpack", "none"), ("unpack", "small.toml")])
def test_what_is_no_campaign_is_one_sentence(m3e_here, small_campaign, arguments):
    done = m3e_here(*arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_several_have_no_common_output(m3e_here, finished_campaign):
    done = m3e_here("pack", finished_campaign, finished_campaign, "--out", "x.zip")
    assert done.returncode == 2
    assert "--out: expected one place" in done.stderr
