"""Workloads as JSON files."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput, StorageError, UnknownName
from problems.importing import Skipped, Workload, read_workload, write_workload
from problems.layers import LARGEST_SIZE, Layer, LayerKind

SIZE = st.one_of(st.integers(1, 8), st.integers(1, LARGEST_SIZE))


@st.composite
def networks(draw):
    layers = []
    for name in draw(st.lists(st.text(), min_size=1, max_size=4, unique=True)):
        earlier = [layer.name for layer in layers]
        after = tuple(draw(st.lists(st.sampled_from(earlier), unique=True))) if earlier else ()
        sizes = draw(st.tuples(*[SIZE] * 6))
        further = draw(st.tuples(*[st.one_of(st.just(1), SIZE)] * 4))
        layers.append(Layer(name, draw(st.sampled_from(LayerKind)), *sizes, *further, after))
        layers[-1] = draw(st.sampled_from([layers[-1], Layer(name, layers[-1].kind, *sizes, after=after)]))
    return tuple(layers)


WORKLOADS = st.builds(
    Workload,
    st.text(),
    st.dictionaries(st.text(), networks(), min_size=1, max_size=3),
    st.lists(
        st.builds(Skipped, st.text(), st.integers(1, 9), st.none() | st.integers(0, 10**30), st.text()), max_size=2
    ).map(tuple),
)


@given(WORKLOADS)
def test_a_workload_that_is_written_and_read_is_the_same(tmp_path_factory, workload):
    path = tmp_path_factory.getbasetemp() / "round.json"
    write_workload(workload, path)
    assert read_workload(path) == workload
    lines = path.read_text().splitlines()
    assert sum('"kind"' in line for line in lines) >= sum(map(len, workload.networks.values()))


def test_a_file_has_one_line_a_layer_and_no_defaults(tmp_path):
    layers = (
        Layer.conv("conv1", out=64, inp=3, size=224, kernel=7, stride=2, padding=3, batch=4),
        Layer.depthwise("dw", channels=64, size=56, kernel=3, after=("conv1",)),
        Layer(name="plain", kind=LayerKind.CONV, K=8, C=4, Y=5, X=6, R=3, S=3),
        Layer.gemm("scores", m=10, n=20, k=np.int64(30), groups=8),
        Layer.ffn("fc", out=10, inp=64),
    )
    path = tmp_path / "net.json"
    write_workload(Workload("mine", {"net": layers}, (Skipped("LSTM", 1, None, "why"),)), path)
    assert path.read_text() == (
        "{\n"
        ' "format": "m3e-workload-1",\n'
        ' "name": "mine",\n'
        ' "networks": {\n'
        '  "net": [\n'
        '   {"name": "conv1", "kind": "CONV", "K": 64, "C": 3, "Y": 224, "X": 224, "R": 7, "S": 7, '
        '"output_rows": 112, "output_columns": 112, "batch": 4},\n'
        '   {"name": "dw", "kind": "DSCONV", "K": 64, "C": 64, "Y": 56, "X": 56, "R": 3, "S": 3, '
        '"output_rows": 56, "output_columns": 56, "after": ["conv1"]},\n'
        '   {"name": "plain", "kind": "CONV", "K": 8, "C": 4, "Y": 5, "X": 6, "R": 3, "S": 3},\n'
        '   {"name": "scores", "kind": "GEMM", "K": 20, "C": 30, "Y": 10, "groups": 8},\n'
        '   {"name": "fc", "kind": "FFN", "K": 10, "C": 64}\n'
        "  ]\n"
        " },\n"
        ' "skipped": [\n'
        '  {"operator": "LSTM", "count": 1, "macs": null, "reason": "why"}\n'
        " ]\n"
        "}\n"
    )
    assert read_workload(path).networks["net"] == layers


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match=r"cannot write .*net\.json: No such file"):
        write_workload(Workload("mine", {"net": (Layer.ffn("a", out=1, inp=1),)}), tmp_path / "no" / "net.json")


def test_nothing_is_left_beside_the_file(tmp_path):
    write_workload(Workload("mine", {"net": (Layer.ffn("a", out=1, inp=1),)}), str(tmp_path / "net.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["net.json"]


FFN = {"name": "fc", "kind": "FFN", "K": 10, "C": 64}
CONV = {"name": "c", "kind": "CONV", "K": 1, "C": 1, "Y": 5, "X": 5, "R": 3, "S": 3}


def content(*layers, **changes):
    return {"format": "m3e-workload-1", "name": "mine", "networks": {"net": list(layers or (FFN,))}} | changes


def without(layer, key):
    return {k: v for k, v in layer.items() if k != key}


@pytest.fixture
def read(tmp_path):
    def reader(text):
        path = tmp_path / "net.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return read_workload(path)

    return reader


def test_a_file_by_hand_may_leave_out_what_says_nothing(read):
    gemm = {"name": "g", "kind": "GEMM", "K": 2, "C": 3, "Y": 4, "after": ["fc"]}
    assert read(content(FFN, gemm)).networks["net"] == (
        Layer.ffn("fc", out=10, inp=64),
        Layer.gemm("g", m=4, n=2, k=3, after=("fc",)),
    )


def test_a_byte_order_mark_is_passed_over(read):
    assert read("\ufeff" + json.dumps(content())).name == "mine"


@pytest.mark.parametrize(
    ("text", "place", "complaint"),
    [
        ("", "line 1, column 1", "expected JSON, got Expecting value"),
        ('{"format": "m3e-workload-1",\n "name" "mine"}', "line 2, column 9", "Expecting ':' delimiter"),
        ("[1, 2]", "net.json", "expected a JSON object, {...}, got [1, 2]"),
        ('{"name": NaN}', "net.json", "got NaN, which is not JSON"),
        ('{"name": "a", "name": "b"}', "net.json", "got the key 'name' twice in one object"),
        ("[" * 100_000, "net.json", "expected JSON, got lists or objects nested too deeply"),
        (
            content(networks={"net": [[[[[[[[[[1]]]]]]]]]]}),
            "network 'net', layer 0",
            "expected a JSON object, {...}, got [[[",
        ),
        ('{"format": "m3e-mapping-1", "problem": {}}', "format", "It is a mapping of 'm3e map', for 'm3e replay'"),
        (content(networks={"\ud800": [FFN]}), "name of a network", "expected text without surrogates, "),
        (content(FFN | {"name": "a\udfff"}), "network 'net', layer 0: name", "expected text without surrogates"),
        (content(name="\ud800"), "workload: name", "expected text without surrogates"),
        (
            content(FFN | {"name": "a" * 20_000}),
            "layer 0: name",
            "expected at most 10,000 characters, got 20,000, 'aaa",
        ),
        (content(FFN | {"kind": "F" * 10**6}), "layer type in", "FFFF"),
        (content(FFN | {"after": ["a" * 10**6]}), "layer 'fc': after", "names of earlier layers, got 'aaaa"),
        (content(FFN | {"K": 1e999}), "net.json", "got Infinity, which is not JSON"),
        ('{"name": 1e999}', "format", "no such key"),
        (content(FFN | {"K": -0.0}), "layer 'fc': K", "got -0.0"),
        ('{"name": ' + "9" * 5000 + "}", "net.json", "expected JSON"),
        (
            content(format="m3e-workload-9"),
            "format",
            "'m3e-workload-1', got \"m3e-workload-9\". Is it a file of a later",
        ),
        (without(content(), "format"), "format", "got no such key"),
        (without(content(), "name"), "name", "expected a text, got no such key"),
        (content(name=3), "name", "expected a text, got 3"),
        (content(networks=[]), "networks", "expected networks by name, each a list of layers, got []"),
        (content(networks={}), "workload 'mine'", "expected at least one network, got none"),
        (content(networks={"net": {}}), "network 'net'", "expected a list of layers, got {}"),
        (content(networks={"net": []}), "network 'net'", "expected at least one layer, got none"),
        (content(3), "network 'net', layer 0", "expected a JSON object, {...}, got 3"),
        (content(FFN, without(FFN, "name")), "network 'net', layer 1: name", "got no such key"),
        (content(FFN, FFN), "network 'net'", "expected layers of different names"),
        (content(without(FFN, "K")), "network 'net', layer 'fc': K", "an integer of at least 1, got no such key"),
        (content(without(CONV, "Y")), "network 'net', layer 'c': Y", "got no such key"),
        (content(FFN | {"K": 2.0}), "layer 'fc': K", "expected an integer of at least 1, got 2.0"),
        (content(FFN | {"K": True}), "layer 'fc': K", "got true"),
        (content(FFN | {"K": "2"}), "layer 'fc': K", 'got "2"'),
        (content(FFN | {"K": None}), "layer 'fc': K", "got null"),
        (content(FFN | {"groups": 0}), "layer 'fc': groups", "an integer of at least 1, got 0"),
        (content(CONV | {"output_rows": 0}), "layer 'c': output_rows", "an integer of at least 1, got 0"),
        (content(FFN | {"K": 2**41}), "layer 'fc': K", "expected an integer from 1 to"),
        (content(FFN | {"after": "a"}), "layer 'fc': after", 'expected a list of layer names, got "a"'),
        (content(FFN | {"after": [1]}), "layer 'fc': after", "a list of layer names, got [1]"),
        (content(FFN | {"after": ["x"]}), "layer 'fc': after", "names of earlier layers, got 'x'"),
        (content(skipped=[{"operator": "A"}]), "skipped[0]: reason", "got no such key"),
        (content(skipped=[{"operator": "A", "reason": "b", "count": 0}]), "skipped[0]: count", "got 0"),
        (content(skipped=[{"operator": "A", "reason": "b", "count": 1, "macs": -1}]), "skipped[0]: macs", "got -1"),
        (content(skipped=3), "skipped", "expected a list of what was left out, got 3"),
    ],
)
def test_errors_name_file_place_expectation_and_value(read, text, place, complaint):
    with pytest.raises((InvalidInput, UnknownName)) as caught:
        read(text)
    message = str(caught.value)
    assert message.count("net.json") == 1
    assert place in message
    assert complaint in message
    assert len(message) < 1000


@pytest.mark.parametrize("depth", [10, 100, 900, 5_000])
@pytest.mark.parametrize("place", ["networks", "format", "K"])
def test_nesting_of_any_depth_is_one_error(read, depth, place):
    nested = "[" * depth + "]" * depth
    text = json.dumps(content(FFN | {"K": "here"}) if place == "K" else content(**{place: "here"}))
    with pytest.raises(InvalidInput):
        read(text.replace('"here"', nested))


def test_a_key_twice_among_very_many_is_found_at_once(read):
    keys = ",".join(f'"{number}": 0' for number in range(200_000))
    with pytest.raises(InvalidInput, match="got the key '199999' twice in one object"):
        read(f'{{{keys}, "199999": 0}}')


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (content(naem="x"), r"key in .*net\.json: 'naem': did you mean name\?"),
        (content(FFN | {"grops": 2}), r"key in .*net\.json: network 'net', layer 'fc': 'grops': did you mean groups\?"),
        (content(FFN | {"kind": "GEM"}), r"layer type in .*layer 'fc': 'GEM': did you mean GEMM\?"),
        (content(skipped=[{"macss": 1}]), r"key in .*skipped\[0\]: 'macss': did you mean macs\?"),
    ],
)
def test_unknown_names_are_told_the_nearest(read, text, complaint):
    with pytest.raises(UnknownName, match=complaint):
        read(text)


def test_text_in_another_encoding_is_told_with_its_line(tmp_path):
    path = tmp_path / "net.json"
    path.write_bytes(b'{\n"name": "caf\xe9"}')
    with pytest.raises(InvalidInput, match=r"net\.json, line 2: expected UTF-8 text, got the byte 0xe9"):
        read_workload(path)
