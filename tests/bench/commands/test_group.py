"""The table of commands: lazy, and open to plug-ins."""

import subprocess
import sys

import click
import pytest

from bench.commands import COMMANDS
from bench.commands.group import group

WIDTH = 80


def test_help_shows_every_command_with_its_whole_summary_in_80_columns(m3e):
    lines = m3e("--help", environment={"COLUMNS": str(WIDTH)}).stdout.splitlines()
    assert max(map(len, lines)) <= WIDTH
    for name in COMMANDS.names():
        assert any(line.split() == [name, *COMMANDS.get(name).summary.split()] for line in lines), name
    assert not any("..." in line for line in lines[lines.index("Commands:") :])


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


def test_a_plug_in_adds_a_command(m3e, tmp_path):
    metadata = tmp_path / "site" / "more-0.1.dist-info"
    metadata.mkdir(parents=True)
    (tmp_path / "site" / "more.py").write_text(
        "import click\nfrom problems.foundation.registry import Entry\n"
        "@click.command()\ndef hello():\n    '''Greet.'''\n    click.echo('hello from a plug-in')\n"
        "ENTRIES = [Entry('hello', 'more:hello', summary='Greet.')]\n"
    )
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: more\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text("[m3e.commands]\nmore = more:ENTRIES\n")
    assert m3e("hello", path=tmp_path / "site").stdout == "hello from a plug-in\n"
    assert "Greet." in m3e("--help", path=tmp_path / "site").stdout


def test_the_group_knows_no_other_command():
    assert group.list_commands(click.Context(group)) == COMMANDS.names()
