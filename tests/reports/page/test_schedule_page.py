from __future__ import annotations

import json
import re
from functools import partial

import numpy as np
import pytest

import problems
from reports.page.schedule_page import render_schedule_html
from reports.schedule_files import heading_of
from reports.schedules.bars import bars_of


@pytest.fixture
def page() -> str:
    problem = problems.get("mix/S2/bw1/g10/i0")
    schedule = problem.schedule(np.arange(10) % problem.num_cores, np.arange(10.0))
    return render_schedule_html(problem, schedule, "A <b>bold</b> title")


def data_of(page: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])


def test_the_page_tells_what_was_scheduled(page):
    for text in ("A &lt;b&gt;bold&lt;/b&gt; title", "mix/S2/bw1/g10/i0", "Makespan", "1 GB/s"):
        assert text in page
    assert "<b>bold" not in page


def test_the_page_holds_every_job(page):
    schedule = data_of(page)["cases"][0]["schedule"]
    assert all(len(schedule[key]) == 10 for key in ("core", "start", "end", "layer", "network"))


def test_the_page_may_ask_for_nothing(page):
    assert "default-src 'none'" in page.replace("&#39;", "'")


def test_of_very_many_jobs_short_ones_are_one_bar_and_the_page_says_so(monkeypatch):
    problem = problems.get("mix/S2/bw1/g400/i0")
    schedule = problem.schedule(np.arange(400) % 4, np.arange(400.0))
    monkeypatch.setattr("reports.page.schedule_data.bars_of", partial(bars_of, most=50))
    page = render_schedule_html(problem, schedule, "many")
    data = data_of(page)["cases"][0]["schedule"]
    assert sum(data["count"]) == 400
    assert all(
        len(data[key]) == len(data["core"]) <= 50 for key in ("start", "end", "layer", "network", "job", "count")
    )
    assert len(data["used"]) == len(data["demands"]) == len(data["times"]) - 1 < 1500
    assert "jobs are shorter than 1/" in page
    assert data["note"] in page


def test_of_very_many_networks_those_with_most_work_are_told_apart():
    table = problems.JobTable(np.arange(1.0, 301.0)[:, None], np.ones((300, 1)), None, [f"n{i}/a" for i in range(300)])
    problem = problems.Problem("own", table, 1.0)
    data = data_of(render_schedule_html(problem, problem.schedule([0] * 300, range(300)), "many"))["cases"][0][
        "schedule"
    ]
    assert (len(data["networks"]), data["networks"][0], data["networks"][-1]) == (101, "n299", "other networks")
    assert (max(data["network"]), data["kinds"]) == (100, 300)


@pytest.mark.parametrize(
    ("problem_id", "heading"),
    [
        ("mix/S2/bw1/g5/i0", "mix on S2"),
        ("file:a/net.json#01234567/file:b/chip.toml#01234567/bw1/gall/i0", "net on chip"),
        ("file:jobs.csv#01234567/table/bw1/gall/i0", "jobs with its own cores"),
        ("synthetic", "synthetic"),
    ],
)
def test_the_heading_is_workload_and_platform(problem_id, heading):
    assert heading_of(problem_id) == heading
