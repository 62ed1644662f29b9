"""Campaigns: problems x optimizers x seeds, in a TOML file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import optimizers
import problems
from bench.campaigns import warm_start
from optimizers import FullTrace
from optimizers.limits import check_budget, check_seed, check_wall_limit
from problems.foundation.errors import InvalidInput, MissingExtra
from problems.foundation.extras import install_command
from reports.storage.campaign_folder import Absent
from reports.storage.spec import RunSpec

MOST_SEEDS = 1_000_000
MOST_RUNS = 10_000_000


@dataclass(frozen=True)
class Contender:
    """An optimizer in a campaign.

    Attributes:
        name: Registered name.
        label: Name in tables and figures; unique in the campaign.
        parameters: Parameters that differ from the defaults.
        missing: Requirement that is not installed, of an optional optimizer; it is not run.
    """

    name: str
    label: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True)
class Campaign:
    """Every optimizer on every problem with every seed.

    Attributes:
        name: Stem of the file, and name of the results folder.
        problems: Canonical problem ids.
        contenders: The optimizers.
        seeds: Seeds of the runs.
        budget: Evaluations per run.
        wall_limit_seconds: Time after which a run is cut, or None.
        full_trace: What is stored of every evaluation.
        description: One line for lists.

    Raises:
        InvalidInput: If a field is empty, has duplicates or is out of range, two optimizers are the same under two
            labels, or one cannot take several objectives.
        UnknownName: If an optimizer or parameter is not known.
    """

    name: str
    problems: tuple[str, ...]
    contenders: tuple[Contender, ...]
    seeds: tuple[int, ...]
    budget: int
    wall_limit_seconds: float | None = None
    full_trace: FullTrace = FullTrace.NOTHING
    description: str = ""

    def __post_init__(self) -> None:
        labels = tuple(c.label for c in self.contenders)
        self._check_all_differ("problems", self.problems)
        self._check_all_differ("optimizers", labels, hint="Give the second one a label.")
        self._check_all_differ("seeds", self.seeds)
        count = len(self.problems) * len(self.contenders) * len(self.seeds)
        if count > MOST_RUNS:
            expected = f"at most {MOST_RUNS:,} runs"
            raise InvalidInput(
                f"campaign {self.name!r}",
                expected=expected,
                actual=f"{count:,}",
                hint="Split it into several.",
                key="seeds",
            )
        with self._field("budget"):
            check_budget("budget", self.budget)
        with self._field("seeds"):
            for seed in self.seeds:
                check_seed("seeds", seed)
        with self._field("wall_limit_seconds"):
            check_wall_limit(self.wall_limit_seconds)
        self._check_contenders()

    def _check_all_differ(self, key: str, values: Sequence[str | int], hint: str = "") -> None:
        with self._field(key):
            if not values:
                raise InvalidInput(key, expected="at least one", actual="none")
            twice = {v for v, count in Counter(values).items() if count > 1}
            if twice:
                actual = f"{sorted(map(str, twice))} twice"
                raise InvalidInput(key, expected="each once", actual=actual, hint=hint)

    @contextmanager
    def _field(self, key: str, item: int | None = None) -> Iterator[None]:
        """Name the campaign, ``key`` and the ``item`` of its list in errors raised inside."""
        try:
            yield
        except InvalidInput as error:
            raise InvalidInput(
                f"campaign {self.name!r}: {key}",
                expected=error.expected,
                actual=error.actual,
                hint=error.hint,
                key=key,
                item=item,
            ) from None

    def runs(self) -> list[tuple[RunSpec, str]]:
        """Return all runs with their labels, by problem, then by seed.

        Raises:
            UnknownName: If an optimizer or parameter is not known.
            MissingExtra: If an optimizer's library is not installed.
        """
        installed = [c for c in self.contenders if not c.missing]
        if not installed:
            command = install_command(*sorted({gap.needs for gap in self.absent().values()}))
            raise MissingExtra(f"campaign {self.name!r}: none of its optimizers is installed: {command}")
        parameters = {c.label: optimizers.resolve_parameters(c.name, c.parameters) for c in installed}
        return [
            (self._spec(problem, contender.name, parameters[contender.label], seed), contender.label)
            for problem in self.problems
            for seed in self.seeds
            for contender in installed
        ]

    def absent(self) -> dict[str, Absent]:
        """Return the optional optimizers that are left out, by label."""
        return {c.label: Absent(c.name, c.missing) for c in self.contenders if c.missing}

    def _check_contenders(self) -> None:
        """Raise if two contenders are the same run under two labels, or one cannot take the problems' objectives."""
        most = max(problems.OBJECTIVES.get(problems.parse_id(p).objective).count for p in self.problems)
        seen: dict[tuple[str, str], str] = {}
        for number, c in enumerate(self.contenders):
            if c.missing:
                continue
            parameters = optimizers.resolve_parameters(c.name, c.parameters)
            key = (c.name, json.dumps(parameters, sort_keys=True))
            with self._field("optimizers", number):
                if parameters.get(warm_start.PARAMETER):
                    for problem in self.problems:
                        warm_start.for_problem(parameters, problem)
                if key in seen:
                    actual = f"{c.label!r}, which is {seen[key]!r} again"
                    raise InvalidInput("optimizers", expected="each optimizer and its parameters once", actual=actual)
                try:
                    optimizers.check_objectives(c.name, most)
                except InvalidInput as error:
                    expected = f"an optimizer that takes {most} objectives"
                    raise InvalidInput("optimizers", expected=expected, actual=c.name, hint=error.hint) from None
            seen[key] = c.label

    def _spec(self, problem: str, optimizer: str, parameters: Mapping[str, object], seed: int) -> RunSpec:
        parameters = warm_start.for_problem(parameters, problem)
        return RunSpec(
            suite_version=problems.SUITE_VERSION,
            problem=problem,
            optimizer=optimizer,
            parameters=parameters,
            seed=seed,
            budget=self.budget,
            wall_limit_seconds=self.wall_limit_seconds,
            full_trace=self.full_trace,
        )


def with_overrides(
    campaign: Campaign,
    *,
    budget: int | None = None,
    seeds: int | None = None,
    full_trace: FullTrace = FullTrace.NOTHING,
    contenders: Sequence[Contender] = (),
) -> Campaign:
    """Return the campaign with another budget or number of seeds, or with more contenders.

    Another budget makes it another campaign with its own name. A contender that it already has is not added again.
    """
    other_budget = budget not in (None, campaign.budget)
    return replace(
        campaign,
        name=f"{campaign.name}-b{budget}" if other_budget else campaign.name,
        budget=campaign.budget if budget is None else budget,
        seeds=campaign.seeds if seeds is None else first_seeds(seeds),
        full_trace=full_trace if campaign.full_trace is FullTrace.NOTHING else campaign.full_trace,
        contenders=(*campaign.contenders, *(c for c in contenders if c not in campaign.contenders)),
    )


def make_contender(
    name: str, label: str | None = None, parameters: Mapping[str, object] = MappingProxyType({})
) -> Contender:
    """Check an optimizer of a campaign and return it as a contender; its label defaults to its name.

    Raises:
        UnknownName, InvalidInput, MissingExtra: If there is no such optimizer, or it does not take the parameters.
    """
    plain = {key: value for key, value in parameters.items() if key != warm_start.PARAMETER}
    optimizers.check_parameters(name, plain)
    if len(plain) < len(parameters):
        optimizers.resolve_parameters(name, parameters)
        warm_start.check_request(parameters[warm_start.PARAMETER])
    return Contender(optimizers.canonical_name(name), label or name, parameters)


def first_seeds(count: int) -> tuple[int, ...]:
    """Return the seeds 0 to ``count`` - 1.

    Raises:
        InvalidInput: If a campaign cannot have that many.
    """
    if count < 1:
        raise InvalidInput("seeds", expected="at least one", actual=f"{count:,}")
    if count > MOST_SEEDS:
        raise InvalidInput("seeds", expected=f"at most {MOST_SEEDS:,}", actual=f"{count:,}")
    return tuple(range(count))
