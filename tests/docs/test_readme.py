"""README installs and checks, CONTRIBUTING adds an optimizer, and both link to what there is."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def block(name, text=README):
    """The code block below the comment that names it."""
    (found,) = re.findall(rf"^<!-- {name} -->\n```\w+\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return found


def in_this_environment():
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_what_sets_up_installs_and_runs_and_installs_and_tests():
    assert block("run").strip().endswith("pip install . && m3e run")
    assert block("check").strip().endswith("python tests/check.py")
    assert blocks(README, "sh")[0] == block("run")
    assert [own for own in blocks(README, "sh") if "venv" in own] == [
        block("run"),
        block("check"),
        block("check-extras"),
    ]
    assert (ROOT / "tests" / "check.py").exists()


@pytest.mark.skipif("CI" not in os.environ, reason="installs into a new environment, for minutes")
def test_the_first_block_installs_and_runs_in_an_empty_environment(tmp_path):
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("bench", "problems", "optimizers", "reports"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bench" / "campaigns" / "quick.toml").write_text(
        'problems = ["mix/S2/bw1/g8/i0"]\noptimizers = ["magma", "nevergrad-de"]\nseeds = 2\nbudget = 20\n'
    )
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        ["bash", "-euc", block("run")], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "runs" / "quick" / "report" / "report.html").exists()


def heads_of(printed):
    """The heads of the ranking; optimizers are numbered where their names are long for the second table."""
    return next(line.lstrip("# ").split() for line in printed.splitlines() if "optimizer  " in line)


def test_what_the_readme_shows_of_a_run_is_what_a_run_prints(tmp_path):
    (tmp_path / "quick.toml").write_text(
        'problems = ["vision/S3/bw4/g50/i0"]\noptimizers = ["magma", "random"]\nseeds = 2\nbudget = 20\n'
    )
    printed = subprocess.run(
        ["m3e", "run", "quick.toml"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=in_this_environment() | {"COLUMNS": "100"},
        check=True,
    ).stdout
    shown = block("printed")
    assert heads_of(printed) == heads_of(shown)
    assert "runs/quick/report/report.html" in printed
    assert "runs/quick/report/report.html" in shown


def test_the_tests_of_the_extras_are_told_with_the_extras_that_there_are():
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    command = block("check-extras")
    named = re.search(r"\[([\w,]+)\]", command).group(1).split(",")
    assert set(named) <= set(extras)
    assert "pytest -n auto tests/optimizers" in command


def test_every_link_and_path_of_the_documents_exists():
    for text in (README, CONTRIBUTING):
        links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(
            r"`((?:bench|problems|optimizers|reports|tests)/[\w/.]+)`", text
        )
        missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
        assert set(missing) <= {"optimizers/native/hill_climbing.py"}


def test_adding_an_optimizer_works_as_contributing_says(tmp_path):
    copy = tmp_path / "copy"
    others = (".git", ".venv", "runs", "*.egg-info", ".ruff_cache", ".pytest_cache", ".hypothesis")
    ignore = shutil.ignore_patterns("__pycache__", *others)  # what mypy has seen already stays
    shutil.copytree(ROOT, copy, ignore=ignore)
    assert block("install", CONTRIBUTING).strip() in block("check")
    code, line = block("hill-climber", CONTRIBUTING), block("entry", CONTRIBUTING)
    (copy / "optimizers" / "native" / "hill_climbing.py").write_text(code)
    table = copy / "optimizers" / "builtin.py"
    table.write_text(table.read_text().replace("BUILTIN = (\n", f"BUILTIN = (\n{line}", 1))
    check, use = block("conformance", CONTRIBUTING), block("use", CONTRIBUTING)
    environment = in_this_environment() | {"PYTHONPATH": str(copy)}
    tested = subprocess.run(check, shell=True, capture_output=True, text=True, cwd=copy, env=environment, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert re.search(r"[1-9]\d* passed", tested.stdout)
    used = subprocess.run(use, shell=True, capture_output=True, text=True, cwd=copy, env=environment, check=False)
    assert float(used.stdout) > 0, used.stderr
    for tool in (["ruff", "check", "optimizers"], ["mypy"]):
        linted = subprocess.run([sys.executable, "-m", *tool], capture_output=True, text=True, cwd=copy, check=False)
        assert linted.returncode == 0, linted.stdout


def test_the_rooms_of_contributing_are_those_of_the_layering_table():
    spec = importlib.util.spec_from_file_location("layering", ROOT / "tests" / "test_layering.py")
    layering = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(layering)
    assert block("rooms", CONTRIBUTING) == layering.ORDER.lstrip("\n")
