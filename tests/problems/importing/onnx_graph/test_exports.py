"""Real exports of PyTorch: the files in ``data`` (see ``export.py`` there), and fresh ones if torch is installed."""

import importlib.util
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from problems.foundation.errors import InvalidInput
from problems.importing import read_onnx

DATA = Path(__file__).parents[1] / "data"


class Expected(NamedTuple):
    """Sizes of the open dimensions, and what is found, worked out by hand for two samples."""

    dims: dict
    macs: int
    kinds: dict
    skipped_macs: int = 0


LENGTH = 6

EXPECTED = {
    # stem 16*3*9*256; 16*8*256, 8*8*9*64, 8*32*64; shortcut 16*32*64; head 320
    "residual": Expected({"batch": 2}, 2 * (110_592 + 32_768 + 36_864 + 16_384 + 32_768 + 320), {"CONV": 5, "GEMM": 1}),
    # 8*9*256; 8*12*256; 24*9*64; transposed 24*4*4*64; dilated 4*4*9*256
    "separable": Expected(
        {"batch": 2, "height": 16, "width": 16},
        2 * (18_432 + 24_576 + 13_824 + 24_576 + 36_864),
        {"DSCONV": 1, "CONV": 4},
    ),
    # 12 rows: 12*16*48; twice 2*2 heads of 6*6*8; 12*16*16
    "attention": Expected({"batch": 2, "sequence": LENGTH}, 9_216 + 2 * 1_152 + 3_072, {"GEMM": 4}),
    # the same, twice 12*16*32, and 12*16*50
    "language": Expected({"batch": 2, "sequence": LENGTH}, 14_592 + 2 * 6_144 + 9_600, {"GEMM": 7}),
    # 12 steps: LSTM 64*(8+16), head 16*4
    "recurrent": Expected({"batch": 2}, 12 * 64, {"GEMM": 1}, skipped_macs=12 * 64 * 24),
}

FILES = sorted(path.name.removesuffix(".onnx") for path in DATA.glob("*.onnx"))


def check(path, network):
    expected = EXPECTED[network]
    workload = read_onnx(path, expected.dims)
    (layers,) = workload.networks.values()
    assert workload.macs == expected.macs
    assert Counter(layer.kind.name for layer in layers) == expected.kinds
    assert workload.skipped_macs == expected.skipped_macs
    assert all(skipped.macs is not None for skipped in workload.skipped)
    return layers


@pytest.mark.parametrize("name", FILES)
def test_stored_exports_have_the_products_worked_out_by_hand(name):
    check(DATA / f"{name}.onnx", name.split(".")[0])


def test_stored_exports_are_small_and_of_both_exporters():
    assert {name.split(".")[1] for name in FILES} == {"legacy", "dynamo", "fused"}
    assert {name.split(".")[0] for name in FILES} == set(EXPECTED)
    assert all((DATA / f"{name}.onnx").stat().st_size < 50_000 for name in FILES)


@pytest.mark.parametrize("exporter", ["legacy", "dynamo"])
def test_the_head_of_a_residual_network_needs_the_block_and_the_shortcut(exporter):
    layers = check(DATA / f"residual.{exporter}.onnx", "residual")
    by_name = {layer.name: layer for layer in layers}
    stem, head = layers[0], layers[-1]
    assert stem.after == ()
    assert len(head.after) == 2
    needs = {(by_name[name].K, by_name[name].C) for name in head.after}
    assert needs == {(32, 8), (32, 16)}
    assert sum(stem.name in layer.after for layer in layers) == 2  # the reduction and the shortcut


@pytest.mark.parametrize("exporter", ["legacy", "dynamo", "fused"])
def test_attention_is_a_chain_of_projection_scores_context_and_projection(exporter):
    layers = check(DATA / f"attention.{exporter}.onnx", "attention")
    assert [layer.after for layer in layers] == [(), *((layer.name,) for layer in layers[:-1])]
    assert [layer.groups for layer in layers] == [1, 4, 4, 1]


def test_a_sequence_of_another_length_than_the_exported_is_refused_where_the_exporter_fixed_it():
    # The TorchScript exporter writes the traced length into a reshape of the attention; ONNX Runtime refuses it too.
    with pytest.raises(InvalidInput, match=r"sizes at which the model runs, got batch=2, sequence=7\. .* Reshape"):
        read_onnx(DATA / "attention.legacy.onnx", {"batch": 2, "sequence": 7})


@pytest.mark.parametrize("name", ["attention.dynamo", "attention.fused", "language.dynamo"])
def test_sequences_of_other_lengths_are_taken_where_the_exporter_kept_them_open(name):
    one, two = (read_onnx(DATA / f"{name}.onnx", {"batch": 2, "sequence": length}) for length in (5, 10))
    assert two.macs == 2 * one.macs + 2 * 2 * 2 * 8 * (10 * 10 - 2 * 5 * 5)  # scores and context are quadratic


def exports():
    spec = importlib.util.spec_from_file_location("m3e_export", DATA / "export.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", FILES)
def test_fresh_exports_have_the_same_products(name, tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    network, exporter = name.split(".")
    path = tmp_path / f"{name}.onnx"
    exports().export(network, exporter, path)
    check(path, network)
