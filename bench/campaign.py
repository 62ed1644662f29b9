"""Campaigns: problems x optimizers x seeds, in a TOML file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import bracex

import optimizers
import problems
from bench import warm_start
from bench.errors import InvalidInput, M3EError, MissingExtra, UnknownName
from bench.extras import install_command
from bench.spec import MAPPINGS, FullTrace, RunSpec
from bench.store import Absent
from bench.tomlfile import TomlTable
from optimizers.search import LARGEST_BUDGET, LARGEST_SEED, check_wall_limit

MOST_PROBLEMS = 100_000
MOST_SEEDS = 1_000_000
MOST_RUNS = 10_000_000

KEYS = {
    "description": "one line",
    "problems": "problem ids; braces expand, as in a shell: mix/S{1,2}/bw1/g100/i{0..4}",
    "optimizers": "names, or tables with name, label, parameters, and whether it is optional",
    "seeds": "how many, or a list",
    "budget": "evaluations of a run",
    "wall_limit_seconds": "after which a run is cut; optional",
    "full_trace": 'store every value, or "mappings" as well; optional',
    "quick": "a table of other values for a quick form; optional",
}
QUICK_KEYS = {key: text for key, text in KEYS.items() if key != "quick"}

CONTENDER_KEYS = ("name", "label", "parameters", "optional")


@dataclass(frozen=True)
class Contender:
    """An optimizer in a campaign.

    Attributes:
        name: Registered name.
        label: What tables and figures call it; unique in the campaign.
        parameters: Those that are not the default.
        missing: Of an optional one whose library is not installed, what pip would install; it is not run.
    """

    name: str
    label: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True)
class Campaign:
    """Every optimizer on every problem with every seed.

    Attributes:
        name: The file's stem; also of its results folder.
        problems: Canonical problem ids.
        contenders: The optimizers.
        seeds: Of the optimizers.
        budget: Evaluations of a run.
        wall_limit_seconds: After which a run is cut, or None.
        full_trace: Whether every value is stored; ``"mappings"``: every mapping as well.
        description: One line.

    Raises:
        InvalidInput: If a part is empty, doubled or out of range.
    """

    name: str
    problems: tuple[str, ...]
    contenders: tuple[Contender, ...]
    seeds: tuple[int, ...]
    budget: int
    wall_limit_seconds: float | None = None
    full_trace: FullTrace = False
    description: str = ""

    def __post_init__(self) -> None:
        labels = tuple(c.label for c in self.contenders)
        for what, values in (("problems", self.problems), ("optimizers", labels), ("seeds", self.seeds)):
            if not values:
                raise InvalidInput(f"campaign {self.name!r}: {what}", expected="at least one", actual="none")
            twice = {v for v, count in Counter(values).items() if count > 1}
            if twice:
                hint = "Give the second one a label." if what == "optimizers" else ""
                raise InvalidInput(
                    f"campaign {self.name!r}: {what}",
                    expected="each once",
                    actual=f"{sorted(map(str, twice))} twice",
                    hint=hint,
                )
        count = len(self.problems) * len(self.contenders) * len(self.seeds)
        if count > MOST_RUNS:
            what, expected = f"campaign {self.name!r}", f"at most {MOST_RUNS:,} runs"
            raise InvalidInput(what, expected=expected, actual=f"{count:,}", hint="Split it into several.")
        _check_number(self, "budget", self.budget, 1, LARGEST_BUDGET)
        for seed in self.seeds:
            _check_number(self, "seeds", seed, 0, LARGEST_SEED)
        try:
            check_wall_limit(self.wall_limit_seconds)
        except InvalidInput as error:
            what = f"campaign {self.name!r}: wall_limit_seconds"
            raise InvalidInput(what, expected=error.expected, actual=error.actual, hint=error.hint) from None

    def runs(self) -> list[tuple[RunSpec, str]]:
        """All runs with their labels, problem by problem, then seed by seed.

        Raises:
            UnknownName: If an optimizer or parameter is not known.
            InvalidInput: If two optimizers are the same under two labels, or one cannot take several objectives.
            MissingExtra: If an optimizer's library is not installed.
        """
        installed = [c for c in self.contenders if not c.missing]
        if not installed:
            command = install_command(*sorted({gap.needs for gap in self.absent().values()}))
            raise MissingExtra(f"campaign {self.name!r}: none of its optimizers is installed: {command}")
        parameters = {c.label: optimizers.resolve_parameters(c.name, c.parameters) for c in installed}
        self._check_contenders_differ(parameters)
        self._check_objectives()
        return [
            (self._spec(problem, contender.name, parameters[contender.label], seed), contender.label)
            for problem in self.problems
            for seed in self.seeds
            for contender in installed
        ]

    def absent(self) -> dict[str, Absent]:
        """The optional optimizers that are left out, by label."""
        return {c.label: Absent(c.name, c.missing) for c in self.contenders if c.missing}

    def _check_objectives(self) -> None:
        """Refuse optimizers that cannot take the problems' objectives before any run begins."""
        counts = {problems.OBJECTIVES.get(problems.parse_id(p).objective).count for p in self.problems}
        for contender in self.contenders:
            if not contender.missing:
                optimizers.check_objectives(contender.name, max(counts))

    def _check_contenders_differ(self, parameters: Mapping[str, Mapping[str, Any]]) -> None:
        """Two equal contenders would be one run with two names."""
        seen: dict[tuple[str, str], str] = {}
        for c in self.contenders:
            if c.missing:
                continue
            key = (c.name, json.dumps(parameters[c.label], sort_keys=True))
            if key in seen:
                what = f"campaign {self.name!r}: optimizers {seen[key]!r} and {c.label!r}"
                raise InvalidInput(what, expected="different parameters", actual="the same")
            seen[key] = c.label

    def _spec(self, problem: str, optimizer: str, parameters: Mapping[str, Any], seed: int) -> RunSpec:
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


def _check_number(campaign: Campaign, what: str, value: int, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(
            f"campaign {campaign.name!r}: {what}", expected=f"integers from {least} to {most:,}", actual=value
        )


def campaign_names() -> list[str]:
    """The campaigns that ship with the suite."""
    return sorted(Path(f.name).stem for f in _folder().iterdir() if f.name.endswith(".toml"))


def load_campaign(name_or_path: str, *, quick: bool = False) -> Campaign:
    """A shipped campaign by its name, or one from a TOML file; if asked for its quick form.

    Raises:
        UnknownName: If it is neither.
        InvalidInput: With file, line and key, if something in the file does not fit, or it has no quick form.
    """
    if name_or_path in campaign_names():
        with as_file(_folder() / f"{name_or_path}.toml") as path:
            return read_campaign_file(path, quick=quick)
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.exists() and not path.is_file():
        raise InvalidInput(f"campaign {name_or_path!r}", expected="a TOML file", actual="something else of that name")
    if not path.is_file():
        raise UnknownName("campaign", name_or_path, campaign_names(), hint="or give the path of a TOML file")
    return read_campaign_file(path, quick=quick)


def read_campaign_file(path: Path, *, quick: bool = False) -> Campaign:
    """The campaign in a TOML file, or its quick form, whose name says so.

    Raises:
        UnknownName, InvalidInput: With file, line and key, if something does not fit.
    """
    if not path.stem.strip(". "):
        what, expected = (
            f"campaign file {path.name!r}",
            "a name that can be a folder's, as results go into one of that name",
        )
        raise InvalidInput(what, expected=expected, actual=path.stem)
    table = TomlTable(path)
    table.check_keys(KEYS)
    if quick:
        table = table.overlaid("quick", QUICK_KEYS)
    limit = table.take("wall_limit_seconds", (int, float), "seconds above 0") if "wall_limit_seconds" in table else None
    try:
        return Campaign(
            name=f"{path.stem}-quick" if quick else path.stem,
            problems=_problems(table),
            contenders=_contenders(table),
            seeds=_seeds(table),
            budget=table.take("budget", int, "a number of evaluations"),
            wall_limit_seconds=None if limit is None else float(limit),
            full_trace=_full_trace(table),
            description=table.take("description", str, "a text", default=""),
        )
    except InvalidInput as error:
        if str(path) in str(error):
            raise
        key = error.what.rpartition(": ")[2]  # without the campaign's name
        raise table.error(key, error.expected, error.actual, error.hint) from error


def with_overrides(
    campaign: Campaign,
    *,
    budget: int | None = None,
    seeds: int | None = None,
    full_trace: bool = False,
    contenders: Sequence[Contender] = (),
) -> Campaign:
    """The campaign with another budget or number of seeds, or further contenders.

    Another budget makes it another campaign, by name too. A contender that is in it already is not added again.
    """
    other_budget = budget not in (None, campaign.budget)
    return replace(
        campaign,
        name=f"{campaign.name}-b{budget}" if other_budget else campaign.name,
        budget=campaign.budget if budget is None else budget,
        seeds=campaign.seeds if seeds is None else _first_seeds(seeds),
        full_trace=campaign.full_trace or full_trace,
        contenders=(*campaign.contenders, *(c for c in contenders if c not in campaign.contenders)),
    )


def _folder() -> Any:
    return files("bench") / "campaigns"


def _problems(table: TomlTable) -> tuple[str, ...]:
    """Canonical ids, each checked."""
    ids = []
    for pattern in _texts(table, "problems", KEYS["problems"]):
        try:
            ids += [str(problems.parse_id(problem_id)) for problem_id in bracex.iexpand(pattern, limit=MOST_PROBLEMS)]
        except M3EError as error:
            raise table.error("problems", "problem ids", f"{pattern!r}", hint=str(error)) from error
        except bracex.ExpansionLimitException as error:
            raise table.error("problems", f"at most {MOST_PROBLEMS:,} ids", f"{pattern!r}") from error
        except (RecursionError, ValueError, MemoryError) as error:
            raise table.error("problems", "braces that are not nested too deeply", f"{pattern!r}") from error
        if len(ids) > MOST_PROBLEMS:
            raise table.error("problems", f"at most {MOST_PROBLEMS:,} ids", f"more, up to {pattern!r}")
    return tuple(ids)


def _texts(table: TomlTable, key: str, expected: str) -> Sequence[str]:
    values = table.take(key, list, expected)
    for value in values:
        if not isinstance(value, str):
            raise table.error(key, expected, value)
    return values  # type: ignore[no-any-return]


def _full_trace(table: TomlTable) -> FullTrace:
    expected = f'true, false or "{MAPPINGS}"'
    value = table.take("full_trace", (bool, str), expected, default=False)
    if value not in (True, False, MAPPINGS):
        raise table.error("full_trace", expected, repr(value))
    return value  # type: ignore[no-any-return]


def _contenders(table: TomlTable) -> tuple[Contender, ...]:
    return tuple(_contender(table, item) for item in table.take("optimizers", list, KEYS["optimizers"]))


def _contender(table: TomlTable, item: object) -> Contender:
    """One entry of ``optimizers``: its name and parameters checked."""
    if isinstance(item, str):
        item = {"name": item}
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise table.error("optimizers", KEYS["optimizers"], item)
    for key in item:
        if key not in CONTENDER_KEYS:
            raise UnknownName(f"key in {table.where(key)}:", key, CONTENDER_KEYS)
    name, parameters = item["name"], item.get("parameters", {})
    if not isinstance(parameters, dict):
        raise table.error("parameters", "a table", parameters)
    label = item.get("label", name)
    if not isinstance(label, str) or not label.strip() or not label.isprintable():
        raise table.error("label", "a printable text", label)
    if not isinstance(item.get("optional", False), bool):
        raise table.error("optional", "true or false", item["optional"])
    try:
        if item.get("optional") and optimizers.OPTIMIZERS.get(name).missing_libraries():
            return Contender(name, label, parameters, missing=optimizers.OPTIMIZERS.get(name).requires)
        return make_contender(name, label, parameters)
    except M3EError as error:
        raise table.error("optimizers", "a known optimizer with parameters that it takes", name, str(error)) from error


def make_contender(
    name: str, label: str | None = None, parameters: Mapping[str, Any] = MappingProxyType({})
) -> Contender:
    """An optimizer in a campaign, checked; its label is its name unless told.

    Raises:
        UnknownName, InvalidInput, MissingExtra: If there is no such optimizer, or it does not take the parameters.
    """
    plain = {key: value for key, value in parameters.items() if key != warm_start.PARAMETER}
    optimizers.check_parameters(name, plain)
    if len(plain) < len(parameters):
        optimizers.resolve_parameters(name, parameters)
        warm_start.check_request(parameters[warm_start.PARAMETER])
    return Contender(optimizers.canonical_name(name), label or name, parameters)


def _first_seeds(count: int) -> tuple[int, ...]:
    """0 to ``count`` - 1.

    Raises:
        InvalidInput: If that is more than a campaign can have.
    """
    if count > MOST_SEEDS:
        raise InvalidInput("seeds", expected=f"at most {MOST_SEEDS:,}", actual=f"{count:,}")
    return tuple(range(count))


def _seeds(table: TomlTable) -> tuple[int, ...]:
    seeds = table.take("seeds", (int, list), KEYS["seeds"])
    if isinstance(seeds, int):
        return _first_seeds(seeds)
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise table.error("seeds", "integers", seed)
    return tuple(seeds)
