from __future__ import annotations

import numpy as np
import pytest

import problems
from reports.frames.averages import geometric_mean, quantile
from reports.frames.summary import OVERALL_COLUMNS, SUMMARY_COLUMNS, is_best, make_tables
from reports.published import ranking

PROBLEM = "mix/S2/bw1/g10/i0"
OTHER = "vision/S1/bw4/g10/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"


def row_of(table, optimizer, problem=None):
    rows = table[table["optimizer"] == optimizer]
    return (rows if problem is None else rows[rows["problem"] == problem]).iloc[0]


def test_all_tables_have_the_documented_columns(any_tables):
    assert list(any_tables.summary.columns) == list(SUMMARY_COLUMNS)
    assert list(any_tables.overall.columns) == list(OVERALL_COLUMNS)
    assert set(any_tables.overall["optimizer"]) == set(any_tables.runs["optimizer"])


def test_the_summary_of_a_tiny_campaign_is_as_by_hand(tiny):
    bound = problems.get(PROBLEM).lower_bound()
    row = row_of(make_tables(tiny).summary, "magma", PROBLEM)  # 1.0, 1.2, 1.4
    assert row["runs"] == "3 of 3"
    assert row["median"] == pytest.approx(1.2 * bound)
    assert row["q1"] == pytest.approx(1.1 * bound)
    assert row["q3"] == pytest.approx(1.3 * bound)
    assert row["iqr"] == pytest.approx(0.2 * bound)
    assert row["gap"] == pytest.approx(0.2)
    assert row["rank"] == 1.0
    other = row_of(make_tables(tiny).summary, "random", PROBLEM)  # 2, 3, 4
    assert other["ratio_to_best"] == pytest.approx(3.0 / 1.2)
    assert other["rank"] == 2.0


def test_the_overall_table_of_a_tiny_campaign_is_as_by_hand(tiny):
    magma, random = (row_of(make_tables(tiny).overall, name) for name in ("magma", "random"))
    assert (magma["mean_rank"], random["mean_rank"]) == (1.5, 1.5)
    assert (magma["num_best"], random["num_best"]) == (1, 1)
    assert magma["ratio"] == pytest.approx(np.sqrt(1.2 * 2.0))
    assert random["ratio"] == pytest.approx(np.sqrt(3.0 * 1.5))
    assert magma["ratio_to_best"] == pytest.approx(np.sqrt(1.0 * 2.0 / 1.5))
    assert magma["evaluate_share"] == pytest.approx(0.5)
    assert magma["cpu_seconds_per_1000"] == pytest.approx(20.0)
    assert magma["runs"] == "6 of 6"


def test_equal_medians_share_the_mean_rank_also_if_rounding_differs(make_run, make_campaign):
    runs = [make_run("a", best=2.0), make_run("b", best=2.0 * (1 + 1e-14)), make_run("c", best=3.0)]
    assert list(make_tables(make_campaign(runs)).summary["rank"]) == [1.5, 1.5, 3.0]


def test_failed_runs_count_as_infinitely_bad_and_missing_ones_not_at_all(make_run, make_campaign):
    runs = [
        make_run(seed=0, best=2.0),
        make_run(seed=1, best=4.0, status="cut"),
        make_run(seed=2, best=1.0, status="failed"),
        make_run(seed=3, status="missing"),
    ]
    row = row_of(make_tables(make_campaign(runs)).summary, "magma")
    assert row["ratio"] == pytest.approx(4.0)  # of 2, 4 and infinity
    assert (row["runs"], row["num_cut"], row["num_failed"], row["num_missing"]) == ("2 of 4", 1, 1, 1)
    assert row["notes"] == "1 cut, 1 failed, 1 missing"


def test_no_optimizer_wins_by_failing_where_it_would_have_lost(make_run, make_campaign):
    crashing = [make_run("a", seed, 1.1, status="failed" if seed else "complete") for seed in range(5)]
    tables = make_tables(make_campaign([*crashing, *(make_run("b", seed, 1.5) for seed in range(5))]))
    assert list(tables.overall["optimizer"]) == ["b", "a"]
    assert row_of(tables.overall, "a")["ratio"] == np.inf


def test_runs_that_are_planned_but_not_there_are_counted(make_run, make_campaign):
    runs = [make_run(seed=seed) for seed in range(3)]
    campaign = make_campaign(runs[:2], planned=make_campaign(runs).planned)
    assert row_of(make_tables(campaign).overall, "magma")["notes"] == "1 missing"


def test_ranks_are_among_those_that_are_compared(make_run, make_campaign):
    cases = [f"mix/S2/bw1/g10/i{i}" for i in range(3)]
    runs = [make_run(o, best=b, problem=p) for p in cases for o, b in (("a", 2.0), ("b", 3.0))]
    tables = make_tables(make_campaign([*runs, make_run("c", best=1.5, problem=cases[0])]))
    assert row_of(tables.overall, "a")["mean_rank"] == 1.0  # c has results on too few problems


def test_runs_without_a_valid_mapping_count_as_infinitely_slow(make_run, make_campaign):
    runs = [make_run(seed=i, best=best) for i, best in enumerate((2.0, None, 3.0))]
    row = row_of(make_tables(make_campaign(runs)).summary, "magma")
    assert row["ratio"] == pytest.approx(3.0)
    assert row["q3"] == np.inf
    assert row["num_infeasible"] == 1


def test_an_optimizer_that_fails_or_finds_nothing_ranks_last(make_run, make_campaign):
    runs = [make_run("a", best=None), make_run("b", status="failed"), make_run("c", best=9.0)]
    tables = make_tables(make_campaign(runs))
    assert list(tables.summary["rank"]) == [2.5, 2.5, 1.0]
    assert row_of(tables.overall, "a")["ratio"] == np.inf
    assert row_of(tables.overall, "b")["ratio"] == np.inf
    assert list(tables.overall["num_best"]) == [1, 0, 0]


def test_with_two_objectives_ratios_are_of_hypervolumes(make_run, make_campaign):
    shortfalls = {"a": 1.0, "b": 5.5, "c": 1.0 + 1e-12, "d": 10.0, "e": None}  # in tenths
    summary = make_tables(make_campaign([make_run(o, best=b, problem=TWO) for o, b in shortfalls.items()])).summary
    assert list(summary["ratio_to_best"]) == pytest.approx([1.0, 2.0, 1.0, np.inf, np.inf])
    assert list(summary["rank"]) == [1.5, 3.0, 1.5, 4.0, 5.0]
    assert summary["ratio"].isna().all()
    assert list(summary["lower_bound"]) == [0.0] * 5


def test_shortfalls_that_differ_by_rounding_alone_are_equal(make_run, make_campaign):
    runs = [make_run("a", best=1e-11, problem=TWO), make_run("b", best=3e-11, problem=TWO)]
    assert list(make_tables(make_campaign(runs)).summary["rank"]) == [1.5, 1.5]


def test_cases_without_a_bound_leave_the_mean_ratio_of_the_others(make_run, make_campaign):
    runs = [make_run(best=3.0), make_run(best=2.0, problem=TWO)]
    overall = make_tables(make_campaign(runs)).overall
    assert row_of(overall, "magma")["ratio"] == pytest.approx(3.0)
    assert row_of(overall, "magma")["num_compared"] == 2
    assert np.isnan(row_of(make_tables(make_campaign(runs[1:])).overall, "magma")["ratio"])


def test_means_are_over_the_problems_on_which_all_have_results(make_run, make_campaign):
    runs = [
        *(make_run("a", best=2.0), make_run("b", best=3.0)),
        *(make_run("a", best=8.0, problem=OTHER), make_run("b", problem=OTHER, status="missing")),
    ]
    overall = make_tables(make_campaign(runs)).overall
    assert row_of(overall, "a")["ratio"] == pytest.approx(2.0)
    assert list(overall["num_compared"]) == [1, 1]


def test_an_optimizer_with_few_problems_is_not_ranked_and_does_not_keep_others_from_it(make_run, make_campaign):
    problem_ids = [f"mix/S1/bw1/g10/i{i}" for i in range(3)]
    runs = [make_run(o, problem=p) for p in problem_ids for o in ("a", "b")] + [make_run("c", problem=problem_ids[0])]
    overall = make_tables(make_campaign(runs)).overall
    assert row_of(overall, "a")["num_compared"] == 3
    assert np.isnan(row_of(overall, "c")["mean_rank"])


def test_optimizers_are_compared_only_within_a_budget(make_run, make_campaign):
    runs = [
        make_run("a", best=2.0, budget=100),
        make_run("b", best=1.5, budget=1000),
        make_run("a", best=1.2, budget=1000),
    ]
    summary = make_tables(make_campaign(runs)).summary
    assert list(zip(summary["budget"], summary["optimizer"], summary["rank"], strict=True)) == [
        (100, "a", 1.0),
        (1000, "a", 1.0),
        (1000, "b", 2.0),
    ]


@pytest.mark.parametrize("q", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_the_quantile_is_that_of_numpy_where_all_is_finite(q):
    values = np.random.default_rng(0).random((7, 3))
    assert quantile(values, q) == pytest.approx(np.quantile(values, q, axis=0))


def test_the_quantile_bears_infinity():
    values = [1.0, 2.0, np.inf, np.inf]
    assert [float(quantile(values, q)) for q in (0.0, 1 / 3, 0.5, 0.75)] == [1.0, 2.0, np.inf, np.inf]


def test_the_geometric_mean_of_nothing_is_not_a_number():
    assert np.isnan(geometric_mean([]))
    assert geometric_mean([1.0, 4.0]) == pytest.approx(2.0)
    assert geometric_mean([1.0, np.inf]) == np.inf


def test_magma_is_found_by_label_or_registered_name(make_run, make_campaign):
    assert make_tables(make_campaign([make_run("x"), make_run("magma")])).magma == "magma"
    assert make_tables(make_campaign([make_run("x"), make_run("small", optimizer="magma")])).magma == "small"
    assert make_tables(make_campaign([make_run("x")])).magma == ""


def apart_run(make_run, *args, **changes):
    return make_run("informed", *args, settings={"evaluates_itself": True, "internal_evaluations": 1000}, **changes)


def test_an_optimizer_that_evaluates_beyond_the_budget_comes_last_and_ranks_nowhere(make_run, make_campaign):
    cases = {PROBLEM: {"a": 2.0, "b": 3.0}, OTHER: {"a": 2.0, "b": 1.5}}
    runs = [make_run(name, best=v, problem=p) for p, own in cases.items() for name, v in own.items()]
    tables = make_tables(make_campaign([apart_run(make_run, best=1.0, problem=p) for p in cases] + runs))
    assert list(tables.overall["optimizer"]) == ["a", "b", "informed"]
    assert tables.apart == ["informed"]
    informed = row_of(tables.overall, "informed")
    assert np.isnan(informed["mean_rank"])
    assert informed["num_best"] == 0
    assert informed["ratio"] == pytest.approx(1.0)
    assert informed["ratio_to_best"] == pytest.approx(np.sqrt(1 / 2.0 * 1 / 1.5))
    assert "not ranked" in informed["notes"]
    assert row_of(tables.overall, "a")["mean_rank"] == 1.5
    best = tables.summary[is_best(tables.summary)]
    assert list(zip(best["problem"], best["optimizer"], strict=True)) == [(PROBLEM, "a"), (OTHER, "b")]


def test_one_that_ties_with_the_best_is_not_marked(make_run, make_campaign):
    tables = make_tables(make_campaign([make_run("a", best=1.5), apart_run(make_run, best=1.5), make_run("b")]))
    assert list(tables.summary.loc[is_best(tables.summary), "optimizer"]) == ["a"]


def test_one_that_lacks_problems_has_no_means(make_run, make_campaign):
    runs = [make_run(name, problem=p) for name in ("a", "b") for p in (PROBLEM, OTHER)]
    tables = make_tables(make_campaign([*runs, apart_run(make_run, best=1.0)]))
    assert np.isnan(row_of(tables.overall, "informed")["ratio"])


def test_a_killed_run_does_not_bring_an_optimizer_into_the_ranking(make_run, make_campaign):
    killed = make_run("informed", 1, status="failed")
    tables = make_tables(make_campaign([make_run("a"), make_run("b"), apart_run(make_run), killed]))
    assert tables.apart == ["informed"]


def test_optimizers_that_all_evaluate_beyond_their_budgets_are_ranked_among_themselves(make_run, make_campaign):
    runs = [apart_run(make_run, seed, optimizer="x", parameters={"steps": n}) for n in (1, 2) for seed in (0, 1)]
    tables = make_tables(make_campaign(runs))
    assert not tables.apart
    assert tables.overall["mean_rank"].notna().all()


def test_the_headline_is_the_geometric_mean_of_median_over_best_known(make_run, make_campaign):
    stored = ("mix/S2/bw1/g50/i0", "vision/S3/bw4/g50/i0")
    runs = [make_run("a", problem=p, seed=s, best=b) for p, b in zip(stored, (1.2, 1.5), strict=True) for s in (0, 1)]
    runs.append(make_run("a", problem="mix/S2/bw1/g50/i77", best=3.0))
    tables = make_tables(make_campaign(runs))
    expected = [
        b * problems.get(p).lower_bound() / problems.get(p).best_known().value
        for p, b in zip(stored, (1.2, 1.5), strict=True)
    ]
    assert tables.summary["ratio_to_best_known"].tolist()[:2] == pytest.approx(expected)
    assert tables.summary["ratio_to_best_known"].isna().tolist() == [False, False, True]
    assert tables.overall["ratio_to_best_known"][0] == pytest.approx(np.sqrt(expected[0] * expected[1]))
    assert "2 of the 3 problems have one, and the ratio is over these" in ranking(tables).note
    assert "have one" not in ranking(make_tables(make_campaign(runs[:4]))).note
