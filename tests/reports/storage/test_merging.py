"""Parts of one campaign, done by several machines, become one."""

import json
import shutil

import pytest

from problems.foundation.errors import StorageError
from reports.storage.campaign_folder import read_campaign
from reports.storage.merging import merge
from reports.storage.packing import pack


@pytest.fixture
def parts(finished_campaign, tmp_path):
    """Two halves of a campaign, which share two runs, the second packed."""
    other = shutil.copytree(finished_campaign, tmp_path / "other")
    for folder, kept in ((finished_campaign, slice(0, 7)), (other, slice(5, 12))):
        paths = sorted((folder / "records").iterdir())
        for path in paths:
            if path not in paths[kept]:
                path.unlink()
    pack(other, tmp_path / "other.zip")
    return finished_campaign, tmp_path / "other.zip", other


def test_records_are_joined_byte_for_byte(parts, tmp_path):
    one, packed, other = parts
    merged = merge([one, packed], tmp_path / "merged")
    assert (merged.campaign, merged.records, merged.twice) == ("small", 12, 2)
    for folder in (one, other):
        for path in (folder / "records").iterdir():
            assert (tmp_path / "merged" / "records" / path.name).read_bytes() == path.read_bytes()
    stored = read_campaign(tmp_path / "merged")
    assert len(stored.runs) == len(stored.planned) == 12


def test_of_equal_requests_the_earliest_stays_and_others_join(parts, tmp_path):
    one, _, other = parts
    (request,) = (other / "requests").iterdir()
    content = json.loads(request.read_bytes())
    request.write_text(json.dumps(content | {"asked": "1999"}))
    (other / "requests" / "abc.json").write_text(
        json.dumps(content | {"design": content["design"] | {"seeds": [0, 1, 2]}})
    )
    merge([one, other], tmp_path / "merged")
    assert json.loads((tmp_path / "merged" / "requests" / request.name).read_bytes())["asked"] == "1999"
    assert len(read_campaign(tmp_path / "merged").planned) == 18


def test_one_run_with_different_results_is_a_conflict(parts, change_record, tmp_path):
    one, _, other = parts
    own, others = ({path.name for path in (folder / "records").iterdir()} for folder in (one, other))
    shared = sorted(own & others)
    path = other / "records" / shared[0]
    change_record(path, lambda content: content["environment"].update(python="3.0"))
    with pytest.raises(StorageError, match=f"one run, different results: {shared[0][:-5]} in .* and "):
        merge([one, other], tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_timing_alone_is_no_conflict(parts, change_record, tmp_path):
    one, _, other = parts
    for path in (other / "records").iterdir():
        change_record(path, lambda content: content["timing"].update(host="elsewhere"))
    assert merge([one, other], tmp_path / "merged").twice == 2


def test_different_campaigns_are_refused(finished_campaign, run_campaign, tmp_path):
    (tmp_path / "b").mkdir()
    text = 'problems = ["mix/S1/bw1/g8/i0"]\noptimizers = ["random"]\nseeds = 1\nbudget = 20\n'
    same_name, other_name = (run_campaign(text, tmp_path / "b", name) for name in ("small", "another"))
    with pytest.raises(StorageError, match="different campaigns of the name 'small' cannot be merged: problems"):
        merge([finished_campaign, same_name], tmp_path / "merged")
    with pytest.raises(StorageError, match=r"campaign 'small' in .*, 'another' in "):
        merge([finished_campaign, other_name], tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_nothing_is_merged_over_anything_and_damage_is_told(finished_campaign, tmp_path):
    with pytest.raises(StorageError, match="is there already"):
        merge([finished_campaign], finished_campaign)
    next((finished_campaign / "records").iterdir()).write_text("{}")
    with pytest.raises(StorageError, match="is damaged"):
        merge([finished_campaign], tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
