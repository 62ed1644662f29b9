"""What stored results were made with, and what in them should make a reader careful."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import problems
from bench.store import STATUSES, StoredCampaign, StoredRun
from bench.text import printable, shorten
from reports.tables import USED, case_names, optimizer_names

LONGEST, LONGEST_VALUE = 10_000, 200
"""Characters of parameters or settings, and of one parameter in a sentence."""


@dataclass(frozen=True)
class Progress:
    """How far a campaign is.

    Attributes:
        used: Complete and cut runs: those with results.
        planned: All runs of the campaign.
        counts: Runs by what became of them; ``foreign`` and some ``unreadable`` ones are beside the planned.
    """

    used: int
    planned: int
    counts: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.used:,} of {self.planned:,} runs ({', '.join(self.shown())})"

    def shown(self) -> list[str]:
        """The counts in words; of those that are zero only that of the complete runs."""
        return [f"{number:,} {kind}" for kind, number in self.counts.items() if number or kind == "complete"]


@dataclass(frozen=True)
class Origin:
    """What the runs of an optimizer were made with.

    Attributes:
        optimizer: As in the tables.
        registered: Its registered name.
        parameters: All of them.
        settings: What its library chose, each distinct choice with its number of runs.
        versions: Library, and its version or versions.
    """

    optimizer: str
    registered: str
    parameters: Mapping[str, Any]
    settings: tuple[tuple[str, int], ...]
    versions: Mapping[str, str]


def progress(campaign: StoredCampaign) -> Progress:
    """Counts over all runs that the campaign plans or its folders hold."""
    found = Counter(run.status for run in campaign.runs)
    known = {run.id for run in campaign.runs} | set(campaign.unreadable)
    counts = {status: found[status] for status in (*STATUSES, "unfinished")}
    counts["not started"] = sum(run.id not in known for run in campaign.planned)
    counts["unreadable"] = len(campaign.unreadable)
    counts["foreign"] = len(campaign.foreign)
    return Progress(sum(found[status] for status in USED), len(campaign.planned), counts)


def origins(campaign: StoredCampaign) -> list[Origin]:
    """One for each optimizer, in the campaign's order."""
    return [_origin(name, runs) for name, runs in _by(optimizer_names(campaign), campaign.runs).items()]


def _origin(name: str, runs: list[StoredRun]) -> Origin:
    settings = Counter(_text(s) for run in runs if (s := _mapping(run.environment.get("settings"))))
    chosen = tuple((shorten(text, LONGEST), number) for text, number in settings.items())
    versions = {key: " and ".join(sorted(found)) for key, found in _versions(runs).items()}
    spec = runs[0].spec
    return Origin(name, printable(spec.optimizer), dict(spec.parameters), chosen, versions)


def warnings_of(campaign: StoredCampaign) -> list[str]:
    """Sentences on what makes the results of ``campaign`` hard to compare."""
    return [
        *_left_out(campaign),
        *_differing_parameters(campaign),
        *_differing_versions(campaign),
        *_differing_settings(campaign),
        *_differing_suites(campaign),
        *_differing_budgets(campaign),
        *_doubled_seeds(campaign),
        *_no_search_began(campaign),
    ]


def _left_out(campaign: StoredCampaign) -> list[str]:
    gaps = campaign.absent.items()
    return [f"{label} was left out, as {gap.needs} was not installed; it has no results here." for label, gap in gaps]


def _differing_parameters(campaign: StoredCampaign) -> list[str]:
    labels: dict[str, dict[str, StoredRun]] = {}
    for name, runs in _by(optimizer_names(campaign), campaign.runs).items():
        labels.setdefault(str(runs[0].label), {})[name] = runs[0]
    return [
        f"The label {label!r} stands for {len(variants)} sets of parameters, told apart here as "
        + "; ".join(f"{name}: {_difference(run, list(variants.values()))}" for name, run in variants.items())
        + "."
        for label, variants in labels.items()
        if len(variants) > 1
    ]


def _difference(run: StoredRun, others: list[StoredRun]) -> str:
    """The parameters of ``run`` in which not all ``others`` agree."""
    contents = [{"optimizer": r.spec.optimizer, **r.spec.parameters} for r in others]
    own = {"optimizer": run.spec.optimizer, **run.spec.parameters}
    differing = {k: v for k, v in own.items() if any(_text(c.get(k)) != _text(v) for c in contents)}
    texts = (f"{printable(key)} = {shorten(_text(value), LONGEST_VALUE)}" for key, value in differing.items())
    return ", ".join(texts) or "the others' are not there"


def _differing_versions(campaign: StoredCampaign) -> list[str]:
    return [
        f"Runs were made with different versions of {library}: "
        + ", ".join(f"{version} ({_runs(number)})" for version, number in found.items())
        + "."
        for library, found in _versions(campaign.runs).items()
        if len(found) > 1
    ]


def _versions(runs: Iterable[StoredRun]) -> dict[str, Counter[str]]:
    """Versions of each library, and of Python, with their number of runs."""
    found: dict[str, Counter[str]] = {}
    for run in runs:
        python = {"python": run.environment["python"]} if "python" in run.environment else {}
        for library, version in (python | _mapping(run.environment.get("versions"))).items():
            found.setdefault(printable(library), Counter())[printable(version)] += 1
    return found


def _differing_settings(campaign: StoredCampaign) -> list[str]:
    """A library may choose by problem and budget; on one case its choice should not change."""
    cases, optimizers = case_names(campaign), optimizer_names(campaign)
    found: dict[str, dict[str, set[str]]] = {}
    for run in campaign.runs:
        if settings := _mapping(run.environment.get("settings")):
            found.setdefault(optimizers[run.id], {}).setdefault(cases[run.id], set()).add(_text(settings))
    return [
        f"The library behind {optimizer!r} chose different settings on one and the same problem; see its provenance."
        for optimizer, by_case in found.items()
        if any(len(settings) > 1 for settings in by_case.values())
    ]


def _differing_suites(campaign: StoredCampaign) -> list[str]:
    versions = Counter(run.spec.suite_version for run in campaign.runs)
    messages = []
    if len(versions) > 1:
        shown = ", ".join(f"{version} ({_runs(number)})" for version, number in sorted(versions.items()))
        messages.append(f"Runs are of different versions of the suite, which do not compare: {shown}.")
    if set(versions) - {problems.SUITE_VERSION}:
        messages.append(
            "Lower bounds and throughputs are left out for runs of other versions of the suite than the one "
            f"installed here ({problems.SUITE_VERSION}): the same problem id may mean other numbers there."
        )
    return messages


def _differing_budgets(campaign: StoredCampaign) -> list[str]:
    if len(set(case_names(campaign).values())) == len({(r.spec.problem, r.spec.suite_version) for r in campaign.runs}):
        return []
    return ["Some problems were run with several budgets; optimizers are compared only within one budget."]


def _doubled_seeds(campaign: StoredCampaign) -> list[str]:
    cases, optimizers = case_names(campaign), optimizer_names(campaign)
    seeds = Counter((cases[run.id], optimizers[run.id], run.spec.seed) for run in campaign.runs)
    doubled = sum(number > 1 for number in seeds.values())
    if not doubled:
        return []
    return [
        f"In {doubled} places several runs differ neither in optimizer, problem and budget nor in the seed, only in "
        "wall limit or tracing; each counts as a run of its own."
    ]


def _no_search_began(campaign: StoredCampaign) -> list[str]:
    """Of runs that ended before any value that their optimizer was told could matter."""
    blind = [run for run in campaign.runs if run.status in USED and _ended_in_first_population(run)]
    cut = [run for run in blind if run.status == "cut"]
    spent = [run for run in blind if run.status != "cut" and run.num_evaluations >= run.spec.budget]
    budgets = sorted({run.spec.budget for run in spent})
    shown = " and ".join(f"{budget:,}" for budget in budgets)
    what = f"budget of {shown} ends" if len(budgets) == 1 else f"budgets of {shown} end"
    return [*_blind(campaign, spent, what), *_blind(campaign, cut, "wall limit ends")]


def _ended_in_first_population(run: StoredRun) -> bool:
    first = run.environment.get("first_population")
    return type(first) is int and 0 < run.num_evaluations <= first


def _blind(campaign: StoredCampaign, runs: list[StoredRun], what_ends: str) -> list[str]:
    if not runs:
        return []
    names, whose = optimizer_names(campaign), "its" if len(runs) == 1 else "their"
    shown = ", ".join(dict.fromkeys(names[run.id] for run in runs))
    return [f"No search began in {_runs(len(runs))} of {shown}: {whose} {what_ends} inside the first population."]


def _by(names: Mapping[str, str], runs: Iterable[StoredRun]) -> dict[str, list[StoredRun]]:
    groups: dict[str, list[StoredRun]] = {}
    for run in runs:
        groups.setdefault(names[run.id], []).append(run)
    return groups


def _mapping(value: Any) -> dict[str, Any]:
    """What a stored file holds may be anything."""
    return dict(value) if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _runs(number: int) -> str:
    return f"{number:,} run" if number == 1 else f"{number:,} runs"
