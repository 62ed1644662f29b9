"""Where an optimizer stands: places, verdicts, kinds of problems."""

import numpy as np
import pytest
from scipy.stats import wilcoxon

import problems
from reports.frames.summary import make_tables
from reports.statistics.leading import headline, leading_sentence
from reports.statistics.standing import kinds_of, kinds_table, paragraph, standing_of
from reports.storage.replay import replayed

IDS = [
    *(f"mix/S2/bw1/g10/i{i}" for i in range(4)),
    *(f"vision/S1/bw16/g10/i{i}" for i in range(4)),
    *(f"language/S4/bw1/g10/i{i}" for i in range(4)),
]


@pytest.fixture
def tables(make_run, make_campaign):
    """Tables of optimizers by label, each with a value a problem; all but the first are an archive's."""

    def make(ids=IDS, *, settings=None, **values):
        runs = [
            make_run(label, 0, float(value), problem=problem, settings=settings if label == "mine" else None)
            for label, row in values.items()
            for problem, value in zip(ids, row, strict=True)
        ]
        return make_tables(replayed(make_campaign(runs, reference=frozenset(values) - {"mine"})))

    return make


def test_places_and_verdicts(tables):
    rng = np.random.default_rng(0)
    mine = 1.5 + 0.1 * rng.random(12)
    other = mine * np.exp(rng.normal(0.0, 0.05, 12))
    found = tables(mine=mine, good=0.8 * mine, other=other, bad=[2 * v for v in mine])
    standing = standing_of(found, "mine")
    assert (standing.field, standing.problems) == (3, 12)
    values = {name: found.runs[found.runs["optimizer"] == name]["value"].to_numpy() for name in ("mine", "other")}
    p = wilcoxon(np.log(values["mine"] / values["other"])).pvalue
    assert p > 0.05
    assert standing.verdicts == {"good": "worse", "bad": "better", "other": "no evidence"}
    means = {"mine": np.log(mine).mean(), "other": np.log(other).mean()}
    assert standing.rank_place in (2, 3)
    place = 2 + (means["other"] < means["mine"])
    text = paragraph(found, "mine")
    assert f"place {place} of 4" in text
    others = "better than 1, worse than 1, and not distinguishable by more than 1 % from other."
    assert f"Of the 3 others it is {others}" in text
    assert headline(found) == [text]
    assert leading_sentence(found) == text  # what Python is told, too


def test_who_is_better_is_named_if_they_are_few_of_many(tables):
    found = tables(mine=[1.2] * 12, good=[1.1] * 12, a=[1.5] * 12, b=[2.0] * 12, c=[3.0] * 12, d=[4.0] * 12)
    assert "Of the 5 others it is better than 4, worse than 1 (good)." in paragraph(found, "mine")


def test_neighbours_are_those_by_mean_rank_among_the_compared(make_run, make_campaign):
    """Where mine loses to other, some lie between them that have too few results to be compared."""
    values = {"mine": [1.1] * 7 + [1.5] * 5, "other": [1.2] * 12}
    runs = [make_run(label, 0, v, problem=p) for label, row in values.items() for v, p in zip(row, IDS, strict=True)]
    runs += [make_run(f"few{i}", 0, 1.3 + 0.01 * i, problem=p) for i in range(4) for p in IDS[7:]]
    found = make_tables(replayed(make_campaign(runs, reference=frozenset({"other"}))))
    standing = standing_of(found, "mine")
    assert (standing.rank_place, standing.field, standing.above) == (1, 1, None)
    assert standing.below.label == "other"
    assert found.overall["optimizer"].iloc[0] == "mine"


def test_places_are_by_the_best_known_only_where_every_problem_has_one(tables):
    ids = ["mix/S2/bw4/g20/i2", *IDS[1:]]  # of which the first alone has one
    found = tables(ids, mine=[1.4] + [3.0] * 11, other=[1.5] * 12)
    standing = standing_of(found, "mine")
    assert np.isnan(standing.ratio)
    assert standing.place == 2
    assert "place 2 of 2 by geometric mean over the best median, and place 2 by mean rank" in paragraph(found, "mine")
    whole = tables(ids[:1], mine=[1.4], other=[1.5])
    assert "place 1 of 2 by geometric mean over best known (" in paragraph(whole, "mine")


def test_a_field_of_one_is_no_field(tables):
    text = paragraph(tables(mine=[1.2] * 12, other=[1.5] * 12), "mine")
    assert "Next below is other (it is better than that; ratio to it 0.800, corrected p" in text
    assert "of the field" not in text


def test_who_sees_the_job_table_is_told(tables):
    values = {"mine": [1.2] * 12, "other": [1.5] * 12}
    sees = "It sees the job table, which black boxes do not."
    assert sees in paragraph(tables(**values, settings={"sees_jobs": True}), "mine")
    assert sees not in paragraph(tables(**values), "mine")


def test_a_choice_among_the_problems_of_an_archive_is_no_claim(make_run, make_campaign):
    def said(number):
        runs = [make_run(label, 0, 1.5, problem=problem) for label in ("mine", "other") for problem in IDS[:number]]
        campaign = make_campaign(runs, reference=frozenset({"other"}), reference_problems=12)
        return paragraph(make_tables(replayed(campaign)), "mine")

    assert "This is a first look, no claim: these are 7 of the archive's 12 problems." in said(7)
    assert "claim" not in said(12)


def test_problems_of_ones_own_are_none_of_the_archives(make_run, make_campaign):
    runs = [make_run("mine", 0, 1.5, problem=f"mix/S2/bw1/g10/i{i}") for i in range(12)]
    runs += [make_run("other", 0, 1.5, problem=f"mix/S2/bw1/g10/i{i}") for i in range(7)]
    campaign = make_campaign(runs, reference=frozenset({"other"}), reference_problems=12)
    assert "these are 7 of the archive's 12 problems" in paragraph(make_tables(replayed(campaign)), "mine")


def test_the_share_beaten_counts_ties_half(tables):
    found = tables(mine=[1.5] * 12, same=[1.5] * 12, bad=[2.0] * 12)
    assert standing_of(found, "mine").beaten == pytest.approx(0.75)
    assert "It beats 75 % of the field on the mean problem" in paragraph(found, "mine")
    assert "the same as 1" in paragraph(found, "mine")


def test_the_first_and_the_last_have_one_neighbour(tables):
    found = tables(mine=[1.2] * 12, a=[1.5] * 12, b=[2.0] * 12)
    assert "Next below is a (" in paragraph(found, "mine")
    assert "next above" not in paragraph(found, "mine").lower()
    assert "Next above is b (" in paragraph(tables(mine=[2.5] * 12, a=[1.5] * 12, b=[2.0] * 12), "mine")
    assert paragraph(found, "b") == ""


def test_kinds(tables):
    values = [1.1] * 4 + [1.5] * 4 + [3.0] * 4
    found = tables(mine=values, other=[1.4] * 12, last=[9.0] * 12)
    kinds = kinds_of(found, IDS)
    assert kinds["task mix"] == IDS[:4]
    assert kinds["cores alike"] == IDS[4:8]
    assert kinds["many cores"] == IDS[8:]
    assert kinds["few cores"] == IDS[:8]
    assert kinds["highest bandwidth"] == IDS[4:8]
    assert "10 jobs" not in kinds  # all are
    frame = kinds_table(found, "mine").frame.set_index("kind")
    assert frame.loc["task mix", "beaten"] == 1.0
    assert frame.loc["task vision", "beaten"] == 0.5
    assert frame.loc["task language", "best_ratio"] == pytest.approx(3.0 / 1.4)
    assert "most with task mix (100 %), least with" in paragraph(found, "mine")


def test_few_problems_give_no_verdict(tables):
    found = tables(IDS[:4], mine=[1.2] * 4, other=[1.5] * 4)
    assert "No verdict: 1 comparison takes 6 problems, and these are 4." in paragraph(found, "mine")


def test_without_results_there_is_no_place(tables, make_run, make_campaign):
    found = tables(mine=[1.2] * 12, other=[1.5] * 12)
    assert paragraph(found, "nobody") == ""
    alone = make_tables(replayed(make_campaign([make_run("mine", problem=IDS[0])])))
    assert paragraph(alone, "mine").startswith("mine has no place")


def test_who_declares_to_be_tuned_is_marked(tables):
    found = tables(mine=[1.2] * 12, other=[1.5] * 12, settings={"tuned_on": ["mix/*", "vision/*/i0"]})
    mark = "mine declares that it was tuned on 5 of the 12 problems: verdicts on it are no claims."
    assert mark in paragraph(found, "mine")
    assert "declares" not in paragraph(found, "other")


def test_instances_for_tuning_are_marked(tables):
    ids = [f"mix/S2/bw1/g10/i{i}" for i in range(95, 107)]
    assert sum(problems.parse_id(each).for_tuning for each in ids) == 7
    found = tables(ids, mine=[1.2] * 12, other=[1.5] * 12)
    assert "7 of the 12 problems are instances for tuning" in paragraph(found, "mine")
