import json

import pytest

from problems.foundation.json_values import finite_or_none, text_without_address, to_json


class Thing:
    pass


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text", [1, [2]], {"a": {"b": [None]}}])
def test_json_values_stay_as_they_are(value):
    assert to_json(value) == value


def test_others_become_texts_that_do_not_change_from_run_to_run():
    made = to_json({Thing: (Thing, Thing()), 1: {2}})
    assert made["Thing"][0] == "Thing"
    assert " at 0x" not in json.dumps(made)
    assert made["1"] == "{2}"
    assert to_json([Thing()], lambda value: "something") == ["something"]
    assert text_without_address(Thing).endswith("Thing")


def test_infinity_and_nan_are_null():
    assert [finite_or_none(v) for v in (1.0, float("inf"), float("nan"))] == [1.0, None, None]
