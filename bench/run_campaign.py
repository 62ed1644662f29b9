"""Do a campaign's missing runs, and show how far they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.campaigns.campaign import Campaign
from bench.campaigns.plan import Plan, plan_campaign, plan_design
from bench.campaigns.reading import load_campaign
from bench.campaigns.running import Progress, run_plan
from bench.console.console import PatientConsole, open_console
from bench.console.progress import progress
from bench.engines.engine import Engine, Pilots
from bench.engines.process import Process
from bench.engines.settings import engine_from
from problems.foundation.errors import WorkerError
from problems.foundation.extras import install_command
from reports.storage.design import Design
from reports.wording.numbers import counted


def run(
    campaign: str | Path,
    out: str | Path = "runs",
    *,
    quick: bool = False,
    engine: str = "process",
    workers: int | None = None,
    retry: bool = False,
) -> Path:
    """Do the missing runs of a campaign, as ``m3e run`` does, and return its folder, for ``reports.read_results``.

    Args:
        campaign: Name of one that ships, or path of a TOML file.
        out: Folder that gets a sub-folder for the campaign.
        quick: Whether to run the campaign's quick form.
        engine: Name of an engine, or path of a TOML file with its settings.
        workers: Runs at a time; None for as many as there are cores.
        retry: Whether failed and cut runs are done again.

    Raises:
        UnknownName, InvalidInput: If the campaign or the engine is unknown or invalid.
        StorageError: If the folder cannot be written, or is another campaign's.
        WorkerError: If the engine cannot be started, or its workers or pilots fail.
    """
    loaded = load_campaign(str(campaign), quick=quick)
    folder, _ = do_campaign(open_console(), loaded, Path(out), engine_from(engine, workers), retry=retry)
    return folder


def do_campaign(
    console: PatientConsole, campaign: Campaign, out: Path, engine: Engine | Pilots, *, retry: bool
) -> tuple[Path, Counter[str]]:
    """Do the missing runs of a campaign behind a progress bar; return its folder and the statuses of its runs.

    Args:
        console: Console for the announcement.
        campaign: The campaign.
        out: Parent of its folder.
        engine: Where runs are carried out.
        retry: Whether failed and cut runs are done again.

    Raises:
        StorageError: If the folder cannot be written.
        WorkerError: If the engine cannot be started, or its workers or pilots fail.
    """
    folder = out / campaign.name
    plan = plan_campaign(campaign, folder, retry=retry)
    _announce(console, campaign.name, plan)
    for label, gap in campaign.absent().items():
        console.say(f"{label} is left out: {install_command(gap.needs)}")
    if isinstance(engine, Pilots):
        return folder, _by_pilots(console, plan, engine, retry=retry)
    with progress(total=plan.total, done=len(plan.done)) as advance:
        return folder, run_plan(plan, engine, advance)


def _by_pilots(console: PatientConsole, plan: Plan, engine: Pilots, *, retry: bool) -> Counter[str]:
    """Have pilots do the runs, and wait for them."""
    if len(plan.done) < plan.total:
        workers = getattr(engine, "workers", None)
        with engine.launch(plan.folder, pilot, plan.design, str(plan.folder.absolute()), workers, retry) as wait:
            console.say("pilots are submitted; m3e status says how far they are, and this command waits for them")
            for failure in wait():
                console.say(failure)
    plan = plan_design(plan.design, plan.folder)
    if len(plan.done) < plan.total:
        left = counted(plan.total - len(plan.done), "run")
        raise WorkerError(f"the pilots have ended with {left} left: the same command continues")
    return Progress.of(plan).counts


def pilot(design: Design, folder: str, workers: int | None, retry: bool) -> int:
    """Carry out runs of a campaign, with others, until none is left; return an exit code."""
    plan = plan_design(design, Path(folder), retry=retry)
    counts = run_plan(plan, Process(workers), lambda *_: None)
    return int(counts["failed"] > 0)


def _announce(console: PatientConsole, name: str, plan: Plan) -> None:
    done = f", {len(plan.done)} of them done" if plan.done else ""
    size = f", at most {max(plan.bytes_at_most / 1e6, 0.1):.1f} MB to store" if len(plan.done) < plan.total else ""
    console.say(f"campaign {name}: {counted(plan.total, 'run')}{done}{size}, in {plan.folder}")
