"""The picture of the paper's claims shows what the figures and the archives hold, and the archives are whole."""

import itertools
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from bench.campaigns.reading import load_campaign
from bench.campaigns.reference import reference
from optimizers.catalogue import entry_of, names, resolve_parameters
from reports.storage.archive import faults_of, open_archive

ROOT = Path(__file__).resolve().parents[1]


def test_the_claims_are_those_of_the_figures_and_of_the_archive():
    script = runpy.run_path(str(ROOT / "tests" / "trials" / "claims.py"))
    found = script["measured"]()
    told = pd.read_csv(ROOT / "docs" / "reproduction" / "claims.csv")
    pd.testing.assert_frame_equal(found, told, rtol=1e-5)
    assert set(told["against"]) == set(script["GROUPS"])


def test_the_agents_were_run_on_the_problems_of_the_figures_that_mix_tasks():
    campaign = tomllib.loads((ROOT / "docs" / "reproduction" / "agents.toml").read_text())
    figures = [problem_id for name in ("fig08", "fig09") for problem_id in load_campaign(name).problems]
    assert set(campaign["problems"]) == {problem_id for problem_id in figures if problem_id.startswith("mix/")}
    archive = open_archive(ROOT / "docs" / "reproduction" / "agents-runs")
    assert not list(faults_of(archive))
    labels = {entry["label"] for entry in campaign["optimizers"]}
    assert {(run.label, run.spec.problem) for run in archive.runs()} == {
        (label, problem_id) for label in labels for problem_id in campaign["problems"]
    }
    assert {run.spec.budget for run in archive.runs()} == {campaign["budget"]}


@pytest.mark.parametrize("name", ["slow", "gp"])
def test_what_is_too_slow_for_core_was_run_on_its_smallest_problems(name):
    campaign = tomllib.loads((ROOT / "docs" / "reproduction" / f"{name}.toml").read_text())  # libraries may be missing
    assert set(campaign["problems"]) == {each for each in load_campaign("core").problems if "/g20/" in each}
    archive = open_archive(ROOT / "docs" / "reproduction" / f"{name}-runs")
    assert not list(faults_of(archive))
    held = [(run.label, run.spec.problem, run.spec.seed, run.spec.budget) for run in archive.runs()]
    labels = [each if isinstance(each, str) else each["name"] for each in campaign["optimizers"]]
    asked = (labels, campaign["problems"], range(campaign["seeds"]), [campaign["budget"]])
    assert sorted(held) == sorted(itertools.product(*asked))


@pytest.mark.parametrize("name", ["fig08", "fig09"])
def test_the_runs_of_a_figure_are_those_that_its_campaign_asks_for(name):
    archive = open_archive(ROOT / "docs" / "reproduction" / f"{name}-runs")
    assert not list(faults_of(archive))
    held = {run.spec.id: run.status for run in archive.runs()}
    campaign = load_campaign(name)
    agents = {contender.label for contender in campaign.contenders if contender.name.startswith("sb3-")}
    assert held == {spec.id: "complete" for spec, label in campaign.design().runs() if label not in agents}


def test_every_optimizer_has_results_that_ship():
    own = ROOT / "docs" / "reproduction"
    archives = [reference("core"), *(open_archive(own / f"{name}-runs") for name in ("slow", "gp"))]
    assert {run.spec.optimizer for archive in archives for run in archive.runs()} == set(names())


def test_what_needs_no_library_is_the_same_on_every_processor():
    own = [name for name in names() if entry_of(name).family in ("native", "mapper") and name != "cp-sat"]
    command = [sys.executable, str(ROOT / "tests" / "trials" / "processors.py"), *own]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    assert [line.split("  ", 1)[0] for line in told.splitlines()] == ["certified bounds", "transfers", *own]
    assert {line.rsplit("  ", 1)[1] for line in told.splitlines()} == {"the same"}


def test_the_default_encoding_of_each_method_is_that_which_was_measured_to_suit_it():
    script = runpy.run_path(str(ROOT / "tests" / "trials" / "compare_encodings.py"))
    chosen = script["chosen"]()
    assert set(chosen) == {name for name in names() if script["offers_both"](name)} - {"optuna-gp"}
    for name, encoding in chosen.items():
        assert encoding in ("either", resolve_parameters(name, {})["encoding"]), name
    told = (ROOT / "tests" / "trials" / "README.md").read_text()
    for budget in (1_000, 10_000):
        assert "\n".join(script["table"](budget)) in told
