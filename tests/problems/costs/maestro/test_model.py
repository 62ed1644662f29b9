"""The ``maestro`` model: MAESTRO's figures of one group of one sample, as often as there are such."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.costs.maestro.closed_forms import maestro_costs
from problems.costs.maestro.model import Maestro
from problems.foundation.errors import InvalidInput
from problems.layers import Layer, LayerKind, layer_rows
from problems.platform import Core

STYLES = Maestro.dataflows
CORES = [Core(style, num_pes, cluster) for style in STYLES for num_pes, cluster in [(2048, 64), (100, 7), (64, 64)]]


@st.composite
def layers(draw, kinds=tuple(LayerKind), filters=11):
    kind = draw(st.sampled_from(kinds))
    size, kernel = st.integers(1, 600), st.integers(1, filters)
    R, S = draw(kernel), draw(kernel)
    extents = (R + draw(st.integers(0, 230)), S + draw(st.integers(0, 230)), R, S)
    shape = {LayerKind.FFN: (1, 1, 1, 1), LayerKind.GEMM: (draw(size), 1, 1, 1)}.get(kind, extents)
    return Layer("z", kind, draw(size), draw(size), *shape)


def figures(layer, core):
    return maestro_costs(layer_rows([layer]), style=core.dataflow, num_pes=core.num_pes, cluster=core.cluster)


@pytest.mark.parametrize("core", CORES, ids=str)
@given(layer=layers())
def test_one_group_of_one_sample_costs_what_maestro_says_to_the_last_bit(core, layer):
    ours, theirs = Maestro().costs([layer], core), figures(layer, core)
    assert ours.valid == theirs.valid
    assert ours.latency_cycles == theirs.runtime_cycles
    assert ours.macs == theirs.num_macs
    assert np.array_equal(ours.energy_nj, theirs.energy_nj, equal_nan=True)
    # in its odd regions MAESTRO asks for less than nothing, and for nothing that is a number where it has no figures
    assert ours.buffer_bytes == max(theirs.l2_size_bytes, 0)
    assert ours.bandwidth == (max(theirs.bandwidth, 0.0) if theirs.valid else 0.0)


@pytest.mark.parametrize("core", CORES, ids=str)
@given(layer=layers(), groups=st.integers(1, 40), batch=st.integers(1, 40))
def test_groups_and_samples_run_one_after_another(core, layer, groups, batch):
    one, many = (Maestro().costs([z], core) for z in (layer, replace(layer, groups=groups, batch=batch)))
    assert many.latency_cycles - 1 == groups * batch * (one.latency_cycles - 1)
    assert many.macs == groups * batch * one.macs
    assert np.array_equal(many.energy_nj, groups * batch * one.energy_nj, equal_nan=True)
    for same in ("bandwidth", "buffer_bytes", "valid"):
        assert getattr(many, same) == getattr(one, same)


def test_a_filter_larger_than_the_input_is_not_valid():
    padded = Layer.conv("z", out=8, inp=8, size=2, kernel=3)
    for style in STYLES:
        assert not Maestro().costs([padded], Core(style, 2048)).valid[0]


def test_stride_and_padding_do_not_exist():
    strided = Layer.conv("z", out=8, inp=8, size=30, kernel=5, stride=2)
    bare = replace(strided, output_rows=26, output_columns=26)
    for style in STYLES:
        costs = Maestro().costs([strided, bare], Core(style, 2048))
        assert costs.latency_cycles[0] == costs.latency_cycles[1]
        assert costs.macs[0] == 8 * 8 * 25 * 26 * 26 != strided.macs


def test_a_layer_beyond_64_bits_is_refused():
    with pytest.raises(InvalidInput, match="row 0"):
        Maestro().costs([Layer("z", LayerKind.GEMM, 10**9, 10**9, 10**9, 1, 1, 1)], Core("dla", 2048))


# How many PEs may multiply at once: MAESTRO counts its own MACs, at stride 1 without padding.


@pytest.mark.parametrize("style", ["dla", "shi"])
@given(layer=layers())
def test_no_pe_multiplies_more_than_once_a_cycle_where_clusters_outnumber_the_rows_of_a_filter(style, layer):
    costs = Maestro().costs([layer], Core(style, 2048))
    assert costs.latency_cycles * 2048 >= costs.macs


@pytest.mark.parametrize("core", [Core("eye", 2048), Core("eye", 64), Core("eye", 100, 11)], ids=str)
@given(layer=layers(kinds=[LayerKind.CONV, LayerKind.GEMM, LayerKind.FFN]))
def test_eye_multiplies_up_to_once_for_each_filter_column_on_a_pe_in_a_cycle(core, layer):
    costs = Maestro().costs([layer], core)
    assert costs.latency_cycles * core.num_pes * layer.S >= costs.macs


def test_eye_multiplies_more_than_once_on_a_pe_in_a_cycle():
    costs = Maestro().costs([Layer("z", LayerKind.CONV, 8, 8, 70, 77, 7, 7)], Core("eye", 64))
    assert costs.macs[0] / costs.latency_cycles[0] / 64 == pytest.approx(7 * 71 / 77 * 49 / 50, rel=0.01)


def test_shi_multiplies_more_than_once_on_a_pe_in_a_cycle_with_few_clusters():
    costs = Maestro().costs([Layer("z", LayerKind.CONV, 8, 8, 12, 70, 7, 7)], Core("shi", 128))
    assert costs.macs[0] / costs.latency_cycles[0] / 128 == pytest.approx(3 * 49 / 50, rel=1e-3)


@given(layer=layers(kinds=[LayerKind.DSCONV]))
def test_depthwise_multiplies_at_most_once_on_a_pe_in_a_cycle_where_there_are_more_pes_than_in_a_cluster(layer):
    costs = Maestro().costs([layer], Core("dla", 100, 7))
    assert costs.latency_cycles * 100 >= costs.macs


def test_depthwise_multiplies_more_than_once_on_a_pe_in_a_cycle_of_a_single_cluster():
    costs = Maestro().costs([Layer.depthwise("z", channels=21, size=30, kernel=3)], Core("dla", 4, 4))
    assert costs.macs[0] / costs.latency_cycles[0] / 4 == pytest.approx(21 / 20, rel=1e-3)
