"""A packed campaign is the campaign: same results, same bytes whenever it is packed, and nothing else in it."""

import os
import shutil
import stat
import zipfile

import pytest

from problems.foundation.errors import StorageError
from reports.storage.campaign_folder import read_campaign, root_of
from reports.storage.packing import pack, unpack


def content(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_content_gives_the_same_bytes(finished_campaign, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(finished_campaign, copy)
    for number, path in enumerate(copy.rglob("*")):
        os.utime(path, (number, number))
        path.chmod(0o700)
    pack(finished_campaign, tmp_path / "one.zip")
    pack(copy, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_packing_and_unpacking_gives_the_same_files(finished_campaign, tmp_path):
    packed = pack(finished_campaign, tmp_path / "one.zip")
    assert (packed.records, packed.files) == (12, 14)
    unpack(tmp_path / "one.zip", tmp_path / "out")
    assert content(tmp_path / "out") == content(finished_campaign)


def test_a_packed_campaign_reads_as_its_folder(finished_campaign, tmp_path):
    pack(finished_campaign, tmp_path / "one.zip")
    stored = [read_campaign(path) for path in (finished_campaign, tmp_path / "one.zip")]
    assert [run.id for run in stored[0].runs] == [run.id for run in stored[1].runs]
    assert [run.best_value for run in stored[0].runs] == [run.best_value for run in stored[1].runs]
    assert stored[0].planned == stored[1].planned


def test_nothing_else_is_packed(finished_campaign, tmp_path):
    expected = content(finished_campaign)
    for name in ("claims/x", "drivers/y", "report/report.html", "records/.x.json.1-2.tmp", "records/lost.npz", "notes"):
        (finished_campaign / name).parent.mkdir(exist_ok=True)
        (finished_campaign / name).write_text("{}")
    (tmp_path / "secret.json").write_text("{}")
    (finished_campaign / "records" / "link.json").symlink_to(tmp_path / "secret.json")
    pack(finished_campaign, tmp_path / "one.zip")
    unpack(tmp_path / "one.zip", tmp_path / "out")
    assert content(tmp_path / "out") == expected
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members:
            file.writestr(name, text)
    return path


@pytest.mark.parametrize(
    "name",
    [
        *("../evil.json", "/etc/evil", "records/../../evil.json", "records/.hidden.json", "records/a/b.json"),
        *("records\\evil.json", "C:evil.json", "records/a.txt", "files/..", "claims/x", "evil"),
    ],
)
def test_what_is_no_part_of_a_campaign_is_not_unpacked(tmp_path, name):
    path = archive(tmp_path / "evil.zip", [("campaign.json", "{}"), (name, "{}")])
    with pytest.raises(StorageError, match="is no packed campaign: it holds"):
        unpack(path, tmp_path / "deep" / "out")
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["evil.zip"]


def test_a_link_in_an_archive_becomes_a_file(tmp_path):
    info = zipfile.ZipInfo("records/link.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(tmp_path / "evil.zip", [("campaign.json", "{}"), (info, "/etc/passwd")])
    unpack(path, tmp_path / "out")
    assert not (tmp_path / "out" / "records" / "link.json").is_symlink()


def test_an_archive_that_claims_too_much_is_neither_unpacked_nor_read(tmp_path):
    path = archive(tmp_path / "bomb.zip", [("campaign.json", "{}"), ("records/a.json", bytes(2**26))])
    for attempt in (lambda: unpack(path, tmp_path / "out"), lambda: root_of(path)):
        with pytest.raises(StorageError, match="expected at most"):
            attempt()
    assert not (tmp_path / "out").exists()


def test_an_archive_that_holds_more_than_it_says_is_damaged(tmp_path):
    path = archive(tmp_path / "liar.zip", [("campaign.json", "{}" * 1000)])
    raw = path.read_bytes().replace((2000).to_bytes(4, "little"), (20).to_bytes(4, "little"))
    path.write_bytes(raw)
    with pytest.raises(StorageError, match="cannot unpack"):
        unpack(path, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["liar.zip"]


def test_nothing_is_unpacked_over_anything(finished_campaign, tmp_path):
    pack(finished_campaign, tmp_path / "one.zip")
    before = content(finished_campaign)
    with pytest.raises(StorageError, match="is there already"):
        unpack(tmp_path / "one.zip", finished_campaign)
    assert content(finished_campaign) == before


def test_what_is_no_campaign_is_not_packed(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StorageError, match="no campaign in"):
        pack(tmp_path / "empty", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()
