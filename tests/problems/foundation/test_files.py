"""Which files are opened at all."""

import os
import socket
from pathlib import Path

import pytest

from problems.foundation.errors import InvalidInput
from problems.foundation.files import check_file, chunks, is_there, read_bytes, read_text
from problems.importing import read_workload


@pytest.fixture
def odd(tmp_path):
    """Paths of what is no regular file, and what it is called."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.csv"))
    return {
        tmp_path / "pipe.csv": "a named pipe",
        tmp_path / "link.csv": "a named pipe",
        tmp_path / "folder.csv": "a folder",
        tmp_path / "s.csv": "a socket",
        Path("/dev/zero"): "a device",
    }


def test_nothing_but_regular_files_is_opened(odd):
    for path, actual in odd.items():
        for read in (read_bytes, read_text, check_file):
            with pytest.raises(InvalidInput, match=f"{path.name}: expected a readable file, got {actual}"):
                read(path)


@pytest.mark.parametrize("suffix", [".csv", ".json", ".npz", ".m", ".onnx", ".yaml", ".pt"])
def test_no_format_waits_for_a_pipe(tmp_path, suffix):
    os.mkfifo(tmp_path / f"pipe{suffix}")
    with pytest.raises(InvalidInput, match="expected a readable file, got a named pipe"):
        read_workload(tmp_path / f"pipe{suffix}")


def test_what_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large"
    with open(path, "wb") as file:
        file.truncate(2**40)  # a hole
    for read in (read_bytes, check_file):
        with pytest.raises(InvalidInput, match=r"large: expected a file of at most 536,870,912 bytes, got 1,099,511,"):
            read(path)
    path.write_bytes(b"12345")
    assert b"".join(chunks(path, 5)) == b"12345"
    with pytest.raises(InvalidInput, match="at most 4 bytes, got 5"):
        read_bytes(path, 4)


def test_a_file_that_holds_more_than_it_says_is_cut_off():
    path = Path("/proc/self/maps")  # of no size, as the system tells it
    assert path.stat().st_size == 0
    with pytest.raises(InvalidInput, match="at most 10 bytes, got more"):
        read_bytes(path, 10)


@pytest.mark.parametrize("name", ["missing", "a" * 5000, "nul\0byte"])
def test_what_can_be_no_path_is_one_error(name):
    assert not is_there(Path(name))
    for read in (read_bytes, check_file):
        with pytest.raises(InvalidInput, match=r"expected a readable file, got (No such|File name too long|embedded)"):
            read(Path(name))
