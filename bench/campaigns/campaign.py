"""Campaigns: problems x optimizers x seeds, in a TOML file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import optimizers
import problems
from bench.campaigns import warm_start
from optimizers import FullTrace
from optimizers.limits import check_budget, check_cpu_limit, check_seed, check_wall_limit
from problems.foundation.errors import InvalidInput, MissingExtra
from problems.foundation.extras import install_command
from reports.storage.campaign_folder import CampaignFile
from reports.storage.design import WARM_START, Absent, Design, parameters_for
from reports.storage.design import Contender as Resolved

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
        cpu_limit_seconds: CPU time after which a run is cut, or None.
        full_trace: What is stored of every evaluation.
        description: One line for lists.
        toml: Text of the file that it was read from.
        base: The campaign as its file has it, if this one differs in seeds or optimizers.

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
    cpu_limit_seconds: float | None = None
    full_trace: FullTrace = FullTrace.NOTHING
    description: str = ""
    toml: str = ""
    base: Campaign | None = None

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
        with self._field("cpu_limit_seconds"):
            check_cpu_limit(self.cpu_limit_seconds)
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

    def design(self) -> Design:
        """Return the runs that the campaign asks for; optimizers that are not installed are left out.

        Raises:
            MissingExtra: If none is installed.
        """
        installed = [c for c in self.contenders if not c.missing]
        if not installed:
            command = install_command(*sorted({gap.needs for gap in self.absent().values()}))
            raise MissingExtra(f"campaign {self.name!r}: none of its optimizers is installed: {command}")
        return Design(
            suite_version=problems.SUITE_VERSION,
            problems=self.problems,
            contenders=tuple(Resolved(c.label, c.name, _resolved(c)) for c in installed),
            seeds=self.seeds,
            budget=self.budget,
            wall_limit_seconds=self.wall_limit_seconds,
            cpu_limit_seconds=self.cpu_limit_seconds,
            full_trace=self.full_trace,
            absent=self.absent(),
        )

    def file(self) -> CampaignFile:
        """Return what is stored of the campaign itself."""
        return CampaignFile(self.name, self.toml, (self.base or self).design())

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
                if parameters.get(WARM_START):
                    for problem in self.problems:
                        parameters_for(parameters, problem)
                if key in seen:
                    actual = f"{c.label!r}, which is {seen[key]!r} again"
                    raise InvalidInput("optimizers", expected="each optimizer and its parameters once", actual=actual)
                try:
                    optimizers.check_objectives(c.name, most)
                except InvalidInput as error:
                    expected = f"an optimizer that takes {most} objectives"
                    raise InvalidInput("optimizers", expected=expected, actual=c.name, hint=error.hint) from None
            seen[key] = c.label


def _resolved(contender: Contender) -> dict[str, Any]:
    """Return all parameters of a contender as JSON values."""
    parameters: dict[str, Any] = json.loads(
        json.dumps(optimizers.resolve_parameters(contender.name, contender.parameters))
    )
    return parameters


def with_overrides(
    campaign: Campaign,
    *,
    budget: int | None = None,
    seeds: int | None = None,
    full_trace: FullTrace = FullTrace.NOTHING,
    contenders: Sequence[Contender] = (),
) -> Campaign:
    """Return the campaign with another budget or number of seeds, or with more contenders.

    Another budget, or full traces, make it another campaign with its own name; other seeds and more contenders are more
    runs of the same campaign. A contender that it already has is not added again.
    """
    name = campaign.name if budget in (None, campaign.budget) else f"{campaign.name}-b{budget}"
    traced = full_trace is not FullTrace.NOTHING and campaign.full_trace is FullTrace.NOTHING
    base = replace(
        campaign,
        name=f"{name}-traces" if traced else name,
        budget=campaign.budget if budget is None else budget,
        full_trace=full_trace if traced else campaign.full_trace,
    )
    added = {c.label: c for c in contenders if c not in campaign.contenders}
    return replace(
        base,
        seeds=base.seeds if seeds is None else first_seeds(seeds),
        contenders=(*base.contenders, *added.values()),
        base=base,
    )


def make_contender(
    name: str, label: str | None = None, parameters: Mapping[str, object] = MappingProxyType({})
) -> Contender:
    """Check an optimizer of a campaign and return it as a contender; its label defaults to its name.

    Raises:
        UnknownName, InvalidInput, MissingExtra: If there is no such optimizer, or it does not take the parameters.
    """
    plain = {key: value for key, value in parameters.items() if key != WARM_START}
    optimizers.check_parameters(name, plain)
    if len(plain) < len(parameters):
        optimizers.resolve_parameters(name, parameters)
        warm_start.check_request(parameters[WARM_START])
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
