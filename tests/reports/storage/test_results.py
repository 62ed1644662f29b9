from __future__ import annotations

import json

import pytest

from problems.foundation.errors import InvalidInput, StorageError
from reports import read_results


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
