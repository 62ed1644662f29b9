from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import problems
from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig15 import FIG15, LONGEST, MOST

PROBLEM = "mix/S2/bw1/g10/i0"


@pytest.fixture
def mapped(make_run, make_campaign):
    """A campaign of runs with these mappings, by label, each a number of cores that are used in turn."""

    def make(cores, *seeds):
        problem = problems.get(PROBLEM)
        runs = []
        for label, number in cores.items():
            mapping = np.arange(problem.num_jobs) % number, np.linspace(0.0, 0.9, problem.num_jobs)
            best = problem.evaluate(*mapping) / problem.lower_bound()
            own = {"front_cores": mapping[0][None, :], "front_priorities": mapping[1][None, :]}
            runs += [replace(make_run(label, seed, best * (1.0 + seed)), **own) for seed in seeds or (0,)]
        return make_campaign(runs)

    return make


def test_jobs_and_bandwidth_are_those_of_the_schedule(mapped):
    campaign = mapped({"one": 1, "three": 3})
    _, numbers = make_figure(FIG15, make_tables(campaign))
    for run in campaign.runs:
        schedule = problems.get(PROBLEM).schedule(run.cores, run.priorities)
        own = numbers[numbers["optimizer"] == run.label]
        jobs, steps = (own[own["kind"] == kind] for kind in ("job", "bandwidth"))
        assert jobs.sort_values("job")["start_cycles"].tolist() == schedule.starts.tolist()
        assert jobs["end_cycles"].max() == steps["end_cycles"].max() == schedule.makespan
        assert steps["asked_gbps"].tolist() == schedule.demands.tolist()
        assert own["limit_gbps"].unique().tolist() == [1.0]


def test_of_several_seeds_the_best_is_shown(mapped):
    _, numbers = make_figure(FIG15, make_tables(mapped({"one": 1}, 1, 0, 2)))
    assert numbers["seed"].unique().tolist() == [0]


def test_all_share_one_axis_of_time_that_leaves_the_shortest_room(mapped):
    figure, numbers = make_figure(FIG15, make_tables(mapped({"slow": 1, "fast": 4})))
    ends = numbers.groupby("optimizer")["end_cycles"].max()
    limits = {axis.get_xlim() for axis in figure.axes}
    assert len(limits) == 1
    shown = [axis.get_title(loc="left") for axis in figure.axes[::2]]
    assert shown[0].startswith("slow: makespan")
    assert ("goes on" in shown[0]) == (ends["slow"] > LONGEST * ends["fast"])
    assert "goes on" not in shown[1]


def test_only_so_many_schedules_are_drawn(mapped):
    figure, numbers = make_figure(FIG15, make_tables(mapped({f"method-{i}": 4 for i in range(MOST + 2)})))
    assert numbers["optimizer"].nunique() == MOST + 2
    assert len(figure.axes) == 2 * MOST


def test_without_mappings_it_says_so(make_campaign):
    figure, numbers = make_figure(FIG15, make_tables(make_campaign([])))
    assert numbers.empty
    assert "no run" in figure.axes[0].texts[0].get_text()
