"""Searches that start from a former group's mappings, in campaigns and on the command line."""

import pytest

import optimizers
import problems
from bench.campaigns.reading import read_campaign_file
from problems.foundation.errors import InvalidInput
from problems.transfer import transfer
from reports.storage.mapping_file import read_mapping
from reports.storage.record import read_record

CAMPAIGN = """
problems = ["mix/S2/bw4/g20/i{1,2}"]
optimizers = ["magma", { name = "magma", label = "warm", parameters = { warm_start = { instance = 0, budget = 300 } } }]
seeds = 1
budget = 250
"""


@pytest.fixture
def campaign(tmp_path):
    path = tmp_path / "warm.toml"
    path.write_text(CAMPAIGN)
    return path


def test_runs_name_the_former_problem_and_hold_what_a_search_on_it_gives(m3e_here, campaign, tmp_path):
    specs = {(spec.problem, label): spec for spec, label in read_campaign_file(campaign).design().runs()}
    wanted = {"problem": "mix/S2/bw4/g20/i0", "budget": 300}
    assert specs["mix/S2/bw4/g20/i2", "warm"].parameters["warm_start"] == wanted
    assert specs["mix/S2/bw4/g20/i2", "magma"].parameters["warm_start"] is None
    done = m3e_here("run", campaign, "--workers", 1)
    assert done.returncode == 0, done.stderr
    former, new = problems.get("mix/S2/bw4/g20/i0"), problems.get("mix/S2/bw4/g20/i2")
    found = optimizers.minimize(former, "magma", budget=300, seed=0)
    cores, priorities = transfer(found.front_cores, found.front_priorities, former, new)
    start = [{"cores": cores[0].tolist(), "priorities": priorities[0].tolist()}]
    expected = optimizers.minimize(new, "magma", budget=250, seed=0, warm_start=start)
    run = read_record(tmp_path / "runs" / "warm" / "records" / f"{specs['mix/S2/bw4/g20/i2', 'warm'].id}.json")
    assert (run.best_value, run.num_evaluations) == (expected.best_value, 250)


def test_the_former_search_obeys_the_wall_limit_too(m3e_here, campaign, tmp_path):
    text = CAMPAIGN.replace("budget = 300", "budget = 1_000_000_000").replace("i{1,2}", "i1")
    campaign.write_text(text + "wall_limit_seconds = 1\n")
    assert m3e_here("run", campaign, "--workers", 1).returncode == 0
    assert len(list((tmp_path / "runs" / "warm").glob("records/*.json"))) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "{ instance = 0, budget = 300 }",
            "{ instance = -1, budget = 3 }",
            "warm_start: instance: expected an integer",
        ),
        ("{ instance = 0, budget = 300 }", "{ instance = 0 }", "warm_start: budget: expected an integer from 1 to"),
        ("{ instance = 0, budget = 300 }", "{ instanc = 0 }", "did you mean instance"),
        ("{ instance = 0, budget = 300 }", "7", "expected a table with instance and budget, got 7"),
        (
            'name = "magma", label',
            'name = "random", label',
            "expected an optimizer that can start from mappings, got random. Its proposals do not",
        ),
    ],
)
def test_impossible_warm_starts_are_told_with_their_place(m3e_here, campaign, old, new, message):
    campaign.write_text(CAMPAIGN.replace(old, new))
    done = m3e_here("run", campaign)
    assert done.returncode == 2
    assert message in done.stderr
    assert "warm.toml, line" in done.stderr


def test_an_instance_cannot_be_its_own_former_group(campaign):
    campaign.write_text(CAMPAIGN.replace("instance = 0", "instance = 2"))
    with pytest.raises(InvalidInput, match=r"optimizers\[1\]: expected a warm_start from another instance of mix/S2"):
        read_campaign_file(campaign)


def test_map_starts_from_a_mapping_file_of_another_group(m3e_here, tmp_path):
    magma = ("--optimizer", "magma")
    first = ("map", "language/S2/bw4/g40/i0", "--budget", 2000, "--out", "first", *magma)
    assert m3e_here(*first).returncode == 0
    second = ("map", "language/S2/bw4/g50/i1", "--budget", 100)
    cold, warm = (
        m3e_here(*second, "--out", name, *magma, *options)
        for name, options in (("cold", ()), ("warm", ("--warm-start", "first/mapping.json")))
    )
    assert cold.returncode == warm.returncode == 0, warm.stderr
    values = [read_mapping(tmp_path / name).values[0, 0] for name in ("cold", "warm")]
    assert values[1] < values[0]
    others = m3e_here(*second, "--optimizer", "random", "--warm-start", "first/mapping.json", "--out", "other")
    assert others.returncode == 2
    assert "--warm-start: expected an optimizer that can start from mappings, got random" in others.stderr
    cores = m3e_here("map", "mix/S4/bw4/g60/i1", "--warm-start", "first/mapping.json", "--out", "other")
    assert "expected mappings to 8 cores, got to 4" in cores.stderr
