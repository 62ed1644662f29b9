"""Throughput relative to MAGMA, as in the paper."""

from __future__ import annotations

import numpy as np
import pytest

from reports.frames.summary import make_tables
from reports.paper.relative import relative_numbers, relative_throughput

OTHER_TASK = "vision/S2/bw1/g10/i0"


def bars_of(campaign):
    table = relative_throughput(make_tables(campaign))
    return {(row.panel, row.group, row.optimizer): row for row in table.itertuples()}


def test_bars_are_relative_to_magma_with_quartiles(tiny):
    bars = bars_of(tiny)
    bar = bars["S2, 1 GB/s", "mix", "random"]  # MAGMA's median is 1.2; random has 2, 3, 4
    assert (bar.low, bar.value, bar.high) == pytest.approx((1.2 / 3.5, 1.2 / 3.0, 1.2 / 2.5))
    assert bars["S1, 4 GB/s", "vision", "random"].value == pytest.approx(2.0 / 1.5)


def test_without_magma_bars_are_relative_to_the_best(make_run, make_campaign):
    bars = bars_of(make_campaign([make_run("a", best=2.0), make_run("b", best=3.0)]))
    assert bars["S2, 1 GB/s", "mix", "b"].value == pytest.approx(2.0 / 3.0)


def test_where_magma_has_no_result_the_panel_says_so(make_run, make_campaign):
    runs = [make_run("magma"), make_run("a"), make_run("a", problem=OTHER_TASK)]
    panels = {panel for panel, _, _ in bars_of(make_campaign(runs))}
    assert panels == {"S2, 1 GB/s", "S2, 1 GB/s; no magma, relative to best"}


def test_instances_and_tasks_enter_geometric_means(make_run, make_campaign):
    ratios = {"mix/S2/bw1/g10/i0": 2.0, "mix/S2/bw1/g10/i1": 8.0, OTHER_TASK: 1.0}
    runs = [make_run("magma", best=1.0, problem=p) for p in ratios] + [
        make_run("a", best=r, problem=p) for p, r in ratios.items()
    ]
    bars = bars_of(make_campaign(runs))
    assert bars["S2, 1 GB/s", "mix", "a"].value == pytest.approx(1.0 / 4.0)
    assert bars["S2, 1 GB/s", "geomean", "a"].value == pytest.approx(1.0 / 2.0)


def test_an_optimizer_without_a_valid_mapping_has_a_bar_of_no_height(make_run, make_campaign):
    bars = bars_of(make_campaign([make_run("magma"), make_run("a", best=None)]))
    assert bars["S2, 1 GB/s", "mix", "a"].value == 0.0
    assert not np.isnan(bars["S2, 1 GB/s", "mix", "a"].low)


def test_only_makespans_and_throughputs_have_bars_and_the_figure_says_so(make_run, make_campaign):
    options = ("", "/throughput", "/energy", "/edp")
    campaign = make_campaign([make_run(problem=f"mix/S2/bw1/g10/i0/corrected{o}") for o in options])
    assert {panel for panel, _, _ in bars_of(campaign)} == {"S2, 1 GB/s, latency", "S2, 1 GB/s, throughput"}
    numbers = relative_numbers(make_tables(campaign))
    assert set(numbers["left_out"]) == {"left out: 2 problems whose objective is energy, edp"}
    nothing = relative_numbers(make_tables(make_campaign(campaign.runs[2:])))
    assert "left out: 2 problems" in nothing.attrs["why"]


def test_options_have_panels_of_their_own(make_run, make_campaign):
    ids = ("mix/S2/bw1/g10/i0", "mix/S2/bw1/g10/i0/dep", "mix/S2/bw1/g10/i0/corrected", "alexnet/S2/bw1/gall/i0")
    panels = [panel for panel, _, _ in bars_of(make_campaign([make_run(problem=p) for p in ids]))]
    assert len(set(panels)) == 4
    assert "S2, 1 GB/s, 10 jobs, dependent, maestro" in panels


def test_budgets_have_panels_of_their_own(make_run, make_campaign):
    panels = {p for p, _, _ in bars_of(make_campaign([make_run(budget=10), make_run(budget=100)]))}
    assert panels == {"S2, 1 GB/s, budget 10", "S2, 1 GB/s, budget 100"}
