"""Requirements of optional parts, told from the metadata of what is installed."""

from importlib.metadata import version

import pytest

from bench.errors import InvalidInput
from bench.extras import missing_libraries


@pytest.fixture
def distribution(tmp_path, monkeypatch):
    """Pretend that a distribution is installed, with its requirements."""

    def make(name, *requirements):
        folder = tmp_path / f"{name}-1.5.dist-info"
        folder.mkdir()
        lines = [f"Requires-Dist: {r}" for r in requirements] + ["Provides-Extra: x", "Provides-Extra: y"]
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
