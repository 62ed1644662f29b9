"""Networks of MAESTRO."""

import pytest

from problems.foundation.errors import InvalidInput, UnknownName
from problems.importing import Skipped, read_workload
from problems.layers import Layer, LayerKind


@pytest.fixture
def read(tmp_path):
    def reader(text):
        path = tmp_path / "net.m"
        path.write_text(text)
        return read_workload(path)

    return reader


@pytest.fixture
def layer(read):
    """The only layer of a network, by its body."""

    def layer_of(body):
        ((only,),) = read(f"Network n {{ Layer L {{ {body} }} }}").networks.values()
        return only

    return layer_of


FILE = """\
// two networks, as MAESTRO's own files have them
Constant Seq 128;
Network vgg16 {
Layer CONV1 {
    Type: CONV
    Stride { X: 2, Y: 3 }
    Dimensions { K 64,C 3,R 7,S 7,Y 224,X 224 }  // without colons
    Dataflow { SpatialMap(1,1) K; TemporalMap(Sz(R),1) Y; Cluster(64, P); // } not the end
        TemporalMap(1,1) X'; }
}
Layer Conv2d-2 { Type: DSCONV Dimensions: { K: 1, C: 32, R: 3, S: 3, Y: 112, X: 112 } }
Layer POOL1 { Type: POOL Dimensions { C: 32 } }
Layer FC { Type: CONV Dimensions { N: Seq, K: 10, C: 512, R: 7, S: 7, Y: 7, X: 7 } }
}
Accelerator { PE { NumPEs: 128; } Buffer { GlobalL2: 2048 } }
Network { FPS: 30 Layer a { Type: GEMM Dimensions { K: 3, M: 4, N: 5 } }
Layer a { Type: FC Dimensions { K: 7, C: 8 } } }
"""


def test_networks_are_read_with_strides_and_without_padding(read):
    workload = read(FILE)
    assert workload.name == "net"
    assert dict(workload.networks) == {
        "vgg16": (
            Layer("CONV1", LayerKind.CONV, 64, 3, 224, 224, 7, 7, 73, 109),  # floor((224 - 7) / stride) + 1
            Layer("Conv2d-2", LayerKind.DSCONV, 32, 32, 112, 112, 3, 3, after=("CONV1",)),
            Layer("FC", LayerKind.CONV, 10, 512, 7, 7, 7, 7, batch=128, after=("Conv2d-2",)),
        ),
        "net": (Layer.gemm("a", m=4, n=5, k=3), Layer.ffn("a#2", out=7, inp=8, after=("a",))),
    }
    assert workload.skipped == (Skipped("POOL", 1, 0, "makes no multiply-accumulates"),)


def test_the_whole_may_stand_on_one_line(read):
    (layer,) = read(
        "Network name { Layer L { Type: CONV Stride { X: 2, Y: 2 } Dimensions { K 64, C 3, R 7, S 7, Y 224, X 224 } "
        "Dataflow { SpatialMap(1,1) K; } } }"
    ).networks["name"]
    assert (layer.K, layer.C, layer.R, layer.S, layer.Y, layer.X) == (64, 3, 7, 7, 224, 224)
    assert (layer.output_rows, layer.output_columns) == (109, 109)


def test_a_transposed_convolution_has_its_multiply_accumulates(layer):
    made = layer("Type: TRCONV Dimensions { K: 512, C: 1024, R: 2, S: 2, Y: 28, X: 28 }")
    assert (made.kind, made.macs) == (LayerKind.CONV, 28 * 28 * 2 * 2 * 512 * 1024)


def test_grouped_convolutions_count_the_inputs_of_all_groups(layer):
    made = layer("Type: NGCONV Dimensions { G: 32, K: 4, C: 128, R: 3, S: 3, Y: 56, X: 56 }")
    assert (made.K, made.C, made.groups, made.macs) == (4, 4, 32, 128 * 4 * 9 * 54 * 54)
    with pytest.raises(InvalidInput, match=r"line 1: layer 'L': C: expected a multiple of G, 3, got 128"):
        layer("Type: NGCONV Dimensions { G: 3, K: 4, C: 128, R: 3, S: 3, Y: 56, X: 56 }")


def test_outputs_may_stand_for_inputs(layer):
    made = layer("Type: CONV Stride { X: 2, Y: 1 } Dimensions { K: 4, C: 1, R: 3, S: 3, Y': 112, X': 66 }")
    assert (made.Y, made.X, made.output_rows, made.output_columns) == (114, 133, 112, 66)


def test_batched_products_have_operands_of_their_own(layer):
    assert layer("Type: BMM Dimensions { B: 10, K: 2, M: 3, N: 4 }") == Layer.gemm("L", m=3, n=4, k=2, groups=10)


def test_a_connected_layer_with_a_filter_is_a_convolution(layer):
    assert layer("Type: FC Dimensions { K: 10, C: 512, Y: 7, X: 7, R: 7, S: 7 }").macs == 10 * 512 * 49


@pytest.mark.parametrize(
    ("text", "place", "complaint"),
    [
        ("", "net.m", "expected a network, got none"),
        ("// nothing", "net.m", "expected a network, got none"),
        ("NumPEs: 256\n", "line 1", "got NumPEs. MAESTRO's network files can be read, not its hardware files"),
        ("function y = f(x)\n", "line 1", "expected Network NAME { Layer NAME { ... } }, got function"),
        ("Network n { }", "network 'n'", "expected at least one layer, got none"),
        ("Network n {\n\n Layr a { } }", "line 3", "expected Layer NAME { ... }, got Layr"),
        ("Network n { Layer a {\nColour: 3 } }", "line 2", "expected Type, Stride, Dimensions or Dataflow, got Colour"),
        ("Network n { Layer a {\nType: CONV", "line 2", "expected more words, got the end of the file"),
        ("Network n { Layer a { Type: CONV Dataflow { { }", "line 1", "expected more words"),
        (
            "Network n { Layer a { Type: CONV\nDimensions { K: 3 } } }",
            "line 1: layer 'a'",
            "expected the dimension C, got K 3",
        ),
        (
            "Network n { Layer a { Type: GEMM\nDimensions { K: 3, K: 4 } } }",
            "line 2",
            "expected different names, got K twice",
        ),
        ("Network n { Layer a { Type: GEMM Dimensions { K: x } } }", "line 1", "expected K, an integer from 1 to"),
        ("Network n { Layer a { Type: GEMM Dimensions { K: 0 } } }", "line 1", "got 0"),
        (f"Network n {{ Layer a {{ Type: GEMM Dimensions {{ K: {'9' * 5000} }} }} }}", "line 1", "got 9999"),
        ("Network n }", "line 1", "expected {, got }"),
        ("Constant a;", "line 1", "expected more"),
        ("Network n { Layer a { Type: POOL } }", "network 'n'", "at least one layer"),
    ],
)
def test_errors_name_file_and_line(read, text, place, complaint):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    message = str(caught.value)
    assert "net.m" in message
    assert place in message
    assert complaint in message


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Network n { Layer a { Type: CNV } }", r"type of layer 'a' in .*net\.m, line 1: 'CNV': did you mean .*CONV"),
        ("Network n { Layer a {\nStride { Z: 3 } } }", r"name in Stride in .*net\.m, line 2: 'Z': known: X, Y"),
        ("Network n { Layer a { Dimensions { Q: 3 } } }", r"name in Dimensions in .*net\.m, line 1: 'Q'"),
    ],
)
def test_unknown_names_are_told_the_nearest(read, text, complaint):
    with pytest.raises(UnknownName, match=complaint):
        read(text)
