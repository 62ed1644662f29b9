"""A race against an archive, through the command line."""

import re
import shutil

import pytest

from reports.storage.archive import create
from reports.storage.results import results_in

CAMPAIGN = """
problems = ["mix/S2/bw1/g20/i{0,1,2,3,4,5,6}"]
optimizers = ["random", "ai-mt-like", "magma"]
seeds = 2
budget = 40
"""

MINE = '''
from optimizers import AskTellOptimizer

class Half(AskTellOptimizer):
    """Random mappings on the first cores."""

    tuned_on = ("mix/S2/bw1/g20/i0",)

    def __init__(self, space, *, budget, seed, size: int = 4, name: str = "a"):
        super().__init__(space, budget=budget, seed=seed)
        self.size = size

    def ask(self):
        cores, priorities = self.space.sample(self.rng, self.size)
        return cores // 2, priorities

    def tell(self, cores, priorities, values):
        pass
'''


@pytest.fixture(scope="module")
def finished(run_campaign, tmp_path_factory):
    return run_campaign(CAMPAIGN, tmp_path_factory.mktemp("small"), "small")


@pytest.fixture
def archive(finished, tmp_path):
    """The name of an archive in the working folder, beside its campaign and an optimizer."""
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "small.toml").write_text(CAMPAIGN)
    shutil.copytree(finished, tmp_path / "runs" / "small")
    create(tmp_path / "small", [results_in([finished])], "small")
    return "small"


def test_a_race_ends_in_a_paragraph(m3e_here, archive, tmp_path):
    found = m3e_here("race", "mine:Half", "--on", "small.toml", "--archive", archive)
    assert found.returncode == 0
    text = " ".join(found.stdout.split())
    place = r"mine:Half on 7 problems \(40 evaluations, 2 seeds\): place \d of 3 by geometric mean over"
    assert re.search(place, text)
    assert "declares that it was tuned on 1 of the 7 problems" in text
    assert "ai-mt-like" not in text  # it sees the jobs
    assert "mine:Half by kind" not in text  # one kind only
    assert (tmp_path / "runs" / "race-small-mine_Half" / "report" / "report.html").exists()
    again = m3e_here("race", "mine:Half", "--on", "small.toml", "--archive", archive, "--no-report")
    assert "14 runs, 14 of them done" in again.stdout
    assert " ".join(again.stdout.split()).endswith(text[text.index("mine:Half on 7") : text.index(" report: ")])


def test_parameters_seeds_budget_and_rivals_are_chosen(m3e_here, archive):
    options = (
        "--set",
        "size=2",
        "--set",
        "name=b",
        "--seeds",
        "1",
        "--budget",
        "20",
        "--against",
        "magma, ai-mt-like",
        "--no-report",
    )
    found = m3e_here("race", "mine:Half", "--on", "small.toml", "--archive", archive, *options)
    assert found.returncode == 0
    text = " ".join(found.stdout.split())
    assert "mine:Half size=2 name=b on 7 problems (20 evaluations, 1 seed): place" in text
    assert "what ai-mt-like, magma had found after 20 evaluations" in text
    assert "place 1 of 3" in text or "place 2 of 3" in text or "place 3 of 3" in text


def test_a_class_under_development_races_again(m3e, archive, tmp_path):
    race = ("race", "mine:Half", "--on", "small.toml", "--archive", archive, "--no-report", "--seeds", "1")
    assert m3e(*race).returncode == 0
    (tmp_path / "mine.py").write_text(MINE.replace("size: int = 4", "size: int = 16"))
    again = m3e(*race)
    assert again.returncode == 0
    assert "7 runs, at most" in again.stdout  # all anew
    assert "This is a first look, no claim: its seeds are 1, and the others' 2." in " ".join(again.stdout.split())


def test_results_stand_beside_an_archive_in_a_report(m3e_here, archive, tmp_path):
    text = CAMPAIGN.replace('["random", "ai-mt-like", "magma"]', '["native-ga"]')
    (tmp_path / "own.toml").write_text(text)
    assert m3e_here("run", "own.toml", "--no-report", "--engine", "serial").returncode == 0
    found = m3e_here("report", "runs/own", "--against", archive)
    assert found.returncode == 0
    assert "native-ga on 7 problems" in " ".join(found.stdout.split())
    page = (tmp_path / "runs" / "own" / "report" / "report.html").read_text()
    assert "native-ga on 7 problems" in page
    same = m3e_here("compare", "runs/small", "small")
    assert same.returncode == 0
    assert "the same" in same.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nobody",), "nobody"),
        (("mine:Half", "--set", "size"), "--set: expected KEY=VALUE, got size"),
        (("mine:Half", "--set", "sizes=3"), "sizes"),
        (("mine:Half", "--against", "nobody"), "'nobody'"),
        (("mine:Half", "--against", ","), "--against: expected names of optimizers, got none"),
        (("magma", "--against", "magma"), "expected others than the one that races, got magma"),
        (("mine:Half", "--dev"), "--dev: expected no --on"),
        (("mine:Half", "--archive", "nowhere"), "archive 'nowhere'"),
        (("mine:Half", "--budget", "0"), "0 is not in the range"),
    ],
)
def test_what_does_not_fit_is_one_clear_error(m3e_here, archive, arguments, told):
    usual = () if "--archive" in arguments else ("--archive", archive)
    found = m3e_here("race", *arguments, "--on", "small.toml", *usual)
    assert found.returncode == 2
    assert told in found.stderr
    assert "Traceback" not in found.stderr


def test_an_archive_without_the_problems_says_so(m3e_here, archive, tmp_path):
    (tmp_path / "other.toml").write_text(CAMPAIGN.replace("g20", "g10"))
    found = m3e_here("race", "mine:Half", "--on", "other.toml", "--archive", archive)
    assert found.returncode == 2
    assert "expected results on all 7 problems of the campaign, got none" in found.stderr
