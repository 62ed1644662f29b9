import shutil

import pandas as pd
import pytest

TWO = """
problems = ["mix/S2/bw1/g20/i{0,1,2,3,4,5,6}"]
optimizers = ["random", "ai-mt-like"]
seeds = 2
budget = 40
"""


@pytest.fixture(scope="module")
def finished(run_campaign, tmp_path_factory):
    return run_campaign(TWO, tmp_path_factory.mktemp("two"), "two")


@pytest.fixture
def results(finished, tmp_path):
    """The folder of a campaign in which the second optimizer is far worse than the first."""
    return shutil.copytree(finished, tmp_path / "runs" / "two")


def test_the_exit_code_tells_whether_the_second_is_worse(m3e_here, results, tmp_path):
    worse = m3e_here("compare", results, results, "--pair", "random", "ai-mt-like", "--out", "tables")
    assert (worse.returncode, worse.stderr) == (1, "")
    assert (pd.read_csv(tmp_path / "tables" / "compare_instances.csv")["ratio"] > 1.0).sum() == 6
    assert pd.read_csv(tmp_path / "tables" / "compare_overall.csv")["verdict"].tolist() == ["worse"]
    assert r"\toprule" in (tmp_path / "tables" / "compare_instances.tex").read_text()
    better = m3e_here("compare", results, results, "--pair", "ai-mt-like", "random")
    assert better.returncode == 0
    assert "better" in better.stdout
    same = m3e_here("compare", results, results)
    assert same.returncode == 0
    assert "the same" in same.stdout


def test_who_loses_runs_does_not_pass(m3e_here, results, tmp_path):
    shutil.copytree(results, tmp_path / "less")
    (record,) = (tmp_path / "less").glob("records/*_i0-random-s1-*.json")
    record.write_text("{")
    found = m3e_here("compare", results, "less")
    assert found.returncode == 2
    assert "lost: B lacks 1 of A's 14 runs of 'random' (mix/S2/bw1/g20/i0: seeds 1)" in found.stdout
    assert m3e_here("compare", results, "less", "--pair", "ai-mt-like", "ai-mt-like").returncode == 0


def test_a_guard_that_could_never_fail_says_so(m3e_here, results):
    for record in results.glob("records/*_i[3-6]-random*.json"):
        record.unlink()
    found = m3e_here("compare", results, results, "--pair", "random", "ai-mt-like")
    assert found.returncode == 2
    assert "too few" in found.stderr
    assert "no evidence" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("runs/two", "runs/twoo"), "no results in runs/twoo"),
        (("runs/two", "runs/two", "--pair", "random", "magma"), "unknown optimizer 'magma'"),
        (("runs/two", "."), "no runs in .: expected campaign folders"),
    ],
)
def test_bad_input_is_one_clear_error(m3e_here, results, arguments, message):
    found = m3e_here("compare", *arguments)
    assert found.returncode == 2
    assert message in " ".join(found.stderr.split())
    assert "Traceback" not in found.stderr
