"""Texts of stored runs may hold anything; reports show them readable, in tables, figures and pages alike.

Each output then escapes only what its own language reads as markup: ``reports.wording.latex.escape``, ``safe`` and
``drawn`` of ``reports.figures.lettering``, the templates of pages.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from problems.foundation.text import printable
from reports.storage.campaign_folder import Absent, PlannedRun, StoredCampaign
from reports.storage.run_folder import StoredRun
from reports.wording.names import distinct

LONGEST_ID = 2_000
"""Characters of a problem id; no longer one can be read."""


@lru_cache(maxsize=4)
def readable(campaign: StoredCampaign) -> StoredCampaign:
    """The campaign with all its texts printable, but for the ids of problems; itself if they are."""
    folders = distinct(campaign.unreadable, LONGEST_ID, write=printable)
    cleaned = replace(
        campaign,
        name=printable(campaign.name),
        runs=tuple(map(_run, campaign.runs)),
        planned=tuple(map(_plan, campaign.planned)),
        unreadable={folders[folder]: printable(message) for folder, message in campaign.unreadable.items()},
        foreign=tuple(map(printable, campaign.foreign)),
        absent={printable(label): _gap(gap) for label, gap in campaign.absent.items()},
    )
    return campaign if vars(cleaned) == vars(campaign) else cleaned


def readable_id(problem: str) -> str:
    """A problem's id, printable."""
    return printable(problem, LONGEST_ID)


def _run(run: StoredRun) -> StoredRun:
    texts = printable(run.id), printable(run.label), printable(run.message)
    same = texts == (run.id, run.label, run.message)
    return run if same else replace(run, id=texts[0], label=texts[1], message=texts[2])


def _plan(run: PlannedRun) -> PlannedRun:
    return replace(run, id=printable(run.id), label=printable(run.label))


def _gap(gap: Absent) -> Absent:
    return Absent(printable(gap.optimizer), printable(gap.needs))
