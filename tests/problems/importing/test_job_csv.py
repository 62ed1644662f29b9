"""The paper's job files."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput, UnknownName
from problems.importing import read_workload
from problems.layers import Layer, LayerKind, layer_rows


@pytest.fixture
def read(tmp_path):
    def reader(text):
        path = tmp_path / "jobs.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_workload(path)

    return reader


TEXT = """\
0,conv1,64,3,224,224,7,7,1
1,embed,128,512,1,1,1,1,0
0,dw,7,64,112,112,3,3,2
1,attention,10,20,30,1,1,1,3
0,fc,1000,64,1,1,1,1,0
"""


def test_rows_of_a_thread_are_a_network_and_a_chain(read):
    workload = read(TEXT)
    assert workload.name == "jobs"
    assert dict(workload.networks) == {
        "thread_0": (
            Layer("conv1", LayerKind.CONV, 64, 3, 224, 224, 7, 7),
            Layer("dw", LayerKind.DSCONV, 7, 64, 112, 112, 3, 3, after=("conv1",)),
            Layer.ffn("fc", out=1000, inp=64, after=("dw",)),
        ),
        "thread_1": (
            Layer.ffn("embed", out=128, inp=512),
            Layer.gemm("attention", m=10, n=20, k=30, after=("embed",)),
        ),
    }


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        "\ufeff" + TEXT,
        TEXT.replace("\n", ",\n"),
        TEXT.replace("\n", " , \n"),
        TEXT.replace(",", " , "),
        "\n\n" + TEXT.replace("\n", "\n\n ,,, \n"),
        TEXT.replace("64", "64.0").replace("112", "+112."),
        TEXT.replace("0,conv1", "0.0,conv1"),
        TEXT.replace("conv1", '"conv1"'),
        TEXT.replace(",1,1,1,1,0", ",,nan,x,-1,0"),
        TEXT.replace(",1,1,1,3", ",,0,1e9,3"),
        "thread,layer,K,C,Y,X,R,S,type\n" + TEXT,
        "Thread, Layer, K, C, Y, X, R, S, Type\n" + TEXT,
        TEXT.rstrip("\n"),
    ],
)
def test_files_are_read_liberally(read, text):
    assert read(text) == read(TEXT)


SEVEN = "64,3,224,224,7,7,1\n7,64,112,112,3,3,2\n10,20,30,0,0,0,3\n1000,512,1,1,1,1,0\n"


@pytest.mark.parametrize(
    "text",
    [
        SEVEN,
        "K,C,Y,X,R,S,T\n" + SEVEN,
        "k, c, y, x, r, s, Type\n" + SEVEN,
        "K,C,Y,X,R,S,T,\n" + SEVEN.replace("\n", ",\n"),
        "T,S,R,X,Y,C,K\n" + "\n".join(",".join(row.split(",")[::-1]) for row in SEVEN.split()),
    ],
)
def test_files_of_seven_columns_are_independent_layers_of_one_network(read, text):
    assert dict(read(text).networks) == {
        "jobs": (
            Layer("1", LayerKind.CONV, 64, 3, 224, 224, 7, 7),
            Layer("2", LayerKind.DSCONV, 7, 64, 112, 112, 3, 3),
            Layer.gemm("3", m=10, n=20, k=30),
            Layer.ffn("4", out=1000, inp=512),
        )
    }


@pytest.mark.parametrize("header", ["", "M,N,K\n", "m, n, k,\n"])
def test_files_of_three_columns_are_products(read, header):
    assert read(f"{header}128,2048,4096\n1,2,3\n").networks["jobs"] == (
        Layer.gemm("1", m=128, n=2048, k=4096),
        Layer.gemm("2", m=1, n=2, k=3),
    )


@pytest.mark.parametrize(
    "header",
    ["thread,layer,K,C,Y,X,R,S,T", "THREAD,LAYER,K,C,Y,X,R,S,TYPE", "Thread, Layer, k, c, y, x, r, s, t,"],
)
def test_a_header_may_call_the_type_t(read, header):
    assert read(f"{header}\n{TEXT}") == read(TEXT)


def test_layers_may_be_named_without_threads(read):
    layers = read("layer,K,C,Y,X,R,S,T\na,1,1,,,,,0\nb,1,1,,,,,0\n").networks["jobs"]
    assert [(layer.name, layer.after) for layer in layers] == [("a", ()), ("b", ("a",))]


@pytest.mark.parametrize(
    ("labels", "after"),
    [
        ("1111", "----"),  # drawn jobs
        ("0123", "-012"),
        ("1212", "-0-2"),  # two samples
        ("3312", "---2"),
        ("abab", "-0-2"),
        ("a1b2", "-012"),
        ("aaaa", "----"),
        ("5321", "----"),
        ("1235", "-012"),
    ],
)
def test_a_row_needs_the_one_before_it_where_layers_go_on(read, labels, after):
    (layers,) = read("".join(f"1,{label},1,1,,,,,0\n" for label in labels)).networks.values()
    expected = [() if before == "-" else (layers[int(before)].name,) for before in after]
    assert [layer.after for layer in layers] == expected


def test_threads_that_alternate_go_on_by_themselves(read):
    networks = read("1,1,1,1,,,,,0\n2,1,1,1,,,,,0\n1,2,1,1,,,,,0\n2,2,1,1,,,,,0\n").networks
    assert [[layer.after for layer in layers] for layers in networks.values()] == [[(), ("1",)]] * 2


def test_numbers_are_compared_as_numbers(read):
    (layers,) = read("".join(f"1,{label},1,1,,,,,0\n" for label in ("9", "10.0", "011"))).networks.values()
    assert [layer.after for layer in layers] == [(), ("9",), ("10",)]


def test_layers_of_one_name_in_a_thread_are_numbered(read):
    workload = read("a,x,1,1,,,,,0\na,x,1,1,,,,,0\nb,x,1,1,,,,,0\na,x#2,1,1,,,,,0\na,3.0,1,1,,,,,0\na,x,1,1,,,,,0\n")
    assert [layer.name for layer in workload.networks["thread_a"]] == ["x", "x#2", "x#2#2", "3", "x#3"]
    assert [layer.name for layer in workload.networks["thread_b"]] == ["x"]


def test_a_number_that_the_file_uses_itself_is_left_to_it(read):
    workload = read("a,x#2,1,1,,,,,0\na,x,1,1,,,,,0\na,x,1,1,,,,,0\n")
    assert [layer.name for layer in workload.networks["thread_a"]] == ["x#2", "x", "x#3"]


def test_a_filter_larger_than_its_input_is_a_layer(read):
    (layer,) = read("0,c,8,4,1,1,3,3,1").networks["thread_0"]
    assert (layer.output_rows, layer.output_columns) == (1, 1)


SIZES = st.integers(1, 2**40)
ROWS = st.lists(st.tuples(*[SIZES] * 6, st.sampled_from(LayerKind)), min_size=1, max_size=10)


@given(ROWS)
def test_the_layers_have_the_rows_of_the_file(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "rows.csv"
    path.write_text("".join(f"0,layer,{','.join(map(str, row))}\n" for row in rows))
    (layers,) = read_workload(path).networks.values()
    used = {LayerKind.FFN: 2, LayerKind.GEMM: 3}
    expected = [[*row[: used.get(row[6], 6)], *[1] * (6 - used.get(row[6], 6)), row[6]] for row in rows]
    assert layer_rows(layers).tolist() == expected


@pytest.mark.parametrize(
    ("text", "place", "complaint"),
    [
        ("", "jobs.csv", "expected at least one row, got none"),
        ("\n \n,,\n", "jobs.csv", "expected at least one row, got none"),
        ("thread,layer,K,C,Y,X,R,S,type\n", "workload 'jobs'", "expected at least one network, got none"),
        ("0,a,1,1,1,1,1,0\n", "line 1", "9 columns: thread,layer,K,C,Y,X,R,S,type, got 8: 0,a,1,1,1,1,1,0"),
        ("0,a,1,1,1,1,1,1,0,5\n", "line 1", "got 10: "),
        (SEVEN + "1,2,3\n", "line 5", "expected 7 columns: K,C,Y,X,R,S,type, got 3: 1,2,3"),
        ("K,C,Y,X,R,S\n1,1,1,1,1,1\n", "line 1", "expected the columns K,C,Y,X,R,S,type, each once"),
        ("K,C,Y,X,R,S,T,T\n", "line 1", "each once"),
        ("M,N,K,thread,C\n", "line 1", "expected the columns M,N,K, each once"),
        ("K,C,Y,X,R,S,T\n1,1,1,1,1,1,4\n", "line 2: type", "got 4"),
        ("0;a;1;1;1;1;1;1;0\n", "line 1", "got 1: 0;a;1"),
        ("1,2\n", "line 1", "expected 3 columns: M,N,K, or 7 columns: K,C,Y,X,R,S,type, or 9 columns: thread,layer,K"),
        (TEXT + "\n0,a,1,1,1,1,1,1,4\n", "line 7: type", "expected a type from 0 to 3: FFN, CONV, DSCONV, GEMM, got 4"),
        ("0,a,1,1,1,1,1,1,CONV\n", "line 1: type", "got CONV"),
        ("0,a,1,1,1,1,1,1,\n", "line 1", "got an empty cell"),
        ("0,a,0,1,1,1,1,1,1\n", "line 1: K", "expected an integer from 1 to 1,099,511,627,776, got 0"),
        ("0,a,1,1,1,1.5,1,1,1\n", "line 1: X", "got 1.5"),
        ("0,a,1,1,1,1,-3,1,1\n", "line 1: R", "got -3"),
        ("0,a,1,1,,1,1,1,3\n", "line 1: Y", "got an empty cell"),
        ("0,a,1,x,1,1,1,1,0\n", "line 1: C", "got x"),
        (f"0,a,{2**40 + 1},1,1,1,1,1,0\n", "line 1: K", "got 1099511627777"),
        ("0,a,99999999999999999999,1,1,1,1,1,0\n", "line 1: K", "got 9999"),
        ("0,a,٣,1,1,1,1,1,0\n", "line 1: K", "got ٣"),
        (",a,1,1,1,1,1,1,0\n", "line 1: thread", "expected a name or number, got an empty cell"),
        ("0,,1,1,1,1,1,1,0\n", "line 1: layer", "expected a name or number, got an empty cell"),
        ('0,"a,1,1\n', "line 1", "expected CSV, got unexpected end of data"),
        (b"0,a,1,1,1,1,1,1,0\n0,\xff,1,1,1,1,1,1,0\n", "line 2", "expected UTF-8 text, got the byte 0xff"),
    ],
)
def test_errors_name_file_line_and_column(read, text, place, complaint):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    message = str(caught.value)
    assert "jobs.csv" in message
    assert place in message
    assert complaint in message


def test_an_unknown_column_is_told_the_nearest_and_which_headers_there_are(read):
    with pytest.raises(UnknownName, match=r"column in .*jobs\.csv, line 1: 'tread': did you mean thread\? .*SCALE-Sim"):
        read("tread,layer,K,C,Y,X,R,S,T\n1,1,1,1,1,1,1,1,0\n")


def test_names_keep_what_utf_8_can_hold(read):
    names = ["net[/red]", "\x1b[31m", "a\0b", "\u202e", "=1+1"]
    networks = read("".join(f'"{name}",1,1,1,,,,,0\n' for name in names)).networks
    assert list(networks) == [f"thread_{name}" for name in names]
    with pytest.raises(InvalidInput, match=r"jobs\.csv: workload: name of network 0: expected at most 10,000"):
        read(f"{'a' * 20_000},1,1,1,,,,,0\n")
    with pytest.raises(InvalidInput, match=r"jobs\.csv, line 1: expected CSV, got field larger than field limit"):
        read(f"{'a' * 200_000},1,1,1,,,,,0\n")


def test_hundreds_of_thousands_of_rows_take_seconds(read):
    text = "".join(f"{i % 12},{i // 12},{i % 500 + 1},64,56,56,3,3,1\n" for i in range(100_000))
    start = time.process_time()
    assert sum(map(len, read(text).networks.values())) == 100_000
    assert time.process_time() - start < 6.0  # 1.1 s on the developers' machine
