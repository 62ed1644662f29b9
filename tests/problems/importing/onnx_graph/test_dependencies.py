"""Which layers a layer needs: against sets that hold everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput
from problems.importing.onnx_graph import dependencies
from problems.importing.onnx_graph.dependencies import NONE, Dependencies


def numbers(layers):
    return set(layers.above(-1))


@given(st.lists(st.tuples(st.lists(st.integers(0, 40), max_size=4), st.booleans()), max_size=40))
def test_the_dependencies_that_are_kept_imply_those_that_are_not(steps):
    # Each step makes a tensor out of those of some steps before, by a layer or by an operator that is none.
    layers, tensors, needed = Dependencies(), [NONE], []
    for chosen, is_layer in steps:
        sources = [tensors[i % len(tensors)] for i in chosen]
        nearest = layers.nearest(sources)
        everything = set().union(*map(numbers, sources))
        kept = numbers(nearest)
        assert kept == {a for a in everything if not any(a in needed[b] for b in everything)}
        if is_layer:
            tensors.append(layers.add(nearest))
            needed.append(kept.union(*(needed[layer] for layer in kept)))
        else:
            tensors.append(nearest)


def test_a_long_chain_with_a_side_branch_is_small():
    layers = Dependencies()
    first = last = layers.add(NONE)
    for _ in range(20_000):
        last = layers.add(layers.nearest([first, last]))
    assert layers._spent < 20_000 * 3 * dependencies.STEP_BITS
    assert numbers(last) == {20_000}


@pytest.mark.parametrize("order", [1, -1])
def test_a_graph_that_is_too_wide_is_refused(monkeypatch, order):
    def add_up(layers):
        total = NONE
        for each in [layers.add(NONE) for _ in range(5000)][::order]:
            total = layers.nearest([total, each])
            layers.add(total)

    monkeypatch.setattr(dependencies, "MOST_BITS", 2**22)
    with pytest.raises(InvalidInput, match=r"layers: expected layers that mostly follow each other, got too many side"):
        add_up(Dependencies())
