from __future__ import annotations

import pytest

from reports.figures.time import time_numbers
from reports.frames.summary import make_tables


def test_times_are_medians_per_thousand_evaluations(tiny):
    times = (
        time_numbers(make_tables(tiny)).set_index("optimizer").loc["magma"]
    )  # 100 evaluations in 1 s, 2 s of CPU time
    wall = {"ask": 1.0, "tell": 2.0, "evaluate": 5.0, "other": 2.0, "total": 10.0}
    assert times.to_dict() == pytest.approx(wall | {"cpu": 20.0})


def test_missing_runs_have_no_time(make_run, make_campaign):
    assert time_numbers(make_tables(make_campaign([make_run(status="missing")]))).empty
