"""The example of judging results from Python runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

import reports

EXAMPLE = Path(__file__).with_name("example_judging.py")


def test_the_example_reads_chooses_judges_and_reports(finished_campaign, tmp_path):
    (tmp_path / "theirs.csv").write_text(
        "problem,optimizer,seed,evaluations,value\nmix/S1/bw1/g8/i0,theirs,0,150,1e12\n"
        "mix/S2/bw1/g8/i0,theirs,0,150,1e12\n"
    )
    command = [sys.executable, str(EXAMPLE), "runs/small", "theirs.csv"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert "theirs (foreign)" in done.stdout
    assert "deap-stdga" not in done.stdout
    assert "expected running time to a gap of 30 %, evaluations" in done.stdout
    assert (tmp_path / "judged" / "report.html").exists()


def test_the_example_and_the_package_name_only_what_the_package_hands_on():
    named = re.findall(r"reports\.(\w+)\(", f"{EXAMPLE.read_text()} {reports.__doc__}")
    assert {"read_results", "select", "make_tables", "pair_table", "compare", "write_report"} <= set(named)
    assert set(named) <= set(reports.__all__)
