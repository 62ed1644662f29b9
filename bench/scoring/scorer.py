"""Scores of files with an optimizer: ``score`` of one, ``Scorer`` of many."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import MappingProxyType
from typing import Any

import msgspec

from bench.campaigns.campaign import first_seeds
from bench.scoring.instances import Instance, instances_of
from bench.scoring.process import Failed, OptimizerProcess
from bench.scoring.references import references
from bench.scoring.remote import remote
from bench.scoring.report import Failure, InstanceScore, Limits, Printed, ReferencePoint, Sandbox, Score, Seconds
from bench.scoring.scale import score_of
from optimizers.limits import check_budget
from optimizers.search import Search
from problems import SUITE_VERSION
from problems.foundation.errors import BadProposal, InvalidInput, OptimizerFailed
from problems.foundation.files import read_bytes
from problems.foundation.text import printable

CAMPAIGN = "dev"

BUDGET = 10_000

LIMITS = Limits(cpu_seconds=60, wall_seconds=300.0, memory_mib=2048)

LARGEST_SOURCE = 2**20
"""Bytes of a file."""


@dataclass(frozen=True)
class Candidate:
    """A file with an optimizer.

    Attributes:
        told: As it was given, ``FILE.py`` or ``FILE.py:Class``.
        path: The file.
        name: Name of the class, or "" for the only one.
        source: Content of the file.
    """

    told: str
    path: Path
    name: str
    source: bytes

    @classmethod
    def read(cls, told: str) -> Candidate:
        """Read a file named as ``FILE.py`` or ``FILE.py:Class``.

        Raises:
            InvalidInput: If it cannot be read, is too large, or the class has no name of a class.
        """
        file, colon, name = told.rpartition(":")
        path = Path(file if colon else told)
        name = name if colon else ""
        if path.suffix != ".py" or (colon and not name.isidentifier()):
            raise InvalidInput("file", expected="FILE.py, or FILE.py:Class", actual=told)
        return cls(told, path, name, read_bytes(path, LARGEST_SOURCE))


@dataclass(frozen=True, eq=False)
class Scorer:
    """Scores files, all on the same instances, which it loads once.

    Attributes:
        on: Campaign whose instances they are: a name, or a TOML file.
        only: Patterns of problem ids; none of them for all.
        budget: Evaluations of a run.
        seeds: Number of runs on each instance.
        limits: Limits of the optimizer's process.

    Raises:
        InvalidInput: If the budget or number of seeds is out of range.
    """

    on: str = CAMPAIGN
    only: Sequence[str] = ()
    budget: int = BUDGET
    seeds: int = 1
    limits: Limits = LIMITS

    def __post_init__(self) -> None:
        check_budget("budget", self.budget)
        first_seeds(self.seeds)

    @cached_property
    def instances(self) -> list[Instance]:
        """The instances, whose evaluator is loaded."""
        found = instances_of(self.on, self.only)
        for instance in found:
            instance.problem.warm_up()
        return found

    @cached_property
    def references(self) -> list[ReferencePoint]:
        """Scores of other optimizers, the best first."""
        return references(self.on, {each.problem.id: each.best_known for each in self.instances}, self.budget)

    def score(self, candidate: Candidate, parameters: Mapping[str, object] = MappingProxyType({})) -> Score:
        """Score the optimizer of a file; whatever its code does, a score or the reason why there is none is returned.

        Raises:
            InvalidInput, UnknownName: If there are no such instances.
        """
        started = perf_counter()
        with TemporaryDirectory(prefix="m3e-score-", ignore_cleanup_errors=True) as folder:
            place = Path(folder).resolve() / candidate.path.name
            place.write_bytes(candidate.source)
            process = OptimizerProcess(place, candidate.name, parameters, self.limits)
            attempt = _Attempt(process, self)
            try:
                attempt.carry_out()
            finally:
                printed, cpu_seconds = process.close()
        seconds = Seconds(wall=round(perf_counter() - started, 3), cpu=round(cpu_seconds, 3))
        return self._report(candidate, parameters, attempt, printed, seconds)

    def _report(
        self,
        candidate: Candidate,
        parameters: Mapping[str, object],
        attempt: _Attempt,
        printed: Printed,
        seconds: Seconds,
    ) -> Score:
        ratios = [each.ratio for each in attempt.found if each.ratio is not None]
        value = None if attempt.failure else score_of(ratios)
        better = [point for point in self.references if value is not None and point.score < value]
        return Score(
            suite_version=SUITE_VERSION,
            file=printable(candidate.path),
            sha256=hashlib.sha256(candidate.source).hexdigest(),
            optimizer=attempt.name,
            parameters=dict(parameters),
            status="failed" if attempt.failure else "scored",
            score=value,
            failure=attempt.failure,
            on=self.on,
            budget=self.budget,
            seeds=list(first_seeds(self.seeds)),
            instances=attempt.found,
            references=self.references,
            place=len(better) + 1 if value is not None and self.references else None,
            limits=self.limits,
            sandbox=attempt.sandbox,
            printed=printed,
            seconds=seconds,
        )


class _Attempt:
    """One file on all instances, until one fails."""

    def __init__(self, process: OptimizerProcess, scorer: Scorer) -> None:
        self._process, self._scorer = process, scorer
        self.name: str | None = None
        self.sandbox = Sandbox()
        self.failure: Failure | None = None
        self.found: list[InstanceScore] = []

    def carry_out(self) -> None:
        """Run it on one instance after the other; after a failure on none."""
        instances = self._scorer.instances  # while the process loads what it needs
        try:
            self.sandbox = self._process.confined()
            self.name = self._process.loaded()
        except Failed as error:
            self.failure = error.failure
        self.found = [self._scored(instance) for instance in instances]

    def _scored(self, instance: Instance) -> InstanceScore:
        values: list[float] = []
        evaluations: list[int] = []
        status: Any = "not run"
        if self.failure is None:
            self.failure = self._run_all(instance, values, evaluations)
            status = "failed" if self.failure else "ok"
        return InstanceScore(
            problem=instance.problem.id,
            status=status,
            best_known=instance.best_known,
            values=values,
            evaluations=evaluations,
            ratio=median(values) / instance.best_known if status == "ok" else None,
        )

    def _run_all(self, instance: Instance, values: list[float], evaluations: list[int]) -> Failure | None:
        """Run it with every seed; return why that failed, if it did."""
        for seed in first_seeds(self._scorer.seeds):
            failure, value, count = self._run(instance, seed)
            if failure is not None:
                return msgspec.structs.replace(failure, problem=instance.problem.id, seed=seed)
            values.append(value)
            evaluations.append(count)
        return None

    def _run(self, instance: Instance, seed: int) -> tuple[Failure | None, float, int]:
        """Run it once; return why that failed, the best value, and the evaluations."""
        budget = self._scorer.budget
        search = Search(instance.problem, remote(self._process), budget=budget, seed=seed, parameters={})
        failure: Failure | None = None
        try:
            search.run()
        except Failed as error:
            failure = error.failure
        except (BadProposal, OptimizerFailed) as error:
            failure = Failure(kind="proposal", message=printable(error).replace("scored:Optimizer", str(self.name)))
        result = search.result()
        if failure is None and result.best_value == float("inf"):
            failure = Failure(kind="nothing", message="it proposed no mapping that can run")
        return failure, result.best_value, result.num_evaluations


def score(file: str, *, parameters: Mapping[str, object] = MappingProxyType({}), **options: Any) -> Score:
    """Score the optimizer of one file; ``options`` are those of a ``Scorer``.

    Raises:
        InvalidInput, UnknownName: If there is no such file, or an option does not fit.
    """
    return Scorer(**options).score(Candidate.read(file), parameters)


def scores(scorer: Scorer, files: Sequence[str], parameters: Mapping[str, object]) -> Iterator[Score]:
    """Yield the score of each file; all are read first.

    Raises:
        InvalidInput, UnknownName: As ``score``.
    """
    for candidate in [Candidate.read(file) for file in files]:
        yield scorer.score(candidate, parameters)
