"""Runs of an archive carried out again: equal results prove that it can be reproduced."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bench.campaigns import environment
from bench.campaigns.run_one import Work, run_apart
from optimizers.builtin import OPTIMIZERS
from problems.foundation.errors import M3EError
from problems.foundation.text import printable
from reports.storage.archive import Archive
from reports.storage.record import StoredRun, decode, difference_of

ON_KERNELS = (
    "*-*cma*",
    "nevergrad-ngopt",
    "nevergrad-portfolio",
    "optuna-gp",
    "scipy-dual-annealing",
    "sb3-*",
    "*:*",
)
"""Optimizers that decompose matrices, follow gradients or train networks (NGOpt in the unit cube), and those that are
not known: kernels of linear algebra, which libraries choose by the processor, change their last digits and so what they
find.
"""

ON_INSTRUCTIONS = (
    *ON_KERNELS,
    "nevergrad-*tbpsa",
    "optuna-tpe",
    "pymoo-ga",
    "pymoo-mixedga",
    "pymoo-nsga2",
)
"""Optimizers that depend on the code that NumPy chooses by the processor, whose exponentials differ in the last digit,
and which sorts equal values otherwise. All others find the same everywhere (``tests/trials/processors.py``).
"""

LONGEST = 60.0
"""Most CPU seconds of a run that is carried out again."""


@dataclass(frozen=True)
class Drawn:
    """The runs that are to be carried out again.

    Attributes:
        runs: They, complete ones of at most ``LONGEST`` CPU seconds.
        not_installed: Optimizers of the archive that cannot be loaded here, so that none of their runs were drawn.
    """

    runs: list[StoredRun]
    not_installed: list[str]


@dataclass(frozen=True)
class Again:
    """A run that was carried out again.

    Attributes:
        run: The run as the archive has it.
        difference: What differs, or "".
        excuse: What it was made with that is otherwise here, or "": then a difference is no fault.
    """

    run: StoredRun
    difference: str
    excuse: str

    @property
    def is_fault(self) -> bool:
        """Whether the archive is not reproduced."""
        return bool(self.difference) and not self.excuse


def drawn(archive: Archive, number: int, seed: int) -> Drawn:
    """Draw some runs of an archive.

    Args:
        archive: The archive.
        number: How many runs; fewer if there are not that many complete ones of at most ``LONGEST`` CPU seconds of
            optimizers that can be loaded here.
        seed: Seed of the draw.

    Raises:
        StorageError: If the archive is damaged.
    """
    runs = [run for run in archive.runs() if run.status == "complete" and run.seconds["cpu"] <= LONGEST]
    missing = {name for name in {run.spec.optimizer for run in runs} if not _can_be_loaded(name)}
    runs = [run for run in runs if run.spec.optimizer not in missing]
    return Drawn(random.Random(seed).sample(runs, min(number, len(runs))), sorted(missing))


def _can_be_loaded(optimizer: str) -> bool:
    try:
        OPTIMIZERS.get(optimizer).load()
    except M3EError:
        return False
    return True


def carried_out_again(runs: Iterable[StoredRun]) -> Iterator[Again]:
    """Carry out runs again, and compare their results to the last digit."""
    for run in runs:
        try:
            content, _ = run_apart(Work(run.spec, "archive"))
        except M3EError as error:
            yield Again(run, f"cannot be carried out: {printable(error, 200)}", "")
            continue
        new = decode(content, run.label)
        yield Again(run, difference_of(run, new), _excuse(run, new))


def _excuse(old: StoredRun, new: StoredRun) -> str:
    """What two runs were made with that differs, if it can change results: libraries, or what these chose."""
    libraries = {"numpy", *environment.libraries_of(old.spec.optimizer)}
    versions = [own.environment["versions"] for own in (old, new)]
    old_and_new = ((name, *(own.get(name, "none") for own in versions)) for name in sorted(libraries))
    differing = [f"{name} {was} (here {now})" for name, was, now in old_and_new if was != now]
    if differing:
        return f"made with {', '.join(differing)}"
    if new.status != "complete":  # other last digits let no run fail
        return ""
    others = list(old.environment["linear_algebra"]) != list(new.environment["linear_algebra"])
    if others and _is_among(old.spec.optimizer, ON_KERNELS):
        return "made with other kernels of linear algebra"
    there, here = (own.environment.get("vector_instructions") for own in (old, new))
    if there != here and _is_among(old.spec.optimizer, ON_INSTRUCTIONS):
        return "made with other vector instructions" if there is not None else "made with unknown vector instructions"
    return ""


def _is_among(optimizer: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(optimizer, pattern) for pattern in patterns)
