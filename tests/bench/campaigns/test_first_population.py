"""Budgets that end before a search begins are told, from the run to the report."""

CAMPAIGN = """
problems = ["mix/S2/bw1/g8/i0"]
optimizers = ["magma", "random", "nevergrad-oneplusone", "herald-like"]
seeds = 2
budget = 20
"""


def test_a_report_says_which_runs_were_no_search(m3e_here, tmp_path):
    (tmp_path / "short.toml").write_text(CAMPAIGN)
    done = m3e_here("run", "short.toml", "--workers", 1)
    assert done.returncode == 0
    said = "No search began in 2 runs of magma: their budget of 20 ends inside the first population."
    assert said in " ".join(done.stdout.split())
    assert said in (tmp_path / "runs" / "short" / "report" / "report.html").read_text()
    longer = m3e_here("run", "short.toml", "--workers", 1, "--budget", 130, "--no-report")
    assert (longer.returncode, "No search began" in longer.stdout) == (0, False)
