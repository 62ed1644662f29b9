"""``m3e merge``."""


def test_halves_become_a_whole(m3e_here, finished_campaign, tmp_path):
    assert m3e_here("pack", finished_campaign).returncode == 0
    for path in list((finished_campaign / "records").iterdir())[:5]:
        path.unlink()
    done = m3e_here("merge", finished_campaign, finished_campaign.with_suffix(".zip"), "--out", "all")
    assert done.stdout == "merged 12 records of campaign small, 7 of them in several parts into all\n"
    assert m3e_here("check", "all").returncode == 0


def test_conflicts_and_what_is_no_campaign_are_one_sentence(m3e_here, finished_campaign, change_record):
    assert m3e_here("pack", finished_campaign).returncode == 0
    path = next((finished_campaign / "records").iterdir())
    change_record(path, lambda content: content["environment"].update(python="3.0"))
    for other in (finished_campaign.with_suffix(".zip"), "none"):
        done = m3e_here("merge", finished_campaign, other, "--out", "all")
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
