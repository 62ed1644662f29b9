"""Designs: which runs a campaign asks for, as problems x optimizers x seeds (a full factorial design)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

import problems
from optimizers.result import FullTrace
from problems.foundation.errors import InvalidInput
from reports.storage.spec import RunSpec

WARM_START = "warm_start"
"""Name of the parameter that names an earlier group, for optimizers that can start from its mappings."""

EARLIER = ("instance", "budget")
"""What a campaign's ``warm_start`` says of that group: its number, and the evaluations spent on it."""


@dataclass(frozen=True)
class Contender:
    """An optimizer of a design.

    Attributes:
        label: Name in tables and figures; unique in the design.
        optimizer: Registered name.
        parameters: All parameters, defaults included; JSON values.
    """

    label: str
    optimizer: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Absent:
    """An optimizer that a campaign leaves out.

    Attributes:
        optimizer: Registered name.
        needs: Requirement that is not installed, for instance ``m3e[rl]``.
    """

    optimizer: str
    needs: str


Cell = tuple[str, Contender]
"""A problem and a contender; a seed makes a run of it."""


@dataclass(frozen=True)
class Design:
    """Every contender on every problem with every seed.

    Attributes:
        suite_version: Version of the problems.
        problems: Canonical problem ids.
        contenders: The optimizers.
        seeds: Seeds of the runs.
        budget: Evaluations per run.
        wall_limit_seconds: Time after which a run is cut, or None.
        cpu_limit_seconds: CPU time after which a run is cut, or None.
        full_trace: What is stored of every evaluation.
        absent: Optimizers that were left out for lack of a library, by label.
    """

    suite_version: int
    problems: tuple[str, ...]
    contenders: tuple[Contender, ...]
    seeds: tuple[int, ...]
    budget: int
    wall_limit_seconds: float | None = None
    cpu_limit_seconds: float | None = None
    full_trace: FullTrace = FullTrace.NOTHING
    absent: Mapping[str, Absent] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.problems) * len(self.contenders) * len(self.seeds)

    def runs(self, ordered: Callable[[Sequence[Cell]], Sequence[Cell]] = list) -> Iterator[tuple[RunSpec, str]]:
        """Yield all runs with their labels, one seed after the other, so that each prefix is a fair comparison.

        Args:
            ordered: Puts the cells of each seed into order; asked anew for each.
        """
        cells = [(problem, contender) for problem in self.problems for contender in self.contenders]
        for seed in self.seeds:
            for problem, contender in ordered(cells):
                yield self.spec(problem, contender, seed), contender.label

    def spec(self, problem: str, contender: Contender, seed: int) -> RunSpec:
        """Return the specification of a run."""
        return RunSpec(
            suite_version=self.suite_version,
            problem=problem,
            optimizer=contender.optimizer,
            parameters=parameters_for(contender.parameters, problem),
            seed=seed,
            budget=self.budget,
            wall_limit_seconds=self.wall_limit_seconds,
            cpu_limit_seconds=self.cpu_limit_seconds,
            full_trace=self.full_trace,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the content as JSON values."""
        content: dict[str, Any] = msgspec.to_builtins(self)
        return content

    @classmethod
    def from_json(cls, content: object) -> Design:
        """Rebuild a design from ``to_json``.

        Raises:
            InvalidInput: If a key is missing, or a value has another type.
        """
        try:
            return msgspec.convert(content, cls)
        except msgspec.ValidationError as error:
            raise InvalidInput("design of a campaign", expected="its fields", actual=str(error)) from error

    def added_to(self, base: Design) -> str:
        """Return in words what this design asks for, beside or instead of what ``base`` does."""
        own = {c.label for c in base.contenders}
        more = [c.label for c in self.contenders if c.label not in own]
        parts = [f"{len(self):,} runs"]
        if self.seeds != base.seeds:
            parts.append(f"{len(self.seeds):,} seeds instead of {len(base.seeds):,}")
        if more:
            parts.append(f"also {', '.join(more)}")
        return "; ".join(parts)

    def difference(self, other: Design) -> str:
        """Return in what ``other`` differs, or "": fields by name, contenders by label."""
        for name in ("suite_version", "problems", "seeds", "budget", "wall_limit_seconds", "cpu_limit_seconds"):
            one, two = getattr(self, name), getattr(other, name)
            if one != two:
                return f"{name.removesuffix('_seconds').replace('_', ' ')} {_shown(one)} there, {_shown(two)} here"
        if self.full_trace != other.full_trace:
            return f"full trace {self.full_trace.value} there, {other.full_trace.value} here"
        return self._other_contenders(other)

    def _other_contenders(self, other: Design) -> str:
        own, others = ({c.label: c for c in d.contenders} for d in (self, other))
        gone = [label for label in own if label not in others and label not in other.absent]
        new = [label for label in others if label not in own and label not in self.absent]
        if gone or new:
            parts = ((word, labels) for word, labels in (("without", gone), ("with", new)) if labels)
            return "optimizers here " + " and ".join(f"{word} {', '.join(labels)}" for word, labels in parts)
        for label, contender in own.items():
            if label in others and not _may_be_same(contender, others[label]):
                return f"other parameters of {label}"
        return ""


def _may_be_same(own: Contender, other: Contender) -> bool:
    """Whether two contenders are the same, or versions of one class under development, whose defaults may differ."""
    if own.optimizer != other.optimizer:
        return own.optimizer.partition("#")[0] == other.optimizer.partition("#")[0]
    return own.parameters == other.parameters


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"{len(value):,} ({', '.join(map(str, value[:2]))}{', ...' if len(value) > 2 else ''})"
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def parameters_for(parameters: Mapping[str, Any], problem: str) -> dict[str, Any]:
    """Return ``parameters`` whose ``warm_start`` names the earlier problem, by ``problem`` and ``budget``.

    Raises:
        InvalidInput: If ``problem`` is drawn as that instance itself, or is not drawn at all.
    """
    wanted = parameters.get(WARM_START)
    if not isinstance(wanted, Mapping) or set(wanted) != set(EARLIER):
        return dict(parameters)
    instance, budget = (wanted[key] for key in EARLIER)
    parsed = problems.parse_id(problem)
    if parsed.num_jobs is None or parsed.instance == instance:
        expected = f"a {WARM_START} from another instance of {problem}, a drawn group"
        raise InvalidInput(WARM_START, expected=expected, actual=f"instance {instance}")
    former = str(parsed._replace(instance=instance))
    return {**parameters, WARM_START: {"problem": former, "budget": budget}}
