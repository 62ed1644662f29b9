"""The generated networks agree with what is published about them."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest

import problems.networks
from bench.errors import InvalidInput, UnknownName
from problems.layers import Layer, LayerKind
from problems.networks import NETWORKS, Network, network_names
from problems.networks.blocks import WEIGHTLESS, Chain, dense, weight_count

TOLERANCE = 0.02
"""Published figures are rounded, and some include biases, normalisation or element-wise work."""

ALL = tuple(NETWORKS.get(name) for name in NETWORKS.names())


def _names(entries: tuple[Network, ...]) -> list[str]:
    return [entry.name for entry in entries]


def _macs(layers: tuple[Layer, ...]) -> int:
    return sum(layer.macs for layer in layers)


def _weights(layers: tuple[Layer, ...]) -> int:
    return sum(weight_count(layer) for layer in layers)


def _layer(network: str, layer: str) -> Layer:
    return next(each for each in NETWORKS.get(network).build() if each.name == layer)


def _widths_product(*widths: int) -> int:
    return sum(inp * out for inp, out in pairwise(widths))


WITH_MACS = tuple(entry for entry in ALL if entry.published_macs is not None)
WITH_PARAMETERS = tuple(entry for entry in ALL if entry.published_parameters is not None)


@pytest.mark.parametrize("entry", WITH_MACS, ids=_names(WITH_MACS))
def test_macs_agree_with_the_published_figure(entry: Network) -> None:
    assert _macs(entry.build(**entry.published_at)) == pytest.approx(entry.published_macs, rel=TOLERANCE)


@pytest.mark.parametrize("entry", WITH_PARAMETERS, ids=_names(WITH_PARAMETERS))
def test_parameters_agree_with_the_published_figure(entry: Network) -> None:
    assert entry.embedding_parameters is not None
    total = _weights(entry.build(**entry.published_at)) + entry.embedding_parameters
    assert total == pytest.approx(entry.published_parameters, rel=TOLERANCE)


# Origin: none of these is published. Each is the architecture written as one formula, independent of the generator:
# for a Transformer, tokens x weights that a token meets, plus 2 x queries x keys x width a block for attention
# (Kaplan 2020, table 1, with attention counted in full); for a recommender, sums over consecutive widths a sample.
DERIVED_MACS = {
    "gpt2": 128 * (12 * 12 * 768**2 + 50_257 * 768) + 12 * 2 * 128**2 * 768,
    "xlm": 256 * 12 * 12 * 1024**2 + 12 * 2 * 256**2 * 1024,
    "t5_small": 128 * 6 * ((4 + 8) * 512**2 + (8 + 8) * 512**2) + 6 * 3 * 2 * 128**2 * 512 + 128 * 32_128 * 512,
    "transformer_xl": 16
    * (150 * (2 * 410**2 + 2 * 410 * 2100) + 300 * 3 * 410**2 + 3 * 150 * 300 * 410)  # 3: position scores as well
    + 150 * 20_003 * 410,
    "dlrm": 128 * (_widths_product(13, 512, 256, 128) + 27**2 * 128 + _widths_product(479, 1024, 1024, 512, 256, 1)),
    "wide_deep": 128 * _widths_product(1200, 1024, 512, 256, 1),
    "ncf": 128 * (_widths_product(256, 256, 128, 64) + 64 + 64),
    "din": 128 * (50 * (_widths_product(512, 80, 40, 1) + 128) + 128**2 + _widths_product(256, 80, 40, 1)),
    "deepfm": 128 * _widths_product(39 * 10, 400, 400, 400, 1),
}


@pytest.mark.parametrize("name", DERIVED_MACS)
def test_macs_agree_with_a_closed_form_where_none_are_published(name: str) -> None:
    assert _macs(NETWORKS.get(name).build()) == DERIVED_MACS[name]


# Origin: sums over consecutive widths as above; the embeddings are apart.
DERIVED_WEIGHTS = {
    "dlrm": _widths_product(13, 512, 256, 128) + _widths_product(479, 1024, 1024, 512, 256, 1),
    "wide_deep": _widths_product(1200, 1024, 512, 256, 1),
    "ncf": _widths_product(256, 256, 128, 64) + 64 + 64,
    "din": _widths_product(512, 80, 40, 1) + 128**2 + _widths_product(256, 80, 40, 1),
    "deepfm": _widths_product(39 * 10, 400, 400, 400, 1),
}


@pytest.mark.parametrize("name", DERIVED_WEIGHTS)
def test_weights_agree_with_a_closed_form_where_none_are_published(name: str) -> None:
    assert _weights(NETWORKS.get(name).build()) == DERIVED_WEIGHTS[name]


def test_every_network_is_checked_against_a_figure() -> None:
    assert set(_names(WITH_MACS)) | set(DERIVED_MACS) == set(NETWORKS.names())
    assert set(_names(WITH_PARAMETERS)) | set(DERIVED_WEIGHTS) == set(NETWORKS.names())


def test_a_network_without_published_macs_says_so() -> None:
    assert all("none published" in NETWORKS.get(name).figures for name in DERIVED_MACS)


@pytest.mark.parametrize("entry", ALL, ids=_names(ALL))
def test_layer_names_are_unique_within_a_network(entry: Network) -> None:
    counts = Counter(layer.name for layer in entry.build())
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("entry", ALL, ids=_names(ALL))
def test_every_layer_has_an_output_and_makes_macs(entry: Network) -> None:
    assert all(min(layer.output_rows, layer.output_columns, layer.macs) >= 1 for layer in entry.build())


@pytest.mark.parametrize("entry", ALL, ids=_names(ALL))
def test_building_twice_gives_the_same_layers(entry: Network) -> None:
    assert entry.build() == entry.build()


KIND_COUNTS = {
    # Krizhevsky 2014: 5 convolutions, 3 fully connected
    "alexnet": {"CONV": 5, "FFN": 3},
    # Simonyan 2014, table 1, column D: 13 and 3
    "vgg16": {"CONV": 13, "FFN": 3},
    # Szegedy 2014, table 1: 3 + 9 blocks of 6 convolutions, and the classifier
    "googlenet": {"CONV": 57, "FFN": 1},
    # He 2015, table 1: stem, 16 blocks of 3, 4 shortcuts, and the classifier
    "resnet50": {"CONV": 53, "FFN": 1},
    # Iandola 2016: 8 fire modules of 3, two convolutions, no classifier
    "squeezenet1_1": {"CONV": 26},
    # Sandler 2018, table 2: 17 blocks, the first without expansion
    "mobilenet_v2": {"CONV": 35, "DSCONV": 17, "FFN": 1},
    # Tan 2018, B1: 16 blocks after a separable convolution
    "mnasnet1_0": {"CONV": 35, "DSCONV": 17, "FFN": 1},
    # Ma 2018, table 5: 16 units of 2 + 1, of which 3 have a shortcut of 1 + 1
    "shufflenet_v2": {"CONV": 37, "DSCONV": 19, "FFN": 1},
    # Tan 2019, table 1: 16 blocks, the first without expansion, each with two layers of squeeze-and-excite
    "efficientnet_b0": {"CONV": 33, "DSCONV": 16, "FFN": 33},
    # Devlin 2018: 12 blocks of 4 projections, 2 products, 2 feed-forward layers; the pooler sees one token
    "bert_base": {"GEMM": 96, "FFN": 1},
    # Sun 2020: 24 blocks of 2 + 1 bottlenecks, 4 projections, 2 products, 4 x 2 feed-forward layers; trigrams
    "mobilebert": {"GEMM": 24 * 17 + 1},
    # Radford 2019: 12 blocks of 8, and the head
    "gpt2": {"GEMM": 97},
    # Dai 2019: 16 blocks of 8 and the two GEMMs of relative positions, and the head
    "transformer_xl": {"GEMM": 161},
    # Raffel 2019: 6 blocks of 8, 6 of 8 + 6 with cross-attention, and the head
    "t5_small": {"GEMM": 133},
    # Conneau 2019: 12 blocks of 8
    "xlm": {"GEMM": 96},
}


@pytest.mark.parametrize("name", KIND_COUNTS)
def test_layers_of_each_kind_are_as_many_as_in_the_paper(name: str) -> None:
    assert Counter(layer.kind.name for layer in NETWORKS.get(name).build()) == KIND_COUNTS[name]


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "mobilenet_v2", "mnasnet1_0"])
def test_a_plain_chain_hands_its_channels_on_and_never_grows(name: str) -> None:
    convolutions = [layer for layer in NETWORKS.get(name).build() if layer.kind is not LayerKind.FFN]
    for before, after in pairwise(convolutions):
        assert after.C == before.K
        assert before.output_rows >= after.Y


@pytest.mark.parametrize("name", network_names("vision"))
def test_a_vision_network_starts_at_224_and_ends_with_a_thousand_classes(name: str) -> None:
    layers = NETWORKS.get(name).build()
    assert (layers[0].C, layers[0].Y, layers[0].X) == (3, 224, 224)
    assert layers[-1].K == 1000


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "mnasnet1_0", "shufflenet_v2", "efficientnet_b0"])
def test_five_halvings_lead_from_224_to_7(name: str) -> None:
    convolutions = [layer for layer in NETWORKS.get(name).build() if layer.kind is not LayerKind.FFN]
    assert convolutions[-1].output_rows == 7


SPOT_CHECKS = {
    # layer: (K, C, input rows, R, stride, output rows)
    ("alexnet", "conv1"): (64, 3, 224, 11, 4, 55),  # torchvision: 224 with padding 2
    ("alexnet", "fc6"): (4096, 256 * 6 * 6, 1, 1, 1, 1),  # torchvision: pooled to 6 x 6
    ("vgg16", "conv5_1"): (512, 512, 14, 3, 1, 14),  # Simonyan 2014: fourth pooling leaves 14
    ("vgg16", "fc6"): (4096, 512 * 7 * 7, 1, 1, 1, 1),  # Simonyan 2014: 7 x 7 x 512
    ("googlenet", "inception4e.3x3"): (320, 160, 14, 3, 1, 14),  # Szegedy 2014, table 1
    ("googlenet", "inception5b.5x5"): (128, 48, 7, 5, 1, 7),  # Szegedy 2014, table 1
    ("googlenet", "fc"): (1000, 1024, 1, 1, 1, 1),  # Szegedy 2014, table 1: 384 + 384 + 128 + 128
    ("resnet50", "conv4_1.reduce"): (256, 512, 28, 1, 1, 28),  # version 1.5: the stride is in the 3x3
    ("resnet50", "conv4_1.3x3"): (256, 256, 28, 3, 2, 14),
    ("resnet50", "conv5_3.expand"): (2048, 512, 7, 1, 1, 7),  # He 2015, table 1
    ("squeezenet1_1", "fire2.squeeze"): (16, 64, 55, 1, 1, 55),  # 224 -> 111 -> 55, rounded up
    ("squeezenet1_1", "conv10"): (1000, 512, 13, 1, 1, 13),  # 55 -> 27 -> 13
    ("mobilenet_v2", "bottleneck6_1.depthwise"): (576, 576, 14, 3, 2, 7),  # Sandler 2018, table 2: 6 x 96
    ("mnasnet1_0", "mbconv5_1.depthwise"): (576, 576, 14, 5, 2, 7),  # Tan 2018: MBConv6 5x5 on 96
    ("shufflenet_v2", "stage2_1.shortcut_depthwise"): (24, 24, 56, 3, 2, 28),  # Ma 2018, figure 3(d)
    ("shufflenet_v2", "stage4_4.conv1"): (232, 232, 7, 1, 1, 7),  # Ma 2018: half of 464
    ("efficientnet_b0", "mbconv2_1.squeeze"): (8, 32, 1, 1, 1, 1),  # Tan 2019: a quarter of 32
    ("efficientnet_b0", "mbconv7_4.depthwise"): (1152, 1152, 7, 5, 1, 7),  # Tan 2019, table 1: 6 x 192
    # GEMMs: (n, k, m, 1, 1, m)
    ("bert_base", "encoder.0.attention.scores"): (128, 64, 12 * 128, 1, 1, 12 * 128),  # heads along m
    ("bert_base", "encoder.11.attention.context"): (64, 128, 12 * 128, 1, 1, 12 * 128),
    ("bert_base", "encoder.5.ffn.up"): (3072, 768, 128, 1, 1, 128),  # Devlin 2018: 4 H
    ("mobilebert", "embedding.trigram"): (512, 384, 128, 1, 1, 128),  # Sun 2020: three embeddings of 128
    ("mobilebert", "encoder.23.attention.scores"): (128, 32, 4 * 128, 1, 1, 4 * 128),  # Sun 2020: 4 heads of 128
    ("gpt2", "tied_head"): (50_257, 768, 128, 1, 1, 128),  # Radford 2019: vocabulary
    ("transformer_xl", "decoder.0.attention.key"): (410, 410, 300, 1, 1, 300),  # Dai 2019: memory and segment
    ("transformer_xl", "decoder.0.attention.position_scores"): (300, 41, 1500, 1, 1, 1500),
    ("t5_small", "decoder.0.cross.scores"): (128, 64, 8 * 128, 1, 1, 8 * 128),  # Raffel 2019: 8 heads of 64
    ("xlm", "encoder.0.attention.scores"): (256, 128, 8 * 256, 1, 1, 8 * 256),  # 8 heads of 128
    ("dlrm", "top.0"): (1024, 479, 128, 1, 1, 128),  # MLPerf: 128 + 27 * 26 / 2
    ("ncf", "output"): (1, 128, 128, 1, 1, 128),  # MLPerf: 64 factors + 64
    ("din", "activation.0"): (80, 512, 128 * 50, 1, 1, 128 * 50),  # the authors' code: 4 x 128
    ("deepfm", "deep.0"): (400, 390, 128, 1, 1, 128),  # Guo 2017: 39 fields of 10
}


@pytest.mark.parametrize(("network", "layer"), SPOT_CHECKS, ids="/".join)
def test_a_known_layer_has_its_published_shape(network: str, layer: str) -> None:
    got = _layer(network, layer)
    assert (got.K, got.C, got.Y, got.R, got.stride, got.output_rows) == SPOT_CHECKS[network, layer]


BATCHED = network_names("language") + network_names("recommendation")


@pytest.mark.parametrize("name", BATCHED)
def test_a_larger_batch_scales_macs_and_leaves_weights(name: str) -> None:
    build = NETWORKS.get(name).build
    one, three = build(batch=1), build(batch=3)
    shared = sum(layer.macs for layer in one if layer.name.endswith(".position"))  # Transformer-XL's distances
    assert _macs(three) - shared == 3 * (_macs(one) - shared)
    assert _weights(three) == _weights(one)


@pytest.mark.parametrize("name", network_names("language"))
def test_a_longer_sequence_leaves_the_weights(name: str) -> None:
    build = NETWORKS.get(name).build
    assert _weights(build(sequence_length=48)) == _weights(build(sequence_length=16))


@pytest.mark.parametrize("name", network_names("recommendation"))
def test_a_recommender_on_one_sample_has_no_dense_gemm(name: str) -> None:
    dense_kinds = {layer.kind for layer in NETWORKS.get(name).build(batch=1) if weight_count(layer)}
    per_behaviour = {LayerKind.GEMM} if name == "din" else set()  # DIN's activation unit sees the whole history
    assert dense_kinds == {LayerKind.FFN} | per_behaviour


def test_transformer_xl_without_memory_attends_to_its_segment_alone() -> None:
    layers = NETWORKS.get("transformer_xl").build(64, memory_length=0)
    assert {layer.K for layer in layers if layer.name.endswith(".scores")} == {64}


def test_t5_attends_from_the_target_to_the_source() -> None:
    layers = NETWORKS.get("t5_small").build(96, target_length=10)
    cross = next(layer for layer in layers if layer.name == "decoder.3.cross.scores")
    assert (cross.Y, cross.K) == (8 * 10, 96)


def test_mobilebert_with_a_shared_bottleneck_has_one_more_layer_a_block() -> None:
    build = NETWORKS.get("mobilebert").build
    assert len(build()) - len(build(shared_key_query=False)) == 24


@pytest.mark.parametrize("last_part", sorted(WEIGHTLESS))
def test_a_layer_named_as_weightless_owns_no_weights(last_part: str) -> None:
    assert weight_count(dense(f"block.{last_part}", out=8, inp=4, rows=2)) == 0


def test_a_depthwise_layer_owns_one_filter_a_channel() -> None:
    assert weight_count(Layer.depthwise("d", channels=32, size=8, kernel=5)) == 32 * 25


@pytest.mark.parametrize(("ceil", "size"), [(False, 54), (True, 55)])
def test_pooling_keeps_a_partly_filled_window_only_when_told(ceil: bool, size: int) -> None:
    assert Chain(3, 110).pool(3, 2, ceil=ceil).size == size


def test_a_branch_appends_to_its_trunk_and_leaves_its_extents() -> None:
    net = Chain(8, 32)
    net.branch().conv("side", 16, 3, stride=2)
    assert [layer.name for layer in net.layers] == ["side"]
    assert (net.channels, net.size) == (8, 32)


@pytest.mark.parametrize("name", BATCHED)
def test_an_empty_batch_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        NETWORKS.get(name).build(batch=0)


def test_names_are_listed_a_task() -> None:
    by_task = network_names("vision") + network_names("language") + network_names("recommendation")
    assert sorted(by_task) == sorted(network_names())
    assert "resnet50" in network_names("vision")


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean resnet50"):
        NETWORKS.get("resnet5")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean vision"):
        Network(name="n", task="visions", build=tuple, source="", figures="")  # type: ignore[arg-type]


def test_every_network_of_the_folder_is_in_the_table() -> None:
    folder = problems.networks
    modules = [importlib.import_module(f"{folder.__name__}.{m.name}") for m in pkgutil.iter_modules(folder.__path__)]
    defined = [value for module in modules for value in vars(module).values() if isinstance(value, Network)]
    assert sorted(_names(tuple(defined))) == sorted(NETWORKS.names())  # as lists: two entries of one name would differ


def test_importing_the_table_generates_no_layer() -> None:
    code = "import problems.layers as p; p.Layer.__init__ = None; import problems.networks"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
