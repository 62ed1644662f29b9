"""Whatever a run does to its process is that run's outcome, and its neighbours are done."""

import pytest

from reports.storage.campaign_folder import read_campaign

CODE = """
import ctypes, json, os, random, signal, subprocess, sys, threading, time
import numpy as np
from optimizers.contract import AskTellOptimizer, Optimizer

class Odd(AskTellOptimizer):
    calls = 0
    def ask(self):
        self.calls += 1
        if self.calls == 4:
            self.act()
        return self.space.sample(self.rng, 5)
    def tell(self, cores, priorities, values):
        pass

class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")

class Unspeakable(Odd):
    def act(self):
        raise Mute

class Keyboard(Odd):
    def act(self):
        raise KeyboardInterrupt

class Interrupts(Odd):
    def act(self):
        os.kill(os.getpid(), signal.SIGINT)

class Generator(Odd):
    def act(self):
        raise GeneratorExit

class Elsewhere(Odd):
    def act(self):
        os.chdir("/")

class Thread(Odd):
    def act(self):
        threading.Thread(target=time.sleep, args=(3600,)).start()

class Child(Odd):
    def act(self):
        if os.fork() == 0:
            time.sleep(3600)
            os._exit(0)

class Grandchild(Odd):
    def act(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])

class Exits(Odd):
    def act(self):
        os._exit(0)

class Terminates(Odd):
    def act(self):
        os.kill(os.getpid(), signal.SIGTERM)

class Closes(Odd):
    def act(self):
        os.close(1)
        os.close(2)
        sys.stdout = sys.stderr = None

class Segfault(Odd):
    def act(self):
        ctypes.string_at(0)

class Patches(Odd):
    def act(self):
        json.dumps = np.asarray = np.random.default_rng = None
        np.seterr(all="raise")
        sys.setrecursionlimit(120)
        random.seed(1)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)

class Loud(Odd):
    def act(self):
        raise ValueError("[/red] \\x1b[31m \\ud800 " + "x" * 10_000_000)

class Lazy(Optimizer):
    def run(self, evaluator):
        raise RuntimeError("before its first evaluation")

class AtExit(Odd):
    def act(self):
        import atexit
        atexit.register(time.sleep, 3600)
"""
CLASSES = [line.split("(")[0].split()[1] for line in CODE.splitlines() if "(Odd)" in line or "(Optimizer)" in line]
COMPLETE = {"Interrupts", "Elsewhere", "Thread", "Child", "Grandchild", "Closes", "AtExit"}
ENTRIES = ", ".join(f'Entry("{name.lower()}", "badly:{name}")' for name in CLASSES)


@pytest.mark.parametrize("full_trace", ["false", '"mappings"'])
def test_no_run_stops_a_campaign_or_another_run(m3e, plugin, tmp_path, full_trace, until_all_have_ended):
    names = ", ".join(f'"{name.lower()}"' for name in CLASSES)
    (tmp_path / "odd.toml").write_text(
        f'problems = ["mix/S1/bw1/g8/i0"]\noptimizers = [{names}, "magma"]\nseeds = 2\nbudget = 100\n'
        f"full_trace = {full_trace}\n"
    )
    path = plugin(CODE, ENTRIES)
    done = m3e("run", "odd.toml", "--workers", "2", "--out", "here", path=path, timeout=400)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    campaign = read_campaign(tmp_path / "here" / "odd")
    assert not campaign.unreadable
    assert len(campaign.runs) == 2 * (len(CLASSES) + 1)
    ends = {run.label: run.status for run in campaign.runs}
    for name in CLASSES:
        if name != "Patches":  # what it breaks in its own process may be the end of its own run, or not
            assert ends[name.lower()] == ("complete" if name in COMPLETE else "failed"), name
    assert all(r.num_evaluations == 15 for r in campaign.runs if r.label in ("keyboard", "exits", "segfault"))
    assert all(r.status == "complete" and r.num_evaluations == 100 for r in campaign.runs if r.label == "magma")
    until_all_have_ended()
    again = m3e("run", "odd.toml", "--workers", "1", "--out", "here", "--no-report", path=path)
    assert f"{len(campaign.runs)} of them done" in again.stdout
    assert (tmp_path / "here" / "odd" / "report" / "report.html").stat().st_size < 5e6
