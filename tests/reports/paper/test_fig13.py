from __future__ import annotations

import pytest

from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig13 import FIG13


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
