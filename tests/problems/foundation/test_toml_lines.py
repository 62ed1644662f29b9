"""Lines of TOML files are those of a parser, whatever stands in texts and comments."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.toml_lines import lines_of
from problems.foundation.tomlfile import TomlTable

TEXT = '''description = """
budget = 3
seeds = [1]
"""
problems = [
  "a",  # budget = 4
  "b",
]
optimizers = ["x", {name = "y", label = 3}]
a."b c".d = 1

[quick]
budget = 3

[[cores]]
pes = 1
[[cores]]
# a comment
pes = 2
[cores.sub]
x = 1
[[cores.kinds]]
y = [[1,
2]]
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("description",), 1),
        (("problems",), 5),
        (("problems", 1), 7),
        (("optimizers", 1, "label"), 9),
        (("a", "b c", "d"), 10),
        (("quick",), 12),
        (("quick", "budget"), 13),
        (("cores", 0, "pes"), 16),
        (("cores", 1, "pes"), 19),
        (("cores", 1, "sub", "x"), 21),
        (("cores", 1, "kinds", 0, "y", 0, 1), 24),
    ],
)
def test_keys_tables_and_items_have_their_lines(place, line):
    assert lines_of(TEXT)[place] == line


def test_every_value_of_the_parsed_file_has_a_line():
    def places(value, above):
        if above:
            yield above
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, own in items:
            yield from places(own, (*above, key))

    assert set(places(tomllib.loads(TEXT), ())) == set(lines_of(TEXT))


keys = st.text("ab.\"' -é#=[", min_size=1, max_size=4)


@given(keys=st.lists(keys, unique=True, min_size=1, max_size=5))
def test_quoted_keys_are_found(keys):
    quoted = ['"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"' for key in keys]
    text = "\n".join(f"{key} = {number}" for number, key in enumerate(quoted))
    assert lines_of(text) == {(key,): number for number, key in enumerate(keys, 1)}


def table(tmp_path, text=TEXT):
    path = tmp_path / "x.toml"
    path.write_text(text)
    return TomlTable.read(path)


def test_a_description_that_holds_a_key_misleads_nobody(tmp_path):
    read = table(tmp_path, 'description = "budget = 3"\nseeds = 1\nbudget = "many"\n')
    with pytest.raises(InvalidInput, match="line 3: budget: expected a number, got 'many'"):
        read.take("budget", int, "a number")


def test_a_table_laid_over_another_tells_its_own_lines(tmp_path):
    read = table(tmp_path).overlaid("quick", {"budget": ""})
    assert read.where("budget").endswith("line 13")
    assert read.where("problems").endswith("line 5")
    assert read.where("problems", 1).endswith("line 7")
    with pytest.raises(UnknownName, match="line 13"):
        table(tmp_path).overlaid("quick", {"seeds": ""})


def test_tables_of_an_array_name_their_place(tmp_path):
    first, second = table(tmp_path).take_tables("cores", "tables")
    assert str(second.error("pes", "more", 2)).endswith("line 19: cores[1].pes: expected more, got 2")
    with pytest.raises(InvalidInput, match=r"line 15: cores\[0\].speed: expected a number, got no such key"):
        first.take("speed", int, "a number")
