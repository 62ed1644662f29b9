from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import problems
from reports.frames.instances import degeneracy_warning, instances_table
from reports.frames.runs import runs_table
from reports.statistics.comparison import compare
from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.record import StoredRun
from reports.storage.replay import replayed
from reports.storage.spec import RunSpec
from reports.terminal import print_summary, print_table
from reports.wording.names import common_parts, short_names
from reports.wording.numbers import ratio
from reports.wording.table import Column, Table


def printed(campaign, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, force_terminal=False)
    print_summary(replayed(campaign), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_every_campaign_fits_into_eighty_columns(any_campaign):
    first, *lines = printed(any_campaign).splitlines()
    assert first.startswith("tiny: ")
    assert max((len(line) for line in lines), default=0) <= 80


LONG = (
    "nevergrad-cma-with-restarts-and-bounds",
    "exec:./a-program-of-mine --temperature 0.5 --steps 10000",
    "optuna-nsga2 (population 50, crossover 0.9)",
)


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("number", [2, 6])
def test_long_labels_and_ids_are_whole_on_narrow_terminals(make_run, make_campaign, width, number):
    ids = [f"recommendation/S{1 + i % 3}/bw{1 + 15 * (i // 3)}/g10/i0/dep" for i in range(number)]
    runs = [make_run(o, best=1.1 + 0.1 * i, problem=p) for p in ids for i, o in enumerate(("magma", *LONG))]
    lines = printed(make_campaign(runs), width).splitlines()
    assert max(map(cell_len, lines)) <= width
    for name in (*LONG, *short_names(ids).values()):
        assert any(re.search(rf"(?<!\S){re.escape(name)}(?!\S)", line) for line in lines), name
    assert not any(re.match(r"\s*(%|[0-9.,]+ %)", line) for line in lines)


def test_long_ids_stand_beside_their_matrix_where_there_is_room(make_run, make_campaign):
    tasks, options = ("recommendation", "language"), ("", "/dep")
    ids = [
        f"{task}/S2/bw{bandwidth}/g{g}/i0{o}"
        for task in tasks
        for bandwidth in (16, 256)
        for g in (9, 10)
        for o in options
    ]
    campaign = make_campaign([make_run(o, problem=p) for p in ids for o in ("magma", "random")])
    names = list(short_names(ids).values())
    assert max(map(cell_len, names)) > 24
    wide, narrow = printed(campaign, 80), printed(campaign, 32)
    for name in names:
        assert re.search(rf"\n{name} +2.000", wide), name
        assert re.search(rf"\n{name}\n2.000", narrow), name


def test_small_campaigns_show_medians_quartiles_and_gaps(tiny):
    text = printed(tiny)
    assert "12 of 12 runs (12 complete)" in text
    assert "median [q1, q3]" in text
    assert "20.0 %" in text


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("", "makespan in thousand cycles; * best"),
        ("/energy", "energy in nJ; * best"),
        ("/edp", "edp in nJ*cycles; * best"),
        ("/latency+energy", "hypervolume shortfall; * best"),
    ],
)
def test_values_are_told_with_their_objective_and_unit(make_run, make_campaign, option, line):
    assert line in printed(make_campaign([make_run(problem=f"mix/S2/bw16/g8/i0/corrected{option}")]))


def test_where_objectives_differ_each_problem_tells_its_unit(make_run, make_campaign):
    options = ("", "/energy", "/latency+energy")
    text = printed(make_campaign([make_run(problem=f"mix/S2/bw16/g8/i0/corrected{o}") for o in options]))
    assert "values in the unit beside each problem; * best; all problems" in text
    titles = ("makespan in thousand cycles", "energy in nJ", "hypervolume shortfall")
    for name, title in zip(("i0", "i0/energy", "i0/latency+energy"), titles, strict=True):
        assert f"\n{name}: {title}\n" in text


def test_long_names_of_problems_stand_above_their_results(make_run, make_campaign):
    ids = ("recommendation/S2/bw16/g10/i0/dep", "alexnet/S3/bw16/gall/i0/corrected")
    lines = [line.rstrip() for line in printed(make_campaign([make_run(problem=p) for p in ids])).splitlines()]
    assert "recommendation/S2/g10/dep" in lines
    assert "alexnet/S3/gall/corrected" in lines


def test_degenerate_instances_are_told_in_one_sentence(make_run, make_campaign):
    runs = [make_run(problem=f"vision/S1/bw4/g10/i{i}") for i in range(5)]
    warning = degeneracy_warning(instances_table(runs_table(make_campaign(runs))))
    assert warning
    assert warning in " ".join(printed(make_campaign(runs), 200).split())
    assert "warning" not in printed(make_campaign([make_run(problem="mix/S2/bw1/g100/i0")]))


def test_large_campaigns_show_a_matrix_with_the_best_marked(make_run, make_campaign):
    problem_ids = [f"recommendation/S{p}/bw16/g10/i0" for p in range(1, 5)]
    labels = ["magma", "random", "nevergrad-cma", "optuna-nsga2", "optuna-cmaes", "deap-stdga", "deap-es", "x"]
    runs = [make_run(o, best=1.0 + i, problem=p) for p in problem_ids for i, o in enumerate(labels)]
    text = printed(make_campaign(runs))
    assert "all problems recommendation/bw16/g10/i0" in text
    assert sum(line.startswith(("S1 ", "S2 ", "S3 ", "S4 ")) for line in text.splitlines()) == 4
    assert text.count("1.000*") == 4
    assert text.count("8.000") >= 4


def test_names_stay_whole(make_run, make_campaign):
    labels = ["nevergrad-differential", "optuna-cmaes", "deap-stdga"]
    text = printed(make_campaign([make_run(o, s) for o in labels for s in range(9)]))
    assert all(label in text for label in labels)


@pytest.mark.parametrize("text", ["[bold]x[/bold]", "[/]", "[link=x]"])
def test_labels_and_messages_are_no_markup(make_run, make_campaign, text):
    runs = [make_run(text), make_run("b", status="failed", message=text)]
    shown = printed(make_campaign(runs, name=text))
    assert shown.count(text) >= 3


def test_unreadable_runs_are_told_also_if_there_are_no_others(make_campaign):
    assert "unreadable: x.json is damaged" in printed(make_campaign([], unreadable={"x": "x.json is damaged"}))


def test_failures_are_told_once_for_each_message(make_run, make_campaign):
    runs = [make_run(seed=s, status="failed", message="ValueError: no") for s in range(7)]
    text = printed(make_campaign(runs))
    assert text.count("ValueError: no") == 1
    assert "and 6 more" in text


def test_a_published_table_is_printed_with_its_warnings():
    frame = pd.DataFrame({"name": ["[a]", "b"], "value": [1.0, float("nan")]})
    view = {"name": Column("Name", number=False), "value": Column("Value", ratio)}
    table = Table("t", "Title", "A note.", frame, dict.fromkeys(frame, ""), view, (True, False), ("too few seeds",))
    console = Console(file=io.StringIO(), width=80)
    print_table(table, console)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert lines[:5] == ["Title", "A note.", "Name Value", "[a]  1.000", "b        \N{EN DASH}"]
    assert lines[5] == "warning: too few seeds"


def ids() -> st.SearchStrategy[list[str]]:
    """Problem ids, known and unknown ones, with long files and options."""
    files = (
        "file:data/a folder, with blanks/jobs of the first net.csv#12345678",
        "file:/home/someone/networks/quantised/resnet50-v1-12-qdq.onnx#1234567a",
        "file:/home/someone/networks/quantised/resnet50-v1-13-qdq.onnx#1234567b",
    )
    task = st.sampled_from(("mix", "recommendation", "mobilenet_v2", *files))
    platform = st.sampled_from(("S2", "S5", "file:my big platform.toml#12345678"))
    options = st.sampled_from(("", "/dep", "/corrected", "/corrected/energy", "/dep/corrected/latency+energy"))
    bandwidth, jobs, instance = st.sampled_from((1, 16, 2.5)), st.sampled_from((9, 10, "all")), st.integers(0, 3)
    one = st.tuples(task, platform, bandwidth, jobs, instance, options)
    texts = one.map(lambda p: f"{p[0]}/{p[1]}/bw{p[2]}/g{p[3]}/i{p[4] if p[3] != 'all' else 0}{p[5]}")
    return st.lists(texts, min_size=1, max_size=4, unique=True)


def a_result(problem: str, label: str, seed: int, value: float) -> StoredRun:
    spec = RunSpec(problems.SUITE_VERSION + 1, problem, label, {}, seed, 100)
    trace = {"trace_evaluations": np.array([1]), "trace_values": np.array([value]), "trace_seconds": np.array([0.1])}
    ended = {"status": "complete", "num_evaluations": 100, "best_value": value, "seconds": {"total": value}}
    return StoredRun(spec.id, spec, label, {}, **ended, **trace)


def a_campaign(runs: list[StoredRun]) -> StoredCampaign:
    return StoredCampaign("c", tuple(runs), tuple(PlannedRun.of(run.spec, run.label) for run in runs), {}, ())


NUMBER = r"([0-9.,]+(e[+-][0-9]+)?|inf)"

LABELS = st.lists(
    st.text("magna-1 \u4e2d[/]", min_size=1, max_size=50).map(str.strip).filter(len),
    min_size=1,
    max_size=9,
    unique=True,
)


@settings(deadline=None, max_examples=60)
@given(ids(), LABELS, st.lists(st.floats(1e-9, 1e18), min_size=5, max_size=5), st.sampled_from((60, 80, 100)))
def test_ids_names_and_numbers_are_never_broken(problem_ids, labels, values, width):
    runs = [a_result(p, o, s, values[(s + i) % 5]) for i, p in enumerate(problem_ids) for o in labels for s in range(3)]
    lines = printed(a_campaign(runs), width).splitlines()
    for name in (*short_names(problem_ids).values(), *labels):
        assert cell_len(name) > 16 or any(name in line for line in lines), name
    for name in (*short_names(problem_ids).values(), common_parts(problem_ids)):
        assert cell_len(name) + 40 > width or any(name in line for line in lines), name
    long = (*problem_ids, common_parts(problem_ids), *(run.id for run in runs))
    whole = [name for name in long if cell_len(name) > width - 20]
    for line in lines:
        assert cell_len(line) <= width or any(name in line for name in whole), line
    for numbers in (line.partition(" of 3 ")[2] for line in lines if "[" in line.partition(" of 3 ")[2]):
        assert re.fullmatch(
            r" *NUMBER \[NUMBER, NUMBER\]( +(NUMBER %|-))?( +[0-9.]+[*]?)?".replace("NUMBER", NUMBER), numbers
        )


@settings(deadline=None, max_examples=30)
@given(ids(), LABELS, st.floats(1e-9, 1e18), st.sampled_from((60, 80, 100)))
def test_comparisons_never_break_ids_names_and_numbers(problem_ids, labels, value, width):
    runs = [a_result(p, o, s, value * (1 + s)) for p in problem_ids for o in labels for s in range(2)]
    campaign = a_campaign(runs)
    comparison = compare(campaign, campaign)
    for table in (comparison.by_instance, comparison.overall):
        console = Console(file=io.StringIO(), width=width)
        print_table(table, console)
        lines = console.file.getvalue().splitlines()
        assert max(map(cell_len, lines)) <= width or any(len(word) > width for word in table.note.split())
        for key, texts in table.texts().items():
            for text in texts:
                number = table.view[key].number or cell_len(text) <= 16
                assert not number or any(text in line for line in lines), (key, text)


def test_an_optimizer_that_is_not_ranked_says_so(make_run, make_campaign):
    apart = make_run("informed", best=1.0, settings={"evaluates_itself": True})
    text = " ".join(printed(make_campaign([apart, make_run("a", best=1.1), make_run("b")])).split())
    assert re.search(r"\ba1 informed 1 of 1 - - \d\.\d{3} - -", text)
    assert "informed sees the job table and evaluates beyond the budget: not ranked" in text
    assert "a 1 of 1" in text
    assert text.count("1*") == 1
