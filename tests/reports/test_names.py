from __future__ import annotations

from reports.names import common_parts, short_names, shorten


def test_parts_common_to_all_problems_are_left_out():
    cases = ["mix/S1/bw1/g100/i0", "mix/S2/bw1/g100/i0"]
    assert common_parts(cases) == "mix/bw1/g100/i0"
    assert short_names(cases) == {cases[0]: "S1", cases[1]: "S2"}


def test_a_single_problem_keeps_its_name():
    assert common_parts(["mix/S1/bw1/g100/i0"]) == ""
    assert short_names(["mix/S1/bw1/g100/i0"]) == {"mix/S1/bw1/g100/i0": "mix/S1/bw1/g100/i0"}


def test_budgets_stay_in_the_name():
    cases = ["mix/S1/bw1/g9/i0, budget 1", "mix/S2/bw1/g9/i0, budget 2"]
    assert list(short_names(cases).values()) == ["S1, budget 1", "S2, budget 2"]


def test_problems_of_other_forms_keep_their_names():
    cases = ["table/abc", "mix/S1/bw1/g9/i0"]
    assert short_names(cases) == dict(zip(cases, cases, strict=True))


def test_long_texts_keep_their_start_and_end():
    assert shorten("abcdefghij", 5) == "ab…ij"
    assert shorten("abcde", 5) == "abcde"
