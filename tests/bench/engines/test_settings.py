"""Engines by name and from files, whose errors name the line and the key."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from bench.engines import BUILTIN, ENGINES
from bench.engines.settings import engine_from
from problems.foundation.errors import InvalidInput, MissingExtra, UnknownName


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "cluster.toml"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.skipif("CI" not in os.environ, reason="elsewhere some may lack, and their tests are skipped")
def test_no_engine_lacks_what_its_tests_need():
    assert not [entry.name for entry in BUILTIN if entry.missing_libraries()]
    assert shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def test_an_engine_is_found_by_its_name():
    assert type(engine_from("serial")).__name__ == "Serial"
    assert engine_from("process", workers=3).workers == 3


def test_an_unknown_engine_is_answered_by_the_nearest_name():
    with pytest.raises(UnknownName, match="unknown engine 'proces': did you mean process"):
        engine_from("proces")


def test_workers_are_no_setting_of_an_engine_without_them():
    with pytest.raises(InvalidInput, match="workers: expected none with the engine serial, got 2"):
        engine_from("serial", workers=2)


def test_a_file_sets_the_engine_and_its_library(file):
    pytest.importorskip("distributed")
    engine = engine_from(file('engine = "dask"\nworkers = 4\ntimeout_seconds = 5\n[keys]\nprocesses = true\n'))
    assert (engine.workers, engine.timeout_seconds, engine.keys) == (4, 5, {"processes": True})


def test_workers_given_go_before_those_in_the_file(file):
    assert engine_from(file('engine = "process"\nworkers = 4\n'), workers=2).workers == 2


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("workers = 2", InvalidInput, "cluster.toml: engine: expected the name of an engine, got no such key"),
        ('\nengine = "proces"', UnknownName, "unknown engine in .*, line 2: 'proces': did you mean process"),
        ('engine = "process"\nworker = 2', UnknownName, "unknown key in .*, line 2: 'worker': did you mean workers"),
        ('engine = "process"\nworkers = "2"', InvalidInput, "cluster.toml, line 2: workers: expected an integer"),
        ('engine = "process"\nworkers = true', InvalidInput, "cluster.toml, line 2: workers: expected an integer"),
        ('engine = "process"\nworkers = 0', InvalidInput, "cluster.toml, line 2: workers: expected an integer of at"),
    ],
)
def test_errors_name_file_line_and_key(file, text, error, message):
    with pytest.raises(error, match=message):
        engine_from(file(text))


def test_a_wrong_key_of_the_library_is_named_with_its_line(file):
    pytest.importorskip("submitit")
    text = 'engine = "slurm"\n\n[keys]\ntimeout_min = 60\nslurm_partitoin = "short"\n'
    with pytest.raises(InvalidInput, match=r"cluster\.toml, line 5: keys\.slurm_partitoin: expected a parameter"):
        engine_from(file(text))


@pytest.mark.parametrize("name", ["dask", "mpi", "slurm"])
def test_an_engine_without_its_library_tells_what_to_install(name, monkeypatch):
    monkeypatch.setattr("problems.foundation.registry.missing_libraries", lambda requirement: ["a-library"])
    assert ENGINES.get(name).requires == f"m3e[{name}]"
    with pytest.raises(MissingExtra, match=rf"'{name}' needs .* \(missing: a-library\): pip install"):
        engine_from(name)


@pytest.mark.parametrize("address", ["nonsense", "tcp://here", "carrier-pigeon://10.0.0.1:8786"])
def test_an_address_that_is_none_is_refused_with_its_line(file, address):
    pytest.importorskip("distributed")
    with pytest.raises(InvalidInput, match=r"cluster.toml, line 2: address: expected the address of a Dask scheduler"):
        engine_from(file(f'engine = "dask"\naddress = "{address}"\n'))
