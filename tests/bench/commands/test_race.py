"""A race against an archive, through the command line."""

import re
import shutil
from collections import Counter

import pytest

import reports
from reports.storage.archive import create, open_archive
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
    assert "Left out of the archive: ai-mt-like (sees the job table, as no black box does)." in text
    assert "mine:Half by kind" not in text  # one kind only
    assert (tmp_path / "runs" / "race-small-mine_Half" / "report" / "report.html").exists()
    again = m3e_here("race", "mine:Half", "--on", "small.toml", "--archive", archive, "--no-report")
    assert "14 runs, 14 of them done" in again.stdout
    assert " ".join(again.stdout.split()).endswith(text[text.index("mine:Half on 7") : text.index(" report: ")])


def test_a_report_beside_an_archive_says_what_the_race_said(m3e_here, archive, tmp_path):
    one = m3e_here("race", "mine:Half", "--on", "small.toml", "--archive", archive, "--no-report").stdout
    said = " ".join(one.split())
    two = " ".join(m3e_here("report", "runs/race-small-mine_Half", "--against", archive).stdout.split())
    paragraph = said[said.index("mine:Half on 7") :]
    assert paragraph in two
    tables = reports.make_tables(reports.read_results(tmp_path / "runs/race-small-mine_Half", against=archive))
    assert reports.leading_sentence(tables) == paragraph


def test_failures_in_an_archive_count(m3e_here, archive, tmp_path):
    (tmp_path / "mine.py").write_text(MINE.replace("return cores // 2", "assert self.seed % 2; return cores // 2"))
    race = ("race", "mine:Half", "--on", "small.toml", "--archive", archive, "--seeds", "4", "--no-report")
    assert m3e_here(*race).returncode == 1
    own = tmp_path / "runs" / "race-small-mine_Half"
    statuses = Counter(run.status for run in results_in([own]).runs)
    assert statuses["failed"] > 0
    made = m3e_here("archive", "create", "mine", own, archive)
    assert made.returncode == 0
    assert "of 4 optimizers" in made.stdout
    assert Counter(run.status for run in open_archive(tmp_path / "mine").runs(["mine:Half"])) == statuses
    assert m3e_here("archive", "verify", "mine").returncode == 0
    told = [
        reports.make_tables(reports.read_results(places)).overall.set_index("optimizer").loc["mine:Half", "mean_rank"]
        for places in ([own, tmp_path / "runs" / "small"], [tmp_path / "mine"])
    ]
    assert told[0] == told[1]


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
        (("mine:Half", "--set", "size=3", "--set", "size=4"), "--set: expected each parameter once, got size twice"),
        (("mine.py:Half",), "expected package.module:Class, got mine.py"),
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


def test_without_an_archive_of_the_campaign_one_is_asked_for(m3e_here, archive):
    found = m3e_here("race", "mine:Half", "--on", "small.toml")
    assert found.returncode == 2
    told = "m3e: --archive: expected an archive to race against, got none. None ships with results of campaign 'small'"
    assert told in " ".join(found.stderr.split())
