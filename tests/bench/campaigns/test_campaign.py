import re

import pytest

import optimizers
from bench.campaigns.campaign import Campaign, Contender, with_overrides
from bench.campaigns.plan import plan_campaign
from bench.campaigns.reading import campaign_names, load_campaign, read_campaign_file
from optimizers import FullTrace
from problems.foundation.errors import InvalidInput, M3EError, MissingExtra, UnknownName
from reports.paper import PAPER
from reports.storage.campaign_folder import read_campaign
from reports.storage.design import Absent


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


GOOD = """problems = ["mix/S{1,2}/bw1/g8/i{0..2}"]
optimizers = ["magma", {name = "magma", label = "small", parameters = {population_size = 10}}]
seeds = [3, 5]
budget = 100
"""


def test_braces_expand_and_runs_are_the_product(tmp_path):
    campaign = read_campaign_file(write(tmp_path, GOOD))
    assert campaign.name == "mine"
    assert campaign.problems[:3] == ("mix/S1/bw1/g8/i0", "mix/S1/bw1/g8/i1", "mix/S1/bw1/g8/i2")
    runs = list(campaign.design().runs())
    assert len(runs) == 6 * 2 * 2 == len({spec.id for spec, _ in runs})
    spec, label = runs[1]
    assert (spec.optimizer, label, spec.seed) == ("magma", "small", 3)
    assert spec.parameters == {**optimizers.resolve_parameters("magma", {}), "population_size": 10}


def test_equal_runs_have_equal_ids_whatever_they_are_called(tmp_path):
    text = GOOD.replace('"magma", {', "{")
    one = list(read_campaign_file(write(tmp_path, text)).design().runs())
    two = list(
        read_campaign_file(write(tmp_path, text.replace("small", "other").replace("bw1", "bw1.0"))).design().runs()
    )
    assert [spec.id for spec, _ in one] == [spec.id for spec, _ in two]
    changed = list(read_campaign_file(write(tmp_path, text.replace("budget = 100", "budget = 101"))).design().runs())
    assert not {spec.id for spec, _ in one} & {spec.id for spec, _ in changed}


def test_one_optimizer_under_two_labels_is_refused(tmp_path):
    path = write(tmp_path, GOOD.replace("population_size = 10", "population_size = 100"))
    with pytest.raises(InvalidInput, match=r"line 2: optimizers\[1\]: .* once, got 'small', which is 'magma' again"):
        read_campaign_file(path)


def test_shipped_campaigns_load():
    assert "quick" in campaign_names()
    for name in campaign_names():
        assert len(load_campaign(name).design())


@pytest.mark.parametrize("name", [f.name for f in PAPER if f.campaign])
def test_the_paper_s_figures_have_campaigns_with_a_quick_form(name):
    (figure,) = (figure for figure in PAPER if figure.name == name)
    quick, full = (load_campaign(figure.campaign, quick=q) for q in (True, False))
    assert len(quick.design()) * quick.budget < len(full.design()) * full.budget / 5


def test_quick_covers_what_it_promises():
    quick = load_campaign("quick")
    assert {p.split("/")[0] for p in quick.problems} == {"vision", "language", "recommendation", "mix"}
    assert {p.split("/")[1] for p in quick.problems} == {"S2", "S3"}
    families = [optimizers.OPTIMIZERS.get(c.name).family for c in quick.contenders]
    assert {"magma", "random"} <= {c.name for c in quick.contenders}
    assert all(families.count(f) >= 2 for f in ("nevergrad", "optuna", "deap"))
    assert len(quick.seeds) >= 3


QUICK = """
[quick]
problems = ["mix/S1/bw1/g4/i0"]
budget = 10
"""


def test_a_quick_form_takes_the_place_of_some_values(tmp_path):
    path = write(tmp_path, GOOD + QUICK)
    assert read_campaign_file(path).budget == 100
    quick = read_campaign_file(path, quick=True)
    assert (quick.name, quick.problems, quick.budget) == ("mine-quick", ("mix/S1/bw1/g4/i0",), 10)
    assert quick.seeds == (3, 5)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GOOD, "quick: expected a table"),
        (GOOD + QUICK.replace("budget = 10", "budget = 0"), "line 8: budget: expected an integer from 1"),
        (GOOD + QUICK.replace("budget", "budgets"), "line 8:.*did you mean budget"),
        (GOOD + "[quick]\nquick = 1\n", "line 6.*'quick'"),
    ],
)
def test_errors_of_a_quick_form_name_its_lines(tmp_path, text, complaint):
    with pytest.raises(M3EError, match=complaint):
        read_campaign_file(write(tmp_path, text), quick=True)


@pytest.fixture
def without_libraries(monkeypatch):
    """As if no optional library were installed."""
    monkeypatch.setattr("problems.foundation.registry.missing_libraries", lambda requirement: [requirement])


OPTIONAL = GOOD.replace('["magma", ', '["magma", { name = "sb3-a2c", label = "A2C", optional = true }, ')


@pytest.mark.usefixtures("without_libraries")
def test_an_optional_optimizer_without_its_library_is_left_out_and_told(tmp_path):
    campaign = read_campaign_file(write(tmp_path, OPTIONAL))
    assert {label for _, label in campaign.design().runs()} == {"magma", "small"}
    assert campaign.absent() == {"A2C": Absent("sb3-a2c", "m3e[rl]")}
    plan_campaign(campaign, tmp_path / "runs")
    assert read_campaign(tmp_path / "runs").absent == campaign.absent()


@pytest.mark.usefixtures("without_libraries")
def test_a_campaign_of_nothing_but_missing_optimizers_is_refused(tmp_path):
    text = OPTIONAL.replace('"magma", {', "{", 1)
    text = text[: text.index(", {name")] + "]\nseeds = 1\nbudget = 5\n"
    with pytest.raises(MissingExtra, match=r"none of .* is installed: pip install 'gymnasium>=1\.0' 'sb3-contrib"):
        read_campaign_file(write(tmp_path, text)).design()


def test_overrides_change_budget_and_seeds():
    quick = load_campaign("quick")
    campaign = with_overrides(quick, budget=7, seeds=5)
    assert (campaign.budget, campaign.seeds) == (7, (0, 1, 2, 3, 4))
    assert campaign.name == "quick-b7"  # other runs, another folder
    assert campaign.file().design.seeds == quick.seeds  # the campaign itself stays what it is
    assert with_overrides(quick).design() == quick.design()
    traced = with_overrides(quick, full_trace=FullTrace.VALUES)
    assert (traced.name, traced.full_trace) == ("quick-traces", FullTrace.VALUES)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("budget = 100", "budget = ", r"mine.toml: expected TOML, got line 4, column"),
        ("budget = 100", "budgets = 100", r"mine.toml, line 4.*'budgets'.*did you mean budget"),
        ("budget = 100", "", "budget: expected a number of evaluations, got no such key"),
        ("budget = 100", 'budget = "many"', r"line 4: budget: expected a number of evaluations, got 'many'"),
        ("budget = 100", "budget = true", r"line 4: budget"),
        ("budget = 100", "budget = 0", "line 4: budget: expected an integer from 1 to 1,000,000,000,000, got 0"),
        ("budget = 100", "budget = 100\nwall_limit_seconds = -1", "wall_limit_seconds.*above 0"),
        ("budget = 100", "budget = 100\nfull_trace = 1", "line 5: full_trace: expected true, false or"),
        ("[3, 5]", "[3, 3]", "seeds.*each once"),
        ("[3, 5]", "[]", "seeds.*at least one"),
        ("[3, 5]", "0", "seeds.*at least one"),
        ("[3, 5]", "[3, -5]", "seeds"),
        ("[3, 5]", '["a"]', "line 3: seeds.*expected integers, got a"),
        ("mix/S", "mxi/S", r"line 1: problems.*did you mean mix"),
        ("g8", "g0", r"line 1: problems.*at least 1 job"),
        ("{0..2}", "{0,0}", "problems.*each once"),
        ('["mix/S{1,2}/bw1/g8/i{0..2}"]', "[]", "problems.*at least one"),
        ('["mix/S{1,2}/bw1/g8/i{0..2}"]', "[7]", "line 1: problems"),
        ('"magma", {', '"magna", {', r"line 2: optimizers.*did you mean magma"),
        ("population_size", "popsize", r"line 2: optimizers.*popsize"),
        ('label = "small", ', "", "optimizers.*Give the second one a label"),
        ('"small"', "5", "line 2: optimizers\\[1\\].label: expected a printable text"),
        ('"small"', '""', "line 2: optimizers\\[1\\].label: expected a printable text"),
        ('"small"', '"\\u001b[31m"', "line 2: optimizers\\[1\\].label: expected a printable text"),
        ("budget = 100", "budget = 100\nwall_limit_seconds = inf", "line 5: wall_limit_seconds"),
        ("budget = 100", "budget = 100\nwall_limit_seconds = '5'", "line 5: wall_limit_seconds: expected seconds"),
        ("budget = 100", "budget = 100\ncpu_limit_seconds = true", "line 5: cpu_limit_seconds: expected seconds"),
        ("population_size = 10", "population_size = nan", "line 2: optimizers.*population_size"),
        ("population_size = 10", "population_size = 10.5", "line 2: optimizers.*population_size.*an integer"),
        ("population_size = 10", 'population_size = "a"', "line 2: optimizers.*population_size.*an integer"),
        ("population_size = 10", "population_size = -5", "line 2: optimizers.*population_size.*at least 2"),
        ("population_size = 10", "population_size = 2026-01-01", "line 2: optimizers.*JSON"),
        ("i{0..2}", "i{0..1000000}", "line 1: problems.*: expected at most 100,000 ids"),
        ("[3, 5]", "[4294967296]", "line 3: seeds: expected an integer from 0 to 4,294,967,295"),
        ("label =", "lable =", r"line 2.*'lable'.*did you mean label"),
        ("{population_size = 10}", "10", "line 2: optimizers\\[1\\].parameters: expected a table"),
        ('"magma", {', "3, {", "line 2: optimizers"),
        (
            "g8/i{0..2}",
            "g8/i0/corrected/latency+energy",
            r"line 2: optimizers\[0\]: expected .* takes 2 objectives, got magma",
        ),
        ("budget = 100", "budget = 100\nquick = 3", "line 5: quick: expected a table"),
        ("budget = 100", "budget = 100\n[quick]\nbudgt = 3", "line 6.*'budgt'.*did you mean budget"),
    ],
)
def test_errors_name_the_file_the_line_and_the_key(tmp_path, old, new, complaint):
    assert old in GOOD
    with pytest.raises(M3EError) as caught:
        read_campaign_file(write(tmp_path, GOOD.replace(old, new)))
    assert re.search(complaint, str(caught.value)), str(caught.value)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ("elite_fraction = 0.1\npopulation_size = -3", r"line 9: optimizers\[1\].parameters.population_size: .* -3"),
        ("elite_fraction = 0.1\npopsize = 3", r"line 9: optimizers\[1\].parameters.popsize: .*mean population_size"),
    ],
)
def test_a_parameter_on_a_line_of_its_own_is_blamed_there(tmp_path, parameters, complaint):
    text = 'problems = ["mix/S2/bw1/g8/i0"]\nseeds = 1\nbudget = 9\n[[optimizers]]\nname = "random"\n'
    text += f'[[optimizers]]\nname = "magma"\nparameters.{parameters}\n'.replace("\npop", "\nparameters.pop")
    with pytest.raises(InvalidInput) as caught:
        read_campaign_file(write(tmp_path, text))
    assert re.search(complaint, str(caught.value)), str(caught.value)


def test_a_missing_campaign_suggests_a_shipped_one(tmp_path):
    with pytest.raises(UnknownName, match=r"did you mean quick.*path of a TOML file"):
        load_campaign("quikc")
    with pytest.raises(UnknownName):
        load_campaign(str(tmp_path))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match=r"binary\.toml, line 1: expected UTF-8 text"):
        read_campaign_file(path)


def test_a_campaign_made_in_python_is_checked_alike():
    with pytest.raises(InvalidInput, match="budget"):
        Campaign("x", ("mix/S1/bw1/g5/i0",), (Contender("magma", "magma"),), (0,), budget=-1)


def test_an_optimizer_for_one_objective_is_refused_for_two_before_any_run(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(
        'problems = ["mix/S2/bw1/g5/i0", "language/S2/bw1/g5/i0/corrected/latency+energy"]\n'
        'optimizers = ["random", "magma"]\nseeds = 1\nbudget = 5\n'
    )
    with pytest.raises(InvalidInput, match=r"line 2: optimizers\[1\].*got magma.*optuna-nsga2"):
        read_campaign_file(path)


@pytest.mark.parametrize(
    ("seeds", "problem", "complaint"),
    [
        ("1000000000", "mix/S1/bw1/g8/i0", "seeds: expected at most 1,000,000"),
        ("1000000", "mix/S1/bw1/g8/i{0..99}", "expected at most 10,000,000 runs"),
        ("1", "mix/S1/bw1/g8/i{0..99999999999}", r"problems\[0\]: expected at most 100,000 ids"),
        ("1", "{a,b}" * 3_000, r"problems\[0\]: expected at most 100,000 ids"),
        ("1", "mix/S1/bw1/g8/i" + "{" * 3_000 + "0" + "}" * 3_000, "braces that are not nested too deeply"),
        ("9" * 10_000, "mix/S1/bw1/g8/i0", "expected TOML"),
        ("[" * 100_000, "mix/S1/bw1/g8/i0", "brackets nested too deeply"),
    ],
)
def test_what_is_too_much_is_one_error_at_once(tmp_path, seeds, problem, complaint):
    path = tmp_path / "much.toml"
    path.write_text(f'problems = ["{problem}"]\noptimizers = ["random"]\nseeds = {seeds}\nbudget = 10\n')
    with pytest.raises(InvalidInput, match=complaint) as raised:
        load_campaign(str(path))
    assert len(str(raised.value)) < 500


def test_more_seeds_than_a_campaign_can_have_are_refused_as_an_option_too():
    with pytest.raises(InvalidInput, match="seeds: expected at most 1,000,000"):
        with_overrides(load_campaign("quick"), seeds=10**9)


@pytest.mark.parametrize("name", ["...toml", "..toml", ". .toml"])
def test_a_campaign_file_whose_name_is_no_folders_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_text('problems = ["mix/S1/bw1/g8/i0"]\noptimizers = ["random"]\nseeds = 1\nbudget = 10\n')
    with pytest.raises(InvalidInput, match="a name that can be a folder's"):
        load_campaign(str(path))


@pytest.mark.parametrize("limit", ["0", "-1", "1e10", "inf", "nan"])
def test_a_wall_limit_that_is_none_is_refused(tmp_path, limit):
    path = tmp_path / "limited.toml"
    path.write_text(
        'problems = ["mix/S1/bw1/g8/i0"]\noptimizers = ["random"]\nseeds = 1\nbudget = 10\n'
        f"wall_limit_seconds = {limit}\n"
    )
    with pytest.raises(InvalidInput, match=r"line 5: wall_limit_seconds: expected a finite number of seconds above 0"):
        load_campaign(str(path))


def test_a_problem_that_lacks_energies_is_refused_with_its_line(tmp_path):
    path = tmp_path / "energy.toml"
    path.write_text('problems = ["mix/S2/bw1/g20/i2/edp"]\noptimizers = ["random"]\nseeds = 1\nbudget = 5\n')
    with pytest.raises(InvalidInput, match=r"line 1: problems\[0\]: .*the energy of every job"):
        load_campaign(str(path))
