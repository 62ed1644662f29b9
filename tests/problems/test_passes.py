"""Workloads that run networks several times: files, names, draws and dependencies."""

import json
import pickle

import numpy as np
import pytest

import problems
from problems.foundation.errors import M3EError
from problems.layers import Layer
from problems.passes import Passes, without_number

LAYERS = (Layer.ffn("a", out=3, inp=2), Layer.ffn("b", out=1, inp=3, after=("a",)))


def workload(**passes):
    return problems.Workload("mine", {"x": LAYERS, "y": LAYERS[:1]}, passes=passes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Passes(0), "count"),
        (lambda: Passes(10_001), "count"),
        (lambda: Passes(items=0), "items"),
        (lambda: Passes(unit=""), "unit"),
        (lambda: Passes(per_second=0.0), "per_second"),
        (lambda: Passes(per_second=float("nan")), "per_second"),
        (lambda: workload(z=Passes()), "network with passes"),
        (lambda: problems.Workload("m", {"x": LAYERS, "x#2": LAYERS}, passes={"x": Passes(2)}), "different names"),
    ],
)
def test_passes_that_make_no_sense_are_refused(make, message):
    with pytest.raises(M3EError, match=message):
        make()


@pytest.mark.parametrize("passes", [{}, {"x": Passes(3, 4, "images", 2.5)}, {"x": Passes(2), "y": Passes(unit="rows")}])
def test_a_file_keeps_them(tmp_path, passes):
    before = workload(**passes)
    problems.write_workload(before, tmp_path / "w.json")
    after = problems.read_workload(tmp_path / "w.json")
    assert after == before == pickle.loads(pickle.dumps(after))
    assert ("passes" in json.loads((tmp_path / "w.json").read_text())) == bool(passes)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"z": {"count": 2}}, "unknown network in .*w.json: passes: 'z'"),
        ({"x": {"counts": 2}}, "did you mean count"),
        ({"x": {"count": 0}}, "at least 1"),
        ({"x": {"unit": 3}}, "a word"),
        ({"x": {"per_second": "often"}}, "per_second"),
        ({"x": 2}, "a JSON object"),
        ([], "an object"),
    ],
)
def test_a_file_with_other_content_is_refused(tmp_path, entry, message):
    path = tmp_path / "w.json"
    problems.write_workload(workload(), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"passes": entry}))
    with pytest.raises(M3EError, match=message):
        problems.read_workload(path)


def test_every_pass_is_mapped_with_dependencies_of_its_own(tmp_path):
    problems.write_workload(workload(x=Passes(3)), tmp_path / "w.json")
    p = problems.get(f"file:{tmp_path / 'w.json'}/S1/bw1/gall/i0/dep/corrected")
    assert p.job_names == ("x#1/a", "x#1/b", "x#2/a", "x#2/b", "x#3/a", "x#3/b", "y/a")
    assert p.precedence.predecessors == ((), (0,), (), (2,), (), (4,), ())
    assert p.layer_macs == p.total_macs == 3 * (6 + 3) + 6


def test_networks_are_drawn_as_often_as_they_run(tmp_path):
    problems.write_workload(workload(x=Passes(3)), tmp_path / "w.json")
    p = problems.get(f"file:{tmp_path / 'w.json'}/S1/bw1/g4000/i0")
    assert np.mean(np.array(p.job_networks) == "x") == pytest.approx(3 / 4, abs=0.03)
    assert p.passes == {}


@pytest.mark.parametrize(
    ("name", "dims", "passes"),
    [
        ("resnet50", {"batch": 4}, Passes(1, 4, "images")),
        ("bert_base", {"batch": 2, "sequence_length": 64}, Passes(1, 128, "tokens")),
        ("dlrm", {}, Passes(1, 128, "samples")),
        ("llama3_1_8b", {"batch": 4, "context_length": 100, "blocks": 32}, Passes(1, 400, "tokens")),
        ("llama3_1_8b", {"batch": 4, "phase": "decode", "blocks": 32}, Passes(1, 4, "tokens")),
        ("llama3_1_8b", {"phase": "decode"}, Passes(1, 1, "tokens through 1 of 32 blocks")),
    ],
)
def test_a_network_knows_what_a_pass_yields(name, dims, passes):
    assert problems.NETWORKS.get(name).passes(**dims) == passes


@pytest.mark.parametrize(
    ("passes", "told"),
    [
        (Passes(), ""),
        (Passes(items=1, unit="images"), "1 image"),
        (Passes(items=4096, unit="tokens"), "4,096 tokens"),
        (Passes(items=1, unit="tokens through 1 of 32 blocks"), "1 token through 1 of 32 blocks"),
    ],
)
def test_what_a_pass_yields_is_told_in_words(passes, told):
    assert passes.yields == told


@pytest.mark.parametrize(("name", "network"), [("x#2", "x"), ("x", "x"), ("x#y", "x#y"), ("x#1#22", "x#1")])
def test_the_number_of_a_pass_is_not_part_of_its_network(name, network):
    assert without_number(name) == network
