"""A campaign of hostile optimizers beside healthy ones: each run is recorded as what it is, and disturbs no other."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import hostile_optimizers
from common import Table, Trial, canonical_parts, conclude, new_trial, times

HEALTHY = ["magma", "random", "nevergrad-de"]

BUDGET = 100

FAILED = {
    "OutOfMemory": "MemoryError",
    "KilledForMemory": "signal 9",
    "Exits": "exit code 0",
    "SystemExits": "SystemExit",
    "Alarm": "exit code 9",
}
"""Hostile optimizers whose runs fail, and what the message must say."""

CUT = ("LoopsInC", "LoopsInCWithChildren")

EITHER = (
    "NoMemoryLeft",
    "ClosesEverything",
    "FloatingPoint",
    "Recursion",
    "PatchesNumpy",
    "PatchesJson",
    "Descriptors",
)
"""What these break may be the end of their own run, or not."""


def names() -> list[str]:
    found = vars(hostile_optimizers).values()
    return [c.__name__ for c in found if isinstance(c, type) and c.__module__ == hostile_optimizers.__name__][1:]


def campaign(optimizers: list[str], limit: str) -> str:
    listed = ", ".join(f'"{name}"' for name in optimizers)
    return f'problems = ["mix/S2/bw1/g8/i0"]\noptimizers = [{listed}]\nseeds = 2\nbudget = {BUDGET}\n{limit}\n'


def judged(name: str, record: dict[str, object]) -> str:
    """What is wrong with the record of a hostile run, "" if nothing is."""
    result = record["result"]
    assert isinstance(result, dict)
    status, message = result["status"], result["message"]
    expected = "cut" if name in CUT else "failed" if name in FAILED else "complete"
    if status != expected and name not in EITHER:
        return f"{name}: {status} ({message}), expected {expected}"
    if FAILED.get(name, "") not in message:
        return f"{name}: {message}, expected {FAILED[name]}"
    evaluations = result["num_evaluations"]
    if evaluations != (BUDGET if status == "complete" else evaluations) or evaluations > BUDGET:
        return f"{name}: {evaluations} evaluations"
    if name in (*FAILED, *CUT) and evaluations != 15:
        return f"{name}: {evaluations} evaluations are kept, 15 were made"
    return ""


def once(trial: Trial, number: int) -> Table:
    arguments = ["--no-report", "--workers", "2", "--out"]
    path = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])}
    alone = trial.do("run", "healthy/c.toml", *arguments, f"alone-{number}", **path)
    begun = time.monotonic()
    done = trial.do("run", "hostile/c.toml", *arguments, f"beside-{number}", **path)
    seconds = time.monotonic() - begun
    left = trial.seconds_until_ended()
    folder = trial.folder / f"beside-{number}" / "c"
    table = Table(f"{len(names())} hostile optimizers beside {len(HEALTHY)} healthy ones, {seconds:.0f} s")
    found = [json.loads(p.read_bytes()) for p in sorted(folder.glob("records/*.json"))]
    for name in names():
        own = [r for r in found if r["spec"]["optimizer"].partition("#")[0].endswith(f":{name}")]
        wrong = [judged(name, record) for record in own] + ["no record"] * (len(own) != 2)
        result = own[0]["result"] if own else {"status": "", "message": "", "num_evaluations": ""}
        table.row(name, f"{result['status']}, {result['num_evaluations']} evaluations: {result['message'][:90]}", wrong)
    expected = canonical_parts(trial.folder / f"alone-{number}" / "c")
    beside = canonical_parts(folder)
    different = [key for key in expected if beside.get(key) != expected[key]]
    wrong = [f"{len(different)} canonical parts differ: {different[:2]}"] if different else []
    wrong += [alone.stderr] if alone.returncode or not expected else []
    table.row("the healthy ones", f"{len(expected)} canonical parts as without hostile neighbours", wrong)
    wrong = [f"exit code {done.returncode}: {done.stderr[-500:]}"] if done.returncode != 1 else []
    wrong += ["traceback"] if "Traceback" in done.stderr else []
    table.row("the command", f"exit code {done.returncode}", wrong)
    check = trial.do("check", folder, **path)
    table.row("m3e check", check.stdout.strip(), check.stderr if check.returncode else "")
    wrong = ["processes were left behind"] if left == float("inf") else []
    table.row("processes", f"all gone {left:.1f} s later; one that left its session sleeps its 15 s", wrong)
    return table


def main() -> None:
    count = times(__doc__, 1)
    with new_trial("hostile") as trial:
        for folder, optimizers in (("healthy", HEALTHY), ("hostile", [*everyone(), *HEALTHY])):
            (trial.folder / folder).mkdir()
            (trial.folder / folder / "c.toml").write_text(campaign(optimizers, "cpu_limit_seconds = 1"))
        tables = [once(trial, number) for number in range(count)]
    conclude(tables)


def everyone() -> list[str]:
    return [f"hostile_optimizers:{name}" for name in names()]


if __name__ == "__main__":
    main()
