import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import settings

# The first example of a test may compile the evaluator: no deadlines. On CI the examples are the same each time.
settings.register_profile("m3e", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("m3e")

# Commands that tests start inherit it; a shell that runs the tests in the background lets Ctrl-C be ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL = """
problems = ["mix/S{1,2}/bw1/g8/i0"]
optimizers = ["magma", "random", "deap-stdga"]
seeds = 2
budget = 150
"""


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium; on CI it must be there."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        explain = pytest.fail if os.environ.get("CI") else pytest.skip
        explain(f"no browser: none of {', '.join(BROWSERS)} is installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def small_campaign(tmp_path):
    """The path of a campaign of twelve short runs."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="session")
def run_campaign():
    """Run a campaign's text as ``m3e run`` would, in this process; its folder below ``folder``."""

    def run(text, folder, name):
        from bench.campaigns.plan import plan_campaign
        from bench.campaigns.reading import load_campaign
        from bench.campaigns.running import run_plan
        from bench.engines.serial import Serial

        path = folder / f"{name}.toml"
        path.write_text(text)
        plan = plan_campaign(load_campaign(str(path)), folder / "runs" / name)
        assert set(run_plan(plan, Serial(), lambda *_: None)) <= {"complete"}
        return plan.folder

    return run


@pytest.fixture(scope="session")
def _finished(run_campaign, tmp_path_factory):
    return run_campaign(SMALL, tmp_path_factory.mktemp("finished"), "small")


@pytest.fixture
def finished_campaign(_finished, small_campaign, tmp_path):
    """The results of ``small_campaign`` in ``runs/small``, run once and copied for each test."""
    return Path(shutil.copytree(_finished, tmp_path / "runs" / "small"))


@pytest.fixture
def change_record():
    """Change what a record holds by a function, and give it digests that fit."""

    def change(path, edit):
        content = json.loads(path.read_bytes())
        edit(content)
        times = {key: value for key, value in content.pop("timing").items() if key != "sha256"}
        del content["sha256"]
        parts = [json.dumps(p, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for p in (content, times)]
        digest = hashlib.sha256(parts[0].encode()).hexdigest()
        seal = hashlib.sha256((parts[1] + digest).encode()).hexdigest()
        sealed = f'{parts[0][:-1]},"sha256":"{digest}","timing":{parts[1][:-1]},"sha256":"{seal}"}}}}\n'
        path.write_bytes(sealed.encode())

    return change


@pytest.fixture
def m3e(tmp_path):
    """Run the command in a process of its own; the finished process."""

    def run(*arguments, path=None, environment=None, **options):
        environment = os.environ | {"COLUMNS": "100", "TERM": "dumb"} | (environment or {})
        if path is not None:
            environment["PYTHONPATH"] = str(path)
        command = [str(Path(sys.executable).parent / "m3e"), *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False, **options
        )

    return run


@pytest.fixture
def m3e_here(tmp_path, monkeypatch, capsys):
    """Call the command in this process: the same answers, where nothing needs a process of its own, much sooner."""
    from bench.cli import exit_code_of

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")

    def call(*arguments, columns=100):
        monkeypatch.setenv("COLUMNS", str(columns))
        try:
            code = exit_code_of(list(map(str, arguments)))
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code or 0, out, err)

    return call


@pytest.fixture
def plugin(tmp_path):
    """Install a plug-in, as an importer sees one: a module and its metadata in a folder on the path."""

    def install(code, entries):
        folder = tmp_path / "plugins"
        metadata = folder / "badly-0.1.dist-info"
        metadata.mkdir(parents=True)
        (folder / "badly.py").write_text(code)
        (folder / "badly_entries.py").write_text(f"from optimizers import Entry\nENTRIES = [{entries}]\n")
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: badly\nVersion: 0.1\n")
        (metadata / "entry_points.txt").write_text("[m3e.optimizers]\nbadly = badly_entries:ENTRIES\n")
        return folder

    return install


@pytest.fixture
def until_all_have_ended(tmp_path):
    """Wait until no process works in the test's folder any more, and see that none does."""

    def wait(folder=tmp_path):
        for _ in range(100):
            if not living_processes(folder):
                return
            time.sleep(0.1)
        assert not living_processes(folder)

    return wait


def living_processes(folder):
    """Numbers of the processes that work in ``folder``, other than those waiting to be reaped."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found += [process.name] if Path(os.readlink(process / "cwd")) == folder else []
        except OSError:  # it has ended since, or is a zombie
            continue
    return found


@pytest.fixture(name="living_processes")
def _living_processes():
    return living_processes
