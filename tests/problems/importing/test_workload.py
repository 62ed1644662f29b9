"""Workloads and what was left out of them."""

import copy
import pickle

import pytest

from problems.foundation.errors import InvalidInput
from problems.importing import Skipped, Workload
from problems.layers import Layer


def ffn(name, after=()):
    return Layer.ffn(name, out=2, inp=3, after=after)


def test_networks_are_read_only_and_hold_tuples():
    networks = {"net": [ffn("a"), ffn("b", ("a",))]}
    workload = Workload("mine", networks)
    networks["other"] = ()
    assert dict(workload.networks) == {"net": (ffn("a"), ffn("b", ("a",)))}
    with pytest.raises(TypeError):
        workload.networks["other"] = ()


def test_workloads_are_compared_by_content_copied_and_pickled():
    workload = Workload("mine", {"net": (ffn("a"),)}, (Skipped("LSTM", 1, 10, "why"),))
    assert workload == Workload("mine", {"net": (ffn("a"),)}, (Skipped("LSTM", 1, 10, "why"),))
    assert workload != Workload("mine", {"net": (ffn("b"),)})
    assert pickle.loads(pickle.dumps(workload)) == copy.deepcopy(workload) == workload


def test_the_share_of_what_was_left_out_counts_what_is_known():
    skipped = (Skipped("LSTM", 2, 18, "why"), Skipped("Loop", 1, None, "why"))
    workload = Workload("mine", {"one": (ffn("a"),), "two": (ffn("a"), ffn("b"))}, skipped)
    assert (workload.macs, workload.skipped_macs, workload.skipped_share) == (18, 18, 0.5)
    assert Workload("mine", {"one": (ffn("a"),)}).skipped_share == 0.0


@pytest.mark.parametrize(
    ("networks", "complaint"),
    [
        ({}, "workload 'mine': expected at least one network, got none"),
        ({"net": ()}, "network 'net': expected at least one layer, got none"),
        ({"net": (ffn("a"), ffn("b"), ffn("a"))}, "network 'net': expected layers of different names, got 'a' more"),
        ({"net": (ffn("a", ("a",)),)}, "network 'net', layer 'a': after: expected names of earlier layers, got 'a'"),
        ({"net": (ffn("a", ("b",)), ffn("b"))}, "got 'b'. Every layer must follow those that it needs"),
        ({"net": (ffn("conv1"), ffn("b", ("conv2",)))}, "got 'conv2'. Did you mean 'conv1'?"),
        ({"one": (ffn("a"),), "two": (ffn("b", ("a",)),)}, "network 'two', layer 'b': after"),
    ],
)
def test_what_is_no_workload_is_refused(networks, complaint):
    with pytest.raises(InvalidInput) as caught:
        Workload("mine", networks)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("count", "macs", "complaint"),
    [(0, 1, "count"), (True, 1, "count"), (1, -1, "macs"), (1, 2.0, "macs"), (1, False, "macs")],
)
def test_what_was_left_out_is_counted_in_integers(count, macs, complaint):
    with pytest.raises(InvalidInput, match=f"skipped LSTM: {complaint}: expected an integer"):
        Skipped("LSTM", count, macs, "why")
