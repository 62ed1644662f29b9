"""Figures 8 and 9, and that their campaigns hold what their rule chooses."""

from __future__ import annotations

import functools
import io

import matplotlib
import numpy as np
import pytest

import problems
from bench.campaigns.reading import load_campaign
from reports.figures import make_figure, paper_style
from reports.frames.summary import make_tables
from reports.paper.fig08 import FIG08, numbers
from reports.storage.design import Absent

TASKS = ("vision", "language", "recommendation", "mix")
PLATFORMS = {"fig08": ("S1", "S3"), "fig09": ("S2", "S4")}
FORMS = {False: (100, 3), True: (30, 10)}
"""Jobs and instances of the full and of the quick form."""

ROSTER = ["Random", "Herald-like", "AI-MT-like", "stdGA", "DE", "CMA-ES", "TBPSA", "PSO", "A2C", "PPO2", "MAGMA"]
LOW = {"S1": 1, "S2": 4, "S3": 4, "S4": 16}
DEGENERATE = "vision/S3/bw256/g30/i2"


@functools.cache
def level(problem_id):
    return round(problems.facts_of(problems.get(problem_id)).random_level, 6)


def farthest(task, platform, bandwidth, jobs, instances):
    """The instance on which random search is farthest above the bound."""
    return max((f"{task}/{platform}/bw{bandwidth:g}/g{jobs}/i{i}" for i in range(instances)), key=level)


def chosen(platform, bandwidth, quick):
    return [farthest(task, platform, bandwidth, *FORMS[quick]) for task in TASKS]


@pytest.mark.parametrize("quick", FORMS)
@pytest.mark.parametrize("name", PLATFORMS)
def test_the_campaign_holds_what_its_rule_chooses(name, quick):
    expected = []
    for platform in PLATFORMS[name]:
        for bandwidth in (problems.PLATFORMS.get(platform).bandwidth_gbps, LOW[platform]):
            expected += chosen(platform, bandwidth, quick)
    assert list(load_campaign(name, quick=quick).problems) == expected


@pytest.mark.parametrize("platform", LOW)
def test_the_low_bandwidth_is_the_one_that_separates_best(platform):
    default = problems.PLATFORMS.get(platform).bandwidth_gbps
    levels = {
        bandwidth: np.mean([np.log(level(problem_id)) for problem_id in chosen(platform, bandwidth, quick=False)])
        for bandwidth in (1, 4, 16)
        if bandwidth < default
    }
    assert max(levels, key=levels.get) == LOW[platform]


@pytest.mark.parametrize("name", PLATFORMS)
def test_all_methods_of_the_paper_are_there_and_learning_agents_optional(name):
    assert [contender.label for contender in load_campaign(name).contenders] == ROSTER
    optional = {c.label for c in load_campaign(name).contenders if c.name.startswith("sb3-")}
    assert optional == {"A2C", "PPO2"}


def test_an_absent_method_keeps_its_place_in_every_group(make_run, make_campaign):
    ids = ("mix/S2/bw1/g10/i0", "vision/S2/bw1/g10/i0", "mix/S2/bw16/g10/i0")
    runs = [make_run(name, problem=p) for p in ids for name in ("random", "magma")]
    campaign = make_campaign(runs, absent={"PPO2": Absent("sb3-ppo", "m3e[rl]")})
    figure, bars = make_figure(FIG08, make_tables(campaign))
    gaps = bars[bars["optimizer"] == "PPO2"]
    assert len(gaps) == 3 + 1  # the mean of the panel with two tasks
    assert gaps["value"].isna().all()
    assert set(gaps["needs"]) == {"m3e[rl]"}
    texts = [text.get_text() for text in figure.findobj(matplotlib.text.Text)]
    assert texts.count("n/a") == len(gaps)
    assert "PPO2 (n/a)" in texts
    assert any("not installed, needs m3e[rl]" in text for text in texts)


def test_magma_is_the_last_of_each_group(make_run, make_campaign):
    runs = [make_run("magma"), make_run("random")]
    campaign = make_campaign(runs, absent={"A2C": Absent("sb3-a2c", "m3e[rl]")})
    figure, _ = make_figure(FIG08, make_tables(campaign))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["random", "A2C (n/a)", "magma"]


def test_tasks_that_tell_no_methods_apart_are_marked(make_run, make_campaign):
    ids = (DEGENERATE, "mix/S3/bw4/g30/i2")
    figure, bars = make_figure(FIG08, make_tables(make_campaign([make_run(problem=p) for p in ids])))
    assert bars.set_index("group")["separates"].to_dict() == {"vision": False, "mix": True}
    labels = [label.get_text() for axis in figure.axes for label in axis.get_xticklabels()]
    assert labels == ["vision*", "mix"]
    assert "2 %" in figure.get_supxlabel()


def test_methods_that_the_wall_limit_cut_are_named(make_run, make_campaign):
    runs = [make_run("magma"), make_run("slow", status="cut", message="wall limit")]
    figure, bars = make_figure(FIG08, make_tables(make_campaign(runs)))
    assert bars.set_index("optimizer")["cut"].to_dict() == {"magma": 0, "slow": 1}
    assert "cut at the wall limit: slow" in figure.get_supxlabel()


def test_the_table_reads_without_the_figure(tiny):
    table = numbers(make_tables(tiny)).set_index(["platform", "bandwidth_gbps", "group", "optimizer"])
    assert table.loc[("S2", 1.0, "mix", "random"), "value"] == pytest.approx(1.2 / 3.0)
    assert table.loc[("S1", 4.0, "vision", "random"), "value"] == pytest.approx(2.0 / 1.5)
    assert set(table["reference"]) == {"magma"}


def test_a_panel_without_magma_says_what_it_is_relative_to(make_run, make_campaign):
    runs = [make_run("a"), make_run("b", best=4.0)]
    figure, _ = make_figure(FIG08, make_tables(make_campaign(runs)))
    assert "the best" in figure.axes[0].get_ylabel()
    with paper_style():
        figure.savefig(io.BytesIO())
