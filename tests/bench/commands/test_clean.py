"""``m3e clean``: leftovers go, results stay, and nothing outside is touched."""

import json

import pytest

from bench.campaigns.claims import Claims, identity


def content(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def littered(finished_campaign):
    """A finished campaign with leftovers of every kind, and what it held before."""
    before = content(finished_campaign)
    dead = identity() | {"pid": "4194305", "start": "1"}
    files = {
        ".campaign.json.12-13.tmp": "x",
        "records/.a.json.12-13.tmp": "xyz",
        "records/lost.npz": "x",
        "claims/run": "abc",
        "claims/.run.abc": "abc",
        "drivers/abc": json.dumps(dead),
    }
    for name, text in files.items():
        (finished_campaign / name).parent.mkdir(exist_ok=True)
        (finished_campaign / name).write_text(text)
    return finished_campaign, before


def test_leftovers_are_listed_and_removed(m3e_here, littered):
    folder, before = littered
    done = m3e_here("clean", folder, "--yes")
    assert done.returncode == 0, done.stderr
    assert f"{folder}/records/.a.json.12-13.tmp: temporary file, 3 bytes" in done.stdout
    assert "claim of a dead driver" in done.stdout
    assert "removed 6 files" in done.stdout
    assert content(folder) == before
    assert m3e_here("clean", folder).stdout == "nothing to remove\n"


def test_nothing_is_removed_unasked(m3e_here, littered, monkeypatch):
    folder, _ = littered
    before = content(folder)
    monkeypatch.setattr("click.confirm", lambda question: False)
    assert m3e_here("clean", folder).stdout.endswith("nothing is removed\n")
    assert content(folder) == before


def test_failed_runs_go_if_asked_for(m3e_here, finished_campaign, change_record):
    path = next((finished_campaign / "records").iterdir())
    change_record(path, lambda content: content["result"].update(status="failed"))
    assert m3e_here("clean", finished_campaign, "--yes").stdout == "nothing to remove\n"
    assert m3e_here("clean", finished_campaign, "--yes", "--failed").returncode == 0
    assert not path.exists()
    assert len(list((finished_campaign / "records").iterdir())) == 11


def test_while_a_driver_works_its_files_stay(m3e_here, littered):
    folder, _ = littered
    with Claims(folder) as claims:
        claims.claim("mine")
        done = m3e_here("clean", folder, "--yes")
        assert (folder / "claims" / "mine").exists()
        assert (folder / "drivers" / claims.name).exists()
        assert m3e_here("clean", folder, "--failed", "--yes").returncode == 2
    assert "removed 2 files" in done.stdout
    assert (folder / "records" / ".a.json.12-13.tmp").exists()


def test_links_are_neither_followed_nor_removed(m3e_here, finished_campaign, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / ".precious.tmp").touch()
    (outside / "abc").write_text("abc")
    (finished_campaign / "claims").symlink_to(outside)
    (finished_campaign / "drivers").symlink_to(outside)
    (finished_campaign / "records" / ".link.tmp").symlink_to(outside / "abc")
    done = m3e_here("clean", finished_campaign, "--yes", "--failed")
    assert done.stdout == "nothing to remove\n"
    assert content(outside) == [".precious.tmp", "abc"]


def test_what_cannot_be_cleaned_is_one_sentence(m3e_here, finished_campaign):
    assert m3e_here("pack", finished_campaign).returncode == 0
    for place in ("none", ".", finished_campaign.with_suffix(".zip")):
        done = m3e_here("clean", place)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
