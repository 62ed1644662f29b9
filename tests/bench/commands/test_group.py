"""The table of commands: lazy, and open to plug-ins."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from bench.commands import COMMANDS

WIDTH = 80


def test_help_shows_every_command_with_its_whole_summary_in_80_columns(m3e):
    lines = m3e("--help", environment={"COLUMNS": str(WIDTH)}).stdout.splitlines()
    assert max(map(len, lines)) <= WIDTH
    for name in COMMANDS.names():
        assert any(line.split() == [name, *COMMANDS.get(name).summary.split()] for line in lines), name
    assert not any("..." in line for line in lines[lines.index("Commands:") :])


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS.names() if isinstance(COMMANDS.get(name).load(), click.Group)]
)
def test_help_of_a_group_shows_whole_summaries_in_80_columns(name):
    command = COMMANDS.get(name).load()
    lines = command.get_help(click.Context(command, info_name=name, terminal_width=WIDTH)).splitlines()
    listed = lines[lines.index("Commands:") + 1 :]
    assert len(listed) == len(command.commands) > 1
    assert not any("..." in line for line in listed)


@pytest.mark.parametrize("name", COMMANDS.names())
def test_an_entry_is_a_command_of_its_name(name):
    command = COMMANDS.get(name).load()
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


def test_help_loads_no_command():
    code = (
        "import sys\nfrom bench.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "loaded = [m for m in sys.modules if m.startswith('bench.commands.')]\n"
        "assert loaded == ['bench.commands.group'], loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_python_m_bench_is_m3e(m3e):
    done = subprocess.run([sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=False)
    assert done.stdout.split() == m3e("--help").stdout.split()


def test_python_m_bench_imports_nothing_from_the_current_folder(tmp_path):
    for name in ("problems", "click"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')\n")
    command = [sys.executable, "-m", "bench", "list", "figures"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def plugged_in(tmp_path):
    """Install a plug-in of commands; the folder that holds it."""

    def install(code):
        metadata = tmp_path / "site" / "more-0.1.dist-info"
        metadata.mkdir(parents=True)
        (tmp_path / "site" / "more.py").write_text(code)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: more\nVersion: 0.1\n")
        (metadata / "entry_points.txt").write_text("[m3e.commands]\nmore = more:ENTRIES\n")
        return tmp_path / "site"

    return install


ENTRIES = "ENTRIES = [Entry('hello', 'more:hello', summary='Greet.')]\n"
IMPORTS = "import click\nfrom problems.foundation.registry import Entry\n"


def test_a_plug_in_adds_a_command(m3e, plugged_in):
    greeting = "@click.command()\ndef hello():\n    click.echo('hello from a plug-in')\n"
    site = plugged_in(IMPORTS + greeting + ENTRIES)
    assert m3e("hello", path=site).stdout == "hello from a plug-in\n"
    assert "Greet." in m3e("--help", path=site).stdout


def test_a_plug_in_s_entry_that_is_no_command_is_told(m3e, plugged_in):
    done = m3e("hello", path=plugged_in(f"{IMPORTS}def hello():\n    pass\n{ENTRIES}"))
    assert done.returncode == 2
    assert done.stderr == "m3e: command 'hello': 'more:hello' names a function, expected a click.Command\n"


def test_a_broken_plug_in_is_one_line_and_harms_nothing(m3e, plugged_in):
    done = m3e("list", "figures", path=plugged_in("1 / 0\n"))
    assert done.returncode == 0
    assert done.stderr == (
        "m3e: warning: command plug-in 'more' (more:ENTRIES) is left out: ZeroDivisionError: division by zero\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [("list", "problems"), ("--help",), ("show", "mix/S2/bw1/g8/i0")])
def test_a_full_disk_behind_the_output_is_one_line(arguments):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "bench", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "m3e: cannot write: No space left on device\n")
