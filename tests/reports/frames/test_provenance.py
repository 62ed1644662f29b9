from __future__ import annotations

from dataclasses import replace

from reports.frames.provenance import origins, progress, warnings_of
from reports.storage.design import Absent


def test_optimizers_that_were_left_out_are_told(make_run, make_campaign):
    campaign = make_campaign([make_run()], absent={"A2C": Absent("sb3-a2c", "m3e[rl]")})
    assert warnings_of(campaign) == ["A2C has no results: it was left out because m3e[rl] was not installed."]


def test_a_clean_campaign_has_no_warning(tiny):
    assert warnings_of(tiny) == []


def test_progress_counts_every_kind_of_run(make_run, make_campaign, plan):
    runs = [make_run(seed=i, status=s) for i, s in enumerate(("complete", "cut", "failed", "missing"))]
    planned = plan(runs, "never-done", "broken")
    campaign = make_campaign(runs, planned=planned, unreadable={"broken": "no JSON"}, unasked=("other",))
    text = str(progress(campaign))
    assert text == "2 of 6 runs (1 complete, 1 cut, 1 failed, 2 missing, 1 unreadable, 1 unasked)"


def test_differing_library_versions_are_told(make_run, make_campaign):
    runs = [make_run(seed=0), make_run(seed=1, versions={"numpy": "2.0.0"})]
    (warning,) = warnings_of(make_campaign(runs))
    assert "numpy: 2.4.6 (1 run), 2.0.0 (1 run)" in warning


def test_differing_parameters_under_one_label_are_told(make_run, make_campaign):
    runs = [make_run("a", parameters={"x": 1, "y": 0}), make_run("a", 1, parameters={"x": 2, "y": 0})]
    (warning,) = warnings_of(make_campaign(runs))
    assert "a [1]: x = 1; a [2]: x = 2" in warning


def test_differing_settings_on_one_problem_are_told(make_run, make_campaign):
    runs = [make_run(seed=0, settings={"size": 3}), make_run(seed=1, settings={"size": 4})]
    (warning,) = warnings_of(make_campaign(runs))
    assert "'magma' chose different settings" in warning


def test_other_suite_versions_are_told(make_run, make_campaign):
    text = " ".join(warnings_of(make_campaign([make_run(), make_run(suite_version=99)])))
    assert "different versions of the suite" in text
    assert "Lower bounds and throughputs are left out" in text


def test_several_budgets_on_one_problem_are_told(make_run, make_campaign):
    (warning,) = warnings_of(make_campaign([make_run(), make_run(budget=1000)]))
    assert "several budgets" in warning


def test_numbers_of_an_optimizers_own_evaluations_are_no_choice_of_settings(make_run, make_campaign):
    runs = [make_run(seed=s, settings={"evaluates_itself": True, "internal_evaluations": s}) for s in range(2)]
    assert warnings_of(make_campaign(runs)) == []


def test_the_origin_of_an_optimizer_names_parameters_settings_and_versions(make_run, make_campaign):
    runs = [make_run(seed=s, parameters={"x": 1}, settings={"size": 3}) for s in range(2)]
    (origin,) = origins(make_campaign(runs))
    assert origin.parameters == {"x": 1}
    assert origin.settings == (('{"size": 3}', 2),)
    assert origin.versions == {"python": "3.11.7", "numpy": "2.4.6"}


def test_what_libraries_chose_by_the_processor_is_told_where_it_is_known_and_differs(make_run, make_campaign):
    def made_with(seed, **chosen):
        run = make_run(seed=seed)
        return replace(run, environment=run.environment | chosen)

    runs = [made_with(0, linear_algebra=["a"]), made_with(1, linear_algebra=["b"])]
    (warning,) = warnings_of(make_campaign(runs))
    assert "kernels of linear algebra" in warning
    runs = [made_with(seed, vector_instructions=own) for seed, own in enumerate((["X"], [], None))]
    (warning,) = warnings_of(make_campaign(runs))
    assert warning.endswith(': "X" (1 run), "" (1 run).')
    assert warnings_of(make_campaign([runs[0], runs[2]])) == []


def test_an_environment_of_another_form_breaks_nothing(make_run, make_campaign):
    run = replace(make_run(), environment={"versions": None, "settings": "?"})
    assert origins(make_campaign([run]))[0].versions == {}


def blind(run, first_population=100, **changes):
    """The run with another first population."""
    return replace(run, environment=run.environment | {"first_population": first_population}, **changes)


def test_runs_whose_budget_ends_inside_the_first_population_are_told(make_run, make_campaign):
    runs = [make_run(label, seed, budget=50) for label in ("nevergrad-cma", "magma", "random") for seed in range(2)]
    sizes = {"nevergrad-cma": 50, "magma": 100, "random": None}
    (warning,) = warnings_of(make_campaign([blind(run, sizes[run.label]) for run in runs]))
    assert warning == (
        "No search began in 4 runs of nevergrad-cma, magma: their budget of 50 ends inside the first population."
    )


def test_runs_of_several_budgets_and_those_that_were_cut_are_told_apart(make_run, make_campaign):
    runs = [make_run("magma", budget=50), make_run("magma", budget=20), make_run("magma", budget=500)]
    cut = make_run("deap-de", budget=500, status="cut")
    told = warnings_of(make_campaign([*map(blind, runs), blind(cut, num_evaluations=7)]))
    assert told[1:] == [
        "No search began in 2 runs of magma: their budgets of 20 and 50 end inside the first population.",
        "No search began in 1 run of deap-de: its limit ends inside the first population.",
    ]


def test_runs_that_failed_or_finished_or_do_not_say_are_not_meant(make_run, make_campaign):
    runs = [blind(make_run(seed=0, status="failed")), blind(make_run(seed=1), num_evaluations=1)]
    odd = (99, None, "100", True, 1e9, [100])
    runs += [blind(make_run(seed=seed), what) for seed, what in enumerate(odd, start=2)]
    assert warnings_of(make_campaign([*runs, make_run(seed=9)])) == []
