from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.campaigns.reading import load_campaign
from reports.figures import draw_files, make_figure
from reports.frames.summary import make_tables
from reports.paper.table5 import TABLE5

TASKS = ("mix", "vision")


@pytest.fixture
def starts(make_run, make_campaign):
    """Cold from 8 to 2 times the bound, warm from 4 to 1.6, at evaluations 1, 100 and 3,000."""

    def make(label, task, parameters, values):
        run = make_run(label, problem=f"{task}/S2/bw1/g10/i1", budget=10_000, optimizer="magma", parameters=parameters)
        bound = run.best_value / 2.0
        trace = {"trace_evaluations": np.array([1, 100, 3_000]), "trace_values": bound * np.array(values)}
        return replace(run, **trace, trace_seconds=np.zeros(3), best_value=bound * values[-1])

    def warm(task):
        return {"warm_start": {"problem": f"{task}/S2/bw1/g10/i0", "budget": 10_000}}

    return make_campaign(
        [make("cold start", task, {}, (8.0, 4.0, 2.0)) for task in TASKS]
        + [make("warm start", task, warm(task), (4.0, 2.5, 1.6)) for task in TASKS]
    )


def test_values_are_read_after_so_many_generations_relative_to_the_cold_end(starts):
    _, numbers = make_figure(TABLE5, make_tables(starts))
    for task in TASKS:
        own = numbers[numbers["task"] == task].set_index(["optimizer", "generations"])["median"]
        assert own["cold start"].to_dict() == pytest.approx({0: 0.25, 1: 0.5, 30: 1.0, 100: 1.0})
        assert own["warm start"].to_dict() == pytest.approx({0: 0.5, 1: 0.8, 30: 1.25, 100: 1.25})


def test_a_warm_start_is_one_optimizer_in_all_tasks(starts):
    _, numbers = make_figure(TABLE5, make_tables(starts))
    assert set(numbers["optimizer"]) == {"cold start", "warm start"}


def test_the_table_holds_what_fits_into_the_budget(make_run, make_campaign):
    figure, numbers = make_figure(TABLE5, make_tables(make_campaign([make_run(budget=3_000)])))
    assert numbers["generations"].tolist() == [0, 1, 30]
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"0", "1", "30"} <= set(texts)
    assert "100" not in texts


def test_it_is_latex_too(starts):
    text = draw_files(TABLE5, make_tables(starts)).files["tex"].decode()
    assert "Task & Start & 0 & 1 & 30 & 100" in text
    assert r"mix & warm start & 0.50 & 0.80 & 1.25 & 1.25 \\" in text


@pytest.mark.parametrize("quick", [False, True])
def test_the_campaign_starts_the_same_search_cold_and_warm(quick):
    cold, warm = load_campaign("table5", quick=quick).contenders
    assert (cold.name, cold.parameters, warm.name) == ("magma", {}, "magma")
    assert warm.parameters == {"warm_start": {"instance": 0, "budget": 10_000}}
