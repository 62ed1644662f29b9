"""An optimizer in a package of its own: installed as a user installs it, tested by the kit, and run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from optimizers.testing import CHECKS

PLUGIN = Path(__file__).resolve().parents[1] / "plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that pip has installed the example into; away from this environment, which stays as it is."""
    copy = shutil.copytree(PLUGIN, tmp_path_factory.mktemp("source") / "plugin")
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return site


def test_it_is_listed_with_its_family(m3e, installed):
    shown = m3e("list", "optimizers", path=installed).stdout
    assert "example-ils" in shown
    assert "iterated local search" in shown
    assert "example-ils" not in m3e("list", "optimizers").stdout


def test_its_own_tests_by_the_kit_pass(installed, tmp_path):
    import os

    shutil.copy(PLUGIN / "test_example_plugin.py", tmp_path)
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example_plugin.py"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{2 * len(CHECKS)} passed" in done.stdout


def test_it_runs_beside_a_campaigns_own_and_is_done_only_once(m3e, installed, small_campaign, tmp_path):
    command = ("run", small_campaign, "--optimizer", "example-ils", "--workers", 2)
    done = m3e(*command, path=installed)
    assert done.returncode == 0, done.stderr
    assert "16 of 16 runs (16 complete)" in done.stdout
    assert "16 runs, 16 of them done" in m3e(*command, path=installed).stdout
    stored = next((tmp_path / "runs" / "small").glob("records/*example-ils*.json")).read_text()
    assert '"m3e-example-plugin":"1.0"' in stored
    assert '"patience":50' in stored
