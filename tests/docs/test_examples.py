"""The examples in docs/examples: pages, and what the site does not run; it runs all others when it is built."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.py"))


def test_the_file_for_imports_of_nevergrad_runs_as_a_script(tmp_path):
    (path,) = (path for path in EXAMPLES if path.name == "nevergrad_imports.py")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, cwd=tmp_path, check=False)
    last = (done.stderr.splitlines() or [""])[-1]
    if done.returncode and last.startswith("ModuleNotFoundError"):
        pytest.skip(last)  # nevergrad.benchmark needs more than the tests install: a test of the door runs without
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("the same number: True\n")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_page_with_a_title_and_cells(path):
    lines = path.read_text().splitlines()
    assert lines[0] == '"""'
    assert lines[2] == "=" * len(lines[1])
    assert lines.count("# %%") >= 2
    assert len(lines) < 90
