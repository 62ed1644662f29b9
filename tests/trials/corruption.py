"""Corrupt records at random: ``m3e check`` names each corruption, and ``m3e report`` does without the records.

Bits are flipped, bytes deleted, doubled or cut off, digits changed, files swapped or emptied, timings pasted from
another record, and full traces changed, cut, swapped or removed.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from common import Table, Trial, conclude, new_trial, times

from reports.storage.checking import faults_of

CAMPAIGN = """
problems = ["mix/S2/bw1/g8/i{0..1}"]
optimizers = ["magma", "random"]
seeds = 1
budget = 60
full_trace = "mappings"
"""
MANY = """
problems = ["mix/S2/bw1/g8/i{0..1}"]
optimizers = ["magma", "random"]
seeds = 6
budget = 60
"""

SAMPLE = 20
"""Number of corruptions that the command is asked about as well."""

Corruption = Callable[[random.Random, Path, Path], list[Path]]
"""Corrupts one of two files, or both; returns which."""


def flipped(draw: random.Random, file: Path, other: Path) -> list[Path]:
    content = bytearray(file.read_bytes())
    for _ in range(draw.choice([1, 1, 1, 2, 8])):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)
    return [file]


def truncated(draw: random.Random, file: Path, other: Path) -> list[Path]:
    content = file.read_bytes()
    file.write_bytes(content[: draw.randrange(len(content))])
    return [file]


def deleted(draw: random.Random, file: Path, other: Path) -> list[Path]:
    content = file.read_bytes()
    at = draw.randrange(len(content))
    file.write_bytes(content[:at] + content[at + draw.choice([1, 1, 3, 30]) :])
    return [file]


def doubled(draw: random.Random, file: Path, other: Path) -> list[Path]:
    content = file.read_bytes()
    at = draw.randrange(len(content))
    file.write_bytes(content[:at] + content[at : at + draw.choice([1, 1, 3, 30])] + content[at:])
    return [file]


def digit_changed(draw: random.Random, file: Path, other: Path) -> list[Path]:
    content = bytearray(file.read_bytes())
    at = draw.choice([m.start() for m in re.finditer(rb"\d", bytes(content))])
    content[at] = draw.choice([c for c in b"0123456789" if c != content[at]])
    file.write_bytes(content)
    return [file]


def swapped(draw: random.Random, file: Path, other: Path) -> list[Path]:
    first, second = file.read_bytes(), other.read_bytes()
    file.write_bytes(second)
    other.write_bytes(first)
    return [file, other]


def copied(draw: random.Random, file: Path, other: Path) -> list[Path]:
    file.write_bytes(other.read_bytes())
    return [file]


def timing_pasted(draw: random.Random, file: Path, other: Path) -> list[Path]:
    own, _, _ = file.read_bytes().rpartition(b',"timing":')
    _, _, foreign = other.read_bytes().rpartition(b',"timing":')
    file.write_bytes(own + b',"timing":' + foreign)
    return [file]


def second_changed(draw: random.Random, file: Path, other: Path) -> list[Path]:
    record = json.loads(file.read_bytes())
    part = draw.choice(sorted(record["timing"]["seconds"]))
    record["timing"]["seconds"][part] *= draw.choice([0.5, 0.999, 1.001, 2.0])
    file.write_bytes((json.dumps(record, sort_keys=False, separators=(",", ":"), ensure_ascii=False) + "\n").encode())
    return [file]


def removed(draw: random.Random, file: Path, other: Path) -> list[Path]:
    file.unlink()
    return [file]


OF_RECORDS: list[Corruption] = [
    flipped, truncated, deleted, doubled, digit_changed, swapped, copied, timing_pasted, second_changed,
]  # fmt: skip
OF_TRACES: list[Corruption] = [flipped, truncated, deleted, doubled, swapped, copied, removed]


def corrupt(trial: Trial, count: int) -> list[Table]:
    """Corrupt one thing at a time; count what was named."""
    campaign = trial.folder / "out" / "c"
    done = trial.do("run", "c.toml", "--no-report", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert not list(faults_of(campaign))
    records = sorted(campaign.glob("records/*.json"))
    whole = {file: file.read_bytes() for file in sorted(campaign.glob("records/*"))}
    draw = random.Random(0)
    sample = set(draw.sample(range(count), min(SAMPLE, count)))
    tried: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: list[str] = []
    asked = 0
    for number in range(count):
        is_trace = number % 4 == 3
        corruption = draw.choice(OF_TRACES if is_trace else OF_RECORDS)
        file, other = draw.sample([r.with_suffix(".npz") for r in records] if is_trace else records, 2)
        touched = corruption(draw, file, other)
        touched = [t for t in touched if not t.exists() or t.read_bytes() != whole[t]]  # all that is not as it was
        name = f"{'trace' if is_trace else 'record'}: {corruption.__name__.replace('_', ' ')}"
        if touched:
            tried[name] += 1
            named = {Path(fault.file) for fault in faults_of(campaign)}
            expected = {t.with_suffix(".json") for t in touched}
            if not expected <= named:
                missed[name] += 1
                wrong.append(f"{name}: {[p.name for p in expected - named]} is not named")
            if named - expected:
                wrong.append(f"{name}: {[p.name for p in named - expected]} is named as well")
            if number in sample:
                asked += 1
                said = trial.do("check", campaign)
                text = " ".join((said.stdout + said.stderr).split())
                if said.returncode == 0 or "Traceback" in text or not any(p.stem in text for p in expected):
                    wrong.append(f"m3e check after {name}: exit code {said.returncode}: {text[-300:]}")
        for path in touched:
            path.write_bytes(whole[path])
    table = Table(f"{tried.total()} corruptions, each alone, in a campaign of {len(records)} runs with full traces")
    for name in sorted(tried):
        table.row(
            name, f"{tried[name] - missed[name]} of {tried[name]} named", f"{missed[name]} missed" * bool(missed[name])
        )
    table.row("the same by the command", f"{asked} of them, exit code 1", wrong)
    return [table]


def reported(trial: Trial) -> Table:
    """Report a campaign in which most records are damaged."""
    trial.do("run", "many.toml", "--no-report", "--out", "out")
    campaign = trial.folder / "out" / "many"
    draw = random.Random(1)
    records = sorted(campaign.glob("records/*.json"))
    table = Table(f"a report on {len(records)} records, most of them damaged")
    for damaged in (6, 18, len(records)):
        place = trial.folder / f"damaged-{damaged}" / "many"
        shutil.copytree(campaign, place)
        for file in draw.sample(sorted(place.glob("records/*.json")), damaged):
            draw.choice([flipped, truncated, deleted, doubled, digit_changed, timing_pasted])(
                draw, file, draw.choice([f for f in place.glob("records/*.json") if f != file])
            )
        same = sum(file.read_bytes() == (place / "records" / file.name).read_bytes() for file in records)
        done = trial.do("report", place)
        text = done.stdout + done.stderr
        wrong = [f"exit code {done.returncode}: {text[-300:]}"] if done.returncode not in (0, 1, 2) else []
        wrong += [text[-500:]] if "Traceback" in text or "internal error" in text else []
        used = re.search(r"(\d+) of (\d+) runs", text)
        if same and (not used or int(used[1]) != same):
            wrong.append(f"{used and used[0]} used, {same} are as they were: {text[:300]}")
        check = trial.do("check", place)
        named = check.stdout + check.stderr
        faults = sum(file.stem in named for file in records)
        wrong += [] if faults == len(records) - same else [f"m3e check names {faults}, not {len(records) - same}"]
        seen = f"{used[0] + ' used' if used else ' '.join(text.split())[-150:]}, exit code {done.returncode}"
        table.row(f"{len(records) - same} damaged", seen, wrong)
    return table


def main() -> None:
    count = times(__doc__, 2000)
    with new_trial("corruption") as trial:
        (trial.folder / "c.toml").write_text(CAMPAIGN)
        (trial.folder / "many.toml").write_text(MANY)
        tables = [*corrupt(trial, count), reported(trial)]
    conclude(tables)


if __name__ == "__main__":
    main()
