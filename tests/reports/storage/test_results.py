from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from problems.foundation.errors import InvalidInput, StorageError
from reports import read_results
from reports.frames.provenance import warnings_of
from reports.storage.archive import create
from reports.storage.results import results_in


def test_several_campaigns_are_read_as_one(finished_campaign, tmp_path):
    campaign = read_results([finished_campaign, str(finished_campaign)])
    assert len(campaign.runs) == 12


def test_one_path_and_one_term_are_enough(finished_campaign):
    assert len(read_results(str(finished_campaign)).runs) == 12
    campaign = read_results(finished_campaign, only="optimizer=magma")
    assert {run.label for run in campaign.runs} == {"magma"}


def test_runs_are_chosen(finished_campaign):
    campaign = read_results([finished_campaign], only=["optimizer=magma", "problem=mix/S1/*"])
    assert {(run.label, run.spec.problem) for run in campaign.runs} == {("magma", "mix/S1/bw1/g8/i0")}
    with pytest.raises(InvalidInput, match="none of 2"):
        read_results([finished_campaign], only=["problem=nlp/*"])


def test_values_are_those_of_the_mappings(finished_campaign, change_record):
    path = sorted(finished_campaign.glob("records/*.json"))[0]

    def lower(content):
        value = 0.5 * content["result"]["best_value"]
        content["result"]["best_value"] = content["result"]["trajectory"]["values"][-1] = value
        content["result"]["mappings"][0]["values"] = [value]

    change_record(path, lower)
    run = next(run for run in read_results([finished_campaign]).runs if run.id == json.loads(path.read_bytes())["id"])
    assert run.status == "failed"
    assert "does not match" in run.message


def test_a_folder_without_results_is_an_error(tmp_path):
    with pytest.raises(StorageError, match="no results"):
        read_results([tmp_path / "nowhere"])


def test_two_results_of_one_run_are_told_and_the_first_one_counts(finished_campaign, change_record, tmp_path):
    """Archives too stand where they are named."""
    other = Path(shutil.copytree(finished_campaign, tmp_path / "other"))
    path = sorted(other.glob("records/*random*.json"))[0]

    def one_less(content):
        content["result"]["num_evaluations"] -= 1

    change_record(path, one_less)
    run_id = json.loads(path.read_bytes())["id"]
    create(tmp_path / "archive", [results_in([other])], "archive")
    for first, second, number in (
        (finished_campaign, other, 150),
        (other, finished_campaign, 149),
        (finished_campaign, tmp_path / "archive", 150),
        (tmp_path / "archive", finished_campaign, 149),
    ):
        campaign = read_results([first, second])
        assert len(campaign.runs) == 12
        assert {run.num_evaluations for run in campaign.runs if run.id == run_id} == {number}
        (told,) = warnings_of(campaign)
        expected = f"1 run has another result elsewhere, for instance {run_id}: another number of evaluations."
        assert told == f"{expected} The first one counts."
