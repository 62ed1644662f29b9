"""Flexible arrays against a search through all shapes in plain Python."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.costs import Costs, cost_model
from problems.costs.flexible import LARGEST_BUFFER, Flexible, divisors
from problems.foundation.errors import UnknownName
from problems.layers import Layer, LayerKind
from problems.platform import Core

INNER = ["maestro", "corrected"]
FIGURES = [field.name for field in fields(Costs)]


@st.composite
def layers(draw):
    kind = draw(st.sampled_from(LayerKind))
    size, kernel = st.integers(1, 120), draw(st.integers(1, 5))
    extents = (draw(st.integers(1, 40)), draw(st.integers(1, 40)), kernel, kernel)
    shape = {LayerKind.FFN: (1, 1, 1, 1), LayerKind.GEMM: (draw(size), 1, 1, 1)}.get(kind, extents)
    repeats = {"groups": draw(st.integers(1, 4)), "batch": draw(st.integers(1, 4))}
    return Layer("z", kind, draw(size), draw(size), *shape, **repeats)


@st.composite
def cores(draw, largest_buffer=None):
    cluster = draw(st.integers(1, 64))
    buffer_bytes = None if largest_buffer is None else draw(st.integers(1, largest_buffer))
    return Core("dla", draw(st.integers(cluster, 300)), cluster, buffer_bytes=buffer_bytes)


def figures(costs, row=0):
    return [getattr(costs, name)[row].item() for name in FIGURES]


def fastest(inner, layer, core, limit):
    """The definition: cost model, "Flexible PE arrays"."""
    best = default = cost_model(inner).costs([layer], core)
    key = (np.inf, np.inf)
    for cluster in [core.cluster, *range(1, min(layer.C + 1, core.num_pes))]:
        if cluster != core.cluster and layer.C % cluster:
            continue
        costs = cost_model(inner).costs([layer], replace(core, cluster=cluster))
        fits = costs.valid[0] and costs.buffer_bytes[0] <= limit
        if fits and (costs.latency_cycles[0], costs.bandwidth[0]) < key:
            best, key = costs, (costs.latency_cycles[0], costs.bandwidth[0])
    return figures(best if key[0] < np.inf else default)


@pytest.mark.parametrize("inner", INNER)
@given(several=st.lists(layers(), min_size=1, max_size=4), core=cores())
def test_the_fastest_shape_of_all_is_found(inner, several, core):
    costs = Flexible(inner=inner).costs(several, core)
    for i, layer in enumerate(several):
        np.testing.assert_equal(figures(costs, i), fastest(inner, layer, core, 2 * 2**20))


@pytest.mark.parametrize("inner", INNER)
@given(layer=layers(), core=cores(largest_buffer=20_000))
def test_a_stated_buffer_is_the_limit(inner, layer, core):
    costs = Flexible(inner=inner).costs([layer], core)
    np.testing.assert_equal(figures(costs), fastest(inner, layer, core, core.buffer_bytes))


@pytest.mark.parametrize("inner", INNER)
@given(several=st.lists(layers(), min_size=1, max_size=8), core=cores())
def test_no_job_is_slower_than_on_the_fixed_array_if_it_fits_there(inner, several, core):
    flexible, fixed = (model.costs(several, core) for model in (Flexible(inner=inner), cost_model(inner)))
    fits = fixed.valid & (fixed.buffer_bytes <= LARGEST_BUFFER)
    assert (flexible.latency_cycles[fits] <= fixed.latency_cycles[fits]).all()


def test_a_layer_with_few_channels_is_faster_on_small_clusters():
    stem = Layer.conv("conv1", out=64, inp=3, size=224, kernel=7, stride=2)
    flexible, fixed = (
        cost_model(name).costs([stem], Core("dla", 2048)) for name in ("corrected-flexible", "corrected")
    )
    assert fixed.latency_cycles[0] == 2 * 112 * 112 * 49 + 1  # 32 clusters for 64 filters, 3 PEs of each in use
    assert flexible.latency_cycles[0] == 112 * 112 * 49 + 1  # 682 clusters of 3
    assert flexible.macs[0] == fixed.macs[0]


def test_a_shape_that_does_not_fit_is_not_taken_though_it_is_faster():
    layer, core = Layer("z", LayerKind.CONV, 4096, 128, 20, 20, 11, 11), Core("dla", 16384, 16)
    costs = Flexible(inner="maestro").costs([layer], core)
    assert costs.latency_cycles[0] == 64 * 10 * 10 * 122 + 1  # 8192 clusters of 2; larger ones take half of that
    assert costs.buffer_bytes[0] == 2 * (2 * 121 * 4097 + 4095) < 2 * 2**20
    tight = Flexible(inner="maestro").costs([layer], replace(core, buffer_bytes=10))
    assert figures(tight) == figures(cost_model("maestro").costs([layer], core))
    wide = Flexible(inner="maestro").costs([layer], replace(core, buffer_bytes=4 * 2**20))
    assert wide.latency_cycles[0] == 32 * 10 * 10 * 122 + 1


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("style", ["eye", "shi"])
@given(several=st.lists(layers(), max_size=5))
def test_other_dataflows_pass_through(inner, style, several):
    flexible, fixed = (m.costs(several, Core(style, 256)) for m in (Flexible(inner=inner), cost_model(inner)))
    np.testing.assert_equal(
        [figures(flexible, i) for i in range(len(several))], [figures(fixed, i) for i in range(len(several))]
    )


def test_an_unknown_inner_model_suggests_the_right_one():
    with pytest.raises(UnknownName, match="did you mean maestro"):
        Flexible(inner="maestr")


@given(st.integers(1, 5000))
def test_divisors_are_all_divisors(number):
    assert sorted(divisors(number)) == [d for d in range(1, number + 1) if number % d == 0]


def test_divisors_of_large_numbers_come_at_once():
    assert len(divisors(2**40)) == 41
