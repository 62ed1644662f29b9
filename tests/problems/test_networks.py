"""The generated networks agree with what is published about them."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

import problems
import problems.networks
from problems.costs import cost_model
from problems.foundation.errors import InvalidInput, UnknownName
from problems.layers import Layer, LayerKind
from problems.networks import NETWORKS, Figures, Network, Task, figures_table, network_names
from problems.networks.blocks import WEIGHTLESS, Chain, dense, weight_count, without_implied
from problems.networks.decoder import Decoder

TOLERANCE = 0.02
"""Published figures are rounded, and some include biases, normalisation or element-wise work."""

ALL = tuple(NETWORKS.get(name) for name in NETWORKS.names())


each_network = pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.name)
each_size = pytest.mark.parametrize(
    ("name", "dim"), [(entry.name, dim) for entry in ALL for dim in entry.dims if dim not in entry.choices]
)
each_model = pytest.mark.parametrize("name", network_names("llm"))


def _macs(layers: tuple[Layer, ...]) -> int:
    return sum(layer.macs for layer in layers)


def _weights(layers: tuple[Layer, ...]) -> int:
    return sum(weight_count(layer) for layer in layers)


def _layer(network: str, layer: str) -> Layer:
    return next(each for each in NETWORKS.get(network).build() if each.name == layer)


def _widths_product(*widths: int) -> int:
    return sum(inp * out for inp, out in pairwise(widths))


@pytest.mark.parametrize("row", figures_table(), ids=lambda row: row.name)
def test_macs_and_parameters_agree_with_the_published_figures(row: Figures) -> None:
    assert abs(row.macs_deviation or 0.0) <= TOLERANCE
    assert abs(row.parameters_deviation or 0.0) <= TOLERANCE


def test_the_table_has_a_row_for_every_network_at_the_arguments_of_its_figures() -> None:
    rows = {row.name: row for row in figures_table()}
    assert list(rows) == NETWORKS.names()
    assert {name: row.at for name, row in rows.items() if row.at} == {
        "googlenet": "wide_kernel=3",
        "mobilebert": "shared_key_query=False",
        "gpt2": "sequence_length=1024",
        "llama3_1_8b": "blocks=32",
        "llama2_70b": "blocks=80",
        "mixtral_8x7b": "blocks=32",
        "qwen2_5_7b": "blocks=28",
        "qwen3_30b_a3b": "blocks=48",
    }


# Origin: the architecture as one formula of tokens a sample and samples: tokens x weights that a token meets, plus
# 2 x queries x keys x width a block for attention (Kaplan 2020, table 1, with attention counted in full).
LANGUAGE_MACS = {
    "bert_base": lambda n, b: b * (12 * (n * 12 * 768**2 + 2 * n**2 * 768) + 768**2),
    "mobilebert": lambda n, b: b * n * (384 * 512 + 24 * (4 * 512 * 128 + 3 * 128**2 + 8 * 128 * 512 + 2 * n * 128)),
    "gpt2": lambda n, b: b * (12 * (n * 12 * 768**2 + 2 * n**2 * 768) + n * 50_257 * 768),
    "xlm": lambda n, b: b * 12 * (n * 12 * 1024**2 + 2 * n**2 * 1024),
    "t5_small": lambda n, b: b * (n * 6 * (12 + 16) * 512**2 + 6 * 3 * 2 * n**2 * 512 + n * 32_128 * 512),
    "transformer_xl": lambda n, b: (
        b * n * (16 * (2 * 410**2 + 2 * 410 * 2100) + 20_003 * 410)
        + 16 * (n + 150) * ((2 * b + 1) * 410**2 + 3 * b * n * 410)  # distances once; 3: position scores as well
    ),
}


@pytest.mark.parametrize("name", network_names("language"))
@pytest.mark.parametrize("dims", [{}, {"sequence_length": 48, "batch": 3}], ids=["defaults", "48x3"])
def test_macs_of_a_transformer_agree_with_its_closed_form(name: str, dims: dict[str, int]) -> None:
    entry = NETWORKS.get(name)
    at = {**entry.dims, **dims}
    assert _macs(entry.layers(**dims)) == LANGUAGE_MACS[name](at["sequence_length"], at["batch"])


# Origin: released configurations. Of each block the weights of attention, and those that a token meets after it;
# channels of all query heads; weights of the head; blocks.
LLMS = {
    "llama3_1_8b": (4096 * (2 * 4096 + 2 * 1024), 3 * 4096 * 14_336, 4096, 4096 * 128_256, 32),
    "llama2_70b": (8192 * (2 * 8192 + 2 * 1024), 3 * 8192 * 28_672, 8192, 8192 * 32_000, 80),
    "mixtral_8x7b": (4096 * (2 * 4096 + 2 * 1024), 4096 * 8 + 2 * 3 * 4096 * 14_336, 4096, 4096 * 32_000, 32),
    "qwen2_5_7b": (3584 * (2 * 3584 + 2 * 512), 3 * 3584 * 18_944, 3584, 3584 * 152_064, 28),
    "qwen3_30b_a3b": (2048 * (2 * 4096 + 2 * 512), 2048 * 128 + 8 * 3 * 2048 * 768, 4096, 2048 * 151_936, 48),
}


@each_model
@pytest.mark.parametrize("phase", ["prefill", "decode"])
@pytest.mark.parametrize("dims", [{}, {"batch": 3, "context_length": 50, "blocks": 2}], ids=["defaults", "3x50"])
def test_macs_of_a_served_model_agree_with_its_closed_form(name: str, phase: str, dims: dict[str, int]) -> None:
    attention, feed_forward, channels, head, _ = LLMS[name]
    entry = NETWORKS.get(name)
    at = {**entry.dims, **dims}
    n, queries = at["context_length"], at["context_length"] if phase == "prefill" else 1
    block = queries * (attention + feed_forward) + 2 * queries * n * channels
    assert _macs(entry.layers(phase=phase, **dims)) == at["batch"] * (at["blocks"] * block + head)


@each_model
def test_a_decode_step_streams_every_active_weight_exactly_once(name: str) -> None:
    attention, feed_forward, _, head, blocks = LLMS[name]
    entry = NETWORKS.get(name)
    layers = entry.layers(phase="decode", blocks=blocks)
    active = blocks * (attention + feed_forward) + head
    assert (entry.blocks, _weights(layers)) == (blocks, active)
    for core in problems.PLATFORMS.get("S5").cores:
        costs = cost_model("corrected").costs(layers, core)
        volume = (costs.latency_cycles * costs.bandwidth).sum()
        cache = sum(layer.groups * layer.K * layer.C for layer in layers if weight_count(layer) == 0)
        assert active + cache <= volume <= 1.02 * (active + cache)  # the rest is activations


def test_maestro_sees_little_of_what_a_decode_step_streams() -> None:
    layers = NETWORKS.get("llama3_1_8b").layers(phase="decode", blocks=32)
    costs = cost_model("maestro").costs(layers, problems.PLATFORMS.get("S2").cores[0])
    assert (costs.latency_cycles * costs.bandwidth).sum() == pytest.approx(1.6e6, rel=0.02)  # README
    assert sum(layer.groups * layer.K * layer.C for layer in layers) == pytest.approx(7.6e9, rel=0.01)


# Origin: Jiang 2024, section 1 and the announcement; Qwen3's model cards. Both count the embeddings.
ACTIVE = {"mixtral_8x7b": 12.9e9, "qwen3_30b_a3b": 3.3e9}


@pytest.mark.parametrize("name", ACTIVE)
def test_active_parameters_of_a_mixture_agree_with_the_published_figure(name: str) -> None:
    entry = NETWORKS.get(name)
    active = _weights(entry.layers(phase="decode", blocks=entry.blocks)) + (entry.embedding_parameters or 0)
    assert active == pytest.approx(ACTIVE[name], rel=TOLERANCE)


@pytest.mark.parametrize(
    ("batch", "rows"), [(1, [1, 1]), (3, [1] * 6), (4, [1] * 8), (5, [2, 2, 1, 1, 1, 1, 1, 1]), (8, [2] * 8)]
)
def test_busy_experts_share_the_chosen_rows_as_evenly_as_possible(batch: int, rows: list[int]) -> None:
    layers = NETWORKS.get("mixtral_8x7b").layers(phase="decode", batch=batch)
    for part in ("gate", "up", "down"):
        assert [layer.Y for layer in layers if layer.name.endswith(f".{part}")] == rows


@each_model
def test_further_blocks_repeat_the_first(name: str) -> None:
    one, two = (NETWORKS.get(name).layers(phase="decode", blocks=blocks) for blocks in (1, 2))
    first, second = ([layer for layer in two if layer.name.startswith(f"decoder.{i}.")] for i in (0, 1))
    renamed = [replace(layer, name=layer.name.replace("decoder.1.", "decoder.0."), after=()) for layer in second]
    assert renamed == [replace(layer, after=()) for layer in first]
    assert (list(one[:-1]), one[-1].K) == (first, two[-1].K)


@each_model
def test_a_dense_model_has_the_same_weights_in_both_phases_and_a_mixture_fewer_in_decode(name: str) -> None:
    prefill, decode = (_weights(NETWORKS.get(name).layers(phase=phase)) for phase in ("prefill", "decode"))
    assert (decode < prefill) == (name in ACTIVE)
    assert decode <= prefill


def test_a_tied_head_owns_no_weights() -> None:
    small = Decoder(blocks=2, width=8, heads=4, key_value_heads=2, head_width=4, hidden=16, vocabulary=100)
    own, tied = small.layers(), replace(small, tied_head=True).layers()
    assert (_macs(own), _weights(own)) == (_macs(tied), _weights(tied) + 8 * 100)


# Origin: sums over consecutive widths; the embeddings are apart. The second number is of products without weights.
RECOMMENDER_WEIGHTS_AND_PRODUCTS = {
    "dlrm": (_widths_product(13, 512, 256, 128) + _widths_product(479, 1024, 1024, 512, 256, 1), 27**2 * 128),
    "wide_deep": (_widths_product(1200, 1024, 512, 256, 1), 0),
    "ncf": (_widths_product(256, 256, 128, 64) + 64 + 64, 0),
    "din": (_widths_product(512, 80, 40, 1) + 128**2 + _widths_product(256, 80, 40, 1), 50 * 128),
    "deepfm": (_widths_product(39 * 10, 400, 400, 400, 1), 0),
}


@pytest.mark.parametrize("name", network_names("recommendation"))
@pytest.mark.parametrize("dims", [{}, {"batch": 3}], ids=["defaults", "3"])
def test_a_recommender_agrees_with_its_closed_form(name: str, dims: dict[str, int]) -> None:
    layers = NETWORKS.get(name).layers(**dims)
    weights, products = RECOMMENDER_WEIGHTS_AND_PRODUCTS[name]
    further_behaviours = 49 * _widths_product(512, 80, 40, 1) if name == "din" else 0  # share the activation unit
    assert _weights(layers) == weights
    assert _macs(layers) == dims.get("batch", 128) * (weights + products + further_behaviours)


@each_network
def test_an_entry_without_a_published_figure_says_so(entry: Network) -> None:
    complete = entry.published_macs is not None and entry.published_parameters is not None
    assert ("none published" in entry.figures) != complete


@each_network
def test_a_larger_batch_scales_macs_exactly(entry: Network) -> None:
    one, three = entry.layers(batch=1), entry.layers(batch=3)
    shared = sum(layer.macs for layer in one if layer.name.endswith(".position"))  # Transformer-XL's distances
    assert _macs(three) - shared == 3 * (_macs(one) - shared)


@each_size
def test_no_size_but_the_number_of_blocks_changes_the_weights(name: str, dim: str) -> None:
    entry = NETWORKS.get(name)
    once, twice = (_weights(entry.layers(**{dim: times * entry.dims[dim]})) for times in (1, 2))
    assert (twice > once) if dim == "blocks" else (twice == once)


@pytest.mark.parametrize("name", ["resnet50", "resnext50_32x4d", "mobilenet_v2", "mnasnet1_0", "shufflenet_v2"])
def test_twice_the_rows_and_columns_make_four_times_the_macs_of_convolutions(name: str) -> None:
    once, twice = (NETWORKS.get(name).layers(size=size)[:-1] for size in (224, 448))
    assert _macs(twice) == 4 * _macs(once)


@each_network
def test_a_layer_needs_only_layers_before_it(entry: Network) -> None:
    for layers in (entry.layers(batch=2), entry.build(**entry.published_at)):
        earlier: set[str] = set()
        for layer in layers:
            assert earlier.issuperset(layer.after), layer
            assert len(set(layer.after)) == len(layer.after)
            assert layer.name not in earlier
            earlier.add(layer.name)


@each_network
def test_the_last_layer_is_the_only_output(entry: Network) -> None:
    layers = entry.layers()
    needed = {name for layer in layers for name in layer.after}
    assert [layer.name for layer in layers if layer.name not in needed] == [layers[-1].name]


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "googlenet", "squeezenet1_1", "mobilenet_v2", "mnasnet1_0"])
def test_a_convolution_reads_the_channels_of_all_its_producers_and_no_more_rows(name: str) -> None:
    layers = {layer.name: layer for layer in NETWORKS.get(name).layers() if layer.kind is not LayerKind.FFN}
    for layer in list(layers.values())[1:]:
        assert layer.C == sum(layers[each].K for each in layer.after)
        assert all(layer.Y <= layers[each].output_rows for each in layer.after)


XL = "decoder.7.attention"
NEEDS = {
    ("googlenet", "inception4a.pool_proj"): [f"inception3b.{path}" for path in ("1x1", "3x3", "5x5", "pool_proj")],
    ("resnet50", "conv3_1.shortcut"): ["conv2_3.expand"],
    ("resnet50", "conv3_2.reduce"): ["conv3_1.expand", "conv3_1.shortcut"],
    ("resnext50_32x4d", "fc"): ["conv5_3.expand"],
    ("shufflenet_v2", "stage2_3.conv1"): ["stage2_1.shortcut", "stage2_1.conv2", "stage2_2.conv2"],  # half unchanged
    ("efficientnet_b0", "mbconv2_1.project"): ["mbconv2_1.depthwise", "mbconv2_1.excite"],
    ("bert_base", "encoder.0.attention.key"): [],
    ("bert_base", "encoder.3.attention.value"): ["encoder.2.ffn.down"],
    ("bert_base", "encoder.3.attention.scores"): ["encoder.3.attention.query", "encoder.3.attention.key"],
    ("bert_base", "encoder.3.attention.context"): ["encoder.3.attention.scores", "encoder.3.attention.value"],
    ("bert_base", "encoder.3.ffn.up"): ["encoder.3.attention.output"],
    ("mobilebert", "encoder.1.attention.query"): ["encoder.1.attention.bottleneck"],
    ("mobilebert", "encoder.1.attention.value"): ["encoder.0.bottleneck_out"],
    ("mobilebert", "encoder.1.ffn0.up"): ["encoder.1.attention.output", "encoder.1.bottleneck_in"],
    ("t5_small", "decoder.0.attention.query"): [],
    ("t5_small", "decoder.4.cross.query"): ["decoder.4.attention.output"],
    ("t5_small", "decoder.4.cross.key"): ["encoder.5.ffn.down"],
    ("transformer_xl", f"{XL}.position"): [],
    ("transformer_xl", f"{XL}.position_scores"): [f"{XL}.query", f"{XL}.position"],
    ("transformer_xl", f"{XL}.context"): [f"{XL}.scores", f"{XL}.position_scores", f"{XL}.value"],
    ("dlrm", "interaction"): ["bottom.2"],
    ("dlrm", "top.0"): ["bottom.2", "interaction"],
    ("ncf", "output"): ["mlp.2"],
    ("din", "pooling"): ["activation.2"],
    ("llama3_1_8b", "decoder.0.ffn.gate"): ["decoder.0.attention.output"],
    ("llama3_1_8b", "decoder.0.ffn.down"): ["decoder.0.ffn.gate", "decoder.0.ffn.up"],
    ("llama3_1_8b", "head"): ["decoder.0.ffn.down"],
    ("mixtral_8x7b", "decoder.0.router"): ["decoder.0.attention.output"],
    ("mixtral_8x7b", "decoder.0.expert7.up"): ["decoder.0.router"],
    ("mixtral_8x7b", "head"): [f"decoder.0.expert{i}.down" for i in range(8)],
}


@pytest.mark.parametrize(("network", "layer"), NEEDS, ids="/".join)
def test_a_layer_needs_those_whose_outputs_it_reads(network: str, layer: str) -> None:
    assert list(_layer(network, layer).after) == NEEDS[network, layer]


def test_an_identity_shortcut_is_needed_through_the_block_that_it_bridges() -> None:
    terms = ["conv2_2.expand", "conv2_1.expand", "conv2_1.shortcut"]
    assert without_implied(NETWORKS.get("resnet50").layers(), terms) == ("conv2_2.expand",)
    assert _layer("resnet50", "conv2_3.reduce").after == ("conv2_2.expand",)


def test_a_producer_that_another_one_needs_is_implied() -> None:
    net = Chain(8, 4).conv("a", 8).conv("b", 8)
    net.branch().conv("c", 8)
    assert without_implied(net.layers, ["a", "c", "b", "c"]) == ("c",)
    assert without_implied(net.layers[:2], ["b"]) == ("b",)


@each_network
def test_every_layer_has_an_output_and_makes_macs(entry: Network) -> None:
    assert entry.layers() == entry.build()
    assert all(min(layer.output_rows, layer.output_columns, layer.macs) >= 1 for layer in entry.layers())


KIND_COUNTS = {
    "alexnet": {"CONV": 5, "FFN": 3},  # Krizhevsky 2014: 5 convolutions, 3 fully connected
    "vgg16": {"CONV": 13, "FFN": 3},  # Simonyan 2014, table 1, column D: 13 and 3
    "googlenet": {"CONV": 57, "FFN": 1},  # Szegedy 2014, table 1: 3 + 9 blocks of 6 convolutions, and the classifier
    "resnet50": {"CONV": 53, "FFN": 1},  # He 2015, table 1: stem, 16 blocks of 3, 4 shortcuts, and the classifier
    "resnext50_32x4d": {"CONV": 53, "FFN": 1},  # Xie 2017, table 1: as ResNet-50
    "squeezenet1_1": {"CONV": 26},  # Iandola 2016: 8 fire modules of 3, two convolutions, no classifier
    "mobilenet_v2": {
        "CONV": 35,
        "DSCONV": 17,
        "FFN": 1,
    },  # Sandler 2018, table 2: 17 blocks, the first without expansion
    "mnasnet1_0": {"CONV": 35, "DSCONV": 17, "FFN": 1},  # Tan 2018, B1: 16 blocks after a separable convolution
    "shufflenet_v2": {
        "CONV": 37,
        "DSCONV": 19,
        "FFN": 1,
    },  # Ma 2018, table 5: 16 units of 2 + 1, of which 3 have a shortcut of 1 + 1
    "efficientnet_b0": {"CONV": 33, "DSCONV": 16, "FFN": 33},  # Tan 2019, table 1: 16 blocks, squeeze-and-excite
    "bert_base": {"GEMM": 96, "FFN": 1},  # Devlin 2018: 12 blocks of 4 + 2 + 2; the pooler sees one token
    "mobilebert": {"GEMM": 24 * 17 + 1},  # Sun 2020: 24 blocks of 3 + 4 + 2 + 4 x 2, and trigrams
    "gpt2": {"GEMM": 97},  # Radford 2019: 12 blocks of 8, and the head
    "transformer_xl": {"GEMM": 161},  # Dai 2019: 16 blocks of 8 + 2 for relative positions, and the head
    "t5_small": {"GEMM": 133},  # Raffel 2019: 6 blocks of 8, 6 of 8 + 6 with cross-attention, and the head
    "xlm": {"GEMM": 96},  # Conneau 2019: 12 blocks of 8
    # a block of 6 + 3, or of 6 + a router + 3 an expert, and the head on one token
    "llama3_1_8b": {"GEMM": 9, "FFN": 1},
    "llama2_70b": {"GEMM": 9, "FFN": 1},
    "mixtral_8x7b": {"GEMM": 7 + 3 * 8, "FFN": 1},
    "qwen2_5_7b": {"GEMM": 9, "FFN": 1},
    "qwen3_30b_a3b": {"GEMM": 7 + 3 * 128, "FFN": 1},
}


@pytest.mark.parametrize("name", KIND_COUNTS)
def test_layers_of_each_kind_are_as_many_as_in_the_paper(name: str) -> None:
    assert Counter(layer.kind.name for layer in NETWORKS.get(name).build()) == KIND_COUNTS[name]


@pytest.mark.parametrize("name", network_names("vision"))
def test_a_vision_network_leads_from_one_image_of_224_rows_to_a_thousand_classes(name: str) -> None:
    layers = NETWORKS.get(name).layers()
    assert [layer for layer in layers if not layer.after] == [layers[0]]
    assert (layers[0].C, layers[0].Y, layers[0].X) == (3, 224, 224)
    assert layers[-1].K == 1000


SPOT_CHECKS = {
    # layer: (K, C, input rows, R, groups, output rows)
    ("alexnet", "conv1"): (64, 3, 224, 11, 1, 55),  # torchvision: 224 with padding 2
    ("alexnet", "fc6"): (4096, 256 * 6 * 6, 1, 1, 1, 1),  # torchvision: pooled to 6 x 6
    ("vgg16", "conv5_1"): (512, 512, 14, 3, 1, 14),  # Simonyan 2014: fourth pooling leaves 14
    ("vgg16", "fc6"): (4096, 512 * 7 * 7, 1, 1, 1, 1),  # Simonyan 2014: 7 x 7 x 512
    ("googlenet", "inception4e.3x3"): (320, 160, 14, 3, 1, 14),  # Szegedy 2014, table 1
    ("resnet50", "conv4_1.reduce"): (256, 512, 28, 1, 1, 28),  # version 1.5: the stride is in the 3x3
    ("resnet50", "conv4_1.3x3"): (256, 256, 28, 3, 1, 14),
    ("resnet50", "conv5_3.expand"): (2048, 512, 7, 1, 1, 7),  # He 2015, table 1
    ("resnext50_32x4d", "conv2_1.3x3"): (4, 4, 56, 3, 32, 56),  # Xie 2017, table 1: C = 32, d = 4
    ("resnext50_32x4d", "conv5_3.expand"): (2048, 1024, 7, 1, 1, 7),
    ("squeezenet1_1", "fire2.squeeze"): (16, 64, 55, 1, 1, 55),  # 224 -> 111 -> 55, rounded up
    ("squeezenet1_1", "conv10"): (1000, 512, 13, 1, 1, 13),  # 55 -> 27 -> 13
    ("mobilenet_v2", "bottleneck6_1.depthwise"): (576, 576, 14, 3, 1, 7),  # Sandler 2018, table 2: 6 x 96
    ("mnasnet1_0", "mbconv5_1.depthwise"): (576, 576, 14, 5, 1, 7),  # Tan 2018: MBConv6 5x5 on 96
    ("shufflenet_v2", "stage2_1.shortcut_depthwise"): (24, 24, 56, 3, 1, 28),  # Ma 2018, figure 3(d)
    ("shufflenet_v2", "stage4_4.conv1"): (232, 232, 7, 1, 1, 7),  # Ma 2018: half of 464
    ("efficientnet_b0", "mbconv2_1.squeeze"): (8, 32, 1, 1, 1, 1),  # Tan 2019: a quarter of 32
    ("efficientnet_b0", "mbconv7_4.depthwise"): (1152, 1152, 7, 5, 1, 7),  # Tan 2019, table 1: 6 x 192
    # GEMMs: (n, k, m, 1, groups, m)
    ("bert_base", "encoder.0.attention.scores"): (128, 64, 128, 1, 12, 128),  # Devlin 2018: 12 heads of 64
    ("mobilebert", "encoder.23.attention.scores"): (128, 32, 128, 1, 4, 128),  # Sun 2020: 4 heads on 128
    ("transformer_xl", "decoder.0.attention.position_scores"): (300, 41, 150, 1, 10, 150),
    ("t5_small", "decoder.0.cross.scores"): (128, 64, 128, 1, 8, 128),  # Raffel 2019: 8 heads of 64
    ("xlm", "encoder.0.attention.scores"): (256, 128, 256, 1, 8, 256),  # 8 heads of 128
    ("dlrm", "interaction"): (27, 128, 27, 1, 128, 27),  # Naumov 2019: 26 + 1 vectors a sample
    ("dlrm", "top.0"): (1024, 479, 128, 1, 1, 128),  # MLPerf: 128 + 27 * 26 / 2
    ("din", "activation.0"): (80, 512, 128 * 50, 1, 1, 128 * 50),  # the authors' code: 4 x 128
    ("din", "pooling"): (128, 50, 1, 1, 128, 1),  # a weight a behaviour
    # heads that share a key are rows of one product
    ("llama3_1_8b", "decoder.0.attention.scores"): (2048, 128, 4 * 2048, 1, 8, 4 * 2048),  # 32 heads on 8
    ("qwen2_5_7b", "decoder.0.attention.context"): (128, 2048, 7 * 2048, 1, 4, 7 * 2048),  # 28 heads on 4
    ("qwen3_30b_a3b", "decoder.0.attention.query"): (4096, 2048, 2048, 1, 1, 2048),  # 32 heads of 128
    ("qwen3_30b_a3b", "decoder.0.expert127.gate"): (768, 2048, 128, 1, 1, 128),  # 2048 tokens x 8 / 128
    ("llama2_70b", "head"): (32_000, 8192, 1, 1, 1, 1),  # the last token
}


@pytest.mark.parametrize(("network", "layer"), SPOT_CHECKS, ids="/".join)
def test_a_known_layer_has_its_published_shape(network: str, layer: str) -> None:
    got = _layer(network, layer)
    assert (got.K, got.C, got.Y, got.R, got.groups, got.output_rows) == SPOT_CHECKS[network, layer]


@pytest.mark.parametrize("name", network_names("vision"))
def test_images_pass_a_convolution_one_by_one_and_a_classifier_at_once(name: str) -> None:
    layers = NETWORKS.get(name).layers(batch=4)
    assert {layer.batch for layer in layers if layer.kind in (LayerKind.CONV, LayerKind.DSCONV)} == {4}
    assert all(layer.Y == 4 and layer.batch == 1 for layer in layers if layer.kind is LayerKind.GEMM)
    assert not any(layer.kind is LayerKind.FFN for layer in layers)


@pytest.mark.parametrize("name", network_names("language"))
def test_products_of_attention_have_a_group_for_each_head_of_each_sample(name: str) -> None:
    for one, three in zip(*(NETWORKS.get(name).layers(batch=batch) for batch in (1, 3)), strict=True):
        of_attention = one.name.rpartition(".")[2] in ("scores", "position_scores", "context")
        assert three.groups == (3 * one.groups if of_attention else 1)
        assert (one.groups > 1, one.Y == three.Y) == (of_attention, of_attention or one.name.endswith(".position"))


@pytest.mark.parametrize("name", network_names("recommendation"))
def test_a_recommender_on_one_sample_has_no_dense_gemm(name: str) -> None:
    dense_kinds = {layer.kind for layer in NETWORKS.get(name).layers(batch=1) if weight_count(layer)}
    per_behaviour = {LayerKind.GEMM} if name == "din" else set()  # DIN's activation unit sees the whole history
    assert dense_kinds == {LayerKind.FFN} | per_behaviour


def test_keys_are_as_many_as_the_memory_and_segment_or_the_source() -> None:
    no_memory = NETWORKS.get("transformer_xl").build(64, memory_length=0)
    assert {layer.K for layer in no_memory if layer.name.endswith(".scores")} == {64}
    short_target = NETWORKS.get("t5_small").build(96, target_length=10)
    cross = next(layer for layer in short_target if layer.name == "decoder.3.cross.scores")
    assert (cross.Y, cross.K, cross.groups) == (10, 96, 8)


def test_weights_are_those_of_all_groups_whatever_the_batch() -> None:
    assert weight_count(Layer.conv("c", out=8, inp=16, size=4, kernel=3, groups=4, batch=5)) == 8 * (16 // 4) * 9
    assert weight_count(Layer.depthwise("d", channels=32, size=8, kernel=5)) == 32 * 25
    assert [weight_count(dense(f"block.{part}", out=8, inp=4, rows=2)) for part in WEIGHTLESS] == [0] * len(WEIGHTLESS)


@pytest.mark.parametrize(("ceil", "size"), [(False, 54), (True, 55)])
def test_pooling_keeps_a_partly_filled_window_only_when_told(ceil: bool, size: int) -> None:
    assert Chain(3, 110).pool(3, 2, ceil=ceil).size == size


def test_a_branch_appends_to_its_trunk_and_leaves_its_extents() -> None:
    net = Chain(8, 32)
    net.branch().conv("side", 16, 3, stride=2)
    assert [layer.name for layer in net.layers] == ["side"]
    assert (net.channels, net.size) == (8, 32)


DIMENSIONS = {
    "vision": {"size": 224, "batch": 1},
    "language": {"sequence_length": 128, "batch": 1},
    "recommendation": {"batch": 128},
    "llm": {"phase": "prefill", "batch": 1, "context_length": 2048, "blocks": 1},
}


@each_network
def test_the_networks_of_a_task_take_the_same_dimensions_with_the_documented_defaults(entry: Network) -> None:
    longer = {"transformer_xl": {"sequence_length": 150}, "xlm": {"sequence_length": 256}}
    assert entry.dims == {**DIMENSIONS[entry.task], **longer.get(entry.name, {})}


@each_size
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "8"])
def test_a_size_that_is_no_positive_integer_is_refused(name: str, dim: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=f"^{name}: {dim}: expected an integer of at least 1"):
        NETWORKS.get(name).layers(**{dim: value})  # type: ignore[arg-type]


@each_model
@pytest.mark.parametrize("value", ["train", "Decode", "", 1, None])
def test_a_phase_is_one_of_the_words_that_the_error_lists(name: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=f"^{name}: phase: expected prefill or decode, got "):
        NETWORKS.get(name).layers(phase=value)  # type: ignore[arg-type]


def test_a_model_has_no_more_blocks_than_are_published() -> None:
    with pytest.raises(InvalidInput, match=r"^llama3_1_8b: blocks: expected an integer from 1 to 32, got 33"):
        NETWORKS.get("llama3_1_8b").layers(blocks=33)


def test_an_integer_of_numpy_is_a_dimension() -> None:
    entry = NETWORKS.get("resnet50")
    assert entry.layers(size=np.int32(64)) == entry.layers(size=64)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", network_names("vision"))
def test_a_small_image_gives_layers_or_an_error_that_names_the_network(name: str) -> None:
    for size in range(1, 70):
        try:
            assert len(NETWORKS.get(name).layers(size=size)) == len(NETWORKS.get(name).layers())
        except InvalidInput as error:
            assert str(error).startswith(f"{name}: feature map: expected at least")  # noqa: PT017  # either will do


def test_names_are_listed_a_task() -> None:
    assert sum((network_names(task) for task in get_args(Task)), ()) == network_names()


def test_an_unknown_network_dimension_or_task_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean resnet50"):
        NETWORKS.get("resnet5")
    with pytest.raises(UnknownName, match="unknown dimension of bert_base 'sequence': did you mean sequence_length"):
        NETWORKS.get("bert_base").layers(sequence=64)
    with pytest.raises(UnknownName, match="did you mean vision"):
        Network(name="n", task="visions", build=tuple, source="", figures="")  # type: ignore[arg-type]


def test_every_network_of_the_folder_is_in_the_table() -> None:
    folder = problems.networks
    modules = [importlib.import_module(f"{folder.__name__}.{m.name}") for m in pkgutil.iter_modules(folder.__path__)]
    defined = [value for module in modules for value in vars(module).values() if isinstance(value, Network)]
    names = sorted(entry.name for entry in defined)  # as a list: two entries of one name would differ
    assert names == sorted(NETWORKS.names())


def test_importing_the_table_generates_no_layer() -> None:
    code = "import problems.layers as p; p.Layer.__init__ = None; import problems.networks"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
