"""A disk that fills up, runs out of inodes or becomes read-only in the middle of a campaign; needs root, for mounts.

The command says so at once in one sentence and ends with exit code 2. When there is space again the same command ends
in the same records.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from common import Table, Trial, canonical_parts, conclude, new_trial, objection, sentences, times, until

CAMPAIGN = """
problems = ["mix/S2/bw1/g20/i{0..1}"]
optimizers = ["magma", "random"]
seeds = 2
budget = 1500
full_trace = "mappings"
"""
RUNS = 8

LATE = 30.0
"""Seconds after which it is no longer at once: a start on a slow machine takes ten."""


@contextmanager
def disk(place: Path, options: str) -> Iterator[Path]:
    """A small disk in memory."""
    place.mkdir(exist_ok=True)
    mount("-t", "tmpfs", "-o", options, "tmpfs", place)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def mount(*arguments: object) -> None:
    """Call ``mount``, again while the place is in use."""
    for _ in range(200):
        done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.01)
    raise RuntimeError(done.stderr)


def arguments(out: object) -> list[str]:
    return ["run", "c.toml", "--no-report", "--workers", "2", "--out", str(out)]


def refused(code: int, err: str, reason: str) -> list[str]:
    """What is wrong with how a command ended that could not store."""
    lines = sentences(err)
    wrong = [] if code == 2 else [f"exit code {code}"]
    if len(lines) != 1 or not lines[0].startswith("m3e: ") or reason not in lines[0] or "internal" in lines[0]:
        wrong.append(f"said {err[-600:]!r}")
    return wrong


def space(trial: Trial, table: Table, expected: dict[str, bytes], what: str, options: list[str]) -> None:
    """Start on disks too small, enlarge them, and go on."""
    wrong: list[str] = []
    stored = []
    for number, small in enumerate(options):
        with disk(trial.folder / f"{what}-{number}", small) as place:
            begun = time.monotonic()
            done = trial.do(*arguments(place))
            wrong += [f"{small}: {text}" for text in refused(done.returncode, done.stderr, "No space left")]
            wrong += [f"{small}: {time.monotonic() - begun:.0f} s"] if time.monotonic() - begun > LATE else []
            stored.append(len(list(place.glob("c/records/*.json"))))
            wrong += [f"{small}: temporary {p.name}" for p in place.rglob(".*.tmp")]
            mount("-o", "remount,size=64M,nr_inodes=10000", place)
            wrong += go_on(trial, place, expected)
    table.row(what, f"{len(options)} disks, full after {stored} of {RUNS} records", wrong)


def go_on(trial: Trial, out: Path, expected: dict[str, bytes]) -> list[str]:
    """Give the command again, and compare."""
    wrong = [] if trial.seconds_until_ended() < float("inf") else ["processes were left behind"]
    again = trial.do(*arguments(out))
    wrong += [] if again.returncode == 0 else [f"again: exit code {again.returncode}: {again.stderr[-300:]}"]
    return [*wrong, objection(trial, out / "c", expected)]


def in_the_middle(trial: Trial, table: Table, expected: dict[str, bytes], what: str, count: int) -> None:
    """Make the disk read-only, or fill it, after some records."""
    wrong: list[str] = []
    slowest = 0.0
    for number in range(count):
        with disk(trial.folder / f"{what.replace(' ', '-')}-{number}", "size=8M") as place:
            process = trial.begin(*arguments(place))
            until(lambda place=place, least=number % 3 + 1: len(list(place.glob("c/records/*.json"))) >= least)
            begun = time.monotonic()
            if what == "read-only":
                mount("-o", "remount,ro", place)
            else:
                fill(place)
            _, err = process.communicate(timeout=120)
            slowest = max(slowest, time.monotonic() - begun)
            wrong += refused(process.returncode, err, "Read-only" if what == "read-only" else "No space left")
            mount("-o", "remount,rw", place)
            (place / "fill").unlink(missing_ok=True)
            wrong += go_on(trial, place, expected)
    wrong += [f"told after {slowest:.0f} s"] if slowest > LATE else []
    table.row(f"{what} in the middle", f"{count} times, told within {slowest:.1f} s", wrong)


def fill(place: Path) -> None:
    """Take all space."""
    with suppress(OSError), open(place / "fill", "ab", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


def full_tempdir(trial: Trial, table: Table, expected: dict[str, bytes], what: str, options: str, when: str) -> None:
    """Let TMPDIR have no space: from the start, where Python takes another folder, or from the second record on."""
    name = f"temp-{what}-{when}".replace(" ", "-")
    out = trial.folder / f"{name}-out"
    with disk(trial.folder / name, options) as place:
        if when == "from the start":
            take(place, what)
        process = trial.begin(*arguments(out), TMPDIR=str(place))
        if when != "from the start":
            until(lambda: any(out.glob("c/records/*.json")))
            take(place, what)
        begun = time.monotonic()
        while process.poll() is None and time.monotonic() - begun < 120:
            if when != "from the start":
                take(place, what)  # also what ended runs have given back
            time.sleep(0.05)
        _, err = process.communicate(timeout=120)
        seconds = time.monotonic() - begun
        failed = sum(b'"status":"failed"' in p.read_bytes() for p in out.glob("c/records/*.json"))
        wrong = [f"{failed} runs stored as failed"] if failed else []
        wrong += refused(process.returncode, err, "No space left") if process.returncode else []
        wrong += [f"told after {seconds:.0f} s"] if seconds > LATE else []
    table.row(f"TMPDIR: no {what} {when}", f"exit code {process.returncode}: {' '.join(sentences(err))}", wrong)
    table.row("  and again, with space", "the same records", go_on(trial, out, expected))


def take(place: Path, what: str) -> None:
    if what == "space":
        fill(place)
        return
    try:
        while True:
            (place / f"fill-{time.monotonic_ns()}").touch()
    except OSError:
        pass


def main() -> None:
    count = times(__doc__, 6)
    if os.geteuid() != 0:
        sys.exit("needs root, to mount small disks")
    draw = random.Random(1)
    table = Table("a disk that cannot be written")
    with new_trial("disk") as trial:
        (trial.folder / "c.toml").write_text(CAMPAIGN)
        done = trial.do(*arguments("alone"))
        assert done.returncode == 0, done.stderr
        expected = canonical_parts(trial.folder / "alone" / "c")
        size = sum(-(-p.stat().st_size // 4096) * 4 for p in (trial.folder / "alone").rglob("*") if p.is_file())
        inodes = sum(1 for _ in (trial.folder / "alone").rglob("*"))
        sizes = [draw.randint(8, size - 8) // 4 * 4 for _ in range(count)]
        space(trial, table, expected, "space", [f"size={kilobytes}k" for kilobytes in sizes])
        numbers = [draw.randint(3, inodes - 3) for _ in range(count)]
        space(trial, table, expected, "inodes", [f"nr_inodes={number}" for number in numbers])
        in_the_middle(trial, table, expected, "read-only", count)
        in_the_middle(trial, table, expected, "full", count)
        for when in ("from the start", "after a record"):
            full_tempdir(trial, table, expected, "space", "size=1M", when)
            full_tempdir(trial, table, expected, "inodes", "nr_inodes=200", when)
    conclude([table])


if __name__ == "__main__":
    main()
