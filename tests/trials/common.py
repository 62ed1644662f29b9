"""What the trials share: campaigns in processes of their own, what they leave behind, and a table of what was seen."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

M3E = str(Path(sys.executable).parent / "m3e")

ROOT = Path(__file__).parents[2]

MARK = "M3E_TRIAL"
"""Environment variable that every process started here hands on, so that all its descendants are found."""

END_SECONDS = 20.0
"""Longest time in which processes must have ended after whom they worked for."""

NOISE = re.compile(r"^\s*$|^\d+ of \d+ runs\b|^campaign |^pilots are submitted")


class Trial:
    """A folder for campaigns, and the processes that are started in it."""

    def __init__(self, folder: Path) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let what is in the background ignore it
        self.folder = folder
        self.mark = uuid.uuid4().hex

    def environment(self, **more: str) -> dict[str, str]:
        """The surroundings of the commands."""
        return os.environ | {MARK: self.mark, "COLUMNS": "100", "TERM": "dumb"} | more

    def begin(self, *arguments: object, command: Sequence[str] = (M3E,), **more: str) -> subprocess.Popen[str]:
        """Start ``m3e`` in a session of its own."""
        return subprocess.Popen(
            [*command, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(**more),
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def do(self, *arguments: object, seconds: float = 600, **more: str) -> subprocess.CompletedProcess[str]:
        """Call ``m3e`` and wait for it."""
        process = self.begin(*arguments, **more)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def processes(self) -> list[int]:
        """Living processes that were started here or below, by their environment, current folder or command line."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid() and self._is_ours(entry):
                found.append(int(entry.name))
        return found

    def _is_ours(self, entry: Path) -> bool:
        try:
            if (entry / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return False
            environment = (entry / "environ").read_bytes()
            return f"{MARK}={self.mark}".encode() in environment.split(b"\0") or (
                os.readlink(entry / "cwd").startswith(str(self.folder))
            )
        except OSError:
            return False

    def kill_all(self) -> int:
        """``kill -9`` everything that was started here."""
        pids = self.processes()
        for pid in pids:
            kill(pid)
        return len(pids)

    def seconds_until_ended(self) -> float:
        """Wait until no process is left; return how long it took, ``inf`` if some stay."""
        begin = time.monotonic()
        while self.processes():
            if time.monotonic() - begin > END_SECONDS:
                for pid in self.processes():
                    print(f"left behind: {pid} {command_line(pid)}")
                self.kill_all()
                return float("inf")
            time.sleep(0.02)
        return time.monotonic() - begin


def kill(pid: int, signum: int = signal.SIGKILL) -> bool:
    """Send a signal; False if the process is gone."""
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        return False
    return True


def command_line(pid: int) -> str:
    """The command line of a process, "" if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def parent(pid: int) -> int:
    """The parent of a process, 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def runs_of(trial: Trial) -> list[int]:
    """The processes of runs: children of a fork server."""
    pids = trial.processes()
    lines = {pid: command_line(pid) for pid in pids}
    servers = {pid for pid in pids if "forkserver" in lines[pid] and "forkserver" not in lines.get(parent(pid), "")}
    return [pid for pid in pids if parent(pid) in servers]


def canonical_parts(campaign: Path) -> dict[str, bytes]:
    """The bytes of each record before its digest, by its file."""
    return {p.name: p.read_bytes().partition(b',"sha256":"')[0] for p in (campaign / "records").glob("*.json")}


def objection(trial: Trial, campaign: Path, expected: dict[str, bytes]) -> str:
    """What is wrong with a campaign that is done, "" if nothing is."""
    found = canonical_parts(campaign)
    if found.keys() != expected.keys():
        return f"{len(found)} records instead of {len(expected)}"
    if different := sorted(name for name in found if found[name] != expected[name]):
        return f"{len(different)} canonical parts differ, e.g. {different[0]}"
    done = trial.do("check", campaign)
    if done.returncode != 0 or f"checked {len(expected)} record" not in done.stdout:
        return f"m3e check: {done.stdout.strip()} {done.stderr.strip()}"
    return ""


def sentences(text: str) -> list[str]:
    """The lines of an output that are neither progress nor announcement."""
    return [line for line in text.splitlines() if not NOISE.match(line)]


@dataclass
class Table:
    """What was tried and seen; the trial holds if every row does."""

    title: str
    holds: bool = True

    def __post_init__(self) -> None:
        print(f"\n{self.title}", flush=True)

    def row(self, what: str, seen: str, objections: Sequence[str] | str = ()) -> None:
        """Print a row at once."""
        texts = [objections] if isinstance(objections, str) else list(objections)
        texts = [text for text in texts if text]
        self.holds &= not texts
        print(f"  {'ok  ' if not texts else 'FAIL'} {what:<44} {seen}", flush=True)
        for text in texts[:10]:
            print(f"         {text}", flush=True)


@contextmanager
def new_trial(name: str) -> Iterator[Trial]:
    """A folder of its own, and in the end none of its processes."""
    with tempfile.TemporaryDirectory(prefix=f"m3e-trial-{name}-", ignore_cleanup_errors=True) as folder:
        trial = Trial(Path(folder))
        try:
            yield trial
        finally:
            trial.kill_all()


def until(holds: Callable[[], object], seconds: float = 60.0, pause: float = 0.01) -> bool:
    """Wait until something holds; False if it does not come to that."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def times(description: str | None, default: int) -> int:
    """The number after ``--times``."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=default, metavar="N", help=f"how often (default: {default})")
    return int(parser.parse_args().times)


def conclude(tables: Sequence[Table]) -> None:
    """Say whether all holds, and exit with that."""
    holds = all(table.holds for table in tables)
    print("\nall holds" if holds else "\nNOT all holds")
    sys.exit(0 if holds else 1)
