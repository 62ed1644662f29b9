from __future__ import annotations

import json
import re

import numpy as np
import pytest

import problems
from reports.schedule_page import render_schedule_html


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


def test_of_very_many_jobs_there_is_a_sentence_alone(monkeypatch):
    monkeypatch.setattr("reports.schedule_page.MOST_JOBS", 5)
    problem = problems.get("mix/S2/bw1/g10/i0")
    page = render_schedule_html(problem, problem.schedule(np.zeros(10, dtype=np.int64), np.arange(10.0)), "many")
    assert "too many for a chart in a browser" in page
    assert data_of(page) == {"cases": []}
