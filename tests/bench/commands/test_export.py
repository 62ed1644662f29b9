"""``m3e export``: what others read is what is stored."""

import json
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from bench.campaigns.reference import reference
from reports.frames.runs import RUN_COLUMNS, runs_table
from reports.storage.campaign_folder import read_campaign
from reports.storage.replay import replayed


@pytest.fixture
def runs(finished_campaign):
    return runs_table(replayed(read_campaign(finished_campaign)))


def test_csv_holds_all_runs_and_improvements(m3e_here, finished_campaign, runs, tmp_path):
    assert m3e_here("export", finished_campaign, "--out", "out").returncode == 0
    read = pd.read_csv(tmp_path / "out" / "runs.csv")
    assert list(read) == list(RUN_COLUMNS)
    assert read["best_value"].tolist() == runs["best_value"].tolist()
    trajectories = pd.read_csv(tmp_path / "out" / "trajectories.csv")
    last = trajectories.groupby("run_id")["best_value"].min()
    assert last.to_dict() == runs.set_index("run_id")["best_value"].to_dict()
    assert set(pd.read_csv(tmp_path / "out" / "columns.csv")["table"]) == {"runs", "trajectories"}


def test_an_archive_is_exported_by_its_name(m3e_here, tmp_path):
    assert m3e_here("export", "dev", "--out", "out").returncode == 0
    read = pd.read_csv(tmp_path / "out" / "runs.csv")
    assert set(read["run_id"]) == {run.id for run in reference("dev").runs()}


def test_parquet_is_typed(m3e_here, finished_campaign, runs, tmp_path):
    pytest.importorskip("pyarrow")
    assert m3e_here("export", finished_campaign, "--format", "parquet", "--out", "out").returncode == 0
    read = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    assert read["best_value"].tolist() == runs["best_value"].tolist()
    assert read["seed"].dtype == np.int64
    assert read["num_jobs"].dtype.kind in "if"


def test_parquet_without_its_library_says_how_to_install_it(m3e_here, finished_campaign, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = m3e_here("export", finished_campaign, "--format", "parquet", "--out", "out")
    assert done.returncode == 2
    assert "Parquet needs pyarrow: pip install" in done.stderr


@pytest.mark.filterwarnings("ignore")
def test_iohinspector_reads_the_same_best_values(m3e_here, finished_campaign, runs, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        iohinspector = pytest.importorskip("iohinspector")
    assert m3e_here("export", finished_campaign, "--format", "ioh", "--out", "out").returncode == 0
    manager = iohinspector.DataManager()
    manager.add_folder(str(tmp_path / "out"))
    overview = manager.overview.to_dicts()
    assert len(overview) == 12
    ours = {
        (row.optimizer, row.platform, row.seed + 1): (row.best_value, row.num_evaluations) for row in runs.itertuples()
    }
    theirs = {
        (row["algorithm_name"], row["function_name"].split("/")[1], row["run_id"]): (row["best_y"], row["evals"])
        for row in overview
    }
    assert theirs == ours
    assert {(row["dimension"], row["instance"], row["budget"]) for row in overview} == {(16, 0, 150)}
    data = manager.load(monotonic=True, include_meta_data=True).to_pandas()
    final = data.groupby(["algorithm_name", "function_name", "run_id"])["raw_y"].min()
    assert sorted(final) == sorted(value for value, _ in ours.values())


@pytest.mark.filterwarnings("ignore")
def test_of_two_objectives_the_shortfall_is_written_and_instances_are_told_apart(m3e_here, run_campaign, tmp_path):
    iohinspector = pytest.importorskip("iohinspector")
    problems = "mix/S2/bw16/g8/i{3,4}/corrected/latency+energy"
    text = f'problems = ["{problems}"]\noptimizers = ["random"]\nseeds = 1\nbudget = 20\n'
    campaign = run_campaign(text, tmp_path, "two")
    assert m3e_here("export", campaign, "--format", "ioh", "--out", "out").returncode == 0
    manager = iohinspector.DataManager()
    manager.add_folder(str(tmp_path / "out"))
    found = {row["instance"]: row["best_y"] for row in manager.overview.to_dicts()}
    own = runs_table(replayed(read_campaign(campaign)))
    assert found == dict(zip(own["instance"], own["best_value"], strict=True))
    assert {row["function_name"] for row in manager.overview.to_dicts()} == {problems.replace("/i{3,4}", "")}


def test_runs_without_a_mapping_are_left_out_of_ioh_and_told(m3e_here, finished_campaign, change_record, tmp_path):
    path = next((finished_campaign / "records").glob("*magma*"))
    change_record(path, lambda content: content["result"].update(status="failed", message="no"))
    done = m3e_here("export", finished_campaign, "--format", "ioh", "--out", "out")
    assert "left out, as they found no mapping or failed: 1 run" in done.stdout
    files = [json.loads(path.read_text()) for path in (tmp_path / "out").rglob("*.json")]
    assert sum(len(scenario["runs"]) for file in files for scenario in file["scenarios"]) == 11


def test_what_is_no_campaign_is_one_sentence(m3e_here):
    done = m3e_here("export", "none", "--out", "out")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_folder_with_something_in_it_takes_no_ioh_files(m3e_here, finished_campaign, tmp_path):
    """Readers take all that is there, and would count runs of another export too."""
    assert m3e_here("export", finished_campaign, "--format", "ioh", "--out", "out").returncode == 0
    there = sorted(tmp_path.rglob("out/**/*"))
    again = m3e_here("export", finished_campaign, "--format", "ioh", "--out", "out")
    assert again.returncode == 2
    assert again.stderr == "m3e: there is something in out: expected a new folder, as readers take all that is in it\n"
    assert sorted(tmp_path.rglob("out/**/*")) == there
