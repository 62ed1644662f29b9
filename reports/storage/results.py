"""Read results: campaigns, packed or not, archives and others' values, checked, and of several one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from problems.foundation.errors import StorageError
from reports.storage.archive import Archive, is_archive, open_archive
from reports.storage.campaign_folder import PlannedRun, StoredCampaign, hint_at, read_campaign
from reports.storage.content import EVALUATES_ITSELF, SEES_JOBS
from reports.storage.foreign import NO_RUNS, with_foreign
from reports.storage.joining import Joined, Labels
from reports.storage.record import StoredRun
from reports.storage.replay import CheckedCampaign, replayed
from reports.storage.selecting import select
from reports.wording.numbers import counted

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


def read_results(
    runs: Paths = (),
    *,
    foreign: Paths = (),
    only: str | Sequence[str] = (),
    against: str | PathLike[str] | None = None,
) -> CheckedCampaign:
    """Read the results of campaigns, in folders, packed or archives; several are merged, equal runs count once.

    The mapping of each run is evaluated again; one whose value is not that of its mapping counts as failed.

    Args:
        runs: Path or paths of folders of ``m3e run``, packed campaigns or archives; may be left out if there are
            foreign results.
        foreign: Path or paths of CSV files with results that were made elsewhere (``reports.storage.foreign``). Their
            mappings are not known, so that their values are told and not verified; tables and figures mark them.
        only: Terms that choose among the runs, see ``reports.select``; what is left out is not evaluated.
        against: Path of an archive (``m3e archive``) beside whose results these stand.

    Raises:
        StorageError: If there are no results, or a campaign is damaged.
        InvalidInput: If a CSV file or ``only`` does not fit.
    """
    places, files = _paths(runs), _paths(foreign)
    stored = results_in(places) if places or not files else NO_RUNS
    results = select(with_foreign(stored, files), [only] if isinstance(only, str) else only)
    results = _without_subsets(results, [open_archive(place) for place in places if is_archive(place)])
    return replayed(results if against is None else beside(results, open_archive(Path(against))))


def _paths(paths: Paths) -> list[Path]:
    return [Path(paths)] if isinstance(paths, str | PathLike) else [Path(path) for path in paths]


def results_in(places: Sequence[Path]) -> StoredCampaign:
    """Read the runs in campaign folders, packed campaigns and archives, as they are stored.

    Raises:
        StorageError: If there are none, or an archive is damaged.
    """
    campaign = together([open_archive(at).campaign() if is_archive(at) else read_campaign(at) for at in places])
    if not campaign.runs:
        if campaign.unreadable:
            first, number = next(iter(campaign.unreadable.values())), len(campaign.unreadable)
            raise StorageError(f"none of {number} records can be read, for instance: {first}")
        where = ", ".join(map(str, places))
        raise StorageError(f"no runs in {where}: expected campaign folders of 'm3e run'{hint_at(places)}")
    return campaign


def together(campaigns: Sequence[StoredCampaign]) -> StoredCampaign:
    """Return several campaigns as one; of equal runs the first complete one counts.

    Raises:
        StorageError: If there is no campaign, or a run has two labels in them.
    """
    if not campaigns:
        raise StorageError("expected at least one folder with results, got none")
    first, *others = campaigns
    if not others:
        return first
    named = {plan.id: plan.label for campaign in campaigns if campaign.is_labelled for plan in campaign.planned}
    campaigns = [each if each.is_labelled else _relabelled(each, named) for each in campaigns]
    joined, labels = Joined(), Labels()
    planned: dict[str, PlannedRun] = {}
    for campaign in campaigns:
        for plan in campaign.planned:
            labels.add(plan.id, plan.label, campaign.name)
            planned.setdefault(plan.id, plan)
        joined.add(campaign.runs)
    names = {plan.label for plan in planned.values()}
    return replace(
        first,
        name=" + ".join(dict.fromkeys(campaign.name for campaign in campaigns)),
        runs=tuple(joined.runs.values()),
        planned=tuple(planned.values()),
        unreadable={name: why for campaign in campaigns for name, why in campaign.unreadable.items()},
        unasked=tuple(dict.fromkeys(i for campaign in campaigns for i in campaign.unasked)),
        absent={label: gap for campaign in campaigns for label, gap in campaign.absent.items() if label not in names},
        tomls={name: toml for campaign in campaigns for name, toml in campaign.tomls.items()},
        requests=tuple(dict.fromkeys(request for campaign in campaigns for request in campaign.requests)),
        files=tuple(dict.fromkeys(folder for campaign in campaigns for folder in campaign.files)),
        reference=frozenset().union(*(campaign.reference for campaign in campaigns)),
        is_labelled=any(campaign.is_labelled for campaign in campaigns),
        reference_problems=max(campaign.reference_problems for campaign in campaigns),
        left_out={label: why for campaign in campaigns for label, why in campaign.left_out.items()},
        conflicts={i: why for campaign in campaigns for i, why in campaign.conflicts.items()} | joined.conflicts,
    )


def _relabelled(campaign: StoredCampaign, labels: Mapping[str, str]) -> StoredCampaign:
    """The campaign with those labels that are given for its runs, by id."""
    return replace(
        campaign,
        runs=tuple(replace(run, label=labels.get(run.id, run.label)) for run in campaign.runs),
        planned=tuple(replace(plan, label=labels.get(plan.id, plan.label)) for plan in campaign.planned),
    )


SEES = "sees the job table, as no black box does"
"""Why an optimizer is not in the field."""


def _without_subsets(campaign: StoredCampaign, archives: Sequence[Archive]) -> StoredCampaign:
    """Leave out the few optimizers of archives that lack some of their problems: all would be judged on the others."""
    labels = {bundle.label for archive in archives for bundle in archive.definition.bundles}
    own: dict[str, set[str]] = {}
    for run in campaign.planned:
        if run.label in labels:
            own.setdefault(run.label, set()).add(run.problem)
    every = set().union(*own.values())
    lacking = {label: _lacks(every - some, every) for label, some in own.items() if some != every}
    if 2 * len(lacking) >= len(own):
        return campaign
    return replace(
        campaign,
        runs=tuple(run for run in campaign.runs if run.label not in lacking),
        planned=tuple(run for run in campaign.planned if run.label not in lacking),
        left_out={**campaign.left_out, **lacking},
    )


def _lacks(missing: Iterable[str], every: Iterable[str]) -> str:
    return f"no results on {len(set(missing))} of the {counted(len(set(every)), 'problem')}"


def field_of(runs: Iterable[StoredRun], problems: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Return who of an archive others stand beside: its black boxes with results on all of some problems.

    Args:
        runs: Runs of the archive.
        problems: The problems.

    Returns:
        Their labels, and why each other one is left out, by label.
    """
    every = frozenset(problems)
    seen: dict[str, set[str]] = {}
    others: set[str] = set()
    for run in runs:
        seen.setdefault(run.label, set()).add(run.spec.problem)
        settings = run.environment["settings"]
        if settings.get(SEES_JOBS) or settings.get(EVALUATES_ITSELF):
            others.add(run.label)
    why = {label: SEES if label in others else _lacks(every - own, every) for label, own in seen.items()}
    whole = [label for label, own in seen.items() if label not in others and own >= every]
    return whole, {label: reason for label, reason in why.items() if label not in whole}


def beside(own: StoredCampaign, archive: Archive, labels: Sequence[str] | None = None) -> StoredCampaign:
    """Return results beside those of an archive, whose optimizers are told apart as the reference.

    An optimizer that ``own`` has under the same label, or of which it has runs under another, is left out of the
    archive's, and so are problems that it has not.

    Args:
        own: The results.
        archive: The archive.
        labels: Labels in it; by default those of ``field_of`` on the problems that both have.

    Raises:
        StorageError: If the archive is damaged, or has no run on a problem of ``own``.
    """
    mine, labels_of = {run.label for run in own.planned}, {run.id: run.label for run in own.planned}
    there = archive.campaign(labels)
    alike = {run.label: labels_of[run.id] for run in there.runs if labels_of.get(run.id, run.label) != run.label}
    problems = {run.problem for run in there.planned} & {run.problem for run in own.planned}
    field, left_out = field_of(there.runs, problems) if labels is None else (list(labels), {})
    shown = set(field) - mine - set(alike)
    left_out |= {label: f"has the runs that are {name} here" for label, name in alike.items()}
    runs = tuple(run for run in there.runs if run.spec.problem in problems and run.label in shown)
    if not runs and alike:
        what = "; ".join(f"{label} {left_out[label]}" for label in alike)
        raise StorageError(f"archive {archive.definition.name!r} has no other runs to compare with: {what}")
    if not runs:
        wanted = f"black boxes with results on all {len(problems)} problems that it" if problems else "problems that it"
        where = f"archive {archive.definition.name!r}"
        raise StorageError(f"{where} has no runs to compare with: expected {wanted} and {own.name} have in common")
    kept = {run.id for run in runs}
    planned = tuple(plan for plan in there.planned if plan.id in kept)
    both = together([own, replace(there, runs=runs, planned=planned, tomls={})])
    return replace(
        both,
        name=own.name,
        reference=frozenset(run.label for run in runs),
        reference_problems=max(bundle.problems for bundle in archive.definition.bundles),
        left_out={label: why for label, why in left_out.items() if label not in mine},
    )
