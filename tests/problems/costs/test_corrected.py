"""What every registered cost model keeps to, then the ``corrected`` one against hand-computed figures."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.costs import BUILTIN, Costs, cost_model
from problems.costs.corrected import Corrected, span
from problems.foundation.errors import UnknownName
from problems.layers import LARGEST_SIZE, Layer, LayerKind, output_extent
from problems.platform import Core

MODELS = [entry.name for entry in BUILTIN]  # not what else is installed
MODELS_AND_DATAFLOWS = [(name, style) for name in MODELS for style in cost_model(name).dataflows]
FIGURES = [field.name for field in fields(Costs)]
STYLES = Corrected.dataflows


@st.composite
def cores(draw, style):
    cluster = draw(st.integers(1, 70))
    return Core(style, cluster * draw(st.integers(1, 40)) + draw(st.integers(0, cluster - 1)), cluster)


@st.composite
def strided(draw, kinds=tuple(LayerKind), largest=200):
    """A layer, its stride, and its padding of at most "same"."""
    kind = draw(st.sampled_from(kinds))
    size = st.integers(1, largest)
    K, C, groups, batch = draw(size), draw(size), draw(st.integers(1, 12)), draw(st.integers(1, 5))
    if kind is LayerKind.FFN:
        return Layer("ffn", kind, K, C, 1, 1, 1, 1, groups=groups, batch=batch), 1, 0
    if kind is LayerKind.GEMM:
        return Layer("gemm", kind, K, C, draw(size), 1, 1, 1, groups=groups, batch=batch), 1, 0
    R, S, stride = draw(st.integers(1, 7)), draw(st.integers(1, 7)), draw(st.integers(1, 3))
    padding = draw(st.integers(0, (min(R, S) - 1) // 2))
    Y, X = R + draw(st.integers(0, 80)), S + draw(st.integers(0, 80))
    H, W = output_extent(Y, R, stride, padding), output_extent(X, S, stride, padding)
    return Layer("conv", kind, K, C, Y, X, R, S, H, W, groups, batch), stride, padding


def layers(**limits):
    return strided(**limits).map(lambda drawn: drawn[0])


def random_layers(n, seed=0):
    rng = np.random.default_rng(seed)

    def one(i):
        K, C, extent = (int(v) for v in rng.integers(1, 300, 3))
        kernel, stride, batch = (int(v) for v in rng.integers(1, (8, 4, 4)))
        extent += kernel
        match i % 5:
            case 0:
                return Layer.ffn(f"{i}", out=K, inp=C)
            case 1:
                return Layer.gemm(f"{i}", m=extent, n=K, k=C, groups=batch)
            case 2:
                return Layer.depthwise(f"{i}", channels=C, size=extent, kernel=kernel, stride=stride, batch=batch)
            case 3:
                return Layer.conv(f"{i}", out=4 * K, inp=4 * C, size=extent, kernel=kernel, stride=stride, groups=4)
            case _:
                return Layer.conv(f"{i}", out=K, inp=C, size=extent, kernel=kernel, stride=stride, batch=batch)

    return [one(i) for i in range(n)]


def equal(a, b):
    return all(np.array_equal(getattr(a, name), getattr(b, name), equal_nan=name != "valid") for name in FIGURES)


def rows_of(costs, rows):
    return Costs(**{name: getattr(costs, name)[rows] for name in FIGURES})


# Every registered model


@pytest.mark.parametrize(("name", "style"), MODELS_AND_DATAFLOWS)
def test_figures_are_one_number_a_layer_and_none_is_negative(name, style):
    several = random_layers(200)
    costs = cost_model(name).costs(several, Core(style, 2048))
    assert costs.valid.dtype == np.bool_
    assert costs.valid.sum() > 150
    for figure in FIGURES:
        values = getattr(costs, figure)
        assert values.shape == (200,)
        if figure != "valid":
            assert values.dtype == np.float64
            assert not (values[costs.valid] < 0).any()
            assert np.isfinite(values[costs.valid]).all() or figure == "energy_nj"
    assert (costs.latency_cycles[costs.valid] >= 1).all()


@pytest.mark.parametrize(("name", "style"), MODELS_AND_DATAFLOWS)
def test_no_layers_cost_nothing(name, style):
    costs = cost_model(name).costs([], Core(style, 2048))
    assert all(getattr(costs, figure).shape == (0,) for figure in FIGURES)


@pytest.mark.parametrize(("name", "style"), MODELS_AND_DATAFLOWS)
def test_a_layer_alone_costs_what_it_costs_in_company(name, style):
    several, model, core = random_layers(100), cost_model(name), Core(style, 500, 20)
    together = model.costs(several, core)
    for i, layer in enumerate(several):
        assert equal(model.costs([layer], core), rows_of(together, [i]))


@pytest.mark.parametrize(("name", "style"), MODELS_AND_DATAFLOWS)
def test_the_same_question_has_the_same_answer_whatever_was_asked_before(name, style):
    several, model = random_layers(60), cost_model(name)
    first = model.costs(several, Core(style, 2048))
    model.costs(several[:7], Core(style, 70, 7))
    again = model.costs([*several, *several][::-1], Core(style, 2048))
    assert equal(rows_of(again, slice(None, None, -1)), rows_of(first, [*range(60)] * 2))
    assert equal(cost_model(name).costs(tuple(several), Core(style, 2048)), first)


@pytest.mark.parametrize("name", MODELS)
def test_an_unknown_dataflow_suggests_the_right_one(name):
    with pytest.raises(UnknownName, match="did you mean eye"):
        cost_model(name).costs(random_layers(3), Core("eyes", 2048))


@pytest.mark.parametrize(("name", "style"), MODELS_AND_DATAFLOWS)
@given(data=st.data())
def test_the_parts_of_a_layer_have_its_macs(name, style, data):
    layer, model, core = data.draw(layers()), cost_model(name), Core(style, 256)
    parts = [replace(layer, groups=1, batch=1)] * layer.repeats
    whole, split = model.costs([layer], core), model.costs(parts, core)
    assert split.macs.sum() == whole.macs[0]
    assert (split.valid == whole.valid[0]).all()


# The corrected model


def corrected(layer, core):
    costs = Corrected().costs([layer], core)
    return {name: getattr(costs, name)[0] for name in FIGURES}


def test_dla_by_hand():
    layer = Layer.conv("z", out=70, inp=100, size=14, kernel=3)
    costs = corrected(layer, Core("dla", 2048))  # 32 clusters of 64
    assert costs["macs"] == 70 * 100 * 196 * 9 == layer.macs
    assert costs["latency_cycles"] == 3 * 2 * 196 * 9 + 1  # ceil(70 / 32), ceil(100 / 64)
    traffic = 100 * 196 + 70 * 100 * 9 + 70 * 196
    assert costs["bandwidth"] == traffic / 10585
    assert costs["buffer_bytes"] == 2 * (64 * 9 + 32 * 64 * 9 + 32) == 38080  # as in MAESTRO's worked example
    accesses = 3 * (100 * 14 * 3 * 14) + 63000 + 3 * (70 * 196)  # partial sums: written twice, read once
    energy_pj = 12_348_000 * (0.3 + 4 * 1.25) + (traffic + accesses) * 12.5 + traffic * 162.5
    assert costs["energy_nj"] == pytest.approx(energy_pj / 1000) == pytest.approx(85_807.4)


def test_eye_by_hand():
    layer = Layer.conv("z", out=64, inp=3, size=224, kernel=7, stride=2)
    costs = corrected(layer, Core("eye", 64, 16))
    assert costs["latency_cycles"] == 3 * 64 * 2 * 112 * 49 + 1  # 112 output rows on 64 PEs: two folds
    inputs, weights, outputs = 3 * 224 * 224, 64 * 3 * 49, 64 * 112 * 112
    assert costs["bandwidth"] == (inputs + weights + outputs) / costs["latency_cycles"]
    assert costs["buffer_bytes"] == 2 * (134 * 7 + 49 + 64)  # 64 * 224 / 112 + 7 - 1 rows of 7 columns
    accesses = 64 * inputs + 2 * weights + 5 * outputs
    energy_pj = 118_013_952 * 5.3 + (inputs + weights + outputs) * (12.5 + 162.5) + accesses * 12.5
    assert costs["energy_nj"] == pytest.approx(energy_pj / 1000)


def test_shi_by_hand():
    layer = Layer.depthwise("z", channels=32, size=28, kernel=5, stride=2)
    costs = corrected(layer, Core("shi", 64, 8))
    assert costs["latency_cycles"] == 32 * 4 * 25 + 1  # 14 x 14 outputs in four tiles of 8 x 8
    traffic = 32 * 28 * 28 + 32 * 25 + 32 * 14 * 14
    assert costs["bandwidth"] == traffic / 3201
    assert costs["buffer_bytes"] == 2 * (20 * 20 + 25 + 64)
    accesses = 32 * 28 * 28 + 4 * 32 * 25 + 32 * 14 * 14
    energy_pj = 156_800 * 5.3 + (traffic + accesses) * 12.5 + traffic * 162.5
    assert costs["energy_nj"] == pytest.approx(energy_pj / 1000) == pytest.approx(6891.04)


def test_groups_share_the_clusters_and_samples_share_the_weights():
    one = Layer.conv("z", out=128, inp=128, size=14, kernel=3, groups=32)  # 4 output channels a group
    costs, core = corrected(one, Core("dla", 2048)), Core("dla", 2048)
    assert costs["latency_cycles"] == 4 * 196 * 9 + 1  # eight groups at a time
    assert costs["buffer_bytes"] == 2 * (4 * (8 * 9 + 32 * 9) + 32)
    three = corrected(replace(one, batch=3), core)
    traffic = [c["bandwidth"] * c["latency_cycles"] for c in (costs, three)]
    assert traffic[1] == pytest.approx(3 * traffic[0] - 2 * 128 * 4 * 9)


def test_a_stride_of_two_in_the_stem_of_resnet50_is_counted():
    stem = Layer.conv("conv1", out=64, inp=3, size=224, kernel=7, stride=2)
    ours, theirs = (cost_model(name).costs([stem], Core("dla", 2048)) for name in ("corrected", "maestro"))
    assert ours.macs[0] == 118_013_952  # 7 * 7 * 3 * 64 * 112 * 112
    assert theirs.macs[0] / ours.macs[0] == pytest.approx((218 / 112) ** 2) == pytest.approx(3.79, abs=0.005)
    assert theirs.latency_cycles[0] / ours.latency_cycles[0] == pytest.approx(3.79 * 50 / 49, abs=0.01)


def test_padding_is_counted():
    padded = Layer.conv("z", out=8, inp=8, size=14, kernel=3)
    bare = replace(padded, output_rows=12, output_columns=12)
    macs = [corrected(layer, Core("dla", 64))["macs"] for layer in (padded, bare)]
    assert macs[0] / macs[1] == 196 / 144


def test_rows_that_a_strided_filter_passes_over_are_not_fetched():
    shortcut = Layer.conv("z", out=1, inp=1, size=56, kernel=1, stride=2, padding=0)
    costs = corrected(shortcut, Core("shi", 64))
    assert costs["bandwidth"] * costs["latency_cycles"] == pytest.approx(28 * 28 + 1 + 28 * 28)


@given(st.integers(1, 11), st.integers(1, 5), st.integers(0, 5), st.integers(0, 60), st.data())
def test_a_tile_touches_at_most_its_span(kernel, stride, padding, more, data):
    padding = min(padding, (kernel - 1) // 2)
    extent = kernel + more
    outputs = output_extent(extent, kernel, stride, padding)
    tile = data.draw(st.integers(1, outputs))
    first = stride * data.draw(st.integers(0, outputs - tile)) - padding
    touched = {first + stride * i + j for i in range(tile) for j in range(kernel)} & {*range(extent)}
    whole = min(extent, outputs * kernel)
    sizes = (np.array([float(v)]) for v in (whole, outputs, kernel, tile))
    assert len(touched) <= span(*sizes)[0] <= whole


def grown(layer, field, more, stride, padding):
    """``layer`` with ``more`` of ``field``: a larger input has more outputs, a larger filter a larger input."""
    if field in ("R", "S"):
        extent = {"R": "Y", "S": "X"}[field]
        return replace(layer, **{field: getattr(layer, field) + more, extent: getattr(layer, extent) + more})
    layer = replace(layer, **{field: getattr(layer, field) + more})
    rows = output_extent(layer.Y, layer.R, stride, padding)
    return replace(layer, output_rows=rows, output_columns=output_extent(layer.X, layer.S, stride, padding))


GROWING = ("K", "C", "Y", "X", "R", "S", "groups", "batch")


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
def test_latency_energy_and_traffic_never_fall_when_a_layer_grows(style, data):
    layer, stride, padding = data.draw(strided())
    larger = [grown(layer, field, data.draw(st.integers(1, 100)), stride, padding) for field in GROWING]
    costs = Corrected().costs([layer, *larger], data.draw(cores(style)))
    traffic = costs.bandwidth * costs.latency_cycles
    for figure in (costs.latency_cycles, costs.energy_nj, traffic * (1 + 1e-12 * (np.arange(9) > 0))):
        assert (figure[1:] >= figure[0]).all()


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
def test_no_pe_multiplies_more_than_once_a_cycle(style, data):
    layer, core = data.draw(layers()), data.draw(cores(style))
    costs = corrected(layer, core)
    assert costs["macs"] == layer.macs
    assert costs["latency_cycles"] * core.num_pes >= layer.macs


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
def test_the_parts_of_a_layer_one_by_one_are_never_faster_nor_move_less(style, data):
    layer, core = data.draw(layers()), data.draw(cores(style))
    costs = Corrected().costs([layer, replace(layer, groups=1, batch=1)], core)
    latency, traffic = costs.latency_cycles - 1, costs.bandwidth * costs.latency_cycles
    assert latency[0] <= layer.repeats * latency[1]
    assert traffic[0] <= layer.repeats * traffic[1] * (1 + 1e-12)


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
def test_a_depthwise_layer_is_a_convolution_with_a_group_a_channel(style, data):
    layer, core = data.draw(layers(kinds=[LayerKind.DSCONV])), data.draw(cores(style))
    grouped = replace(layer, kind=LayerKind.CONV, K=1, C=1, groups=layer.C * layer.groups)
    assert corrected(layer, core) == corrected(grouped, core) == corrected(replace(layer, K=7), core)


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
def test_the_working_tile_is_never_larger_than_the_tensors(style, data):
    layer, core = data.draw(layers()), data.draw(cores(style))
    one = Corrected().costs([layer], core)
    tensors = one.bandwidth * one.latency_cycles
    assert one.buffer_bytes <= 2 * tensors * (1 + 1e-12)


@pytest.mark.parametrize("style", STYLES)
def test_a_thousand_layers_cost_the_same_one_by_one(style):
    several, core = random_layers(1000, seed=1), Core(style, 2048)
    together = Corrected().costs(several, core)
    alone = [Corrected().costs([layer], core) for layer in several]
    for name in FIGURES:
        assert np.concatenate([getattr(costs, name) for costs in alone]).tolist() == getattr(together, name).tolist()


@pytest.mark.parametrize("style", STYLES)
def test_the_largest_layer_does_not_overflow(style):
    sizes = [LARGEST_SIZE] * 8
    costs = corrected(Layer("z", LayerKind.CONV, *sizes, groups=LARGEST_SIZE, batch=LARGEST_SIZE), Core(style, 64))
    assert all(np.isfinite(value) and value > 0 for value in costs.values())
