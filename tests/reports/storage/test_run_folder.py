import json
import os
import shutil
from datetime import UTC, datetime

import numpy as np
import pytest
from nevergrad.optimization.multiobjective.hypervolume import HypervolumeIndicator

import optimizers
import problems
from bench.campaigns.plan import plan_campaign
from bench.campaigns.reading import load_campaign
from bench.campaigns.running import run_plan
from bench.engines.serial import Serial
from optimizers.result import Seconds
from problems.foundation.errors import InvalidInput, StorageError
from reports.storage.campaign_folder import read_campaign
from reports.storage.run_folder import has_ended, read_run
from reports.storage.spec import RunSpec
from reports.storage.writing import begin_run, end_run

ONE = "mix/S2/bw1/g8/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"


def do(campaign_path, folder):
    plan = plan_campaign(load_campaign(str(campaign_path)), folder)
    return plan, run_plan(plan, Serial(), lambda spec, label, status: None)


@pytest.fixture
def done(small_campaign, tmp_path):
    folder = tmp_path / "done"
    do(small_campaign, folder)
    return folder


def run_folders(folder):
    return sorted(p.parent for p in folder.glob("*/spec.json"))


def test_a_stored_run_reads_back_in_full(done):
    stored = read_campaign([done])
    assert len(stored.runs) == len(stored.planned) == 12
    run = next(r for r in stored.runs if r.label == "magma")
    p = problems.get(run.spec.problem)
    again = optimizers.minimize(p, "magma", budget=150, seed=run.spec.seed)
    assert run.status == "complete"
    assert (run.num_evaluations, run.best_value) == (150, again.best_value)
    assert run.trace_values.tolist() == again.trace_values.tolist()
    assert run.trace_evaluations.tolist() == again.trace_evaluations.tolist()
    assert p.evaluate(run.cores, run.priorities) == run.best_value
    assert run.front_values.tolist() == [[run.best_value]]
    assert run.front_cores.tolist() == [run.cores.tolist()]
    assert run.front_priorities.tolist() == [run.priorities.tolist()]
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
        ("end.json", {"best_value": 100.0}),
        ("end.json", {"best_value": -5}),
        ("mapping.json", {"value": 1.0}),
        ("mapping.json", {"value": None}),
        ("mapping.json", {"cores": ["a"]}),
        ("mapping.json", {"cores": [0]}),
        ("mapping.json", {"priorities": [float("nan")] * 8}),
        ("mapping.json", {"front": []}),
        ("trajectory.json", {"evaluations": [1]}),
        ("trajectory.json", {"values": []}),
        ("timing.json", {"trajectory_seconds": []}),
        ("timing.json", {"seconds": {"ask": None}}),
        ("timing.json", {"seconds": "long"}),
        ("spec.json", {"id": "another"}),
        ("spec.json", {"environment": []}),
        ("end.json", {"message": ["a"]}),
        ("end.json", {"num_evaluations": 10**18}),
        ("end.json", {"num_evaluations": -1}),
        ("end.json", {"num_evaluations": True}),
        ("end.json", {"num_evaluations": float("nan")}),
        ("end.json", {"status": ["complete"]}),
        ("trajectory.json", {"evaluations": {}}),
        ("trajectory.json", {"evaluations": "ab"}),
        ("timing.json", {"checkpoints": [[1, -1]]}),
        ("timing.json", {"checkpoints": [[1, float("nan")]]}),
        ("timing.json", {"checkpoints": [[[]]]}),
        ("timing.json", {"seconds": {"ask": True, "tell": 0, "evaluate": 0, "total": 0}}),
        ("timing.json", {"seconds": {"ask": 0, "tell": 0, "evaluate": 0, "total": float("inf")}}),
    ],
)
def test_files_that_do_not_agree_make_a_damaged_run(done, name, change):
    folder = run_folders(done)[3]
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(content | change))
    with pytest.raises(StorageError, match=r"is damaged"):
        read_run(folder)
    assert len(read_campaign([done]).runs) == 11


ENVIRONMENT = {"python": "3.11", "versions": {}, "settings": {}}


def test_runs_and_campaigns_of_another_format_are_refused_with_a_hint(done):
    folder = run_folders(done)[3]
    for path in (folder / "spec.json", done / "campaign.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))
    with pytest.raises(StorageError, match=r"another format: expected 3, got 1\. Read it with the version"):
        read_run(folder)
    with pytest.raises(StorageError, match=r"campaign\.json is of another format: expected 3, got 1"):
        read_campaign([done])
    assert has_ended(folder) == ""


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
    with pytest.raises(StorageError, match=r"campaign\.json( is damaged|, line 1: expected JSON)"):
        read_campaign([done])


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(StorageError, match=r"no results in .*nowhere"):
        read_campaign([tmp_path / "nowhere"])


def test_full_traces_are_stored_on_demand_compressed(small_campaign, tmp_path):
    small_campaign.write_text(small_campaign.read_text() + "full_trace = true\n")
    do(small_campaign, tmp_path / "full")
    for folder in run_folders(tmp_path / "full"):
        values = np.load(folder / "trace.npz")["values"]
        run = read_run(folder)
        assert values.shape == (150,)
        assert values.min() == run.best_value


def test_mappings_are_stored_on_demand_as_they_were_evaluated(tmp_path):
    path = tmp_path / "traced.toml"
    names = '["magma", "nevergrad-pso"]'
    path.write_text(f'problems = ["{ONE}"]\noptimizers = {names}\nseeds = 1\nbudget = 150\nfull_trace = "mappings"\n')
    do(path, tmp_path / "traced")
    p = problems.get(ONE)
    for run in read_campaign([tmp_path / "traced"]).runs:
        trace = run.full_trace()
        assert trace["cores"].shape == trace["priorities"].shape == (150, p.num_jobs)
        assert p.evaluate(trace["cores"], trace["priorities"].astype(float)) == pytest.approx(trace["values"])


def test_a_run_without_a_full_trace_has_none_and_a_damaged_one_is_told(done):
    run = read_campaign([done]).runs[0]
    assert run.full_trace() == {}
    (run.folder / "trace.npz").write_bytes(b"PK")
    with pytest.raises(StorageError, match=r"trace\.npz is damaged"):
        run.full_trace()


@pytest.fixture
def two(tmp_path):
    """The folder of one run with two objectives, and its problem."""
    path = tmp_path / "two.toml"
    path.write_text(f'problems = ["{TWO}"]\noptimizers = ["random"]\nseeds = 1\nbudget = 300\nfull_trace = true\n')
    do(path, tmp_path / "two")
    (folder,) = run_folders(tmp_path / "two")
    return folder


def test_a_run_with_two_objectives_stores_its_front(two):
    p, run = problems.get(TWO), read_run(two)
    assert run.status == "complete"
    assert len(run.front_values) > 2
    assert p.evaluate(run.front_cores, run.front_priorities).tolist() == run.front_values.tolist()
    assert run.best_value == run.trace_values[-1] == pytest.approx(1.0 - p.hypervolume(run.front_values), abs=1e-12)
    assert run.cores.tolist() == run.front_cores[0].tolist()
    with np.load(two / "trace.npz") as trace:
        assert trace["values"].shape == (300, 2)
        assert p.hypervolume(trace["values"]) == pytest.approx(1.0 - run.best_value, abs=1e-12)


def test_the_stored_shortfall_is_that_of_an_independent_implementation(two):
    p, run = problems.get(TWO), read_run(two)
    ideal, reference = p.ideal_point(), p.reference_point()
    inside = run.front_values[(run.front_values < reference).all(axis=1)]
    volume = HypervolumeIndicator(reference).compute(inside) / np.prod(reference - ideal)
    assert run.best_value == pytest.approx(1.0 - volume, abs=1e-12)


def change_front(front):
    """Ways in which a front may be damaged."""
    first, second, *others = front
    worse = first | {"values": [2 * value for value in first["values"]]}
    yield [second, first, *others]
    yield [*front, worse]
    yield [first, first, *others]
    yield []
    yield None
    yield [{**first, "cores": first["cores"][1:]}, second, *others]
    yield [first, {**second, "priorities": second["priorities"] * 2}, *others]
    yield [first, {**second, "values": second["values"][:1]}, *others]
    yield [first, {**second, "values": [None, 1.0]}, *others]
    yield [{key: first[key] for key in ("cores", "priorities")}, second, *others]


def test_a_front_that_is_none_makes_a_damaged_run(two):
    content = json.loads((two / "mapping.json").read_text())
    for front in change_front(content["front"]):
        (two / "mapping.json").write_text(json.dumps(content | {"front": front}))
        with pytest.raises(StorageError, match="is damaged"):
            read_run(two)
    (two / "mapping.json").write_text(json.dumps(content))
    assert read_run(two).status == "complete"


@pytest.mark.parametrize("front", [np.zeros((0, 2)), np.zeros((0, 1))], ids=["two objectives", "one"])
def test_a_run_that_found_no_mapping_that_can_run_reads_back(tmp_path, front):
    spec = RunSpec(problems.SUITE_VERSION, TWO, "random", {}, 0, 5)
    nothing = optimizers.Result(
        best_value=np.inf,
        best_cores=np.zeros(0, int),
        best_priorities=np.zeros(0),
        front_values=front,
        front_cores=np.zeros((0, 8), int),
        front_priorities=np.zeros((0, 8)),
        num_evaluations=5,
        trace_evaluations=np.array([1]),
        trace_values=np.array([np.inf]),
        trace_seconds=np.array([0.1]),
        checkpoints=np.array([[1.0, 0.1]]),
        all_values=np.zeros(0),
        all_cores=np.zeros((0, 0), np.int16),
        all_priorities=np.zeros((0, 0), np.float32),
        stopped="budget",
        seconds=Seconds(0.0, 0.0, 0.1, 0.2),
    )
    folder = tmp_path / spec.id
    begin_run(folder, spec, ENVIRONMENT)
    end_run(folder, TWO, nothing, "complete", "", datetime.now(UTC))
    run = read_run(folder)
    assert np.isnan(run.best_value)
    assert np.isnan(run.trace_values).all()
    assert len(run.front_values) == len(run.front_cores) == len(run.front_priorities) == 0


LABELLED = """
problems = ["mix/S1/bw1/g8/i0"]
optimizers = [{{ name = "random", label = "{}" }}, {{ name = "magma", label = "{}" }}]
seeds = 2
budget = 30
"""


def test_labels_are_those_of_the_campaign_file_whenever_the_runs_were_done(tmp_path):
    path, folder = tmp_path / "labelled.toml", tmp_path / "runs"
    for labels in (("draws", "search"), ("my draws", "search"), ("search", "my draws")):
        path.write_text(LABELLED.format(*labels))
        plan = plan_campaign(load_campaign(str(path)), folder)
        run_plan(plan, Serial(), lambda spec, label, status: None)
        stored = read_campaign([folder])
        assert {(run.spec.optimizer, run.label) for run in stored.runs} == set(
            zip(("random", "magma"), labels, strict=True)
        )
        assert len(stored.runs) == len(stored.planned) == 4
        assert not stored.foreign
    assert plan.missing == []


def test_a_run_that_no_campaign_names_is_called_by_its_optimizers_name(done):
    (done / "campaign.json").unlink()
    assert {run.label for run in read_campaign([done]).runs} == {"magma", "random", "deap-stdga"}


@pytest.mark.parametrize("text", ["\x1b[31m", "a\ud800b", "x" * 10**6, "[/red]", ""])
def test_texts_of_stored_files_are_made_printable(done, text):
    folder = run_folders(done)[0]
    end = json.loads((folder / "end.json").read_text())
    (folder / "end.json").write_text(json.dumps(end | {"message": text}))
    campaign = json.loads((done / "campaign.json").read_text())
    for run in campaign["runs"]:
        run["label"] = text + run["label"]
    (done / "campaign.json").write_text(json.dumps(campaign | {"name": text}))
    stored = read_campaign([done])
    shown = [stored.name, *(run.message for run in stored.runs), *(run.label for run in stored.planned)]
    assert all(text.isprintable() and len(text) <= 1_000 for text in shown)


@pytest.mark.parametrize("name", ["spec.json", "end.json", "mapping.json", "timing.json", "trajectory.json"])
@pytest.mark.parametrize("kind", ["nested", "pipe", "device", "link to a device", "folder"])
def test_a_file_of_another_kind_is_a_damaged_run(done, name, kind):
    folder = run_folders(done)[0]
    (folder / name).unlink()
    if kind == "nested":
        (folder / name).write_text("[" * 100_000)
    elif kind == "pipe":
        os.mkfifo(folder / name)
    elif kind == "folder":
        (folder / name).mkdir()
    else:
        (folder / name).symlink_to("/dev/zero")
    if name == "end.json" and kind != "nested":
        assert read_run(folder).status == "unfinished"
    else:
        with pytest.raises(StorageError) as raised:
            read_run(folder)
        assert str(raised.value).count(name) <= 1
    assert has_ended(folder) == ""
    assert len(read_campaign([done]).runs) >= 11


def test_a_run_folder_that_is_a_link_is_not_written_through(done, tmp_path):
    folder, elsewhere = run_folders(done)[0], tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    shutil.rmtree(folder)
    folder.symlink_to(elsewhere)
    spec = read_run(run_folders(done)[1]).spec
    begin_run(folder, spec, ENVIRONMENT)
    assert [f.name for f in elsewhere.iterdir()] == ["precious"]
    assert not folder.is_symlink()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": True},
        {"seed": -1},
        {"budget": 10**18},
        {"budget": 0},
        {"wall_limit_seconds": "soon"},
        {"wall_limit_seconds": 0},
        {"full_trace": "all"},
        {"suite_version": False},
    ],
)
def test_fields_of_a_specification_have_their_types(change):
    content = RunSpec(problems.SUITE_VERSION, "mix/S1/bw1/g8/i0", "random", {}, 0, 5).to_json()
    assert RunSpec.from_json(content).to_json() == content
    with pytest.raises(InvalidInput, match=next(iter(change))):
        RunSpec.from_json(content | change)
