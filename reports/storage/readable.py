"""Make texts of stored runs, which may contain any characters, printable for tables, figures and pages.

Each output then escapes only its own markup: ``reports.wording.latex.escape`` for LaTeX, ``safe`` and ``drawn`` of
``reports.figures.lettering`` for figures, the templates for pages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from problems.foundation.text import printable
from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.design import Absent
from reports.storage.record import StoredRun
from reports.wording.names import distinct

LONGEST_ID = 2_000
"""Maximum length of a problem id in characters; longer ones cannot be read."""

C = TypeVar("C", bound=StoredCampaign)


def readable(campaign: C) -> C:
    """Return the campaign with all texts printable except problem ids; the same object if nothing changes."""
    folders = distinct(campaign.unreadable, LONGEST_ID, write=printable)
    cleaned = replace(
        campaign,
        name=printable(campaign.name),
        runs=tuple(map(_run, campaign.runs)),
        planned=tuple(map(_plan, campaign.planned)),
        unreadable={folders[folder]: printable(message) for folder, message in campaign.unreadable.items()},
        unasked=tuple(map(printable, campaign.unasked)),
        tomls={name: "\n".join(map(printable, toml.splitlines())) for name, toml in campaign.tomls.items()},
        requests=tuple(map(printable, campaign.requests)),
        absent={printable(label): _gap(gap) for label, gap in campaign.absent.items()},
        left_out={printable(label): why for label, why in campaign.left_out.items()},
        reference=frozenset(map(printable, campaign.reference)),
    )
    return campaign if vars(cleaned) == vars(campaign) else cleaned


def readable_id(problem: str) -> str:
    """Return a printable form of a problem id."""
    return printable(problem, LONGEST_ID)


def _run(run: StoredRun) -> StoredRun:
    texts = printable(run.id), printable(run.label), printable(run.message)
    same = texts == (run.id, run.label, run.message)
    return run if same else replace(run, id=texts[0], label=texts[1], message=texts[2])


def _plan(run: PlannedRun) -> PlannedRun:
    return replace(run, id=printable(run.id), label=printable(run.label))


def _gap(gap: Absent) -> Absent:
    return Absent(printable(gap.optimizer), printable(gap.needs))
