import json
import shutil

import numpy as np
import pytest

from bench.campaign import load_campaign
from bench.errors import StorageError
from bench.harness import SerialExecutor, plan_campaign, run_plan
from bench.store import has_ended, read_campaign, read_run


def do(campaign_path, folder):
    plan = plan_campaign(load_campaign(str(campaign_path)), folder)
    return plan, run_plan(plan, SerialExecutor, lambda spec, label, status: None)


@pytest.fixture
def done(small_campaign, tmp_path):
    folder = tmp_path / "done"
    do(small_campaign, folder)
    return folder


def run_folders(folder):
    return sorted(p.parent for p in folder.glob("*/spec.json"))


def test_a_stored_run_reads_back_in_full(done):
    import optimizers
    import problems

    stored = read_campaign([done])
    assert len(stored.runs) == len(stored.planned) == 12
    run = next(r for r in stored.runs if r.label == "magma")
    p = problems.get(run.spec.problem)
    again = optimizers.minimize(p, "magma", budget=150, seed=run.spec.seed)
    assert run.status == "complete"
    assert (run.num_evaluations, run.best_cycles) == (150, again.best_value)
    assert run.trace_cycles.tolist() == again.trace_values.tolist()
    assert run.trace_evaluations.tolist() == again.trace_evaluations.tolist()
    assert p.evaluate(run.cores, run.priorities) == run.best_cycles
    assert set(run.seconds) == {"ask", "tell", "evaluate", "total"}
    assert run.checkpoints[-1, 0] == 150
    assert set(run.environment["versions"]) >= {"m3e", "numpy", "numba"}


def test_versions_of_the_optimizers_library_are_stored(done):
    run = next(r for r in read_campaign([done]).runs if r.label == "deap-stdga")
    assert run.environment["versions"]["deap"][0].isdigit()
    assert run.spec.parameters["population_size"] == 100


def test_stored_files_are_json_without_infinities_and_no_temporary_file_is_left(done):
    files = [f for f in done.rglob("*") if f.is_file()]
    assert {f.suffix for f in files} == {".json"}
    for file in files:
        json.loads(file.read_text(), parse_constant=pytest.fail)


def test_a_run_without_end_record_is_unfinished(done):
    folder = run_folders(done)[0]
    (folder / "end.json").unlink()
    assert read_run(folder).status == "unfinished"
    assert has_ended(folder) == ""


def test_a_campaign_that_has_only_begun_can_be_read(small_campaign, tmp_path):
    plan_campaign(load_campaign(str(small_campaign)), tmp_path / "begun")
    stored = read_campaign([tmp_path / "begun"])
    assert (len(stored.runs), len(stored.planned)) == (0, 12)


@pytest.mark.parametrize("name", ["spec.json", "end.json", "trajectory.json", "mapping.json", "timing.json"])
@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', "null", "\x00"])
def test_a_damaged_run_is_reported_and_costs_no_other_run(done, name, content):
    folder = run_folders(done)[3]
    (folder / name).write_text(content)
    with pytest.raises(StorageError, match=folder.name):
        read_run(folder)
    stored = read_campaign([done])
    assert len(stored.runs) == 11
    assert list(stored.unreadable) == [folder.name]


@pytest.mark.parametrize("name", ["spec.json", "trajectory.json", "mapping.json", "timing.json"])
def test_a_run_with_a_missing_file_is_reported(done, name):
    folder = run_folders(done)[0]
    (folder / name).unlink()
    with pytest.raises(StorageError, match="cannot read"):
        read_run(folder)
    assert has_ended(folder) == ""


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("end.json", {"best_cycles": 100.0}),
        ("end.json", {"best_cycles": -5}),
        ("mapping.json", {"makespan_cycles": 1.0}),
        ("mapping.json", {"cores": ["a"]}),
        ("trajectory.json", {"evaluations": [1]}),
        ("trajectory.json", {"cycles": []}),
        ("timing.json", {"trajectory_seconds": []}),
        ("timing.json", {"seconds": {"ask": None}}),
        ("timing.json", {"seconds": "long"}),
        ("spec.json", {"format": 99}),
        ("spec.json", {"id": "another"}),
        ("spec.json", {"label": 7}),
        ("spec.json", {"environment": []}),
    ],
)
def test_files_that_do_not_agree_make_a_damaged_run(done, name, change):
    folder = run_folders(done)[3]
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(content | change))
    with pytest.raises(StorageError, match=r"is damaged"):
        read_run(folder)
    assert len(read_campaign([done]).runs) == 11


@pytest.mark.parametrize("change", [{"suite_version": "0"}, {"problem": 3}, {"parameters": []}, {"budget": 99}])
def test_a_specification_that_is_not_its_ids_makes_a_damaged_run(done, change):
    path = run_folders(done)[3] / "spec.json"
    content = json.loads(path.read_text())
    content["spec"] |= change
    path.write_text(json.dumps(content))
    with pytest.raises(StorageError, match="is damaged"):
        read_run(path.parent)


def test_a_damaged_run_is_done_again_and_the_others_are_not(done, small_campaign):
    untouched = {f: f.stat().st_mtime_ns for f in done.rglob("timing.json")}
    folder = run_folders(done)[5]
    before = (folder / "trajectory.json").read_bytes()
    (folder / "trajectory.json").write_text("{")
    plan, counts = do(small_campaign, done)
    assert [spec.id for spec, _ in plan.missing] == [folder.name]
    assert counts == {"complete": 12}
    assert (folder / "trajectory.json").read_bytes() == before
    changed = [f.parent.name for f, t in untouched.items() if f.stat().st_mtime_ns != t]
    assert changed == [folder.name]


def test_runs_done_apart_merge_by_copying_and_by_naming_both(small_campaign, tmp_path):
    text = small_campaign.read_text()
    for part, problem in (("a", "S1"), ("b", "S2")):
        (tmp_path / f"{part}.toml").write_text(text.replace("S{1,2}", problem))
        do(tmp_path / f"{part}.toml", tmp_path / "apart" / part)
    both = read_campaign([tmp_path / "apart" / "a", tmp_path / "apart" / "b"])
    assert (len(both.runs), both.name) == (12, "a + b")
    merged = tmp_path / "merged"
    plan_campaign(load_campaign(str(small_campaign)), merged)
    for folder in (tmp_path / "apart").glob("*/*/"):
        shutil.copytree(folder, merged / folder.name)
    plan, counts = do(small_campaign, merged)
    assert not plan.missing
    assert counts == {"complete": 12}


def test_the_same_run_in_two_folders_counts_once_and_the_finished_one_wins(done, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(done, copy)
    for folder in run_folders(copy)[:4]:
        (folder / "end.json").unlink()
    stored = read_campaign([copy, done])
    assert len(stored.runs) == 12
    assert {r.status for r in stored.runs} == {"complete"}


def test_runs_of_another_specification_in_the_folder_are_left_out_and_told(done, small_campaign):
    small_campaign.write_text(small_campaign.read_text().replace("budget = 150", "budget = 20"))
    do(small_campaign, done)
    stored = read_campaign([done])
    assert {r.spec.budget for r in stored.runs} == {20}
    assert len(stored.foreign) == 12


def test_a_folder_without_campaign_file_holds_what_it_holds(done):
    (done / "campaign.json").unlink()
    stored = read_campaign([done])
    assert len(stored.runs) == len(stored.planned) == 12


@pytest.mark.parametrize("content", ["{", "[]", '{"name": "x"}', '{"name": "x", "runs": 7}'])
def test_a_damaged_campaign_file_is_one_clear_error(done, content):
    (done / "campaign.json").write_text(content)
    with pytest.raises(StorageError, match=r"campaign\.json is damaged"):
        read_campaign([done])


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(StorageError, match=r"no results in .*nowhere"):
        read_campaign([tmp_path / "nowhere"])


def test_full_traces_are_stored_on_demand_compressed(small_campaign, tmp_path):
    small_campaign.write_text(small_campaign.read_text() + "full_trace = true\n")
    do(small_campaign, tmp_path / "full")
    for folder in run_folders(tmp_path / "full"):
        values = np.load(folder / "trace.npz")["makespan_cycles"]
        run = read_run(folder)
        assert values.shape == (150,)
        assert values.min() == run.best_cycles
