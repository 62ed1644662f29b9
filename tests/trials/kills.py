"""Kill whatever takes part in a campaign, at random moments: no run is lost, changed or stored as failed.

After each kill the same command is given again, until the campaign is done; its records are then compared with those of
a campaign that nobody disturbed. Signals that ask to end are answered by one sentence and the right exit code.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

from common import (
    Table,
    Trial,
    canonical_parts,
    command_line,
    conclude,
    kill,
    new_trial,
    objection,
    runs_of,
    sentences,
    times,
    until,
)

CAMPAIGN = """
problems = ["mix/S2/bw1/g20/i{0..1}"]
optimizers = ["magma", "random"]
seeds = 3
budget = 300
"""
LONG = """
problems = ["mix/S2/bw1/g500/i0"]
optimizers = ["magma"]
seeds = 1
budget = 600000
"""
PILOTS = 'engine = "slurm"\nexecutor = "local"\npilots = 2\nworkers = 1\n'

KEPT = "m3e: interrupted; finished runs are kept, and the same command continues"


class Kills:
    """Kills of one kind, campaign after campaign."""

    def __init__(self, trial: Trial, expected: dict[str, bytes], undisturbed: float, seed: int) -> None:
        self.trial, self.expected, self.undisturbed = trial, expected, undisturbed
        self.random = random.Random(seed)
        self.objections: list[str] = []
        self.kills = self.campaigns = self.commands = 0
        self.longest_end = self.longest_command = 0.0
        self.number = 0

    def out(self) -> str:
        return f"{type(self).__name__}-{self.campaigns}"

    def arguments(self) -> list[str]:
        return ["run", "c.toml", "--no-report", "--workers", "2", "--out", self.out()]

    def victims(self, process: subprocess.Popen[str]) -> list[int]:
        """The processes that are killed."""
        return [process.pid]

    def ended_alone(self) -> None:
        """After a kill: nothing may stay."""
        self.longest_end = max(self.longest_end, self.trial.seconds_until_ended())

    def attempt(self) -> bool:
        """Give the command, kill; whether the campaign is done."""
        process = self.trial.begin(*self.arguments())
        self.commands += 1
        begun = time.monotonic()
        moment = self.random.uniform(0.0, 1.3 * self.undisturbed)
        while time.monotonic() - begun < moment and process.poll() is None:
            time.sleep(0.01)
        if process.poll() is None:
            for pid in self.victims(process):
                kill(pid)
            self.kills += 1
        _, err = process.communicate(timeout=600)
        self.longest_command = max(self.longest_command, time.monotonic() - begun)
        self.said(process.returncode, err)
        self.ended_alone()
        return process.returncode == 0

    def said(self, code: int, err: str) -> None:
        if "Traceback" in err or code not in (0, -signal.SIGKILL):
            self.objections.append(f"exit code {code}: {err[-300:]}")

    def go(self, count: int) -> None:
        """Kill so many times, each campaign to its end."""
        while self.kills < count:
            while not self.attempt():
                if self.kills >= count:
                    self.campaign_done(self.trial.do(*self.arguments()).returncode)
                    return
            self.campaign_done(0)

    def campaign_done(self, code: int) -> None:
        folder = self.trial.folder / self.out() / "c"
        if code != 0:
            self.objections.append(f"the last command ended with {code}")
        self.objections.append(objection(self.trial, folder, self.expected))
        self.campaigns += 1

    def report(self, table: Table) -> None:
        if self.longest_end == float("inf"):
            self.objections.append("processes were left behind")
        if self.longest_command > 3 * self.undisturbed + 20:
            self.objections.append("somebody waited in vain")
        seen = (
            f"{self.kills} kills, {self.commands} commands, {self.campaigns} campaigns; all gone after at most "
            f"{self.longest_end:.1f} s, longest command {self.longest_command:.0f} s"
        )
        table.row(type(self).__name__, seen, self.objections)


class Driver(Kills):
    """The process of the command."""


class Everything(Kills):
    """The whole tree of processes."""

    def victims(self, process: subprocess.Popen[str]) -> list[int]:
        return self.trial.processes()


class Run(Kills):
    """Processes of runs: the command itself goes on, and ends well."""

    def attempt(self) -> bool:
        process = self.trial.begin(*self.arguments())
        self.commands += 1
        begun = time.monotonic()
        while process.poll() is None:
            runs = runs_of(self.trial)
            if runs and self.random.random() < 0.5:
                self.kills += kill(self.random.choice(runs))
            time.sleep(self.random.uniform(0.2, 1.0))
        _, err = process.communicate()
        self.longest_command = max(self.longest_command, time.monotonic() - begun)
        if process.returncode != 0:
            self.objections.append(f"exit code {process.returncode}: {err[-300:]}")
        self.ended_alone()
        return True


class OneOfTwo(Kills):
    """One of two drivers that work on one folder; it is started again, until both have ended well."""

    def attempt(self) -> bool:
        both = [self.trial.begin(*self.arguments()) for _ in range(2)]
        self.commands += 2
        begun = last = time.monotonic()
        while any(process.poll() is None for process in both):
            time.sleep(self.random.uniform(0.5, 1.0 * self.undisturbed))
            victim = self.random.randrange(2)
            if both[victim].poll() is None:
                kill(both[victim].pid)
                self.kills += 1
                last = time.monotonic()
                both[victim].communicate()
                if self.random.random() < 0.7:
                    both[victim] = self.trial.begin(*self.arguments())
                    self.commands += 1
            if time.monotonic() - begun > 120:  # killed too often to get anywhere
                break
        for process in both:
            _, err = process.communicate(timeout=120)
            self.said(process.returncode, err)
        self.longest_command = max(self.longest_command, time.monotonic() - last)
        self.ended_alone()
        return any(process.returncode == 0 for process in both)


class Pilot(Kills):
    """A pilot of the engine slurm, executed locally: the other one takes over, or the command says what is left."""

    def arguments(self) -> list[str]:
        return ["run", "c.toml", "--no-report", "--engine", "pilots.toml", "--out", self.out()]

    def victims(self, process: subprocess.Popen[str]) -> list[int]:
        pilots = [p for p in self.trial.processes() if "submitit.core._submit" in command_line(p)]
        pilots = [p for p in pilots if "forkserver" not in command_line(p)]
        return [self.random.choice(pilots)] if pilots else []

    def said(self, code: int, err: str) -> None:
        if "Traceback" in err or code not in (0, 2) or (code and "the same command continues" not in err):
            self.objections.append(f"exit code {code}: {err[-300:]}")

    def report(self, table: Table) -> None:
        self.undisturbed *= 2  # two pilots start after one another, and are looked after once a second
        super().report(table)


def thrice(trial: Trial, table: Table, signum: int = signal.SIGKILL) -> None:
    """A healthy run that is killed three times is complete in the end."""
    trial.do("run", "long.toml", "--no-report", "--out", "long-alone")
    expected = canonical_parts(trial.folder / "long-alone" / "long")
    process = trial.begin("run", "long.toml", "--no-report", "--workers", "1", "--out", "long-killed")
    killed: list[int] = []
    for _ in range(3):
        until(lambda: set(runs_of(trial)) - set(killed))  # noqa: B023
        time.sleep(0.3)
        victims = [pid for pid in runs_of(trial) if pid not in killed][:1]
        killed += [pid for pid in victims if kill(pid, signum)]
    _, err = process.communicate(timeout=300)
    wrong = [] if process.returncode == 0 else [f"exit code {process.returncode}: {err}"]
    wrong += [] if len(killed) == 3 else [f"only {len(killed)} kills"]
    wrong.append(objection(trial, trial.folder / "long-killed" / "long", expected))
    table.row("one run, three times", "complete, and as if nobody had killed it", wrong)


# --- signals that ask ------------------------------------------------------------------------------------------------

ASKED: dict[str, tuple[list[signal.Signals], int]] = {
    "SIGTERM": ([signal.SIGTERM], 143),
    "SIGHUP": ([signal.SIGHUP], 129),
    "Ctrl-C": ([signal.SIGINT], 130),
    "Ctrl-C twice": ([signal.SIGINT, signal.SIGINT], 130),
    "SIGSTOP, SIGCONT": ([signal.SIGSTOP, signal.SIGCONT], 0),
}
PHASES: dict[str, tuple[list[str], tuple[float, ...]]] = {
    "starting": (["run", "c.toml", "--no-report", "--out", "{out}"], (0.0, 0.02, 0.1, 0.3)),
    "running": (["run", "c.toml", "--no-report", "--out", "{out}"], (0.0,)),
    "reporting": (["report", "{done}", "--out", "{out}"], (0.2, 1.5)),
    "mapping": (
        ["map", "mix/S2/bw1/g100/i0", "--optimizer", "magma", "--budget", "2000000", "--out", "{out}"],
        (0.5, 4.0),
    ),
}


def has_begun(process: subprocess.Popen[str]) -> bool:
    """Whether the command has taken the signals into its hands: before, Python itself answers them."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return True
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) & (1 << (signal.SIGTERM - 1))) or process.poll() is not None


def asked(trial: Trial, table: Table, expected: dict[str, bytes], phase: str, name: str) -> None:
    """Send signals in a phase of a command."""
    arguments, delays = PHASES[phase]
    signals, code = ASKED[name]
    wrong: list[str] = []
    said: set[str] = set()
    slowest = 0.0
    for number, delay in enumerate(delays):
        out = f"{phase}-{name.replace(' ', '')}-{number}".replace(",", "")
        budget = ["--budget", "3000"] if phase == "mapping" and code == 0 else []
        filled = [a.format(out=out, done="alone/c") for a in arguments] + budget
        process = trial.begin(*filled)
        until(lambda process=process: has_begun(process))
        if phase == "running":
            until(lambda out=out: any((trial.folder / out).glob("c/records/*.json")))
        time.sleep(delay)
        begun = time.monotonic()
        for signum in signals:
            (kill if signum in (signal.SIGTERM, signal.SIGHUP) else _to_group)(process.pid, signum)
            time.sleep(1.0 if signum is signal.SIGSTOP else 0.05)
        printed, err = process.communicate(timeout=300)
        if code:
            slowest = max(slowest, time.monotonic() - begun)
        lines = sentences(err)
        if "interrupted" in printed:  # what was found until then
            lines.append("m3e: interrupted; " + next(t for t in printed.splitlines() if t.startswith("wrote ")))
        said.update(lines if code else [])
        if process.returncode != code:
            wrong.append(f"after {delay} s: exit code {process.returncode}: {err[-300:]}")
        if "Traceback" in err or (code and (len(lines) != 1 or not lines[0].startswith("m3e: interrupted"))):
            wrong.append(f"after {delay} s: {err[-500:]!r}")
        if trial.seconds_until_ended() == float("inf"):
            wrong.append("processes were left behind")
        if phase in ("starting", "running"):
            again = trial.do(*filled)
            wrong += [] if again.returncode == 0 else [f"again: {again.stderr[-300:]}"]
            wrong.append(objection(trial, trial.folder / out / "c", expected))
    seen = f"{len(delays)} times, exit code {code}" + (f", {slowest:.1f} s; {' | '.join(sorted(said))}" if code else "")
    table.row(f"{phase}: {name}", seen, wrong)


def _to_group(pid: int, signum: int) -> None:
    """As a terminal does: to all processes of the foreground."""
    kill(-pid, signum)


def main() -> None:
    count = times(__doc__, 100)
    with new_trial("kills") as trial:
        (trial.folder / "c.toml").write_text(CAMPAIGN)
        (trial.folder / "long.toml").write_text(LONG)
        (trial.folder / "pilots.toml").write_text(PILOTS)
        trial.do("run", "c.toml", "--no-report", "--out", "warm")  # compiles
        begun = time.monotonic()
        done = trial.do("run", "c.toml", "--no-report", "--workers", "2", "--out", "alone")
        undisturbed = time.monotonic() - begun
        expected = canonical_parts(trial.folder / "alone" / "c")
        assert done.returncode == 0, done.stderr
        print(f"undisturbed: {len(expected)} runs in {undisturbed:.1f} s")
        killed = Table(f"kill -9, {count} times, then the same command until it is done")
        kinds: list[type[Kills]] = [Driver, Run, Everything, OneOfTwo, Pilot]
        for number, kind in enumerate(kinds):
            kills = kind(trial, expected, undisturbed, seed=number)
            kills.go(count * (number + 1) // len(kinds) - count * number // len(kinds))
            kills.report(killed)
        thrice(trial, killed)
        signals = Table("signals that ask to end")
        for phase in PHASES:
            for name in ASKED:
                asked(trial, signals, expected, phase, name)
    conclude([killed, signals])


if __name__ == "__main__":
    main()
