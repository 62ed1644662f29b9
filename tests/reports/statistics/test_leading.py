"""The sentence on who leads."""

from dataclasses import replace

import pytest

from reports.frames.summary import make_tables
from reports.statistics.leading import leading_sentence
from reports.statistics.pairwise import pair_table

FACTORS = [1.0 + 0.1 * i for i in range(8)]


@pytest.fixture
def said(make_run, make_campaign):
    """What is said of optimizers by label, each with a value a problem."""

    def say(**values):
        runs = [
            make_run(label, 0, value, problem=f"mix/S1/bw1/g10/i{i}", optimizer=label.split("_")[0])
            for label, row in values.items()
            for i, value in enumerate(row)
        ]
        return leading_sentence(make_tables(make_campaign(runs)))

    return say


def test_who_is_better_than_all_leads(said):
    found = said(magma=FACTORS, random=[2 * f for f in FACTORS], other=[3 * f for f in FACTORS])
    assert found == "magma leads by mean rank, and is better than all 2 others."


def test_who_leads_is_told_among_those_compared(said):
    """A beats B on six of ten problems; C, which has too few to be compared, lies between them on the others."""
    found = said(B=[1.2] * 10, C=[1.3] * 4, A=[1.4] * 4 + [1.1] * 6)
    assert found.startswith("A leads by mean rank")


def test_one_optimizer_leads_nobody(said):
    assert said(magma=FACTORS) == ""


def test_the_only_other_is_named(said):
    found = said(magma=FACTORS, other=[2 * f for f in FACTORS])
    assert found == "magma leads by mean rank, and is better than other, the only other."


def test_too_few_problems_for_any_verdict_are_told(said):
    found = said(magma=FACTORS[:3], random=[2 * f for f in FACTORS[:3]])
    assert found == (
        "magma leads by mean rank, without a verdict: 2 optimizers take 6 problems for one, and these are 3."
    )
    assert said(magma=FACTORS[:6], random=[2 * f for f in FACTORS[:6]]).startswith("magma leads")


def test_chance_is_called_chance(said):
    found = said(magma=FACTORS, random=[f * (1.2 if i % 2 else 0.8) for i, f in enumerate(FACTORS)])
    apart = "No optimizer is distinguishable by more than 1 % from random search here: "
    assert found == f"{apart}their order on 8 problems may be chance."


def test_each_kind_of_verdict_is_told(said):
    shaken = [f * (1.3 if i % 2 else 0.9) for i, f in enumerate(FACTORS)]
    found = said(
        magma=FACTORS,
        near=[f * 1.001 for f in FACTORS],
        shaken=shaken,
        random=[2 * f for f in FACTORS],
    )
    expected = (
        "magma leads by mean rank; it is better than 1 of 3 others, is equal within 1 % to near, and is not "
        "distinguishable by more than 1 % from shaken."
    )
    assert found == expected


def test_a_difference_that_is_certain_and_small_is_not_called_indistinguishable(make_run, make_campaign):
    factors = [*[1.001] * 15, *[1.03] * 5]
    runs = [
        make_run(name, 0, 1.5 * factor, problem=f"mix/S2/bw1/g10/i{i}")
        for name, row in (("magma", [1.0] * 20), ("near", factors))
        for i, factor in enumerate(row)
    ]
    tables = make_tables(make_campaign(runs))
    pair = pair_table(tables).frame.iloc[0]
    assert pair["p_corrected"] < 0.001
    assert pair["verdict"] == "no evidence"
    assert leading_sentence(tables) == (
        "magma leads by mean rank; it is not distinguishable by more than 1 % from near."
    )


def test_who_leads_level_with_others_is_told(said):
    found = said(magma=FACTORS, twin=FACTORS, random=[2 * f for f in FACTORS])
    assert found == (
        "magma leads by mean rank, level with twin; it is better than 1 of 2 others, and is the same as twin."
    )


def test_beside_an_archive_values_that_were_only_told_are_marked_too(make_run, make_campaign):
    ids = [f"mix/S2/bw1/g10/i{i}" for i in range(8)]
    mine = [replace(make_run("mine", 0, 1.5, problem=each), told_by="mine.csv") for each in ids]
    field = [make_run("other", 0, 1.6, problem=each) for each in ids]
    for reference in (frozenset({"other"}), frozenset()):
        said = leading_sentence(make_tables(make_campaign([*mine, *field], reference=reference)))
        assert said.endswith(" Told, not verified: mine.")
