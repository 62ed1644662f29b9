"""Optimizers by ``library:NAME`` and by ``module:Class``."""

import sys

import pytest

import optimizers
import problems
from optimizers.derived import lasting_name
from problems.foundation.errors import BrokenEntry, InvalidInput, UnknownName

OWN = """
from optimizers.native.random_search import RandomSearch

class Own(RandomSearch):
    pass

class Identified(RandomSearch):
    @staticmethod
    def identify(parameters):
        return None

def make(space, *, budget, seed):
    return 3

VALUE = 3
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module ``own_methods`` that can be imported from this test alone; its path."""
    path = tmp_path / "own_methods.py"
    path.write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_methods", raising=False)
    yield path
    sys.modules.pop("own_methods", None)


def test_a_class_is_found_by_its_module_and_named_after_its_content(module):
    name = optimizers.canonical_name("own_methods:Own")
    assert name.startswith("own_methods:Own#")
    p = problems.get("mix/S2/bw1/g8/i0")
    assert optimizers.minimize(p, name, budget=200, seed=1).num_evaluations == 200
    assert optimizers.derived_seed(name, 1) == optimizers.derived_seed("own_methods:Own", 1)
    module.write_text(OWN + "\n# changed\n")
    assert optimizers.canonical_name("own_methods:Own") != name
    with pytest.raises(InvalidInput, match="expected the module with digest "):
        optimizers.canonical_name(name)


def test_a_changed_class_keeps_its_random_numbers(module):
    p, name = problems.get("mix/S2/bw1/g8/i0"), optimizers.canonical_name("own_methods:Own")
    before = optimizers.derived_seed(name, 1), optimizers.minimize(p, name, budget=200, seed=1).best_value
    module.write_text(OWN + "\n# changed\n")
    again = optimizers.canonical_name("own_methods:Own")
    assert (optimizers.derived_seed(again, 1), optimizers.minimize(p, again, budget=200, seed=1).best_value) == before
    assert before[0] == optimizers.derived_seed("own_methods:Own", 1) != optimizers.derived_seed("random", 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module_at_all:Own", "the name of a module in a file, got no_such_module_at_all"),
        ("no_such_package.inner:Own", "a module that imports, got no_such_package.inner"),
        ("own_methods:Nothing", "cannot be loaded .* of own_methods: 'Nothing': known: Identified, Own, make"),
        ("own_methods:Onw", r"unknown class or function of own_methods: 'Onw': did you mean Own\?"),
        ("own_methods:make", "makes: expected an optimizers.Optimizer, got int"),
        ("json:JSONDecoder", "names: expected a class derived from optimizers.Optimizer, got JSONDecoder"),
        ("optimizers:AskTellOptimizer", "expected a class with all methods of an optimizer, got one without ask, tell"),
        ("own_methods:OWN:", "unknown optimizer"),
        ("own_methods:VALUE", "names: expected a class derived from .*, or a function that makes one, got 3"),
        ("own_methods:Identified", "Identified': identify: expected a dictionary of parameters, got None"),
        ("own_methods.py:Own", "expected package.module:Class, got own_methods.py. .*: own_methods:Own"),
        ("nevergrad:", "unknown optimizer"),
    ],
)
def test_what_cannot_be_found_or_is_no_optimizer_is_told(module, name, message):
    with pytest.raises(Exception, match=message):
        optimizers.check_parameters(name, {})


@pytest.mark.parametrize("code", [0, 2, 3, "'text'", ""])
def test_a_module_that_exits_when_it_is_imported_ends_nothing(module, code):
    module.write_text(f"{OWN}\nimport sys\nsys.exit({code})\n")
    with pytest.raises(BrokenEntry, match="it exits when it is imported"):
        optimizers.check_parameters("own_methods:Own", {})
    package = module.parent / "own_package"
    package.mkdir()
    (package / "__init__.py").write_text(f"import sys\nsys.exit({code})\n")
    (package / "inner.py").write_text(OWN)
    with pytest.raises(InvalidInput, match=r"a module that imports, got own_package.inner. SystemExit"):
        optimizers.check_parameters("own_package.inner:Own", {})


SETTINGS = {
    "{'n': np.int64(5), 'm': {'x': np.array([1.0, 2.0])}, 't': (1, 2)}": {"n": 5, "m": {"x": [1.0, 2.0]}, "t": [1, 2]},
    "{'n': {1, 2}}": None,
    "{1: 2}": None,
    "[1]": None,
    "{'n': object()}": None,
    "{'n': '\\ud800'}": None,
}


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_are_what_can_be_stored(module, text):
    module.write_text(f"{OWN}\nimport numpy as np\nOwn.settings = lambda self: {text}\n")
    search = optimizers.Search(problems.get("mix/S2/bw1/g8/i0"), "own_methods:Own", budget=9, seed=0, parameters={})
    if SETTINGS[text] is None:
        with pytest.raises(InvalidInput, match=r"optimizer 'own_methods:Own.*': settings: expected"):
            search.run()
    else:
        search.run()
        assert search.settings == SETTINGS[text]


def test_only_of_programs_the_folders_are_no_part_of_what_decides_seeds():
    assert lasting_name("exec:/usr/bin/mine --table=a/b#01234567") == "exec:mine --table=b"
    assert lasting_name("package.own/methods:Own#93483364") == "package.own/methods:Own"
    assert lasting_name("magma") == "magma"


@pytest.mark.parametrize("tuned_on", ["mix/*", ("mix/*", 3), 3])
def test_what_it_was_tuned_on_are_patterns(tuned_on):
    class Tuned(optimizers.OPTIMIZERS.get("random").load()):
        pass

    Tuned.tuned_on = tuned_on
    with pytest.raises(InvalidInput, match=r"tuned_on: expected patterns of problem ids, such as \('mix/\*',\), got"):
        optimizers.check_parameters(Tuned, {})


@pytest.mark.parametrize("name", ["nevergrad:RandomSearch", "optuna:RandomSampler"])
def test_other_methods_of_a_library_are_found_by_their_names_there(name):
    r = optimizers.minimize(problems.get("mix/S2/bw1/g8/i0"), name, budget=20)
    assert r.num_evaluations == 20
    assert optimizers.resolve_parameters(name, {})["method"] == name.partition(":")[2]


@pytest.mark.parametrize("name", ["nevergrad:RandomSerch", "optuna:RandomSampeler"])
def test_a_name_that_a_library_does_not_know_is_answered_with_near_ones(name):
    with pytest.raises(UnknownName, match=r"did you mean .*Random"):
        optimizers.check_parameters(name, {})


def test_every_built_in_name_is_known_and_says_what_it_is():
    from optimizers.builtin import BUILTIN

    assert len({entry.name for entry in BUILTIN}) == len(BUILTIN) >= 55
    assert all(entry.summary and entry.family for entry in BUILTIN)
    assert all(entry.source for entry in BUILTIN if entry.name != "random")
