"""Reading campaigns from TOML files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

import problems
from bench.campaigns.braces import expanded
from bench.campaigns.campaign import Campaign, Contender, first_seeds, make_contender
from optimizers import OPTIMIZERS, FullTrace
from problems import parse_id
from problems.foundation.checks import is_integer
from problems.foundation.errors import InvalidInput, M3EError, UnknownName
from problems.foundation.tomlfile import TomlTable
from problems.objectives import OBJECTIVES

MOST_PROBLEMS = 100_000

KEYS = {
    "description": "one line",
    "problems": "problem ids; braces expand, as in a shell: mix/S{1,2}/bw1/g100/i{0..4}",
    "optimizers": "names, or tables with name, label, parameters, and whether it is optional",
    "seeds": "how many, or a list",
    "budget": "evaluations of a run",
    "wall_limit_seconds": "after which a run is cut; optional",
    "cpu_limit_seconds": "CPU time after which a run is cut; optional",
    "full_trace": 'store every value, or "mappings" as well; optional',
    "quick": "a table of other values for a quick form; optional",
}
QUICK_KEYS = {key: text for key, text in KEYS.items() if key != "quick"}

FITTING = "a known optimizer with parameters that it takes"

CONTENDER_KEYS = ("name", "label", "parameters", "optional")


def campaign_names() -> list[str]:
    """Return the names of the campaigns that ship with the suite."""
    return sorted(Path(f.name).stem for f in _folder().iterdir() if f.name.endswith(".toml"))


def load_campaign(name_or_path: str, *, quick: bool = False) -> Campaign:
    """Load a shipped campaign by its name, or one from a TOML file; with ``quick`` its quick form.

    Raises:
        UnknownName: If it is neither.
        InvalidInput: With file, line and key, if something in the file does not fit, or it has no quick form.
    """
    with _file_of(name_or_path) as path:
        return read_campaign_file(path, quick=quick)


def problems_of(name_or_path: str) -> tuple[str, ...]:
    """Return the problem ids of a campaign alone; its optimizers, whose check takes seconds, are not looked at.

    Raises:
        UnknownName, InvalidInput: As ``load_campaign``.
    """
    with _file_of(name_or_path) as path:
        return _problems(TomlTable.read(path))


@contextmanager
def _file_of(name_or_path: str) -> Iterator[Path]:
    """The file of a campaign that ships with the suite, by its name, or of another by its path."""
    if name_or_path in campaign_names():
        with as_file(_folder() / f"{name_or_path}.toml") as path:
            yield path
            return
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.exists() and not path.is_file():
        raise InvalidInput(f"campaign {name_or_path!r}", expected="a TOML file", actual="something else of that name")
    if not path.is_file():
        raise UnknownName("campaign", name_or_path, campaign_names(), hint="or give the path of a TOML file")
    yield path


def read_campaign_file(path: Path, *, quick: bool = False) -> Campaign:
    """Read the campaign in a TOML file; with ``quick`` its quick form, whose name ends in ``-quick``.

    Raises:
        UnknownName, InvalidInput: With file, line and key, if something does not fit.
    """
    if not path.stem.strip(". "):
        what, expected = (
            f"campaign file {path.name!r}",
            "a name that can be a folder's, as results go into one of that name",
        )
        raise InvalidInput(what, expected=expected, actual=path.stem)
    table = TomlTable.read(path)
    table.check_keys(KEYS)
    if quick or "quick" in table:
        in_short = table.overlaid("quick", QUICK_KEYS)
        table = in_short if quick else table
    problem_ids, contenders, seeds = _problems(table), _contenders(table), _seeds(table)
    budget = table.take("budget", int, "a number of evaluations")
    trace = _full_trace(table)
    description = table.take("description", str, "a text", default="")
    wall, cpu = _limit(table, "wall_limit_seconds"), _limit(table, "cpu_limit_seconds")
    try:
        return Campaign(
            name=f"{path.stem}-quick" if quick else path.stem,
            problems=problem_ids,
            contenders=contenders,
            seeds=seeds,
            budget=budget,
            wall_limit_seconds=wall,
            cpu_limit_seconds=cpu,
            full_trace=trace,
            description=description,
            toml=table.text,
        )
    except InvalidInput as error:
        raise table.error(error.key, error.expected, error.actual, error.hint, item=error.item) from error


def _limit(table: TomlTable, key: str) -> float | None:
    return float(table.take(key, (int, float), "seconds above 0")) if key in table else None


def _folder() -> Traversable:
    return files("bench") / "campaigns"


def _problems(table: TomlTable) -> tuple[str, ...]:
    """Return the canonical problem ids, each checked."""
    ids: list[str] = []
    for number, pattern in enumerate(table.take("problems", list, KEYS["problems"])):
        if not isinstance(pattern, str):
            raise table.error("problems", KEYS["problems"], pattern, item=number)
        try:
            names = expanded(pattern, MOST_PROBLEMS, "ids")
        except InvalidInput as error:
            raise table.error("problems", error.expected, f"{pattern!r}", item=number) from error
        try:
            ids += [_checked_id(problem_id) for problem_id in names]
        except M3EError as error:
            raise table.error("problems", "problem ids", f"{pattern!r}", str(error), item=number) from error
        if len(ids) > MOST_PROBLEMS:
            expected = f"at most {MOST_PROBLEMS:,} ids"
            raise table.error("problems", expected, f"more, up to {pattern!r}", item=number)
    return tuple(ids)


def _checked_id(problem_id: str) -> str:
    """Return the canonical id; a problem that needs energies is made, as those of some jobs are unknown."""
    parsed = parse_id(problem_id)
    if OBJECTIVES.get(parsed.objective).needs_energy:
        problems.get(str(parsed))
    return str(parsed)


def _full_trace(table: TomlTable) -> FullTrace:
    expected = 'true, false or "mappings"'
    value = table.take("full_trace", (bool, str), expected, default=False)
    if isinstance(value, bool):
        return FullTrace.VALUES if value else FullTrace.NOTHING
    if value != FullTrace.MAPPINGS.value:
        raise table.error("full_trace", expected, repr(value))
    return FullTrace.MAPPINGS


def _contenders(table: TomlTable) -> tuple[Contender, ...]:
    items = table.take("optimizers", list, KEYS["optimizers"])
    return tuple(_contender(table, number, item) for number, item in enumerate(items))


def _contender(table: TomlTable, number: int, item: object) -> Contender:
    """Return one entry of ``optimizers``, its name and parameters checked."""
    if isinstance(item, str):
        try:
            return make_contender(item)
        except M3EError as error:
            raise table.error("optimizers", FITTING, item, str(error), item=number) from error
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise table.error("optimizers", KEYS["optimizers"], item, item=number)
    own = table.item("optimizers", number)
    own.check_keys(CONTENDER_KEYS)
    name = own.take("name", str, "a name")
    label = own.take("label", str, "a printable text", default=name)
    if not label.strip() or not label.isprintable():
        raise own.error("label", "a printable text", repr(label))
    parameters = own.take("parameters", dict, "a table", default={})
    try:
        if own.take("optional", bool, "true or false", default=False) and OPTIMIZERS.get(name).missing_libraries():
            return Contender(name, label, parameters, missing=OPTIMIZERS.get(name).requires)
        return make_contender(name, label, parameters)
    except M3EError as error:
        raise _misfit(own, name, error) from error


def _misfit(own: TomlTable, name: str, error: M3EError) -> InvalidInput:
    """Return the error with the line of the key that is to blame: a parameter, all of them, or the name."""
    blamed = error.name if isinstance(error, UnknownName) else error.what if isinstance(error, InvalidInput) else ""
    if "parameters" in own and blamed != name:
        parameters = own.table("parameters")
        if blamed in parameters and isinstance(error, InvalidInput):
            return parameters.error(blamed, error.expected, error.actual, error.hint)
        if blamed in parameters:
            return parameters.error(blamed, "a parameter of the optimizer", blamed, str(error))
        return own.error("parameters", FITTING, name, str(error))
    return own.error("name", FITTING, name, str(error))


def _seeds(table: TomlTable) -> tuple[int, ...]:
    seeds = table.take("seeds", (int, list), KEYS["seeds"])
    if isinstance(seeds, int):
        try:
            return first_seeds(seeds)
        except InvalidInput as error:
            raise table.error("seeds", error.expected, error.actual) from error
    assert isinstance(seeds, list), "the table has looked"
    for number, seed in enumerate(seeds):
        if not is_integer(seed):
            raise table.error("seeds", "integers", seed, item=number)
    return tuple(seed for seed in seeds if is_integer(seed))
