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


def test_options_that_an_id_leaves_out_are_named_where_they_differ():
    cases = [f"mix/S1/bw1/g9/i0{option}" for option in ("", "/energy", "/dep", "/dep/corrected/latency+energy")]
    assert common_parts(cases) == "mix/S1/bw1/g9/i0"
    assert list(short_names(cases).values()) == [
        "independent/maestro/latency",
        "independent/maestro/energy",
        "dep/maestro/latency",
        "dep/corrected/latency+energy",
    ]
    assert short_names(cases[:2]) == {cases[0]: "latency", cases[1]: "energy"}
    assert common_parts(cases[2:]) == "mix/S1/bw1/g9/i0/dep"


def test_files_with_folders_are_one_part():
    cases = ["file:a/b.json#12345678/file:c/d.toml#12345678/bw1/gall/i0", "mix/file:c/d.toml#12345678/bw1/g9/i0"]
    assert common_parts(cases) == "file:c/d.toml#12345678/bw1/i0"
    assert list(short_names(cases).values()) == ["file:a/b.json#12345678/gall", "mix/g9"]


def test_long_texts_keep_their_start_and_end():
    assert shorten("abcdefghij", 5) == "ab…ij"
    assert shorten("abcde", 5) == "abcde"
