"""Campaigns of hostile optimizers and programs beside healthy ones: each run is recorded as what it is, alone."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import hostile_optimizers
import hostile_programs
from common import Table, Trial, canonical_parts, conclude, new_trial, times

HEALTHY = ["magma", "random", "nevergrad-de"]

BUDGET = 100

MADE = 15
"""Evaluations before a hostile optimizer acts."""


@dataclass(frozen=True)
class Field:
    """Hostile optimizers of a campaign, and what must be recorded of them.

    Attributes:
        what: What they are, in words.
        names: Optimizers by what they are called here.
        failed: Those whose runs fail, and what the message must say.
        cut: Those that a limit ends.
        either: Those that may be the end of their own run, or not.
        limit: Line of the campaign with its limit.
        made: Evaluations of those that end otherwise than after ``MADE`` and fail or are cut.
    """

    what: str
    names: Mapping[str, str]
    failed: Mapping[str, str]
    cut: Collection[str]
    either: Collection[str]
    limit: str
    made: Mapping[str, int]

    def judged(self, name: str, record: Mapping[str, object]) -> str:
        """What is wrong with the record of a hostile run, "" if nothing is."""
        result = record["result"]
        assert isinstance(result, dict)
        status, message = result["status"], result["message"]
        expected = "cut" if name in self.cut else "failed" if name in self.failed else "complete"
        if status != expected and name not in self.either:
            return f"{name}: {status} ({message}), expected {expected}"
        if self.failed.get(name, "") not in message:
            return f"{name}: {message}, expected {self.failed[name]}"
        evaluations = result["num_evaluations"]
        if evaluations != (BUDGET if status == "complete" else evaluations) or evaluations > BUDGET:
            return f"{name}: {evaluations} evaluations"
        made = self.made.get(name, MADE)
        if name in (*self.failed, *self.cut) and evaluations != made:
            return f"{name}: {evaluations} evaluations are kept, {made} were made"
        return ""


def _optimizers() -> Field:
    found = vars(hostile_optimizers).values()
    names = [c.__name__ for c in found if isinstance(c, type) and c.__module__ == hostile_optimizers.__name__][1:]
    return Field(
        "optimizers",
        {name: f"hostile_optimizers:{name}" for name in names},
        failed={
            "OutOfMemory": "MemoryError",
            "KilledForMemory": "signal 9",
            "Exits": "exit code 0",
            "SystemExits": "SystemExit",
            "Alarm": "exit code 9",
        },
        cut=("LoopsInC", "LoopsInCWithChildren"),
        either=(
            "NoMemoryLeft",
            "ClosesEverything",
            "FloatingPoint",
            "Recursion",
            "PatchesNumpy",
            "PatchesJson",
            "Descriptors",
        ),
        limit="cpu_limit_seconds = 1",
        made={},
    )


def _programs() -> Field:
    start = f"exec:{sys.executable} {hostile_programs.__file__}"
    return Field(
        "programs",
        {name: f"{start} {name}" for name in (*hostile_programs.AT_ONCE, *hostile_programs.ACTS)},
        failed={
            "exits_at_once": "has ended early (exit code 0)",
            "writes_before_it_is_asked": "'Welcome!'",
            "speaks_another_version": "(exit code 1); its last words on stderr: 'I speak version 2",
            "prints_garbage": "no list of mappings",
            "answers_in_binary": "no list of mappings",
            "exits": "has ended early (exit code 0)",
            "crashes": "has ended early (signal 11)",
            "explains_its_end": "'the tables are missing'",
            "asks_for_a_core_too_many": "expected cores from 0 to",
            "gives_nan": "no list of mappings",
            "floods_stdout": "a line of more than",
            "answers_half_a_line_and_exits": "has ended early (exit code 0)",
            "answers_twice": "more than one line",
            "closes_its_input": "has closed its input",
            "closes_its_output": "has closed its output",
            "leaves_a_child_in_its_place": "has ended early (exit code 0)",
            "leaves_a_child_in_its_place_and_crashes": "has ended early (signal 9)",
            "kills_its_run": "signal 9",
        },
        cut=(
            "never_reads",
            "never_answers",
            "stops_itself",
            "spins",
            "floods_stderr",
            "answers_half_a_line",
            "ignores_signals",
        ),
        either=(),
        limit="wall_limit_seconds = 5",
        made=dict.fromkeys(hostile_programs.AT_ONCE, 0) | {"closes_its_input": 20},
    )


def campaign(optimizers: Collection[str], limit: str) -> str:
    listed = ", ".join(json.dumps(name) for name in optimizers)
    return f'problems = ["mix/S2/bw1/g8/i0"]\noptimizers = [{listed}]\nseeds = 2\nbudget = {BUDGET}\n{limit}\n'


def once(trial: Trial, field: Field, number: int) -> Table:
    for folder, optimizers in (("healthy", HEALTHY), ("hostile", [*field.names.values(), *HEALTHY])):
        (trial.folder / field.what / folder).mkdir(parents=True, exist_ok=True)
        (trial.folder / field.what / folder / "c.toml").write_text(campaign(optimizers, field.limit))
    arguments = ["--no-report", "--workers", "2", "--out"]
    path = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])}
    alone = trial.do("run", f"{field.what}/healthy/c.toml", *arguments, f"alone-{field.what}-{number}", **path)
    begun = time.monotonic()
    done = trial.do("run", f"{field.what}/hostile/c.toml", *arguments, f"beside-{field.what}-{number}", **path)
    seconds = time.monotonic() - begun
    left = trial.seconds_until_ended()
    folder = trial.folder / f"beside-{field.what}-{number}" / "c"
    table = Table(f"{len(field.names)} hostile {field.what} beside {len(HEALTHY)} healthy ones, {seconds:.0f} s")
    found = [json.loads(p.read_bytes()) for p in sorted(folder.glob("records/*.json"))]
    for name, optimizer in field.names.items():
        own = [r for r in found if r["spec"]["optimizer"].partition("#")[0] == optimizer]
        wrong = [field.judged(name, record) for record in own] + ["no record"] * (len(own) != 2)
        result = own[0]["result"] if own else {"status": "", "message": "", "num_evaluations": ""}
        message = result["message"].replace(f"optimizer '{optimizer}' ", "")[:90]
        table.row(name, f"{result['status']}, {result['num_evaluations']} evaluations: {message}", wrong)
    expected = canonical_parts(trial.folder / f"alone-{field.what}-{number}" / "c")
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
        tables = [once(trial, field, number) for number in range(count) for field in (_optimizers(), _programs())]
    conclude(tables)


if __name__ == "__main__":
    main()
