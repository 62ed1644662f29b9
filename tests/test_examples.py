"""The examples in docs/examples, each run as its reader would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "docs" / "examples").glob("*.py"))

HEAVY = {"nevergrad_imports.py"}
"""What needs more than the tests install: a test of its door runs it without."""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_ends_with_the_number_of_the_suite(path, tmp_path):
    warnings = [] if path.name in HEAVY else ["-W", "error"]
    command = [sys.executable, *warnings, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    last = (done.stderr.splitlines() or [""])[-1]
    missing = last.startswith(("ModuleNotFoundError", "problems.foundation.errors.MissingExtra"))
    if done.returncode and missing and (path.name in HEAVY or "CI" not in os.environ):
        pytest.skip(last)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("the same number")
    assert done.stdout.endswith(": True\n")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_page_with_a_title_and_cells(path):
    lines = path.read_text().splitlines()
    assert lines[0] == '"""'
    assert lines[2] == "=" * len(lines[1])
    assert lines.count("# %%") >= 2
    assert len(lines) < 65
