from __future__ import annotations

import numpy as np
import pytest

import problems
from problems.tasks import networks_of
from reports.paper.fig07 import numbers


@pytest.fixture(scope="module")
def rows():
    return numbers(None).set_index(["network", "core", "quantity"])


def test_every_network_of_the_papers_tasks_has_both_cores_and_both_quantities(rows):
    assert list(rows.index.unique("network")) == list(networks_of(None))
    assert len(rows) == 4 * len(networks_of(None))
    assert rows.index.is_unique


def test_the_rows_are_quartiles_over_the_layers(rows):
    layers = problems.NETWORKS.get("vgg16").layers()
    table = problems.analyze_jobs(layers, "S2")
    for core, column in (("HB", 0), ("LB", 3)):  # S2 is three HB cores, then an LB one
        row = rows.loc["vgg16", core, "latency"]
        assert row["median"] == np.median(table.latency[:, column])
        assert row["maximum"] == table.latency[:, column].max()
        assert row["layers"] == len(layers)
        assert rows.loc["vgg16", core, "bandwidth"]["q3"] == np.quantile(table.bandwidth[:, column], 0.75)


def test_hb_cores_are_faster_and_ask_for_more_bandwidth(rows):
    median = rows["median"].unstack("core")
    latency, bandwidth = (median.xs(quantity, level="quantity") for quantity in ("latency", "bandwidth"))
    assert (latency["HB"] < latency["LB"]).all()
    assert (bandwidth["HB"] > bandwidth["LB"]).all()
