"""Topologies of SCALE-Sim."""

import pytest

from problems.foundation.errors import InvalidInput, UnknownName
from problems.importing import read_workload
from problems.layers import Layer, LayerKind

HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"


@pytest.fixture
def read(tmp_path):
    def reader(text):
        path = tmp_path / "net.csv"
        path.write_text(text)
        return read_workload(path)

    return reader


@pytest.fixture
def layers(read):
    def layers_of(text):
        (network,) = read(text).networks.items()
        assert network[0] == "net"
        return network[1]

    return layers_of


def test_convolutions_are_a_chain_with_the_outputs_of_scale_sim(layers):
    first, second = layers(HEADER + "Conv1, 224, 224, 7, 7, 3, 64, 2,\nConv2, 56, 58, 1, 3, 64, 128, 1,\n")
    assert first == Layer("Conv1", LayerKind.CONV, 64, 3, 224, 224, 7, 7, 110, 110)  # ceil((224 - 7 + 2) / 2)
    assert second == Layer("Conv2", LayerKind.CONV, 128, 64, 56, 58, 1, 3, 56, 56, after=("Conv1",))


@pytest.mark.parametrize(
    "text",
    [
        HEADER.upper(),
        HEADER.replace("Strides,", "Strides"),
        HEADER.replace(" ", "_"),
        HEADER.replace(", ", "   ,"),
        HEADER + "\n\n",
        "\ufeff" + HEADER,
        HEADER.replace("\n", "\r\n"),
        HEADER.replace("Strides,", "Strides, Sparsity,"),
        HEADER.replace("Strides,", "Strides, Batch Size,"),
        HEADER.replace("Strides", "Stride height, Stride width"),
        HEADER.replace("Strides", "Strides, IFMAP Offset, Filter Offset, OFMAP Offset"),
    ],
)
@pytest.mark.parametrize(
    "row", ["c,9,9,3,3,4,5,2,", "c,9,9,3,3,4,5,2", "\tc , 9 ,9.0, 3,3,4,5,2,,,", "c,9,9,3,3,4,5,2,#dw"]
)
def test_headers_and_rows_are_read_as_they_come(layers, text, row):
    assert layers(f"{text}{row}\n") == (Layer("c", LayerKind.CONV, 5, 4, 9, 9, 3, 3, 4, 4),)


def test_strides_may_differ_and_a_window_that_sticks_out_counts(layers):
    for header in (HEADER, HEADER.replace("Strides", "Stride Height, Stride Width")):
        (layer,) = layers(f"{header}c,10,10,3,3,1,1,2,3,\n")
        assert (layer.output_rows, layer.output_columns) == (5, 4)


def test_batch_counts_and_sparsity_does_not(layers):
    sparse = layers(HEADER.replace("Strides,", "Strides, Sparsity,") + "c,9,9,3,3,4,5,2,2:4,\n")
    assert sparse == layers(HEADER + "c,9,9,3,3,4,5,2,1:4,\n") == layers(HEADER + "c,9,9,3,3,4,5,2,\n")
    (layer,) = layers(HEADER.replace("Strides,", "Strides, Batch Size,") + "c,9,9,3,3,4,5,2,8,\n")
    assert (layer.batch, layer.output_rows) == (8, 4)


def test_layers_with_dp_in_their_names_are_depthwise(layers):
    one, two, plain = layers(HEADER + "a_DP,9,9,3,3,16,1,1,\nb_DP,9,9,3,3,16,2,1,\nc_dw,9,9,3,3,1,1,1,\n")
    assert (one.kind, one.C, one.macs) == (LayerKind.DSCONV, 16, 16 * 49 * 9)
    assert (two.kind, two.K, two.C, two.groups, two.macs) == (LayerKind.CONV, 2, 1, 16, 2 * one.macs)
    assert (plain.kind, plain.K, plain.C) == (LayerKind.CONV, 1, 1)


@pytest.mark.parametrize(
    "header", ["Layer,M,N,K", "Layer Name, M, N, K,", "layer,m,n,k, Sparsity,", "Layer,M,N,K,Batch,"]
)
def test_products_are_m_n_k(layers, header):
    assert layers(f"{header}\nqk,2,3,4\nqkv,5,6,7,\n") == (
        Layer.gemm("qk", m=2, n=3, k=4),
        Layer.gemm("qkv", m=5, n=6, k=7, after=("qk",)),
    )


def test_products_may_be_sparse_or_several(layers):
    assert layers("Layer,M,N,K,Sparsity\na,2,3,4,2:4,\n") == layers("Layer,M,N,K,\na,2,3,4,2:4,\n")
    for header in ("Layer,M,N,K,Batch\n", "Layer,M,N,K,\n"):
        assert layers(f"{header}a,2,3,4,8,\n")[0].groups == 8


def test_equal_names_are_told_apart(layers):
    assert [layer.name for layer in layers("Layer,M,N,K\na,1,1,1\na,1,1,1\n")] == ["a", "a#2"]


@pytest.mark.parametrize(
    ("text", "place", "complaint"),
    [
        (HEADER, "network 'net'", "expected at least one layer, got none"),
        (HEADER + "c,9,9,3,3,4,5\n", "line 2: strides", "got an empty cell"),
        (HEADER + ",9,9,3,3,4,5,1\n", "line 2: layer name", "expected a name, got an empty cell"),
        (HEADER + "c,9,9,3,3,4,0,1\n", "line 2: num filter", "expected an integer from 1 to 1,099,511,627,776, got 0"),
        (HEADER + "c,9,9,3,3,four,5,1\n", "line 2: channels", "got four"),
        (HEADER + "c,9,9,3,3,4,5,1,2,3,4\n", "line 2", "expected 8 columns: layer name, ifmap height"),
        (HEADER + "c,2,9,3,3,4,5,1\n", "line 2", "expected a filter no larger than its input, got 3x3 on 2x9"),
        ("Layer,M,N,K\nc,1,2\n", "line 2: k", "got an empty cell"),
        ("Layer,M,N,K\nc,1,2,3,4,5\n", "line 2", "expected 4 columns"),
    ],
)
def test_errors_name_file_line_and_column(read, text, place, complaint):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    message = str(caught.value)
    assert "net.csv" in message
    assert place in message
    assert complaint in message


def test_an_unknown_column_is_told(read):
    with pytest.raises(UnknownName, match=r"column in .*net\.csv, line 1: 'sparsty': did you mean sparsity\?"):
        read(HEADER.replace("Strides,", "Strides, Sparsty,") + "c,9,9,3,3,4,5,1,1:4\n")
