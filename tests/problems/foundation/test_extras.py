"""Requirements of optional parts, told from the metadata of what is installed."""

from importlib.metadata import version

import pytest

from problems.foundation.errors import InvalidInput
from problems.foundation.extras import install_command, missing_libraries


@pytest.fixture
def distribution(tmp_path, monkeypatch):
    """Pretend that a distribution is installed, with its requirements."""

    def make(name, *requirements):
        folder = tmp_path / f"{name}-1.5.dist-info"
        folder.mkdir()
        lines = [f"Requires-Dist: {r}" for r in requirements] + [f"Provides-Extra: {x}" for x in "xyz"]
        (folder / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.5", *lines]))

    monkeypatch.syspath_prepend(tmp_path)
    return make


def test_what_is_not_there_is_missing_itself():
    assert missing_libraries("surely-not-installed[fast]") == ["surely-not-installed"]


def test_only_what_the_named_extras_need_counts(distribution):
    distribution("toy", "absent-a", 'numpy>=1; extra == "x"', 'absent-b>=2; extra == "x"', 'absent-c; extra == "y"')
    assert missing_libraries("toy") == []
    assert missing_libraries("toy[x]") == ["absent-b"]
    assert missing_libraries("toy[x,y]") == ["absent-b", "absent-c"]


def test_an_older_version_than_needed_is_missing(distribution):
    distribution("toy", f'numpy>={version("numpy")}; extra == "x"', 'numpy>=999; extra == "y"')
    assert missing_libraries("toy[x]") == []
    assert missing_libraries("toy[y]") == ["numpy>=999"]
    assert missing_libraries("toy>=2") == ["toy>=2"]


def test_extras_may_name_other_extras(distribution):
    distribution("toy", 'toy[y]; extra == "x"', 'absent; extra == "y"')
    assert missing_libraries("toy[x]") == ["absent"]


@pytest.mark.parametrize("wrong", ["a b", "numpy, scipy", "not a valid requirement!!"])
def test_what_is_no_requirement_is_told(wrong):
    with pytest.raises(InvalidInput, match="requires: expected one requirement as pip takes it"):
        missing_libraries(wrong)


def test_an_extra_that_a_distribution_does_not_have_is_missing():
    assert missing_libraries("numpy[nope]") == ["numpy[nope]"]


def test_the_command_that_installs_an_extra_names_its_libraries(distribution):
    distribution("toy", 'a>=1; extra == "x"', 'b[c]>=2 ; extra == "x"', 'd; extra == "y"', 'toy[x,y]; extra == "z"')
    assert install_command("toy[x]") == "pip install 'a>=1' 'b[c]>=2'"
    assert install_command("toy[z]", "toy[x]", "d") == "pip install 'a>=1' 'b[c]>=2' 'd'"


def test_what_is_not_installed_or_has_no_such_extra_is_named_itself(distribution):
    distribution("toy")
    assert install_command("absent[fast]>=2") == "pip install 'absent[fast]>=2'"
    assert install_command("toy[nope]") == "pip install 'toy[nope]'"
    assert install_command("toy>=9") == "pip install 'toy>=9'"


def test_no_command_asks_an_index_for_the_suite_itself():
    for extra in ("alns", "fcmaes", "gp", "onnx", "pymoo", "ribs", "rl"):
        assert "m3e" not in install_command(f"m3e[{extra}]")
