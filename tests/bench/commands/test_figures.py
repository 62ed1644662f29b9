import pandas as pd
import pytest
from click.testing import CliRunner

from bench.commands.group import group as cli
from problems.foundation.errors import InvalidInput, UnknownName
from reports.figures import FIGURES
from reports.paper import PAPER, PaperFigure
from reports.paper.writing import chosen

QUICK = '\n[quick]\nproblems = ["mix/S2/bw1/g4/i0"]\nseeds = 1\nbudget = 20\n'
TIME, THROUGHPUT = (next(d for d in FIGURES if d.name == name) for name in ("time", "throughput"))


@pytest.fixture
def own(small_campaign, monkeypatch, tmp_path):
    """A figure of a small campaign, in place of the paper's."""
    small_campaign.write_text(small_campaign.read_text() + QUICK)
    monkeypatch.setattr("reports.paper.PAPER", (PaperFigure(TIME, str(small_campaign)),))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


def call(*arguments):
    return CliRunner().invoke(cli, ["figures", *arguments, "--workers", "1"], catch_exceptions=False)


def test_a_figure_runs_its_campaign_and_writes_picture_and_numbers(own):
    result = call("time", "--quick")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (own / "figures").iterdir()) == [
        f"time-quick.{s}" for s in ("csv", "pdf", "png", "txt")
    ]
    assert set(pd.read_csv(own / "figures" / "time-quick.csv")["optimizer"]) == {"magma", "random", "deap-stdga"}
    assert len(list((own / "small-quick").glob("records/*.json"))) == 3


def test_the_gaps_of_a_figure_lie_beside_it(own, small_campaign, monkeypatch):
    monkeypatch.setattr("reports.paper.PAPER", (PaperFigure(TIME, str(small_campaign), THROUGHPUT),))
    assert call("time", "--quick").exit_code == 0
    kinds = ("csv", "pdf", "png", "txt")
    assert sorted(path.name for path in (own / "figures").iterdir()) == [
        *(f"time-quick-gap.{kind}" for kind in kinds),
        *(f"time-quick.{kind}" for kind in kinds),
    ]
    gaps = pd.read_csv(own / "figures" / "time-quick-gap.csv")
    assert list(gaps.columns) == list(THROUGHPUT.columns)
    assert THROUGHPUT.title in (own / "figures" / "time-quick-gap.txt").read_text()


def test_figures_resume(own):
    call("--all", "--quick")
    (first, *others) = sorted((own / "small-quick").glob("records/*.json"))
    times = [path.stat().st_mtime_ns for path in others]
    first.unlink()
    assert "2 of them done" in call("time", "--quick").output
    assert first.exists()
    assert [path.stat().st_mtime_ns for path in others] == times


FAILS = """
from optimizers.native.random_search import RandomSearch

class Fails(RandomSearch):
    def ask(self):
        raise RuntimeError("out of ideas")
"""


def test_figures_whose_runs_fail_say_so(own, small_campaign):
    (small_campaign.parent / "fails_in_figures.py").write_text(FAILS)
    small_campaign.write_text(small_campaign.read_text().replace('"magma"', '"fails_in_figures:Fails"'))
    result = call("time", "--quick")
    assert result.exit_code == 1
    assert "failed runs: 1" in result.output


def test_figures_are_chosen_by_name_each_once_in_the_paper_s_order():
    names = [figure.name for figure in PAPER]
    assert [figure.name for figure in chosen((names[2], names[0], names[2]), every=False)] == [names[0], names[2]]
    assert [figure.name for figure in chosen((), every=True)] == names
    with pytest.raises(UnknownName, match="did you mean fig08"):
        chosen(("fig8",), every=False)
    for names, every in (((), False), (("fig08",), True)):
        with pytest.raises(InvalidInput, match=r"expected names, or --all.*fig07"):
            chosen(names, every=every)


def test_the_paper_s_figures_are_all_there_and_one_needs_no_runs(m3e_here, tmp_path):
    numbers = (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    assert [figure.name for figure in PAPER] == [*(f"fig{number:02}" for number in numbers), "table5"]
    assert m3e_here("figures", "fig07").returncode == 0
    assert {path.suffix for path in (tmp_path / "runs" / "figures").iterdir()} == {".png", ".pdf", ".csv", ".txt"}
    assert "table5" in m3e_here("list", "figures").stdout
