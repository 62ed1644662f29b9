from __future__ import annotations

import pytest

from reports.figures.time import seconds_per_1000
from reports.tables import runs_table


def test_times_are_medians_per_thousand_evaluations(tiny):
    times = seconds_per_1000(runs_table(tiny)).loc["magma"]  # 100 evaluations in 1 s
    assert times.to_dict() == pytest.approx({"ask": 1.0, "tell": 2.0, "evaluate": 5.0, "other": 2.0, "total": 10.0})


def test_runs_that_have_not_ended_have_no_time(make_run, make_campaign):
    assert seconds_per_1000(runs_table(make_campaign([make_run(status="unfinished")]))).empty
