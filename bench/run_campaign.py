"""Do a campaign's missing runs, and show how far they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.campaigns.campaign import Campaign
from bench.campaigns.plan import Plan, claimed, plan_campaign
from bench.campaigns.running import run_plan
from bench.console.console import PatientConsole
from bench.console.progress import progress
from bench.engines import ENGINES
from bench.engines.processes import available_cores
from problems.foundation.extras import install_command
from reports.wording.numbers import counted


@contextmanager
def campaign_done(
    console: PatientConsole, campaign: Campaign, out: Path, workers: int | None, *, retry: bool
) -> Iterator[tuple[Path, Counter[str]]]:
    """Do the missing runs of a campaign behind a progress bar; yield its folder, still locked, and the statuses.

    Args:
        console: Console for the announcement.
        campaign: The campaign.
        out: Parent of its folder.
        workers: Number of runs at a time; None for the number of cores.
        retry: Whether failed and cut runs are done again.
    """
    folder = out / campaign.name
    with claimed(folder):
        plan = plan_campaign(campaign, folder, retry=retry)
        _announce(console, campaign.name, plan)
        for label, gap in campaign.absent().items():
            console.say(f"{label} is left out: {install_command(gap.needs)}")
        engine = ENGINES.get("processes").load()(workers=workers or available_cores())
        with progress(total=plan.total, done=len(plan.done)) as advance:
            counts = run_plan(plan, engine, advance)
        yield folder, counts


def _announce(console: PatientConsole, name: str, plan: Plan) -> None:
    done = f", {len(plan.done)} of them done" if plan.done else ""
    size = f", at most {max(plan.bytes_at_most / 1e6, 0.1):.1f} MB to store" if plan.missing else ""
    console.say(f"campaign {name}: {counted(plan.total, 'run')}{done}{size}, in {plan.folder}")
