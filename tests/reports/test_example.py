"""The example of judging results from Python, which the site runs, names what the package hands on."""

import re
from pathlib import Path

import reports

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "plot_judging.py"


def test_the_example_and_the_package_name_only_what_the_package_hands_on():
    named = re.findall(r"reports\.(\w+)\(", f"{EXAMPLE.read_text()} {reports.__doc__}")
    assert {"read_results", "select", "make_tables", "pair_table", "compare", "write_report"} <= set(named)
    assert set(named) <= set(reports.__all__)
