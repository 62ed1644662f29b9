"""Progress and provenance of stored campaigns, and warnings about what makes their results hard to compare."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import problems
from problems.foundation.text import printable, shorten
from reports.frames.runs import USED, case_names, optimizer_names
from reports.storage.campaign_folder import StoredCampaign
from reports.storage.content import EVALUATES_ITSELF, TUNED_ON
from reports.storage.record import STATUSES, StoredRun
from reports.storage.replay import is_for_tuning
from reports.wording.numbers import counted, first_of

LONGEST = 10_000
"""Most characters of parameters or settings."""

MOST_NAMED = 4
"""How many optimizers a warning names."""

LONGEST_VALUE = 200
"""Most characters of one parameter in a sentence."""


@dataclass(frozen=True)
class Progress:
    """Progress of a campaign.

    Attributes:
        used: Number of runs with results: complete and cut ones.
        planned: Number of planned runs.
        counts: Numbers of runs by status; ``unasked`` and some ``unreadable`` runs are not among the planned ones.
    """

    used: int
    planned: int
    counts: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.used:,} of {self.planned:,} runs ({', '.join(self.shown())})"

    def shown(self) -> list[str]:
        """The counts in words; zeros are left out, except for complete runs."""
        return [f"{number:,} {kind}" for kind, number in self.counts.items() if number or kind == "complete"]


@dataclass(frozen=True)
class Origin:
    """Provenance of the runs of an optimizer.

    Attributes:
        optimizer: Name as in the tables.
        registered: Registered name.
        parameters: All parameters.
        settings: Distinct settings that its library chose, each with its number of runs.
        versions: Version or versions of each library.
    """

    optimizer: str
    registered: str
    parameters: Mapping[str, object]
    settings: tuple[tuple[str, int], ...]
    versions: Mapping[str, str]


def progress(campaign: StoredCampaign) -> Progress:
    """Progress over all runs that the campaign plans or its folders contain; an archive's beside it do not count."""
    found = Counter(run.status for run in campaign.runs if run.label not in campaign.reference)
    planned = [run for run in campaign.planned if run.label not in campaign.reference]
    known = {run.id for run in campaign.runs} | set(campaign.unreadable)
    counts = {status: found[status] for status in STATUSES}
    counts["missing"] = sum(run.id not in known for run in planned)
    counts["unreadable"] = len(campaign.unreadable)
    counts["unasked"] = len(campaign.unasked)
    return Progress(sum(found[status] for status in USED), len(planned), counts)


def origins(campaign: StoredCampaign) -> list[Origin]:
    """Provenance of each optimizer, in the campaign's order."""
    return [_origin(name, runs) for name, runs in _by(optimizer_names(campaign), campaign.runs).items()]


def _origin(name: str, runs: list[StoredRun]) -> Origin:
    settings = Counter(_text(s) for run in runs if (s := _mapping(run.environment.get("settings"))))
    chosen = tuple((shorten(text, LONGEST), number) for text, number in settings.items())
    versions = {key: " and ".join(sorted(found)) for key, found in _versions(runs).items()}
    spec = runs[0].spec
    return Origin(name, printable(spec.optimizer), dict(spec.parameters), chosen, versions)


def warnings_of(campaign: StoredCampaign) -> list[str]:
    """Warnings about what makes the results of ``campaign`` hard to compare, in sentences."""
    own = replace(campaign, runs=tuple(run for run in campaign.runs if run.label not in campaign.reference))
    return [
        *_left_out(campaign),
        *_told(campaign),
        *_differing_parameters(campaign),
        *_differing_versions(own),  # an archive says which its own are
        *_differing_surroundings(own),
        *_differing_settings(campaign),
        *_differing_suites(campaign),
        *_differing_budgets(campaign),
        *shortening(campaign),
        *tuning(campaign),
        *_doubled_seeds(campaign),
        *_conflicts(campaign),
        *_no_search_began(campaign),
    ]


def _left_out(campaign: StoredCampaign) -> list[str]:
    gaps = campaign.absent.items()
    absent = [f"{label} has no results: it was left out because {gap.needs} was not installed." for label, gap in gaps]
    by_reason: dict[str, list[str]] = {}
    for label, why in campaign.left_out.items():
        by_reason.setdefault(why, []).append(label)
    return absent + [f"Left out of the archive: {', '.join(own)} ({why})." for why, own in by_reason.items()]


def _told(campaign: StoredCampaign) -> list[str]:
    """Warnings on results that were made elsewhere, one for each file and optimizer."""
    told: dict[tuple[str, str], list[StoredRun]] = {}
    for run in campaign.runs:
        if run.told_by:
            told.setdefault((run.told_by, run.label), []).append(run)
    return [
        f"{label}: {counted(len(runs), 'run')} as {path} tells them; nobody here has verified their mappings."
        + ("" if any(len(run.trace_values) > 1 for run in runs) else _ENDS_ONLY)
        for (path, label), runs in told.items()
    ]


_ENDS_ONLY = (
    " Only their ends are told: what they reach earlier is unknown, so that over evaluations and time they look slower "
    "than they are."
)


def _differing_parameters(campaign: StoredCampaign) -> list[str]:
    labels: dict[str, dict[str, StoredRun]] = {}
    for name, runs in _by(optimizer_names(campaign), campaign.runs).items():
        labels.setdefault(str(runs[0].label), {})[name] = runs[0]
    return [
        f"The label {label!r} stands for {len(variants)} sets of parameters, shown here as "
        + "; ".join(f"{name}: {_difference(run, list(variants.values()))}" for name, run in variants.items())
        + "."
        for label, variants in labels.items()
        if len(variants) > 1
    ]


def _difference(run: StoredRun, others: list[StoredRun]) -> str:
    """The parameters of ``run`` on which ``others`` do not all agree."""
    contents = [{"optimizer": r.spec.optimizer, **r.spec.parameters} for r in others]
    own = {"optimizer": run.spec.optimizer, **run.spec.parameters}
    differing = {k: v for k, v in own.items() if any(_text(c.get(k)) != _text(v) for c in contents)}
    texts = (f"{printable(key)} = {shorten(_text(value), LONGEST_VALUE)}" for key, value in differing.items())
    return ", ".join(texts) or "without the others' parameters"


def _differing_versions(campaign: StoredCampaign) -> list[str]:
    return [
        f"Runs were made with different versions of {library}: "
        + ", ".join(f"{version} ({counted(number, 'run')})" for version, number in found.items())
        + "."
        for library, found in _versions(campaign.runs).items()
        if len(found) > 1
    ]


_SURROUNDINGS = {
    "commit": "commits of the suite",
    "platform": "platforms",
    "linear_algebra": "kernels of linear algebra, on which the last digits of CMA-ES and others depend",
    "vector_instructions": "vector instructions in NumPy, on which the last digits of TBPSA, pymoo and others depend",
}


def _differing_surroundings(campaign: StoredCampaign) -> list[str]:
    """Warnings on what runs were carried out with, beside packages."""
    messages = []
    for key, what in _SURROUNDINGS.items():
        told = (run.environment.get(key) for run in campaign.runs if not run.told_by)
        found = Counter(_text(own) for own in told if own is not None)
        if len(found) > 1:
            shown = ", ".join(f"{shorten(text, LONGEST_VALUE)} ({counted(n, 'run')})" for text, n in found.items())
            messages.append(f"Runs were made with different {what}: {shown}.")
    return messages


def _versions(runs: Iterable[StoredRun]) -> dict[str, Counter[str]]:
    """Numbers of runs by version, of Python and of each library."""
    found: dict[str, Counter[str]] = {}
    for run in runs:
        python: dict[object, object] = {"python": run.environment["python"]} if "python" in run.environment else {}
        for library, version in (python | _mapping(run.environment.get("versions"))).items():
            found.setdefault(printable(library), Counter())[printable(version)] += 1
    return found


OUTCOMES = ("searched",)
"""Settings that tell what a run came to, as ``native-identifying`` does, and not what was chosen for it."""


def _differing_settings(campaign: StoredCampaign) -> list[str]:
    """Warnings on settings that differ within a case; a library may choose them by problem and budget only."""
    cases, optimizers = case_names(campaign), optimizer_names(campaign)
    found: dict[str, dict[str, set[str]]] = {}
    for run in campaign.runs:
        settings = {k: v for k, v in _mapping(run.environment.get("settings")).items() if k not in OUTCOMES}
        if settings and EVALUATES_ITSELF not in settings:  # those count, which is no choice
            found.setdefault(optimizers[run.id], {}).setdefault(cases[run.id], set()).add(_text(settings))
    return [
        f"The library of {optimizer!r} chose different settings on one and the same problem; see its provenance."
        for optimizer, by_case in found.items()
        if any(len(settings) > 1 for settings in by_case.values())
    ]


def _differing_suites(campaign: StoredCampaign) -> list[str]:
    versions = Counter(run.spec.suite_version for run in campaign.runs)
    messages = []
    if len(versions) > 1:
        shown = ", ".join(f"{version} ({counted(number, 'run')})" for version, number in sorted(versions.items()))
        messages.append(f"Runs belong to different versions of the suite, which are not comparable: {shown}.")
    if set(versions) - {problems.SUITE_VERSION}:
        messages.append(
            "Lower bounds and throughputs are left out for runs of suite versions other than the installed one "
            f"({problems.SUITE_VERSION}): the same problem id may stand for a different problem there."
        )
    return messages


def _differing_budgets(campaign: StoredCampaign) -> list[str]:
    if len(set(case_names(campaign).values())) == len({(r.spec.problem, r.spec.suite_version) for r in campaign.runs}):
        return []
    return ["Some problems were run with several budgets; optimizers are compared only within one budget."]


def shortening(campaign: StoredCampaign) -> list[str]:
    """A warning on runs that are compared as far as the smaller budget of others goes."""
    labels: dict[tuple[int, ...], list[str]] = {}
    for label, budgets in campaign.shortened.items():
        labels.setdefault(budgets, []).append(label)
    return [
        f"Budgets differ: what {first_of(names, MOST_NAMED)} had found after {_or(budgets)} evaluations is compared, "
        "as others had no more; methods that plan with their budget could have done better with it."
        for budgets, names in labels.items()
    ]


def _or(budgets: Sequence[int]) -> str:
    return " or ".join(f"{budget:,}" for budget in budgets)


def tuning(campaign: StoredCampaign, label: str | None = None) -> list[str]:
    """Sentences on problems that are there to tune on, and on those on which optimizers declare to be tuned.

    Args:
        campaign: The campaign.
        label: The optimizer to speak of; all, if it is None.
    """
    ids = {run.spec.problem for run in campaign.runs}
    dev = sum(is_for_tuning(problem) for problem in ids)
    all_ = "The" if dev == len(ids) else f"{dev} of the {len(ids)}"
    sentences = [f"{all_} problems are instances for tuning: verdicts on them are no claims."] if dev else []
    declared: dict[str, set[str]] = {}
    for run in campaign.runs:
        patterns = _mapping(run.environment.get("settings")).get(TUNED_ON)
        if isinstance(patterns, Sequence) and any(fnmatchcase(run.spec.problem, str(each)) for each in patterns):
            declared.setdefault(run.label, set()).add(run.spec.problem)
    return sentences + [
        f"{name} declares that it was tuned on {len(own)} of the {counted(len(ids), 'problem')}: verdicts on it are no "
        "claims."
        for name, own in declared.items()
        if label in (None, name)
    ]


def _doubled_seeds(campaign: StoredCampaign) -> list[str]:
    if not campaign.doubled:
        return []
    what = f"{counted(campaign.doubled, 'run')} {'does' if campaign.doubled == 1 else 'do'} not count"
    return [
        f"{what}: another of the same optimizer, problem and seed does, which differs in limits, tracing or budget."
    ]


def _conflicts(campaign: StoredCampaign) -> list[str]:
    if not campaign.conflicts:
        return []
    run_id, why = next(iter(campaign.conflicts.items()))
    runs = counted(len(campaign.conflicts), "run")
    have = "has" if len(campaign.conflicts) == 1 else "have"
    return [f"{runs} {have} another result elsewhere, for instance {run_id}: {why}. The first one counts."]


def _no_search_began(campaign: StoredCampaign) -> list[str]:
    """Warnings on runs that ended within their first population, before any value could guide the optimizer."""
    blind = [run for run in campaign.runs if run.status in USED and _ended_in_first_population(run)]
    cut = [run for run in blind if run.status == "cut"]
    spent = [run for run in blind if run.status != "cut" and run.num_evaluations >= run.spec.budget]
    budgets = sorted({run.spec.budget for run in spent})
    shown = " and ".join(f"{budget:,}" for budget in budgets)
    what = f"budget of {shown} ends" if len(budgets) == 1 else f"budgets of {shown} end"
    return [*_blind(campaign, spent, what), *_blind(campaign, cut, "limit ends")]


def _ended_in_first_population(run: StoredRun) -> bool:
    first = run.environment.get("first_population")
    return type(first) is int and 0 < run.num_evaluations <= first


def _blind(campaign: StoredCampaign, runs: list[StoredRun], what_ends: str) -> list[str]:
    if not runs:
        return []
    names = optimizer_names(campaign)
    whose = "its" if len(runs) == 1 else "their"
    shown = ", ".join(dict.fromkeys(names[run.id] for run in runs))
    return [
        f"No search began in {counted(len(runs), 'run')} of {shown}: {whose} {what_ends} inside the first population."
    ]


def _by(names: Mapping[str, str], runs: Iterable[StoredRun]) -> dict[str, list[StoredRun]]:
    groups: dict[str, list[StoredRun]] = {}
    for run in runs:
        groups.setdefault(names[run.id], []).append(run)
    return groups


def _mapping(value: object) -> dict[object, object]:
    """A stored value as a dictionary; empty if it is something else."""
    return dict(value) if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return json.dumps(", ".join(value))
    return json.dumps(value, sort_keys=True, default=str)
