from __future__ import annotations

import pandas as pd
import pytest


def assert_refused(done, complaint):
    assert done.returncode == 2, done.stdout + done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_report_on_some_of_the_runs(m3e_here, finished_campaign, tmp_path):
    done = m3e_here("report", "runs/small", "--only", "problem=mix/S1/*", "--only", "optimizer=magma", "--out", "some")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 runs" in done.stdout
    runs = pd.read_csv(tmp_path / "some" / "tables" / "runs.csv")
    assert (set(runs["optimizer"]), set(runs["platform"])) == ({"magma"}, {"S1"})
    assert "small, only problem=mix/S1/*, optimizer=magma" in (tmp_path / "some" / "report.html").read_text()


def test_a_report_with_own_targets_and_level(m3e_here, finished_campaign, tmp_path):
    done = m3e_here("report", "runs/small", "--gaps", "0.3,0.02", "--level", "0.8", "--out", "own")
    assert done.returncode == 0, done.stderr
    assert {"ert_2", "ert_30"} <= set(pd.read_csv(tmp_path / "own" / "tables" / "runtimes.csv"))
    assert "80 % bootstrap intervals" in (tmp_path / "own" / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--only", "task=mix"), "only: expected KEY=PATTERN, with the key problem, optimizer, seed or budget, got"),
        (("--only", "optimizer=magna"), "got none of 3. There are: magma, random, deap-stdga"),
        (("--gaps", "0.1;0.2"), "--gaps: expected numbers with commas between them"),
        (("--gaps", "0"), "gaps: expected numbers above 0"),
        (("--level", "95"), "level: expected a number between 0 and 1, such as 0.95, got 95"),
    ],
)
def test_what_does_not_fit_is_one_clear_error(m3e_here, finished_campaign, arguments, complaint):
    assert_refused(m3e_here("report", "runs/small", *arguments), complaint)
    assert not (finished_campaign / "report").exists()


def test_an_archive_that_ships_by_its_name(m3e_here, tmp_path):
    done = m3e_here("report", "dev", "--only", "problem=mix/S4/*", "--only", "optimizer=native-ga")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "dev-report" / "report.html").exists()
    (tmp_path / "dev").mkdir()
    assert_refused(m3e_here("report", "dev"), "dev")


def test_foreign_results_beside_runs_and_alone(m3e_here, finished_campaign, tmp_path):
    (tmp_path / "their.csv").write_text(
        "problem,optimizer,seed,evaluations,value\nmix/S1/bw1/g8/i0,theirs,0,150,1e12\n"
    )
    beside = m3e_here("report", "runs/small", "--foreign", "their.csv", "--out", "beside")
    assert beside.returncode == 0, beside.stderr
    assert "small + their: 13 of 13 runs" in beside.stdout
    assert "theirs (foreign)" in beside.stdout
    assert "told, not verified" in (tmp_path / "beside" / "report.html").read_text()
    alone = m3e_here("report", "--foreign", "their.csv")
    assert alone.returncode == 0, alone.stderr
    assert (tmp_path / "their-report" / "report.html").exists()
    (tmp_path / "their.csv").write_text("problem,value\n")
    assert_refused(m3e_here("report", "--foreign", "their.csv"), "their.csv, line 1: expected a header")
