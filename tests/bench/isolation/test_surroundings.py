"""The folder that m3e is called from, and the terminal that it writes to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

M3E = str(Path(sys.executable).parent / "m3e")
TRACE = "open(__file__ + '.executed', 'w').close()\n"
SHADOWS = (
    "pyarrow",
    "lxml",
    "coverage",
    "struct",
    "signal",
    "numexpr",
    "bottleneck",
    "sitecustomize",
    "planted",
    "torch",
)


@pytest.fixture
def planted(tmp_path, small_campaign):
    """A folder with modules that libraries would like to import, and a distribution with entry points."""
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(TRACE)
    metadata = tmp_path / "planted-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "".join(f"[m3e.{group}]\nplanted = planted:X\n" for group in ("optimizers", "problems", "cost_models"))
    )
    return tmp_path


def m3e(folder, *arguments, **environment):
    command = [M3E, *map(str, arguments)]
    own = os.environ | {"COLUMNS": "80"} | environment
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env=own)


def test_nothing_in_the_current_folder_is_executed(planted, small_campaign):
    for arguments in (
        ("run", small_campaign, "--out", ".", "--no-report"),
        ("report", "small"),
        ("map", "alexnet", "--budget", 20),
    ):
        done = m3e(planted, *arguments)
        assert done.returncode == 0, done.stderr
    assert not list(planted.glob("*.executed"))


def test_a_class_that_is_named_is_found_in_the_current_folder(planted, small_campaign):
    (planted / "helper.py").write_text("from optimizers.native.random_search import RandomSearch\n")
    (planted / "mine.py").write_text("from helper import RandomSearch\n\n\nclass Mine(RandomSearch):\n    pass\n")
    done = m3e(planted, "run", small_campaign, "--optimizer", "mine:Mine", "--no-report", "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert len(list(Path(planted).glob("runs/small/records/*mine_Mine*.json"))) == 4
    assert not list(planted.glob("*.executed"))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_some_letters_gets_others_and_the_report_is_written(tmp_path, encoding):
    (tmp_path / "letters.toml").write_text(
        'problems = ["mix/S1/bw1/g8/i0"]\nseeds = 1\nbudget = 20\n'
        'optimizers = [{ name = "random", label = "zufällig 数 \N{INFINITY}" }, "magma"]\n',
        encoding="utf-8",
    )
    for arguments in (("run", "letters.toml", "--no-report"), ("report", "runs/letters"), ("list", "optimizers")):
        done = m3e(tmp_path, *arguments, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert done.returncode == 0, done.stderr
        done.stdout.decode(encoding)
    assert "zufällig 数" in (tmp_path / "runs/letters/report/report.html").read_text(encoding="utf-8")


def test_markup_and_control_characters_are_printed_as_text(tmp_path):
    (tmp_path / "br[old].toml").write_text(
        'problems = ["mix/S1/bw1/g8/i0"]\nseeds = 1\nbudget = 20\n'
        'optimizers = [{ name = "random", label = "[bold]x[/x]" }, "magma"]\n'
    )
    done = m3e(tmp_path, "run", "br[old].toml", "--workers", 1, "--out", "zz[/q]\x1b[31m")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert "[bold]x[/x]" in shown
    assert "br[old]: 2 of 2 runs" in shown
    assert r"zz[/q]\x1b[31m/br[old]" in shown
    assert "\x1b" not in shown
    for arguments in (("show", "mix/\x1b[31m"), ("run", "\x1b[31m"), ("list", "\x1b[31m"), ("--\x1b[31m",)):
        done = m3e(tmp_path, *arguments)
        assert done.returncode == 2
        assert b"\x1b" not in done.stderr
        assert rb"\x1b[31m" in done.stderr or rb"\\x1b" in done.stderr


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "networks"),
        ("list", "problems"),
        ("list", "campaigns"),
        ("show", "transformer_xl/S6/bw0.0001234/g100/i123456/dep/corrected/latency+energy"),
        ("map", "transformer_xl/S6/bw0.0001234/g20/i123456/dep/corrected/edp", "--budget", 20, "--out", "m"),
    ],
    ids=lambda arguments: arguments[1].partition("/")[0],
)
def test_no_id_or_number_is_broken_on_a_narrow_terminal(m3e_here, arguments, width):
    wide = m3e_here(*arguments, columns=400).stdout
    narrow = m3e_here(*arguments, *(("--force",) if "map" in arguments else ()), columns=width).stdout
    words = {word for word in wide.split() if "wrote" not in word}
    assert words
    assert words <= set(narrow.split())
