"""The wheel holds the four packages with their data, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(copy_of_the_tree(folder))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def copy_of_the_tree(folder):
    """What is needed to build, away from the tree: building leaves folders behind."""
    import shutil

    copy = folder / "tree"
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("bench", "problems", "optimizers", "reports"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def test_top_level_names_are_the_four_packages(wheel):
    names = {n.split("/")[0] for n in wheel.namelist()}
    assert {n for n in names if not n.endswith(".dist-info")} == {"bench", "problems", "optimizers", "reports"}


def test_every_module_and_data_file_is_in_it(wheel):
    packed = {n for n in wheel.namelist() if ".dist-info/" not in n}
    tree = {
        str(f.relative_to(ROOT))
        for package in ("bench", "problems", "optimizers", "reports")
        for f in (ROOT / package).rglob("*")
        if f.is_file() and "__pycache__" not in f.parts
    }
    assert packed == tree
    assert {
        "bench/campaigns/quick.toml",
        "reports/templates/report.html",
        "reports/templates/vendor/plotly-basic.min.js",
        "problems/py.typed",
    } <= packed


def test_it_is_not_meant_for_a_package_index(wheel):
    metadata = next(n for n in wheel.namelist() if n.endswith("METADATA"))
    assert "Private :: Do Not Upload" in wheel.read(metadata).decode()
