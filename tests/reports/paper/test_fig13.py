from __future__ import annotations

import math

import pytest

from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig13 import FIG13, FIG13_GAP


def test_a_panel_a_bandwidth_a_group_a_platform_each_with_its_limit(make_run, make_campaign):
    ids = [f"mix/S{number}/bw{bandwidth}/g10/i0" for number in (4, 3) for bandwidth in (16, 1)]
    campaign = make_campaign([make_run(name, problem=p, best=2.0) for p in ids for name in ("magma", "random")])
    figure, bars = make_figure(FIG13, make_tables(campaign))
    assert [axis.get_title() for axis in figure.axes] == ["mix, 1 GB/s", "mix, 16 GB/s"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["S3", "S4"]
    assert (bars["throughput_gflops"] / bars["limit_gflops"]).to_list() == pytest.approx([0.5] * 8)
    tops = {round(line.get_ydata()[0], 6) for line in figure.axes[0].lines if line.get_linestyle() == "--"}
    limits = bars.loc[bars["bandwidth_gbps"] == 1.0, "limit_gflops"].unique()
    assert tops == {round(limit, 6) for limit in limits}


def test_gaps_are_to_the_limit_and_a_run_without_a_mapping_is_a_cross(make_run, make_campaign):
    ids = [f"mix/S{number}/bw{bandwidth}/g10/i0" for number in (4, 3) for bandwidth in (16, 1)]
    runs = [make_run("magma", seed, best, problem=p) for p in ids for seed, best in enumerate((1.0, 1.01, 1.04))]
    runs += [make_run("random", problem=ids[0], best=None)]
    figure, dots = make_figure(FIG13_GAP, make_tables(make_campaign(runs)))
    assert [axis.get_title() for axis in figure.axes] == ["mix, 1 GB/s", "mix, 16 GB/s"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["S3", "S4"]
    magma = dots[dots["optimizer"] == "magma"]
    assert magma["value"].to_list() == pytest.approx([0.01] * 4)
    assert magma["low"].to_list() == pytest.approx([0.005] * 4)
    assert magma["high"].to_list() == pytest.approx([0.025] * 4)
    assert dots.loc[dots["optimizer"] == "random", "value"].to_list() == [math.inf]
    assert figure.get_supxlabel() == "gap to the certified limit (log axis)"
