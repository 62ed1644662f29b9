"""What is said of a mapping on the terminal."""

import io
import math
import re

import numpy as np
import pytest

import problems
from bench.console.console import PatientConsole
from bench.console.mapping_view import show_mapping
from bench.map_workload import DEFAULT, find_mapping
from reports.storage.mapping_file import StoredMapping
from reports.storage.record import decode
from reports.storage.spec import RunSpec


def told(problem, optimizer="random", budget=20, **parameters):
    """The best value of a short search, and what is printed of it, in one line."""
    spec = RunSpec(problems.SUITE_VERSION, problem.id, optimizer, parameters, 0, budget)
    run = decode(find_mapping(spec, problem))
    console = PatientConsole(file=io.StringIO(), width=200)
    show_mapping(console, StoredMapping(run, problem), None)
    return run.best_value, " ".join(console.file.getvalue().split())


def test_the_gap_is_certified_rounded_up_and_told_in_the_unit_too():
    p = problems.get("mix/S2/bw1/g12/i100")
    best, text = told(p)
    bound = p.certificate("default").value
    (percent,) = re.findall(r"at most ([\d.,]+) % above the least possible \(certified\)", text)
    share = best / bound - 1.0
    assert share <= float(percent.replace(",", "")) / 100 < share + (1e-4 if share < 1.0 else 1e-2) + 1e-12
    assert f"makespan {best:,.0f} cycles" in text
    assert f"{bound:,.0f} cycles; going on can gain at most {best - bound:,.0f} cycles" in text
    assert "20 evaluations" in text


@pytest.mark.parametrize("latency", [[[5.0, 7.0]], [[0.0, 0.0]]])
def test_what_cannot_be_improved_is_said_to_be_so(latency):
    _, text = told(problems.from_job_table(latency, np.zeros((1, 2)), 1.0))
    assert f"{min(latency[0]):g} cycles, the least possible (certified)" in text
    assert "nothing can be gained by going on" in text


def test_without_a_bound_above_zero_nothing_is_promised(monkeypatch):
    p = problems.get("mix/S2/bw1/g12/i100")
    monkeypatch.setattr("bench.console.mapping_view._bounds", lambda problem: [0.0])
    _, text = told(p)
    assert "certified)" not in text
    assert "0 cycles; how much could be gained by going on is not known" in text


def test_plans_that_a_search_evaluates_itself_are_told_apart():
    _, text = told(problems.get("mix/S2/bw1/g12/i100"), DEFAULT, 10_000, steps=3_000)
    (number,) = re.findall(r"3,000 plans tried, (\d+) of them evaluated by the suite", text)
    assert 1 <= int(number) < 100


def test_both_objectives_of_a_front_have_a_bound():
    p = problems.get("mix/S2/bw1/g12/i100/corrected/latency+energy")
    _, text = told(p, budget=200)
    assert len(re.findall(r"least, of \d+ in the front", text)) == text.count("certified bound") == 2
    assert f"{math.floor(p.certificate().value):,}"[:5] in text


def test_energy_that_was_not_searched_for_is_said_not_to_be_the_least():
    clause = "others as fast may need less (--objective edp)"
    assert clause in told(problems.get("mix/S2/bw1/g12/i100/corrected"))[1]
    assert clause not in told(problems.get("mix/S2/bw1/g12/i100/corrected/edp"))[1]
    assert clause not in told(problems.get("mix/S3/bw1/g12/i100/corrected"))[1]  # on equal cores all need the same
