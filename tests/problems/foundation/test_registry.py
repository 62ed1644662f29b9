import pytest

from problems.foundation.errors import BrokenEntry, DuplicateName, MissingExtra, UnknownName
from problems.foundation.registry import Entry, Registry


@pytest.fixture
def registry():
    r = Registry("colour")
    for name in ("red", "green", "blue"):
        r.add(Entry(name, "math:sqrt"))
    return r


def test_names_keep_their_order(registry):
    assert registry.names() == ["red", "green", "blue"]


def test_an_unknown_name_is_a_key_error_with_the_nearest_ones(registry):
    with pytest.raises(KeyError) as caught:
        registry.get("gren")
    assert str(caught.value).startswith("unknown colour 'gren': did you mean green")


def test_a_name_like_none_lists_all(registry):
    with pytest.raises(UnknownName, match="known: blue, green, red"):
        registry.get("xyz")


def test_a_duplicate_is_an_error(registry):
    with pytest.raises(DuplicateName, match="'red' is registered twice"):
        registry.add(Entry("red", "math:sin"))


def test_an_entry_loads_its_factory_when_asked(registry):
    assert registry.get("red").load()(9.0) == 3.0


@pytest.mark.parametrize(
    "factory", ["no_such_module_at_all:y", "math:no_such_attribute", "math", "problems.foundation.errors:"]
)
def test_an_entry_that_cannot_be_loaded_is_named(factory):
    with pytest.raises(BrokenEntry, match=f"'mine' cannot be loaded from '{factory}'"):
        Entry("mine", factory).load()


def test_of_what_a_module_lacks_near_names_of_its_own_are_told():
    with pytest.raises(
        BrokenEntry, match=r"of problems.foundation.errors: 'InvalidInptu': did you mean InvalidInput\?"
    ):
        Entry("mine", "problems.foundation.errors:InvalidInptu").load()


def test_a_missing_optional_library_names_the_command_that_installs_it():
    entry = Entry("fancy", "no_such_module_at_all:Y", requires="plugin[fancy]")
    with pytest.raises(MissingExtra, match=r"'fancy' needs .*pip install 'plugin\[fancy\]'"):
        entry.load()


def test_parameters_of_an_entry_cannot_be_changed():
    entry = Entry("x", "math:sqrt", {"a": 1})
    with pytest.raises(TypeError):
        entry.parameters["a"] = 2


def test_builtin_optimizers_and_tasks_come_through_their_entry_points():
    from importlib.metadata import entry_points

    assert [p.value for p in entry_points(group="m3e.optimizers") if p.name == "builtin"] == [
        "optimizers.builtin:BUILTIN"
    ]
    assert [p.value for p in entry_points(group="m3e.problems") if p.name == "builtin"] == ["problems.tasks:BUILTIN"]
