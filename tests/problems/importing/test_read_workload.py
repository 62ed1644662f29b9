"""The one call that reads every format."""

import numpy as np
import pytest

from problems.foundation.errors import InvalidInput
from problems.importing import Workload, read_workload, write_job_table, write_workload
from problems.job_table import JobTable
from problems.layers import Layer

TABLE = JobTable(np.ones((1, 2)), np.ones((1, 2)))
WORKLOAD = Workload("mine", {"net": (Layer.ffn("a", out=1, inp=1),)})


@pytest.mark.parametrize("name", ["net", "net.txt", "net.onnx.bak"])
def test_an_unknown_suffix_is_told_what_is_read(tmp_path, name):
    with pytest.raises(InvalidInput) as caught:
        read_workload(tmp_path / name)
    message = str(caught.value)
    assert str(tmp_path / name) in message
    assert all(suffix in message for suffix in (".onnx", ".json", ".csv", ".npz"))


@pytest.mark.parametrize("suffix", [".json", ".csv", ".npz", ".onnx"])
def test_a_file_that_is_not_there_is_named(tmp_path, suffix):
    with pytest.raises(InvalidInput, match=rf"missing\{suffix}: expected a readable file, got No such file"):
        read_workload(tmp_path / f"missing{suffix}")


def test_the_header_tells_job_tables_from_job_files(tmp_path):
    write_job_table(TABLE, tmp_path / "a.csv")
    assert isinstance(read_workload(tmp_path / "a.csv"), JobTable)
    for layer in ("job", "latency_head"):
        (tmp_path / "b.csv").write_text(f"0,{layer},1,1,1,1,1,1,0\n")
        assert isinstance(read_workload(tmp_path / "b.csv"), Workload)


def test_suffixes_are_taken_in_capitals_and_paths_as_text(tmp_path):
    write_workload(WORKLOAD, tmp_path / "a.JSON")
    assert read_workload(str(tmp_path / "a.JSON")) == WORKLOAD


@pytest.mark.parametrize("suffix", [".json", ".csv", ".npz"])
def test_dimensions_are_refused_where_a_format_leaves_none_open(tmp_path, suffix):
    with pytest.raises(InvalidInput, match=rf"dimensions: expected none, as \{suffix} files leave none open, got ba"):
        read_workload(tmp_path / f"a{suffix}", {"batch": 2})
    if suffix == ".json":
        write_workload(WORKLOAD, tmp_path / f"a{suffix}")
        assert read_workload(tmp_path / f"a{suffix}", {}) == WORKLOAD
