"""The archives that ship: whole, of their campaign, and reproducible."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

import bench
import problems
import reports
from bench.campaigns import again
from bench.campaigns.again import carried_out_again, drawn
from bench.campaigns.reading import load_campaign
from bench.campaigns.reference import place_of, reference, shipped
from problems.foundation.errors import MissingExtra, StorageError, UnknownName
from problems.foundation.registry import Entry
from reports.storage.archive import create, faults_of, sizes_of
from reports.storage.results import field_of, results_in

MOST_BYTES = 15_000_000
DRAWN = 6


@pytest.mark.parametrize("name", shipped())
def test_an_archive_is_whole_and_of_its_campaign(name):
    archive = reference(name)
    assert list(faults_of(archive)) == []
    assert archive.definition.suite_version == problems.SUITE_VERSION
    campaign = load_campaign(name)
    for run in archive.runs():
        assert run.spec.problem in campaign.problems
        assert run.spec.budget == campaign.budget
        assert run.spec.seed in campaign.seeds


def test_core_ships_and_the_archives_are_small():
    assert "core" in shipped()
    assert sum(sum(sizes_of(reference(name)).values()) for name in shipped()) < MOST_BYTES
    whole, _ = field_of(reference("core").runs(), load_campaign("core").problems)
    assert {"magma", "random", "native-ga", "native-sa"} <= set(whole)


def test_runs_drawn_at_random_end_in_the_same_results():
    seed = random.SystemRandom().randrange(10**6)
    found = list(carried_out_again(drawn(reference("core"), DRAWN, seed).runs))
    assert len(found) == DRAWN
    faults = [(each.run.id, each.difference) for each in found if each.is_fault]
    assert not faults, f"seed {seed}"


def test_another_result_is_a_fault_unless_libraries_differ(monkeypatch):
    archive = reference("core")
    run = next(run for run in archive.runs() if run.label == "magma")
    told = replace(run, best_value=0.5 * run.best_value)
    monkeypatch.setattr(type(archive), "runs", lambda self: iter([told]))
    (found,) = carried_out_again(drawn(archive, 1, 0).runs)
    assert found.is_fault
    assert found.difference.startswith("best value")
    old = dict(run.environment) | {"versions": dict(run.environment["versions"]) | {"numpy": "1.0"}}
    monkeypatch.setattr(type(archive), "runs", lambda self: iter([replace(told, environment=old)]))
    (found,) = carried_out_again(drawn(archive, 1, 0).runs)
    assert not found.is_fault
    assert "numpy 1.0 (here" in found.excuse


@pytest.mark.parametrize(
    ("optimizer", "is_fault"),
    [("deap-cmaes", False), ("scipy-dual-annealing", False), ("scipy-de-100", True), ("magma", True)],
)
def test_other_kernels_are_an_excuse_for_methods_that_need_them(optimizer, is_fault):
    (run, *_) = (run for run in reference("core").runs() if run.label == optimizer)
    here = dict(run.environment) | {"linear_algebra": ["here"]}
    there = dict(run.environment) | {"linear_algebra": ["there"]}
    excuse = again._excuse(replace(run, environment=here), replace(run, environment=there))
    assert again.Again(run, "best value", excuse).is_fault == is_fault


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("optimizer", "is_fault"),
    [("pymoo-ga", False), ("nevergrad-tbpsa", False), ("deap-cmaes", False), ("pymoo-brkga", True), ("magma", True)],
)
def test_other_vector_instructions_are_an_excuse_for_methods_that_depend_on_them(optimizer, is_fault, known):
    (run, *_) = (run for run in reference("core").runs() if run.label == optimizer)
    here = dict(run.environment) | {"vector_instructions": ["here"]}
    there = dict(run.environment) | {"vector_instructions": ["there"] if known else None}
    excuse = again._excuse(replace(run, environment=there), replace(run, environment=here))
    assert again.Again(run, "best value", excuse).is_fault == is_fault
    assert not again._excuse(replace(run, environment=here), replace(run, environment=here))


def test_long_runs_are_not_drawn(monkeypatch):
    monkeypatch.setattr(again, "LONGEST", 0.0)
    assert not drawn(reference("core"), 3, 0).runs


def test_runs_of_what_is_not_installed_are_not_drawn(monkeypatch):
    missing = {"alns", "pymoo-ga"}
    load = Entry.load

    def load_unless_missing(self):
        if self.name in missing:
            raise MissingExtra(f"{self.name} needs more")
        return load(self)

    monkeypatch.setattr(Entry, "load", load_unless_missing)
    found = drawn(reference("core"), 10**5, 0)
    assert set(found.not_installed) == missing
    assert not {run.spec.optimizer for run in found.runs} & missing
    assert len(found.runs) > 7000


def test_what_fails_is_a_fault_whatever_the_processor():
    (run, *_) = (run for run in reference("core").runs() if run.label == "pymoo-ga")
    here, there = (dict(run.environment) | {"vector_instructions": own, "linear_algebra": [own]} for own in "ab")
    old, new = replace(run, environment=there), replace(run, environment=here)
    assert again._excuse(old, new)
    assert not again._excuse(old, replace(new, status="failed"))


def test_python_reads_the_results_that_ship_by_their_name():
    folder = bench.reference_results("core")
    alone = reports.read_results(folder, only=["optimizer=magma", "problem=*/S2/*"])
    assert {run.label for run in alone.runs} == {"magma"}
    shown = reports.read_results(bench.reference_results("dev"), only=["optimizer=random"])
    assert {run.label for run in shown.runs} == {"random"}
    with pytest.raises(UnknownName, match="core"):
        bench.reference_results("cor")


def test_an_unknown_archive_is_one_clear_error(tmp_path):
    with pytest.raises(UnknownName, match="core"):
        reference("cor")
    with pytest.raises(StorageError, match=r"no archive in .*: expected a folder with archive.json"):
        reference(str(tmp_path))


def test_a_folder_of_that_name_goes_first_everywhere(finished_campaign, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shipped_core = reference("core").folder
    (tmp_path / "core").mkdir()
    assert reference("core").folder == shipped_core  # that is none
    create(tmp_path / "core", [results_in([finished_campaign])], "mine")
    assert reference("core").folder.resolve() == place_of(Path("core")).resolve() == tmp_path / "core"
