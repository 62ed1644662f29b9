"""The doors to Optuna and OptunaHub."""

import runpy
from pathlib import Path

import numpy as np
import optuna
import pytest
import yaml

import problems
from problems.doors.encoding import ENCODINGS
from problems.doors.optuna import objective, params_of
from problems.foundation.errors import InvalidInput, M3EError, UnknownName

HUB = Path(__file__).parents[3] / "docs" / "examples" / "optunahub" / "package"
PACKAGE = HUB / "benchmarks" / "m3e"
ID = "mix/S2/bw1/g20/i0"


def hub_problem(*arguments, **options):
    pytest.importorskip("optunahub")
    from problems.doors.optunahub import problem

    return problem(*arguments, **options)


@pytest.fixture(params=[objective, hub_problem], ids=["optuna", "optunahub"])
def door(request):
    return request.param


@pytest.fixture
def package():
    optunahub = pytest.importorskip("optunahub")
    return optunahub.load_local_module("benchmarks/m3e", registry_root=str(HUB))


@pytest.fixture(autouse=True)
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(before)


@pytest.mark.parametrize(("encoding", "integers"), [("native", False), ("native", True), ("continuous", False)])
def test_a_trial_has_the_value_of_the_mapping(p, door, encoding, integers, points_and_values):
    f = door(p, encoding, integers=integers)
    distributions = objective(p, encoding, integers=integers).distributions
    points, expected = points_and_values(p, encoding, worst=np.inf)
    given = [params_of(point, distributions) for point in points]
    study = optuna.create_study(directions=["minimize"] * p.num_objectives)
    for params in given:
        study.enqueue_trial(params)
    study.optimize(f, n_trials=len(given))
    assert [trial.params for trial in study.trials] == given
    assert [trial.values for trial in study.trials] == expected.tolist()
    assert [np.ravel(f.evaluate(params)).tolist() for params in given] == expected.tolist()


def test_an_objective_takes_a_fixed_trial():
    p = problems.get(ID)
    params = {f"core_{job}": job % 4 for job in range(20)} | {f"priority_{job}": job / 20 for job in range(20)}
    cores, priorities = list(params.values())[:20], list(params.values())[20:]
    assert objective(p)(optuna.trial.FixedTrial(params)) == p.evaluate(cores, priorities)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("sampler", ["RandomSampler", "TPESampler", "NSGAIISampler"])
def test_a_study_completes_every_trial_though_mappings_cannot_run(p, door, encoding, sampler):
    f = door(p, encoding)
    study = optuna.create_study(directions=["minimize"] * p.num_objectives, sampler=getattr(optuna.samplers, sampler)())
    study.optimize(f, n_trials=25)
    assert {trial.state for trial in study.trials} == {optuna.trial.TrialState.COMPLETE}
    for trial in study.best_trials:
        assert trial.values == np.ravel(p.evaluate(*f.decode(trial.params))).tolist()


def test_cma_es_models_integers_and_the_unit_cube():
    p = problems.get(ID)
    for options in ({"integers": True}, {"encoding": "continuous"}):
        sampler = optuna.samplers.CmaEsSampler(seed=0, warn_independent_sampling=True)
        study = optuna.create_study(sampler=sampler)
        study.optimize(objective(p, **options), n_trials=30)
        assert study.best_value == p.evaluate(*objective(p, **options).decode(study.best_params))


def test_the_distributions_are_those_that_a_trial_gets():
    f = objective(problems.get(ID))
    study = optuna.create_study()
    study.optimize(f, n_trials=1)
    assert study.trials[0].distributions == f.distributions
    assert f.evaluate(study.ask(f.distributions).params) > 0.0


def test_what_is_no_problem_encoding_or_mapping_is_told(door):
    with pytest.raises(InvalidInput, match=r"problem: expected one with .*problems\.get"):
        door(ID)
    with pytest.raises(UnknownName, match="did you mean native"):
        door(problems.get(ID), "nativ")
    f = door(problems.get(ID))
    with pytest.raises(InvalidInput, match="params: expected a core and a priority for every job, got no core_0"):
        f.evaluate({})
    wrong = {f"{gene}_{job}": 0 for gene in ("core", "priority") for job in range(20)}
    with pytest.raises(InvalidInput, match=r"core of job 2: .* from 0 to 3, got 4"):
        f.evaluate(wrong | {"core_2": 4})
    with pytest.raises(InvalidInput, match="point: expected numbers, got NaN"):
        f.evaluate(wrong | {"priority_2": np.nan})


def test_the_package_is_a_benchmark_of_any_instance(package):
    for problem_id in (ID, f"{ID}/latency+energy"):
        f, p = package.Problem(problem_id), problems.get(problem_id)
        study = optuna.create_study(directions=f.directions, sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(f, n_trials=20)
        for trial in study.trials:
            assert trial.values == np.ravel(p.evaluate(*f.decode(trial.params))).tolist()
            assert trial.values[0] >= f.lower_bound()
    assert set(package.Problem(ID, "continuous").search_space) == set(f.search_space)
    with pytest.raises(M3EError):
        package.Problem("mix/S77")


def test_the_package_is_laid_out_as_the_registry_wants_it():
    assert {path.name for path in PACKAGE.iterdir()} >= {"README.md", "LICENSE", "__init__.py", "example.py"}
    assert "MIT License" in (PACKAGE / "LICENSE").read_text()
    _, front, body = (PACKAGE / "README.md").read_text().split("---\n", 2)
    told = yaml.safe_load(front)
    assert list(told) == ["author", "title", "description", "tags", "optuna_versions", "license"]
    assert "benchmark" in told["tags"]
    assert all(isinstance(text, str) for text in (*told["tags"], *told["optuna_versions"], told["license"]))
    assert "## Abstract" in body
    assert "## APIs" in body
    code = (PACKAGE / "example.py").read_text().replace("from __future__ import annotations\n\n", "")
    assert code in body


def test_the_example_of_the_package_runs(package, monkeypatch, capsys):
    import optunahub

    monkeypatch.setattr(optunahub, "load_module", lambda name: package)
    runpy.run_path(str(PACKAGE / "example.py"))
    assert float(capsys.readouterr().out) >= 1.0
