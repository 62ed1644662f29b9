"""Stored results that take some time to make."""

import shutil

import pytest

import problems
from bench.campaigns.plan import plan_campaign
from bench.campaigns.reading import load_campaign
from bench.campaigns.running import run_plan
from bench.engines.serial import Serial
from reports.storage.replay import known_problem

JOBS = "1,1,512,128,1,1,1,1,0\n1,2,64,64,56,56,3,3,1\n2,1,64,64,28,28,3,3,1\n"
PLATFORM = 'bandwidth_gbps = 4\n[[cores]]\ndataflow = "dla"\npes = 2048\ncount = 2\n'


@pytest.fixture
def own_campaign(tmp_path, monkeypatch):
    """A finished campaign on a workload and a platform in files that are gone since."""
    monkeypatch.chdir(tmp_path)
    known_problem.cache_clear()
    problems.suite.workload_named.cache_clear()
    (tmp_path / "jobs.csv").write_text(JOBS)
    (tmp_path / "small.toml").write_text(PLATFORM)
    (tmp_path / "own.toml").write_text(
        'problems = ["file:jobs.csv/file:small.toml/bw4/gall/i0"]\noptimizers = ["random"]\nseeds = 2\nbudget = 20\n'
    )
    folder = tmp_path / "runs" / "own"
    run_plan(plan_campaign(load_campaign("own.toml"), folder), Serial(), lambda *_: None)
    (tmp_path / "jobs.csv").unlink()
    (tmp_path / "small.toml").unlink()
    moved = tmp_path / "moved"
    shutil.move(folder, moved)
    known_problem.cache_clear()
    problems.suite.workload_named.cache_clear()
    return moved
