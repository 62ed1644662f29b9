"""Archives of arrays that claim to be what they are not."""

import io
import struct
import time
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from problems.foundation.errors import InvalidInput, UnknownName
from problems.importing import npz_arrays, read_workload


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def header(descr, shape, version=1):
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text.encode()


ONES = npy(np.ones((2, 2)))


@pytest.fixture
def read(tmp_path):
    """Reads an archive of members as they are, by name."""

    def reader(members, *, method=zipfile.ZIP_DEFLATED, change=lambda content: content):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, content in members:
                archive.writestr(name, content)
        (tmp_path / "t.npz").write_bytes(change(stream.getvalue()))
        return read_workload(tmp_path / "t.npz")

    return reader


def both(latency=ONES, **others):
    return [("latency.npy", latency), ("bandwidth.npy", ONES), *((f"{name}.npy", c) for name, c in others.items())]


def test_a_whole_archive_is_read(read):
    assert read(both()).latency.tolist() == [[1.0, 1.0]] * 2


def zeros(size):
    """A compressed archive whose ``latency`` unpacks to so many bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("latency.npy", "w", force_zip64=True) as member:
            member.write(header("<f8", (size // 16, 2)))
            for _ in range(size // 2**22):
                member.write(bytes(2**22))
        archive.writestr("bandwidth.npy", ONES)
    return stream.getvalue()


@pytest.fixture(scope="module")
def bomb():
    return zeros(2**30)


def test_an_array_that_unpacks_to_a_gigabyte_is_refused_by_its_size(bomb, tmp_path):
    (tmp_path / "t.npz").write_bytes(bomb)
    assert len(bomb) < 2e6
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(InvalidInput, match=r"t\.npz: expected at most 536,870,912 bytes of arrays, got 1,073,742,"):
        read_workload(tmp_path / "t.npz")
    assert time.process_time() - start < 2.0
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_of_a_member_no_more_is_unpacked_than_the_directory_says(bomb, tmp_path):
    size = struct.pack("<I", len(header("<f8", (1, 1))) + 2**30)
    (tmp_path / "t.npz").write_bytes(bomb.replace(size, struct.pack("<I", 1000)))
    tracemalloc.start()
    with pytest.raises(InvalidInput, match=r"t\.npz: latency: expected "):
        read_workload(tmp_path / "t.npz")
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_an_array_that_nobody_asked_for_is_not_unpacked(read, monkeypatch):
    monkeypatch.setattr(npz_arrays, "_array", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(UnknownName, match=r"array in .*t\.npz: 'latensy': did you mean latency\?"):
        read([("latensy.npy", b""), *both()])


def test_an_archive_of_very_many_files_is_not_listed(read, tmp_path):
    content = b"PK\x01\x02" * (npz_arrays.MOST_MEMBERS + 1)
    with pytest.raises(InvalidInput, match=r"got no ZIP archive, a part of one, or one of many files"):
        read(both(), change=lambda archive: content + archive)


@pytest.mark.parametrize(
    ("latency", "complaint"),
    [
        (b"", "latency: expected an NPZ file of plain arrays"),
        (b"hello", "latency: expected an NPZ file of plain arrays"),
        (npy(np.ones((2, 2)))[:-1], "latency: expected 32 bytes, for float64 of shape (2, 2), got 31"),
        (ONES + b"x", "latency: expected 32 bytes, for float64 of shape (2, 2), got 33"),
        (header("<f8", "(10**9, 10**9)") + b"x", "latency: expected an NPZ file"),
        (
            header("<f8", f"({10**30},)") + b"x",
            f"latency: expected an array of numbers, at most 67,108,864, got {10**30:,}",
        ),
        (header("<f8", "(-2, -2)") + bytes(32), "latency: expected an array of numbers, got float64, shape (-2, -2)"),
        (header("<f8", "()") + bytes(8), "latency: expected an array (jobs, cores)"),
        (header("|O", "(2, 2)") + bytes(32), "Objects would have to be unpickled, which can run any code"),
        ([("a", "|O")], "Objects would have to be unpickled"),
        (header("<U4", "(2, 2)") + bytes(64), "latency: expected an array of numbers, got <U4, shape (2, 2)"),
        (header("<c16", "(2, 2)") + bytes(64), "latency: expected an array of numbers, got complex128"),
        (header("<M8[s]", "(2, 2)") + bytes(32), "latency: expected an array of numbers, got datetime64[s]"),
        (header("nonsense", "(2, 2)") + bytes(32), "latency: expected an NPZ file of plain arrays"),
        (header("<f8", "(2, 2)", version=3) + bytes(32), "an array in version (3, 0) of the format"),
        (header("<f8", "(" * 3000 + ")" * 3000) + bytes(32), "latency: expected an NPZ file of plain arrays"),
    ],
)
def test_what_is_no_array_of_numbers_is_one_error(read, latency, complaint):
    content = header(latency, "(2, 2)") + bytes(32) if isinstance(latency, list) else latency
    with pytest.raises(InvalidInput) as caught:
        read(both(content))
    assert "t.npz" in str(caught.value)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[1, 2], [3, 4]], ">f8"), [[1.0, 2.0], [3.0, 4.0]]),
        (np.asfortranarray(np.array([[1.0, 2.0], [3.0, 4.0]])), [[1.0, 2.0], [3.0, 4.0]]),
        (np.array([[1, 2], [3, 4]], ">i2"), [[1.0, 2.0], [3.0, 4.0]]),
        (np.array([[1, 2], [3, np.inf]], np.float16), [[1.0, 2.0], [3.0, np.inf]]),
        (np.array([[1, 2], [3, np.longdouble("1e4000")]], np.longdouble), [[1.0, 2.0], [3.0, np.inf]]),
    ],
)
def test_numbers_of_any_order_and_width_are_taken(read, array, expected):
    assert read(both(npy(array))).latency.tolist() == expected


@pytest.mark.parametrize("names", [header("<U0", "(1000000000000,)"), header("<U1", f"({10**8},)")])
def test_names_without_end_are_not_made(read, names):
    with pytest.raises(InvalidInput, match=r"job_names: expected an array of text, one row, at most 8,388,608, got 1"):
        read(both(job_names=names))


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (header("<U1", "(2,)") + b"\xff\xff\xff\xff" * 2, "job_names: expected an array of text, one row"),
        (header("<U1", "(2,)") + struct.pack("<II", 0xD800, 97), "job_names[0]: expected text without surrogates"),
        (header("<U20000", "(2,)") + b"a\0\0\0" * 40_000, "job_names[0]: expected at most 10,000 characters"),
    ],
)
def test_names_that_are_no_text_are_refused(read, names, complaint):
    with pytest.raises(InvalidInput) as caught:
        read(both(job_names=names))
    assert f"t.npz: {complaint}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("latency.npy", "expected arrays, each once, got 'latency' twice"),
        ("energy", "expected arrays, each once, got 'energy', which is not an array"),
    ],
)
def test_members_are_arrays_each_once(read, name, complaint):
    with pytest.raises(InvalidInput, match=f"{complaint}"):
        read([*both(), (name, ONES)])


@pytest.mark.parametrize("name", ["a/latency.npy", "../latency.npy", "readme.txt", "x/", ".npy", "\x1b[31m.npy"])
def test_other_members_are_unknown(read, name):
    with pytest.raises(UnknownName, match="unknown array in"):
        read([*both(), (name, ONES)])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_numpy_writes_is_unpacked(read, method):
    with pytest.raises(InvalidInput, match=r"latency: .* got an encrypted or unusually packed one"):
        read(both(), method=method)
    with pytest.raises(InvalidInput, match=r"latency: .* got an encrypted or unusually packed one"):
        read(both(), change=encrypted)


def encrypted(content):
    """The archive with the flag of encryption in its directory."""
    place = content.index(b"PK\x01\x02") + 8
    return content[:place] + b"\x01" + content[place + 1 :]
