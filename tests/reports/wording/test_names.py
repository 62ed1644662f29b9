from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import problems
from reports.wording.names import common_parts, distinct, short_names, shorten, split_case

NAMES = st.lists(st.text("ab-1 ~\u2026\u4e2d", max_size=60), max_size=12, unique=True)
ALIKE = st.builds(
    lambda start, middles, end: [f"{start * 'x'}{middle}{end * 'y'}" for middle in middles],
    st.integers(0, 60),
    st.lists(st.text("pq1", min_size=1, max_size=4), max_size=8, unique=True),
    st.integers(0, 60),
)


@given(NAMES | ALIKE, st.sampled_from((8, 12, 17, 40)), st.sampled_from((len, cell_len)))
def test_shortened_names_are_distinct_and_fit(names, limit, width):
    short = distinct(names, limit, width=width)
    assert list(short) == names
    assert len(set(short.values())) == len(names)
    assert max(map(width, short.values()), default=0) <= max(limit, len("(no name)"))
    assert all(short[name] == name for name in names if width(name) <= limit and name.strip())


def test_names_that_differ_in_words_or_numbers_show_these():
    names = [f"nevergrad-de-crossover-{rate}-popsize-{size}-long" for rate in (0.1, 0.25) for size in (30, 600)]
    assert list(distinct(names, 17).values()) == [
        *("nevergrad\u20260.1\u202630\u2026", "nevergra\u20260.1\u2026600\u2026"),
        *("nevergra\u20260.25\u202630\u2026", "nevergr\u20260.25\u2026600\u2026"),
    ]


def test_names_that_differ_inside_a_word_show_where():
    names = [f"{'a' * 40}{letter}{'b' * 40}" for letter in "xyz"]
    assert list(distinct(names, 20).values()) == [f"aaaa\u2026aaa{letter}bbbbbb\u2026bbbb" for letter in "xyz"]


def test_names_that_cannot_be_told_apart_are_numbered():
    assert list(distinct(["\x07", "\x08"], 10, write=lambda _: "?").values()) == ["?~1", "?~2"]
    assert list(distinct(["ab~1", "\x07", "\x08"], 4, write=lambda text: text if "b" in text else "ab").values()) == [
        *("ab~1", "ab~2", "ab~3")
    ]


def test_a_blank_name_is_told():
    assert list(distinct(["", "a"], 10).values()) == ["(no name)", "a"]


def test_many_names_are_shortened_at_once():
    names = [f"{'q' * 80}{'r' * number}" for number in range(3000)]
    assert len(set(distinct(names, 12).values())) == 3000


def test_parts_common_to_all_problems_are_left_out():
    cases = ["mix/S1/bw1/g100/i0", "mix/S2/bw1/g100/i0"]
    assert common_parts(cases) == "mix/bw1/g100/i0"
    assert short_names(cases) == {cases[0]: "S1", cases[1]: "S2"}


def test_a_single_problem_keeps_its_name():
    assert common_parts(["mix/S1/bw1/g100/i0"]) == ""
    assert short_names(["mix/S1/bw1/g100/i0"]) == {"mix/S1/bw1/g100/i0": "mix/S1/bw1/g100/i0"}
    assert (common_parts([]), short_names([])) == ("", {})


def test_budgets_stay_in_the_name():
    cases = ["mix/S1/bw1/g9/i0, budget 1,000", "mix/S2/bw1/g9/i0, budget 2, suite 3"]
    assert list(short_names(cases).values()) == ["S1, budget 1,000", "S2, budget 2, suite 3"]
    cases = ["mix/S1/bw1/g9/i0, budget 1", "mix/S1/bw1/g9/i0, budget 2"]
    assert short_names(cases) == dict(zip(cases, cases, strict=True))


def test_commas_in_files_are_part_of_the_problem():
    case = "file:a, b.csv#12345678/S2/bw1/g9/i0"
    assert split_case(f"{case}, budget 1,000") == (case, ", budget 1,000")
    assert short_names([case, case.replace("b", "c", 1)])[case] == "file:a, b.csv#12345678"


def test_problems_of_other_forms_keep_their_names():
    cases = ["table/abc", "mix/S1/bw1/g9/i0"]
    assert short_names(cases) == dict(zip(cases, cases, strict=True))
    cases = ["unknown/S1/bw1/g9/i0", "mix/S1/bw1/g9/i0"]
    assert short_names(cases) == dict(zip(cases, cases, strict=True))


def test_options_that_an_id_leaves_out_are_nothing_and_something_of_each_id_is_left():
    cases = [f"mix/S1/bw1/g9/i0{option}" for option in ("", "/energy", "/dep", "/dep/corrected/latency+energy")]
    assert common_parts(cases) == "mix/S1/bw1/g9"
    assert list(short_names(cases).values()) == ["i0", "i0/energy", "i0/dep", "i0/dep/corrected/latency+energy"]
    assert common_parts(cases[2:]) == "mix/S1/bw1/g9/dep"
    assert list(short_names(cases[1:3]).values()) == ["energy", "dep"]


ID = st.builds(
    lambda *parts: "/".join(filter(None, parts)),
    st.sampled_from(("mix", "vision", "mobilenet_v2", "file:a/b.csv#12345678")),
    st.sampled_from(("S1", "S2", "file:a/p.toml#12345678")),
    st.sampled_from(("bw1", "bw2.5")),
    st.sampled_from(("g9", "g10")),
    st.sampled_from(("i0", "i1")),
    st.sampled_from(("", "dep")),
    st.sampled_from(("", "corrected")),
    st.sampled_from(("", "energy", "latency+energy")),
)


@given(st.lists(ID, min_size=1, max_size=6, unique=True))
def test_short_names_are_made_of_the_parts_of_their_ids_and_whole_ids_can_be_read(ids):
    short = short_names(ids)
    assert list(short) == ids
    assert len(set(short.values())) == len(ids)
    for problem, name in short.items():
        rest = iter(problem.split("/"))
        assert all(part in rest for part in name.split("/"))
        assert name == problem or common_parts(ids)
    if len(ids) == 1 or not common_parts(ids):
        assert all(str(problems.parse_id(name)) == name for name in short.values())


def test_files_with_folders_are_one_part():
    cases = ["file:a/b.json#12345678/file:c/d.toml#12345678/bw1/gall/i0", "mix/file:c/d.toml#12345678/bw1/g9/i0"]
    assert common_parts(cases) == "file:c/d.toml#12345678/bw1/i0"
    assert list(short_names(cases).values()) == ["file:a/b.json#12345678/gall", "mix/g9"]


@pytest.mark.parametrize(("limit", "shown"), [(5, "ab\u2026ij"), (10, "abcdefghij"), (1, "\u2026")])
def test_long_texts_keep_their_start_and_end(limit, shown):
    assert shorten("abcdefghij", limit) == shown
