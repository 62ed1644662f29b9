"""What names may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput
from problems.importing import Skipped, Workload
from problems.layers import Layer
from problems.names import LONGEST_NAME, check_name


@given(st.text())
def test_every_text_that_utf_8_can_hold_is_a_name(text):
    check_name("name", text)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "é\udc80"])
def test_lone_surrogates_are_refused_and_shown_escaped(text):
    with pytest.raises(
        InvalidInput, match=r"name: expected text without surrogates, .* got '\\ud[a-f8-9][0-9a-f]{2}"
    ) as e:
        check_name("name", text)
    str(e.value).encode()


def test_very_long_names_are_refused_without_being_repeated():
    check_name("name", "é" * LONGEST_NAME)
    with pytest.raises(InvalidInput, match="name: expected at most 10,000 characters, got 10,001, 'aaaa") as caught:
        check_name("name", "a" * (LONGEST_NAME + 1))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("name", "network", "layer", "reason", "place"),
    [
        ("\ud800", "n", "l", "r", "workload: name"),
        ("w", "\ud800", "l", "r", "workload: name of network 0"),
        ("w", "n", "\ud800", "r", "network 'n': name of layer 0"),
        ("w", "n", "l", "\ud800", "skipped op: reason"),
    ],
)
def test_the_names_of_a_workload_are_checked(name, network, layer, reason, place):
    with pytest.raises(InvalidInput, match=f"{place}: expected text without surrogates"):
        Workload(name, {network: (Layer.ffn(layer, out=1, inp=1),)}, (Skipped("op", 1, None, reason),))
