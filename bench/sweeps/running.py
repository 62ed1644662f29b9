"""The searches of a sweep, as a campaign that takes more points and other settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.campaigns.campaign import Campaign, Contender, make_contender
from bench.map_workload import BUDGET, DEFAULT, default_steps, ending_after, extent_of
from problems import Problem
from reports.storage.campaign_folder import read_campaign_file
from reports.storage.design import Design
from reports.sweeps.point import Point

RUNS = "searches"
"""Name of the campaign, and of its folder in that of the sweep."""

SHARE = 10
"""A sweep's searches make a tenth of the steps of ``m3e map``: 2,000 a job, at most 200,000.

For 100 jobs that takes a third of a second instead of two or three. Over 27 points (three platforms, bandwidths from 1
to 256 GB/s) values were 0.02 % above those with all steps in the mean, 0.26 % at most; points of a sweep differ by far
more. Starting from the mapping at the next bandwidth, lower or higher, was no better at equal cost.
"""


def parameters_of(problem: Problem, steps: int | None, seconds: float | None) -> dict[str, object]:
    """Return the parameters of the searches, by default a tenth of the steps of ``m3e map``.

    Raises:
        InvalidInput: If both are given, or a value is not valid.
    """
    if steps is None and seconds is None:
        return {"steps": max(1, default_steps(problem.num_jobs) // SHARE)}
    return ending_after(problem, DEFAULT, steps, seconds)


def campaign_of(points: Sequence[Point], parameters: Mapping[str, object], seed: int, folder: Path) -> Campaign:
    """Return the campaign of a sweep's searches, which adds to what was asked for in ``folder`` before.

    Args:
        points: Points of which some are possible.
        parameters: Parameters of the optimizer.
        seed: Seed of the searches.
        folder: Folder of the sweep.

    Raises:
        StorageError: If what is in the folder is damaged.
    """
    campaign = Campaign(
        name=RUNS,
        problems=tuple(point.problem for point in points if not point.impossible),
        contenders=(make_contender(DEFAULT, f"{DEFAULT}, {extent_of(parameters)}", parameters),),
        seeds=(seed,),
        budget=BUDGET,
    )
    there = read_campaign_file(folder / RUNS)
    return replace(campaign, base=_campaign(there.design)) if there else campaign


def _campaign(design: Design) -> Campaign:
    """Return the campaign of a stored design."""
    contenders = tuple(Contender(c.optimizer, c.label, c.parameters) for c in design.contenders)
    return Campaign(RUNS, design.problems, contenders, design.seeds, design.budget)
