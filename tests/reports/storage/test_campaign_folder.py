"""A campaign's folder: what was asked for, what is there, and what is refused."""

import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from nevergrad.optimization.multiobjective.hypervolume import HypervolumeIndicator

import optimizers
import problems
from bench.campaigns.plan import plan_campaign
from bench.campaigns.reading import load_campaign
from bench.campaigns.running import run_plan
from bench.engines.serial import Serial
from optimizers.result import FullTrace
from problems.foundation.errors import InvalidInput, StorageError
from reports.storage.campaign_folder import (
    CampaignFile,
    designs_of,
    join,
    read_campaign,
    read_campaign_file,
    requests_of,
)
from reports.storage.design import Absent, Contender, Design
from reports.storage.record import read_record
from reports.storage.results import results_in
from reports.storage.writing import store, stored_in

TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"


def do(campaign_path, folder):
    plan = plan_campaign(load_campaign(str(campaign_path)), folder)
    return plan, run_plan(plan, Serial(), lambda *_: None)


@pytest.fixture
def done(finished_campaign):
    return finished_campaign


def records_of(folder):
    return sorted((folder / "records").glob("*.json"))


def changed(path, **fields):
    """Change fields of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


# --- reading ------------------------------------------------------------------------------------------------------


def test_a_stored_run_reads_back_in_full(done):
    stored = read_campaign(done)
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
    assert set(run.seconds) == {"ask", "tell", "evaluate", "total", "cpu"}
    assert run.seconds["cpu"] > 0
    assert run.checkpoints.shape[1] == 3
    assert run.checkpoints[-1, 0] == 150
    assert set(run.environment["versions"]) >= {"m3e", "numpy", "numba"}
    assert run.place == done / "records" / f"{run.id}.json"


def test_versions_of_the_optimizers_library_are_stored(done):
    run = next(r for r in read_campaign(done).runs if r.label == "deap-stdga")
    assert run.environment["versions"]["deap"][0].isdigit()
    assert run.spec.parameters["population_size"] == 100


def test_stored_files_are_json_without_infinities_and_no_temporary_file_is_left(done):
    files = [f for f in done.rglob("*") if f.is_file()]
    assert {f.suffix for f in files} == {".json"}
    assert sorted({f.parent.name for f in files}) == ["records", "requests", "small"]
    for file in files:
        json.loads(file.read_text(), parse_constant=pytest.fail)


def test_a_campaign_that_has_only_begun_can_be_read(small_campaign, tmp_path):
    plan_campaign(load_campaign(str(small_campaign)), tmp_path / "begun")
    stored = read_campaign(tmp_path / "begun")
    assert (len(stored.runs), len(stored.planned)) == (0, 12)
    assert stored.tomls == {"small": small_campaign.read_text()}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', "null", "\x00"])
def test_a_damaged_run_is_reported_and_costs_no_other_run(done, content):
    path = records_of(done)[3]
    path.write_text(content)
    with pytest.raises(StorageError, match=path.name):
        read_record(path)
    stored = read_campaign(done)
    assert len(stored.runs) == 11
    assert list(stored.unreadable) == [path.stem]
    assert path.stem not in stored_in(done)


def test_a_damaged_run_is_done_again_and_the_others_are_not(done, small_campaign):
    untouched = {f: f.stat().st_mtime_ns for f in records_of(done)}
    path = records_of(done)[5]
    before = json.loads(path.read_text())
    path.write_text("{")
    plan, counts = do(small_campaign, done)
    assert [spec.id for spec, _ in plan.missing()] == [path.stem]
    assert counts == {"complete": 12}
    after = json.loads(path.read_text())
    assert {key for key in after if after[key] != before[key]} == {"timing"}
    assert [f for f, t in untouched.items() if f.stat().st_mtime_ns != t] == [path]


def test_a_folder_without_campaign_file_holds_what_it_holds(done):
    (done / "campaign.json").unlink()
    stored = read_campaign(done)
    assert len(stored.runs) == len(stored.planned) == 12
    assert {run.label for run in stored.runs} == {"magma", "random", "deap-stdga"}  # no campaign labels them


@pytest.mark.parametrize("place", ["campaign.json", "requests/*.json"])
@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"format": 4, "name": "x"}', '{"format": 4, "name": "x", "toml": "", "design": 7}', "[" * 9**5],
)
def test_a_damaged_file_of_the_campaign_is_one_clear_error(done, place, content):
    (path,) = done.glob(place)
    path.write_text(content)
    with pytest.raises(StorageError, match=rf"{path.name} is damaged"):
        read_campaign(done)


def test_a_folder_of_the_former_format_is_refused_with_one_sentence(done, small_campaign):
    changed(done / "campaign.json", format=3)
    with pytest.raises(StorageError, match=r"campaign\.json is of another format: expected 4, got 3\. Read it with"):
        read_campaign(done)
    with pytest.raises(StorageError, match=r"campaign\.json is of another format: expected 4, got 3\. Read it with"):
        do(small_campaign, done)


def test_a_folder_that_is_not_there_or_empty_is_one_clear_error(tmp_path):
    with pytest.raises(StorageError, match=r"no results in .*nowhere"):
        read_campaign(tmp_path / "nowhere")
    (tmp_path / "file").write_text("no archive")
    with pytest.raises(StorageError, match=r"no results in .*file.*no packed campaign"):
        read_campaign(tmp_path / "file")
    with pytest.raises(StorageError, match=r"no runs in "):
        results_in([tmp_path])


def test_a_packed_campaign_reads_the_same_in_place(run_campaign, done, tmp_path):
    text = f'problems = ["{TWO}"]\noptimizers = ["random"]\nseeds = 1\nbudget = 60\nfull_trace = true\n'
    for folder in (done, run_campaign(text, tmp_path, "two")):
        packed = tmp_path / f"{folder.name}.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
        one, other = read_campaign(folder), read_campaign(packed)
        assert (one.name, one.planned, one.unasked, one.tomls) == (
            other.name,
            other.planned,
            other.unasked,
            other.tomls,
        )
        assert len(one.runs) == len(other.runs) > 0
        for run, own in zip(one.runs, other.runs, strict=True):
            assert (run.id, run.label, run.spec, run.seconds) == (own.id, own.label, own.spec, own.seconds)
            assert run.front_values.tolist() == own.front_values.tolist()
            assert {k: v.tolist() for k, v in run.full_trace().items()} == {
                k: v.tolist() for k, v in own.full_trace().items()
            }
        assert len(results_in([folder, packed]).runs) == len(one.runs)


def test_a_damaged_record_of_a_packed_campaign_is_reported(done, tmp_path):
    path = records_of(done)[2]
    path.write_bytes(path.read_bytes()[:-1])
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for file in sorted(done.rglob("*.json")):
            archive.write(file, file.relative_to(done))
    stored = read_campaign(tmp_path / "packed.zip")
    assert (len(stored.runs), list(stored.unreadable)) == (11, [path.stem])


# --- several folders, and runs that nobody asked for ----------------------------------------------------------------


def test_runs_done_apart_merge_by_copying_and_by_naming_both(small_campaign, tmp_path):
    text = small_campaign.read_text()
    for part, problem in (("a", "S1"), ("b", "S2")):
        (tmp_path / f"{part}.toml").write_text(text.replace("S{1,2}", problem))
        do(tmp_path / f"{part}.toml", tmp_path / "apart" / part)
    both = results_in([tmp_path / "apart" / "a", tmp_path / "apart" / "b"])
    assert (len(both.runs), both.name, list(both.tomls)) == (12, "a + b", ["a", "b"])
    merged = tmp_path / "merged"
    plan_campaign(load_campaign(str(small_campaign)), merged)
    for path in (tmp_path / "apart").glob("*/records/*"):
        shutil.copy(path, merged / "records")
    plan, counts = do(small_campaign, merged)
    assert not list(plan.missing())
    assert counts == {"complete": 12}


def test_the_same_run_in_two_folders_counts_once_and_the_readable_one_wins(done, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(done, copy)
    for path in records_of(copy)[:4]:
        path.unlink()
    for path in records_of(copy)[:2]:
        path.write_text("{")
    for folders in ([copy, done], [done, copy]):
        stored = results_in(folders)
        assert len(stored.runs) == len(stored.planned) == 12
        assert {r.status for r in stored.runs} == {"complete"}


def test_records_alone_have_the_labels_that_a_campaign_gives_them(done, tmp_path):
    (tmp_path / "alone").mkdir()
    shutil.move(done / "records", tmp_path / "alone" / "records")
    design = done / "campaign.json"
    for path in (design, *(done / "requests").iterdir()):
        path.write_text(path.read_text().replace('"label": "magma"', '"label": "mine"'))
    for folders in ([tmp_path / "alone", done], [done, tmp_path / "alone"]):
        assert {run.label for run in results_in(folders).runs} == {"mine", "random", "deap-stdga"}
    assert {run.label for run in results_in([tmp_path / "alone"]).runs} == {"magma", "random", "deap-stdga"}


def test_runs_that_nobody_asked_for_are_left_out_and_told(done, small_campaign, tmp_path):
    small_campaign.write_text(small_campaign.read_text().replace("budget = 150", "budget = 20"))
    do(small_campaign, tmp_path / "other")
    for path in records_of(tmp_path / "other"):
        shutil.copy(path, done / "records")
    stored = read_campaign(done)
    assert {r.spec.budget for r in stored.runs} == {150}
    assert sorted(stored.unasked) == [path.stem for path in records_of(tmp_path / "other")]


# --- joining ------------------------------------------------------------------------------------------------------

MAGMA, RANDOM = Contender("magma", "magma", {"x": 1}), Contender("draws", "random", {})
DESIGN = Design(1, ("mix/S1/bw1/g8/i0", "mix/S2/bw1/g8/i0"), (MAGMA, RANDOM), (0, 1), 100)
CAMPAIGN = CampaignFile("mine", "seeds = 2\n", DESIGN)


@pytest.fixture
def joined(tmp_path):
    """A folder of ``CAMPAIGN``, in which all of it was asked for."""
    join(tmp_path / "mine", CAMPAIGN, DESIGN)
    return tmp_path / "mine"


def planned(folder):
    stored = read_campaign(folder)
    return [run.id for run in stored.planned]


def ids(*designs):
    return list(dict.fromkeys(spec.id for design in designs for spec, _ in design.runs()))


def test_an_equal_campaign_joins_and_notes_an_equal_request_once(joined):
    before = {path: path.read_bytes() for path in joined.rglob("*.json")}
    join(joined, replace(CAMPAIGN, toml="# a comment\nseeds = 2\n"), DESIGN)
    assert {path: path.read_bytes() for path in joined.rglob("*.json")} == before
    assert read_campaign_file(joined) == CAMPAIGN
    assert [request.design for request in requests_of(joined)] == [DESIGN]
    assert planned(joined) == ids(DESIGN)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"suite_version": 2}, "suite version 1 there, 2 here"),
        ({"problems": ("mix/S1/bw1/g8/i0",)}, r"problems 2 \(mix/S1/bw1/g8/i0, mix/S2/bw1/g8/i0\) there, 1 \(mix"),
        ({"problems": DESIGN.problems[::-1]}, r"problems 2 \(mix/S1"),
        ({"seeds": (0, 1, 2)}, r"seeds 2 \(0, 1\) there, 3 \(0, 1, \.\.\.\) here"),
        ({"budget": 2_000}, "budget 100 there, 2,000 here"),
        ({"wall_limit_seconds": 9.0}, "wall limit none there, 9.0 here"),
        ({"cpu_limit_seconds": 9.0}, "cpu limit none there, 9.0 here"),
        ({"full_trace": FullTrace.VALUES}, "full trace nothing there, values here"),
        ({"contenders": (MAGMA,)}, "optimizers here without draws"),
        ({"contenders": (MAGMA, RANDOM, Contender("new", "random", {"y": 1}))}, "optimizers here with new"),
        ({"contenders": (MAGMA, Contender("drawn", "random", {}))}, "here without draws and with drawn"),
        ({"contenders": (Contender("magma", "magma", {"x": 2}), RANDOM)}, "other parameters of magma"),
        ({"contenders": (Contender("magma", "cma", {"x": 1}), RANDOM)}, "other parameters of magma"),
    ],
)
def test_another_campaign_of_that_name_is_refused_with_what_differs(joined, change, told):
    other = replace(DESIGN, **change)
    before = {path: path.read_bytes() for path in joined.rglob("*.json")}
    with pytest.raises(StorageError, match=f"holds another campaign named 'mine': .*{told}"):
        join(joined, replace(CAMPAIGN, design=other), other)
    assert {path: path.read_bytes() for path in joined.rglob("*.json")} == before


def test_an_optimizer_that_is_installed_here_alone_makes_no_other_campaign(tmp_path):
    without = replace(DESIGN, contenders=(MAGMA,), absent={"draws": Absent("random", "m3e[x]")})
    for first, second in ((DESIGN, without), (without, DESIGN)):
        folder = tmp_path / first.contenders[-1].label
        join(folder, replace(CAMPAIGN, design=first), first)
        join(folder, replace(CAMPAIGN, design=second), second)
        stored = read_campaign(folder)
        assert sorted(run.id for run in stored.planned) == sorted(ids(DESIGN))
        assert stored.absent == {}
    join(tmp_path / "gone", replace(CAMPAIGN, design=without), without)
    assert read_campaign(tmp_path / "gone").absent == {"draws": Absent("random", "m3e[x]")}


def test_requests_add_up_and_never_redefine(joined):
    more_seeds = replace(DESIGN, seeds=(5, 6))
    alone = replace(DESIGN, contenders=(RANDOM,), seeds=(0,))
    other = replace(DESIGN, contenders=(Contender("third", "random", {"y": 1}),))
    for request in (more_seeds, alone, other, more_seeds):
        join(joined, CAMPAIGN, request)
    assert designs_of(joined) == [DESIGN, more_seeds, alone, other]
    assert planned(joined) == ids(DESIGN, more_seeds, other)
    assert ids(alone)[0] in ids(DESIGN)
    assert read_campaign_file(joined) == CAMPAIGN


def test_of_a_class_under_development_only_the_latest_code_counts(joined):
    old, new = (Contender("own", f"own.py:Own#{digest}", {}) for digest in ("0123abcd", "4567cdef"))
    first = replace(DESIGN, contenders=(MAGMA, old))
    second = replace(DESIGN, contenders=(new,), seeds=(0,))
    join(joined, CAMPAIGN, first)
    assert planned(joined) == ids(DESIGN, first)
    join(joined, CAMPAIGN, second)
    assert planned(joined) == ids(DESIGN, replace(first, contenders=(MAGMA,)), second)
    assert not first.difference(replace(first, contenders=(MAGMA, new)))


def test_runs_of_former_code_are_foreign(done):
    place = done / "requests" / "later.json"
    (request,) = requests_of(done)
    contenders = tuple(
        replace(c, optimizer="random#4567cdef") if c.optimizer == "random" else c for c in request.design.contenders
    )
    design = replace(request.design, contenders=contenders).to_json()
    place.write_text(json.dumps({"format": 4, "asked": "9999-01-01T00:00:00+00:00", "design": design}))
    stored = read_campaign(done)
    assert {run.label for run in stored.runs} == {"magma", "deap-stdga"}
    assert sorted(stored.unasked) == sorted(path.stem for path in records_of(done) if "-random-" in path.stem)
    assert (len(stored.runs), len(stored.planned)) == (8, 12)


def test_seeds_and_optimizers_that_are_asked_for_later_are_added(done, small_campaign):
    campaign = load_campaign(str(small_campaign))
    for change in ({"seeds": (7,)}, {"contenders": campaign.contenders[:1], "seeds": (0, 8)}):
        plan = plan_campaign(replace(campaign, base=campaign, **change), done)
        run_plan(plan, Serial(), lambda *_: None)
    stored = read_campaign(done)
    assert len(stored.runs) == len(stored.planned) == 12 + 6 + 2
    assert [run.id for run in stored.runs][:12] == ids(campaign.design())
    assert not stored.unasked


LABELLED = """
problems = ["mix/S1/bw1/g8/i0"]
optimizers = [{{ name = "random", label = "{}" }}, {{ name = "magma", label = "{}" }}]
seeds = 2
budget = 30
"""


def test_other_labels_make_another_campaign_and_runs_move_under_them_as_files(tmp_path):
    path = tmp_path / "labelled.toml"
    for labels in (("draws", "search"), ("my draws", "search"), ("search", "my draws")):
        folder = tmp_path / "-".join(labels)
        path.write_text(LABELLED.format(*labels))
        plan_campaign(load_campaign(str(path)), folder)
        for former in tmp_path.glob("*/records/*.json"):
            store(folder, former.stem, former.read_bytes())
        plan, _ = do(path, folder)
        stored = read_campaign(folder)
        assert {(run.spec.optimizer, run.label) for run in stored.runs} == set(
            zip(("random", "magma"), labels, strict=True)
        )
        assert len(stored.runs) == len(stored.planned) == 4
        assert not stored.unasked
    assert not list(plan.missing())
    with pytest.raises(StorageError, match="holds another campaign"):
        do(path, tmp_path / "draws-search")


@pytest.mark.parametrize("text", ["\x1b[31m", "a\ud800b", "x" * 10**6, "[/red]", ""])
def test_texts_of_campaign_files_are_made_printable(done, text):
    (request,) = (done / "requests").glob("*.json")
    content = json.loads(request.read_text())
    for contender in content["design"]["contenders"]:
        contender["label"] = text + contender["label"]
    request.write_text(json.dumps(content))
    changed(done / "campaign.json", name=text)
    stored = read_campaign(done)
    shown = [stored.name, *(run.label for run in stored.runs), *(run.label for run in stored.planned)]
    assert all(text.isprintable() and len(text) <= 1_000 for text in shown)


def test_a_folder_that_is_a_link_is_not_written_through(done, small_campaign, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("records", "requests"):
        shutil.move(done / name, tmp_path / name)
        (done / name).symlink_to(elsewhere)
        with pytest.raises(StorageError, match="expected a folder or nothing, got a link"):
            do(small_campaign, done)
        (done / name).unlink()
        shutil.move(tmp_path / name, done / name)
    assert not list(elsewhere.iterdir())


def test_a_record_that_is_a_link_is_replaced_and_not_written_through(done, small_campaign, tmp_path):
    path = records_of(done)[0]
    (tmp_path / "precious").write_text("precious")
    path.unlink()
    path.symlink_to(tmp_path / "precious")
    do(small_campaign, done)
    assert (tmp_path / "precious").read_text() == "precious"
    assert not path.is_symlink()
    assert read_record(path).status == "complete"


# --- two objectives -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def two(run_campaign, tmp_path_factory):
    """The record of one run with two objectives."""
    text = f'problems = ["{TWO}"]\noptimizers = ["random"]\nseeds = 1\nbudget = 300\nfull_trace = true\n'
    (path,) = records_of(run_campaign(text, tmp_path_factory.mktemp("front"), "two"))
    return path


def test_a_run_with_two_objectives_stores_its_front(two):
    p, run = problems.get(TWO), read_record(two)
    assert run.status == "complete"
    assert len(run.front_values) > 2
    assert p.evaluate(run.front_cores, run.front_priorities).tolist() == run.front_values.tolist()
    assert run.best_value == run.trace_values[-1] == pytest.approx(1.0 - p.hypervolume(run.front_values), abs=1e-12)
    assert run.cores.tolist() == run.front_cores[0].tolist()
    with np.load(two.with_suffix(".npz")) as trace:
        assert trace["values"].shape == (300, 2)
        assert p.hypervolume(trace["values"]) == pytest.approx(1.0 - run.best_value, abs=1e-12)


def test_the_stored_shortfall_is_that_of_an_independent_implementation(two):
    p, run = problems.get(TWO), read_record(two)
    ideal, reference = p.ideal_point(), p.reference_point()
    inside = run.front_values[(run.front_values < reference).all(axis=1)]
    volume = HypervolumeIndicator(reference).compute(inside) / np.prod(reference - ideal)
    assert run.best_value == pytest.approx(1.0 - volume, abs=1e-12)


# --- designs ------------------------------------------------------------------------------------------------------


def test_a_design_reads_back_from_json_and_nothing_else_does():
    assert Design.from_json(json.loads(json.dumps(DESIGN.to_json()))) == DESIGN
    for change in ({"seeds": "ab"}, {"seeds": [True]}, {"budget": 1.5}, {"contenders": [{}]}, {"full_trace": "all"}):
        with pytest.raises(InvalidInput, match="design of a campaign"):
            Design.from_json(DESIGN.to_json() | change)
    for key in ("problems", "contenders", "seeds", "budget"):
        with pytest.raises(InvalidInput, match=key):
            Design.from_json({k: v for k, v in DESIGN.to_json().items() if k != key})
