"""What the lists say beyond names."""

from dataclasses import replace

import pytest

from bench.campaigns.campaign import Contender
from bench.campaigns.reading import load_campaign
from bench.commands.list_ import _hours
from optimizers.costs import costs


def test_expected_hours_are_those_of_what_can_run_here():
    campaign = load_campaign("fig08")
    there, missing = Contender("nevergrad-de", "there"), Contender("sb3-a2c", "missing", missing="m3e[rl]")
    hours = costs()["nevergrad-de"].many * 16 * 5 / 3600  # groups of 100 jobs, as where costs were measured
    for contenders in ((there,), (there, missing)):
        assert float(_hours(replace(campaign, contenders=contenders))) == pytest.approx(hours, rel=0.05)
