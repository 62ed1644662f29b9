"""Job tables as CSV and NPZ files."""

import io
import pickle
import string
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput, StorageError, UnknownName
from problems.importing import read_workload, write_job_table
from problems.job_table import JobTable

NUMBER = st.floats(0, allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw):
    jobs, cores = draw(st.integers(1, 4)), draw(st.integers(1, 3))

    def array(values):
        return [[draw(values) for _ in range(cores)] for _ in range(jobs)]

    def names(count):
        letters = st.text(string.ascii_letters + string.digits + " ,;'\"_\u00e9\n", min_size=1).map(str.strip)
        return tuple(draw(st.lists(letters.filter(bool), min_size=count, max_size=count, unique=True)))

    latency = np.array(array(NUMBER | st.just(np.inf)))
    latency[np.isinf(latency).all(axis=1), 0] = 1.0
    energy = array(NUMBER | st.just(np.nan)) if draw(st.booleans()) else None
    job_names = names(jobs) if draw(st.booleans()) else ()
    core_names = names(cores) if draw(st.booleans()) else ()
    if core_names == tuple(map(str, range(cores))):
        core_names = ()
    return JobTable(latency, array(NUMBER), energy, job_names, core_names)


def same(a, b):
    for name in ("latency", "bandwidth", "energy"):
        x, y = getattr(a, name), getattr(b, name)
        assert (x is None) == (y is None)
        assert x is None or np.array_equal(x, y, equal_nan=True)
    assert (a.job_names, a.core_names) == (b.job_names, b.core_names)


@given(tables(), st.sampled_from([".csv", ".npz", ".CSV"]))
def test_a_table_that_is_written_and_read_is_the_same(tmp_path_factory, table, suffix):
    path = tmp_path_factory.getbasetemp() / f"table{suffix}"
    write_job_table(table, path)
    same(read_workload(path), table)


def test_a_csv_file_is_readable(tmp_path):
    table = JobTable([[1.5, np.inf]], [[0.1, 2.0]], [[3.0, np.nan]], ("conv",), ("big", "little"))
    write_job_table(table, str(tmp_path / "table.csv"))
    assert (tmp_path / "table.csv").read_text() == (
        "job,latency_big,latency_little,bandwidth_big,bandwidth_little,energy_big,energy_little\n"
        "conv,1.5,inf,0.1,2.0,3.0,nan\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


@pytest.fixture
def read(tmp_path):
    def reader(text):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return read_workload(path)

    return reader


def test_columns_may_come_in_any_order_and_cells_be_empty_where_they_say_nothing(read):
    table = read(
        "\ufeffbandwidth_b, energy_a ,latency_b,latency_a,job,bandwidth_a,energy_b,\r\n"
        "\r\n"
        "1,,10,20.5,first,2,5,\r\n"
        ' ,7, inf ,1e3,"sec, ond",0,,\r\n'
    )
    assert table.core_names == ("b", "a")
    assert table.job_names == ("first", "sec, ond")
    assert table.latency.tolist() == [[10.0, 20.5], [np.inf, 1000.0]]
    assert table.bandwidth.tolist() == [[1.0, 2.0], [0.0, 0.0]]
    assert np.array_equal(table.energy, [[5.0, np.nan], [np.nan, 7.0]], equal_nan=True)


def test_special_numbers_stand_beside_plain_ones(read):
    table = read(
        "latency_a,latency_b,bandwidth_a,bandwidth_b,energy_a,energy_b\n"
        "1,2,3,4,5,6\n1e308,1e308,1e308,1e308,1e308,1e308\n+1.,Infinity,0,,,NaN\n1_0,2,0,0,0,inf\n"
    )
    assert table.latency.tolist() == [[1.0, 2.0], [1e308, 1e308], [1.0, np.inf], [10.0, 2.0]]
    assert table.bandwidth.tolist() == [[3.0, 4.0], [1e308, 1e308], [0.0, 0.0], [0.0, 0.0]]
    assert np.array_equal(table.energy[2:], [[np.nan, np.nan], [0.0, np.inf]], equal_nan=True)


def test_a_table_of_thousands_of_cores_is_read_at_once(read):
    cores = range(3_000)
    header = ",".join([*(f"latency_c{core}" for core in cores), *(f"bandwidth_c{core}" for core in cores)])
    row = ",".join(["inf"] * 2_999 + ["5"] + [""] * 2_999 + ["1"])
    start = time.process_time()
    assert read("\n".join([header, *[row] * 20])).num_cores == 3_000
    assert time.process_time() - start < 5.0  # 0.2 s on the developers' machine
    with pytest.raises(InvalidInput, match="expected different columns, got 'latency_c2999' more than once"):
        read(f"{header},latency_c2999\n{row},1\n")


@pytest.mark.parametrize("name", ["\x1b[31m", "[/red]", "a\0b", "=1+1"])
def test_names_keep_what_utf_8_can_hold(read, name):
    table = read(f"job,latency_{name},bandwidth_{name}\n{name},1,1\n")
    assert (table.job_names, table.core_names) == ((name,), (name,))


def test_very_long_names_are_refused(read):
    with pytest.raises(InvalidInput, match=r"table\.csv: job_names\[1\]: expected at most 10,000 characters"):
        read(f"job,latency_a,bandwidth_a\nx,1,1\n{'a' * 20_000},1,1\n")


def test_counted_cores_have_no_names(read):
    assert read("latency_0,latency_1,bandwidth_0,bandwidth_1\n1,2,3,4\n").core_names == ()
    assert read("latency_1,latency_0,bandwidth_0,bandwidth_1\n1,2,3,4\n").core_names == ("1", "0")


@pytest.mark.parametrize(
    ("text", "place", "complaint"),
    [
        (
            "job,bandwidth_a\nx,1\n",
            "line 1",
            "columns latency_<core> and bandwidth_<core> for each core, got job,bandw",
        ),
        ("latency_a,latency_b,bandwidth_a\n1,2,3\n", "line 1", "expected a column bandwidth_b, got latency_a"),
        ("latency_a,latency_b,bandwidth_a,bandwidth_b,energy_a\n1,2,3,4,5\n", "line 1", "a column energy_b"),
        ("latency_a,latency_a,bandwidth_a\n1,2,3\n", "line 1", "different columns, got 'latency_a' more than once"),
        ("latency_a,bandwidth_a\n", "latency", "at least one"),
        ("latency_a,bandwidth_a\n1\n", "line 2", "2 columns: latency_a,bandwidth_a, got 1: 1"),
        ("latency_a,bandwidth_a\n1,2,3\n", "line 2", "got 3: 1,2,3"),
        ("latency_a,bandwidth_a\n1,2\n\n-1,2\n", "line 4: latency_a", "expected cycles, 0 to inf, got -1"),
        ("latency_a,bandwidth_a\nnan,2\n", "line 2: latency_a", "got nan"),
        ("latency_a,bandwidth_a\n,2\n", "line 2: latency_a", "got an empty cell"),
        ("latency_a,bandwidth_a\nfast,2\n", "line 2: latency_a", "got fast"),
        ("latency_a,bandwidth_a\n1,inf\n", "line 2: bandwidth_a", "a finite number of at least 0, got inf"),
        ("latency_a,bandwidth_a\n1,\n", "line 2: bandwidth_a", "got an empty cell"),
        (
            "latency_a,bandwidth_a,energy_a\n1,2,-3\n",
            "line 2: energy_a",
            "nJ, a number of at least 0, or nothing, got -3",
        ),
        ("latency_a,bandwidth_a\n1,2\ninf,2\n", "line 3", "expected a finite latency on some core, got inf on all"),
    ],
)
def test_errors_name_file_line_and_column(read, text, place, complaint):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    message = str(caught.value)
    assert "table.csv" in message
    assert place in message
    assert complaint in message


def test_an_unknown_column_is_told_the_nearest(read):
    with pytest.raises(UnknownName, match=r"column in .*table\.csv, line 1: 'bandwith_a': did you mean bandwidth_a\?"):
        read("latency_a,bandwith_a\n1,2\n")


@pytest.mark.parametrize("cores", [("a", "a"), ("a", "")])
def test_core_names_that_columns_cannot_tell_apart_are_not_written(tmp_path, cores):
    table = JobTable([[1.0, 2.0]], [[1.0, 2.0]], core_names=cores)
    with pytest.raises(InvalidInput, match=r"core_names: expected different names.*or write NPZ"):
        write_job_table(table, tmp_path / "table.csv")
    write_job_table(table, tmp_path / "table.npz")
    same(read_workload(tmp_path / "table.npz"), table)


def test_only_csv_and_npz_are_written(tmp_path):
    table = JobTable([[1.0]], [[1.0]])
    with pytest.raises(InvalidInput, match=r"expected a name that ends in \.csv or \.npz, got \.json"):
        write_job_table(table, tmp_path / "table.json")
    with pytest.raises(StorageError, match="cannot write"):
        write_job_table(table, tmp_path / "no" / "table.csv")


@pytest.fixture
def read_npz(tmp_path):
    def reader(content=b"", **arrays):
        path = tmp_path / "table.npz"
        if arrays:
            np.savez(path, **arrays)
        else:
            path.write_bytes(content)
        return read_workload(path)

    return reader


GOOD = {"latency": np.ones((2, 3)), "bandwidth": np.ones((2, 3))}


def test_arrays_of_all_numbers_are_taken(read_npz):
    table = read_npz(latency=np.ones((2, 1), np.float32), bandwidth=np.ones((2, 1), np.uint8), job_names=["a", "b"])
    assert table.latency.dtype == table.bandwidth.dtype == np.float64
    assert table.job_names == ("a", "b")


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"latency": GOOD["latency"]}, "bandwidth: expected an array (jobs, cores), got no such array"),
        (GOOD | {"energy": np.ones((3, 2))}, "energy: expected the shape of latency, (2, 3), got (3, 2)"),
        (GOOD | {"latency": -np.ones((2, 3))}, "latency, job 0, core 0: expected a number of at least 0, got -1.0"),
        (GOOD | {"latency": np.full((2, 3), np.inf)}, "latency, job 0: expected a finite value on some core"),
        (GOOD | {"latency": np.ones((2, 3), bool)}, "latency: expected an array of numbers, got bool, shape (2, 3)"),
        (GOOD | {"latency": np.array([["1"]])}, "latency: expected an array of numbers, got <U1"),
        (GOOD | {"latency": np.ones((2, 3), complex)}, "latency: expected an array of numbers, got complex128"),
        (GOOD | {"job_names": np.ones(2)}, "job_names: expected an array of text, one row, got float64"),
        (GOOD | {"job_names": np.array([["a", "b"]])}, "job_names: expected an array of text, one row, got <U1"),
        (GOOD | {"core_names": np.array(["a"])}, "core_names: expected 3 names, or none, got 1"),
    ],
)
def test_arrays_that_do_not_fit_are_named_with_their_file(read_npz, arrays, complaint):
    with pytest.raises(InvalidInput) as caught:
        read_npz(**arrays)
    assert f"table.npz: {complaint}" in str(caught.value)


def test_an_unknown_array_is_told_the_nearest(read_npz):
    with pytest.raises(UnknownName, match=r"array in .*table\.npz: 'latencies': did you mean latency\?"):
        read_npz(**GOOD, latencies=np.ones(2))


class Trap:
    def __reduce__(self):
        return pytest.fail, ("unpickled",)


def test_nothing_is_unpickled(read_npz):
    objects = np.array([[Trap()]], dtype=object)
    with pytest.raises(
        InvalidInput, match=r"plain arrays.* Objects would have to be unpickled, which can run any code"
    ):
        read_npz(latency=objects, bandwidth=objects)
    with pytest.raises(InvalidInput, match=r"table\.npz: expected an NPZ file.* got no ZIP archive"):
        read_npz(pickle.dumps(Trap()))


def test_damaged_files_are_told_as_such(read_npz):
    stream = io.BytesIO()
    np.savez_compressed(stream, **GOOD)
    content = stream.getvalue()
    for damaged in (b"", b"text", content[: len(content) // 2], content[:60] + b"\xff" * 20 + content[80:]):
        with pytest.raises(InvalidInput, match=r"table\.npz: (latency: )?expected an NPZ file"):
            read_npz(damaged)
    single = io.BytesIO()
    np.save(single, GOOD["latency"])
    with pytest.raises(InvalidInput, match="no ZIP archive"):
        read_npz(single.getvalue())
