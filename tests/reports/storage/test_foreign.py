from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import problems
from problems.foundation.errors import InvalidInput
from reports import leading_sentence, make_tables, pair_table, print_summary, read_results, write_report
from reports.frames.provenance import warnings_of
from reports.page.cases import parts_of
from reports.storage.campaign_folder import StoredCampaign
from reports.storage.foreign import MARK, NO_RUNS, with_foreign
from reports.storage.replay import replayed

PROBLEM = "mix/S2/bw1/g10/i0"
BOUND = problems.get(PROBLEM).lower_bound()
HEAD = "problem,optimizer,seed,evaluations,value"


@pytest.fixture
def told(tmp_path):
    """Write a CSV file of results; its path."""

    def write(*rows, head=HEAD, name="results.csv"):
        path = tmp_path / name
        path.write_text("\n".join([head, *rows]) + "\n")
        return path

    return write


def row(share, evaluations=100, seed=0, problem=PROBLEM, optimizer="theirs", more=""):
    return f"{problem},{optimizer},{seed},{evaluations},{share * BOUND!r}{more}"


def runs_of(path, campaign: StoredCampaign = NO_RUNS):
    return with_foreign(campaign, [path]).runs


def test_final_values_are_runs_that_are_marked(told):
    runs = runs_of(told(row(1.5), row(1.2, seed=1)))
    assert [run.label for run in runs] == [f"theirs {MARK}"] * 2
    assert [run.best_value for run in runs] == [1.5 * BOUND, 1.2 * BOUND]
    assert [(run.spec.seed, run.spec.budget, run.num_evaluations, run.status) for run in runs] == [
        (0, 100, 100, "complete"),
        (1, 100, 100, "complete"),
    ]
    assert all(run.told_by.endswith("results.csv") for run in runs)


def test_rows_in_any_order_are_the_improvements_of_a_run(told):
    rows = [row(1.5, 50, more=",0.5,0.4"), row(2.0, 1, more=",0.1,0.1"), row(1.5, 100, more=",1.0,0.8")]
    (run,) = runs_of(told(*rows, head=f"{HEAD},seconds,cpu_seconds"))
    assert run.trace_evaluations.tolist() == [1, 50]
    assert run.trace_values.tolist() == [2.0 * BOUND, 1.5 * BOUND]
    assert run.trace_cpu_seconds.tolist() == [0.1, 0.4]
    assert (run.num_evaluations, run.seconds) == (100, {"total": 1.0, "cpu": 0.8})


def test_columns_may_stand_in_any_order_and_times_may_be_empty(told):
    head, cells = "value,seed,cpu_seconds,problem,evaluations,optimizer", f"{2 * BOUND!r},3,,{PROBLEM},10,theirs"
    (run,) = runs_of(told(cells, head=head))
    assert (run.spec.seed, run.best_value, dict(run.seconds)) == (3, 2 * BOUND, {})
    assert np.isnan(run.trace_cpu_seconds).all()


def test_a_run_counts_within_the_smallest_budget_that_it_fits_in(told, make_run, make_campaign):
    campaign = make_campaign([make_run(budget=b) for b in (100, 1000)])
    path = told(row(1.5, 90), row(1.5, 101, seed=1), row(1.5, 1001, seed=2), row(1.5, 3000, seed=3))
    assert [run.spec.budget for run in runs_of(path, campaign)[2:]] == [100, 1000, 3000, 3000]


def test_a_foreign_run_that_ends_early_cuts_nobody_short(told, make_run, make_campaign):
    campaign = with_foreign(make_campaign([make_run("magma", budget=100)]), [told(row(3.0, 1), row(2.0, 5, seed=1))])
    assert [run.spec.budget for run in campaign.runs] == [100, 100, 100]
    tables = make_tables(replayed(campaign))
    assert not tables.campaign.shortened
    (longer,) = with_foreign(make_campaign([make_run("magma", budget=100)]), [told(row(3.0, 500))]).runs[1:]
    assert longer.spec.budget == 500


def test_an_end_that_is_beyond_the_budget_of_others_is_refused(told, make_run, make_campaign):
    """What it had found by then is unknown, which is not nothing."""
    mine = make_campaign([make_run("magma", budget=100)])
    path = told(row(1.1, 500))
    expected = f"{path}: theirs \\(foreign\\) on {PROBLEM}, seed 0: expected what it had found after 100 evaluations or"
    with pytest.raises(InvalidInput, match=expected):
        make_tables(replayed(with_foreign(mine, [path])))
    course = told(row(1.5, 60), row(1.1, 500))
    tables = make_tables(replayed(with_foreign(mine, [course])))
    assert tables.runs["best_value"].tolist()[1] == 1.5 * BOUND


def test_nothing_told_changes_nothing(tiny):
    assert with_foreign(tiny, []) is tiny


WRONG = {
    "mix/S2/bw1/g10,theirs,0,10,1e9": "line 2: problem: expected the id of a problem that is known here",
    "mux/S2/bw1/g10/i0,theirs,0,10,1e9": "did you mean mix",
    f"{PROBLEM},,0,10,1e9": "line 2: optimizer: expected a name, got nothing",
    f"{PROBLEM},theirs,-1,10,1e9": "line 2: seed: expected an integer from 0",
    f"{PROBLEM},theirs,0,0,1e9": "line 2: evaluations: expected an integer from 1",
    f"{PROBLEM},theirs,0,1e3,1e9": "line 2: evaluations: expected an integer from 1",
    f"{PROBLEM},theirs,0,10,0": "line 2: value: expected a finite number above 0, got 0",
    f"{PROBLEM},theirs,0,10,-3": "line 2: value: expected a finite number above 0",
    f"{PROBLEM},theirs,0,10,inf": "line 2: value: expected a finite number above 0",
    f"{PROBLEM},theirs,0,10,nan": "line 2: value: expected a finite number above 0",
    f"{PROBLEM},theirs,0,10,low": "line 2: value: expected a finite number above 0",
    row(0.999): "line 2: value: expected at least the certified lower bound",
    f"{PROBLEM},theirs,0,10": "line 2: expected 5 columns",
    "": "expected a row or more below the header, got none",
}


@pytest.mark.parametrize(("line", "complaint"), WRONG.items())
def test_what_cannot_be_is_one_clear_error(told, line, complaint):
    with pytest.raises(InvalidInput) as error:
        runs_of(told(line))
    assert complaint in str(error.value)


@pytest.mark.parametrize("head", ["problem,optimizer,seed,value", f"{HEAD},minutes", f"{HEAD},value", "a,b"])
def test_a_header_names_all_columns_and_no_others(told, head):
    with pytest.raises(InvalidInput, match="line 1: expected a header with the columns problem, optimizer, seed"):
        runs_of(told(row(1.5), head=head))


def test_rows_of_one_run_must_agree(told):
    with pytest.raises(InvalidInput, match=r"line 3: expected one row for 100 evaluations .* after .*line 2"):
        runs_of(told(row(1.5), row(1.4)))
    with pytest.raises(InvalidInput, match=r"line 3: expected the best value .* so far"):
        runs_of(told(row(1.5, 10), row(1.6, 20)))
    with pytest.raises(InvalidInput, match="line 3: expected seconds of at least 2"):
        runs_of(told(row(1.5, 10, more=",2"), row(1.4, 20, more=",1"), head=f"{HEAD},seconds"))
    with pytest.raises(InvalidInput, match="line 2: seconds: expected seconds, or nothing where they are unknown"):
        runs_of(told(row(1.5, 10, more=",-2"), head=f"{HEAD},seconds"))


def test_one_run_cannot_be_told_twice(told):
    paths = [told(row(1.5)), told(row(1.4, 90), name="more.csv")]
    with pytest.raises(InvalidInput, match=r"more\.csv, line 2: expected runs that .*results\.csv does not tell"):
        with_foreign(NO_RUNS, paths)


def test_a_value_at_the_bound_may_be_off_by_rounding(told):
    assert runs_of(told(row(1.0 - 1e-12)))


def test_with_two_objectives_values_are_shortfalls(told):
    two = "mix/S2/bw16/g8/i0/corrected/latency+energy"
    assert runs_of(told(f"{two},theirs,0,10,0.25"))[0].best_value == 0.25
    with pytest.raises(InvalidInput, match="shortfall above 0, at most 1"):
        runs_of(told(f"{two},theirs,0,10,1.5"))


@pytest.fixture
def mixed(told, make_run, make_campaign):
    """Two optimizers and better results from elsewhere, with final values alone."""
    cases = [f"mix/S1/bw1/g10/i{i}" for i in range(8)]
    runs = [make_run(o, s, b, problem=p) for o, b in (("magma", 1.5), ("random", 3.0)) for p in cases for s in (0, 1)]
    rows = [f"{p},theirs,{s},100,{1.2 * problems.get(p).lower_bound()!r}" for p in cases for s in (0, 1)]
    return replayed(with_foreign(make_campaign(runs), [told(*rows)]))


def test_foreign_results_are_ranked_and_marked_in_tables_verdicts_and_warnings(mixed):
    tables = make_tables(mixed)
    assert tables.foreign == [f"theirs {MARK}"]
    first = tables.overall.iloc[0]
    assert (first["optimizer"], first["notes"]) == (f"theirs {MARK}", "told, not verified")
    pairs = pair_table(tables)
    assert pairs.frame["verdict"].tolist() == ["better"] * 3
    assert any(f"Told, not verified: the values of theirs {MARK}" in warning for warning in pairs.warnings)
    assert leading_sentence(tables).endswith(f"Told, not verified: theirs {MARK}.")
    (warning,) = (text for text in warnings_of(mixed) if MARK in text)
    assert "16 runs as" in warning
    assert "results.csv tells them; nobody here has verified their mappings. Only their ends are told" in warning


def test_a_page_draws_the_best_mapping_here_and_names_the_better_value_elsewhere(mixed):
    part = parts_of(make_tables(mixed))[0]
    assert part.best is not None
    assert part.best.optimizer == "magma"
    assert part.facts["Told, not verified"].endswith(f"by theirs {MARK}")


def test_no_new_best_known_is_claimed_for_them(told, make_run, make_campaign):
    stored = "mix/S2/bw1/g50/i0"
    problem = problems.get(stored)
    low = 0.5 * (problem.lower_bound() + problem.best_known().value)
    campaign = with_foreign(make_campaign([make_run(problem=stored)]), [told(f"{stored},theirs,0,100,{low!r}")])
    console = Console(file=io.StringIO(), width=100)
    print_summary(replayed(campaign), console)
    assert "better than the best known" not in console.file.getvalue()
    assert MARK in console.file.getvalue()


def test_a_report_on_foreign_results_alone(told, tmp_path):
    campaign = read_results(foreign=[told(row(1.5), row(2.0, optimizer="other"))])
    assert campaign.name == "results"
    write_report(campaign, tmp_path / "report")
    runs = pd.read_csv(tmp_path / "report" / "tables" / "runs.csv")
    assert runs["foreign"].all()
    assert "nobody here has verified" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_foreign_results_are_chosen_like_others(told):
    path = told(row(1.5), row(2.0, optimizer="other"))
    assert len(read_results(foreign=[path], only=["optimizer=other*"]).runs) == 1
