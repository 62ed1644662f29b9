"""Files that are no models, or not whole, or without their weights."""

import os
import subprocess
import sys

import pytest
from onnx import TensorProto, helper, load_model, save_model

from problems.foundation.errors import InvalidInput, M3EError, MissingExtra
from problems.importing import read_onnx, read_workload
from problems.importing.onnx_graph import reading

MATMUL = helper.make_node("MatMul", ["x", "w"], ["y"], name="product")


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "an empty file"),
        (b"hello, this is no model\n", "something else"),
        (b'{"format": "m3e-workload-1"}', "something else"),
        (b"\x00" * 100, "something else"),
        (b"PK\x03\x04" + bytes(range(256)), "something else"),
    ],
)
def test_other_files_are_refused_with_their_name(tmp_path, content, got):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=rf"net\.onnx: expected an ONNX model, got {got}"):
        read_onnx(path)


def test_files_that_cannot_be_read_are_refused_with_their_name(tmp_path):
    for path in (tmp_path / "missing.onnx", tmp_path):
        with pytest.raises(InvalidInput, match="expected a readable file"):
            read_onnx(path)


def test_a_model_without_nodes_is_refused(tmp_path):
    path = tmp_path / "net.onnx"
    save_model(helper.make_model(helper.make_graph([], "g", [], [])), path)
    with pytest.raises(InvalidInput, match="got a model without nodes"):
        read_onnx(path)


def test_a_part_of_a_file_is_an_error_of_ours_wherever_it_is_cut(models):
    content = models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)}).read_bytes()
    path = models.folder / "cut.onnx"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(M3EError, match=r"cut\.onnx"):
            read_onnx(path)


def test_names_that_are_no_text_are_refused(models):
    path = models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)})
    path.write_bytes(path.read_bytes().replace(b"product", b"prod\xffct"))
    with pytest.raises(InvalidInput, match=r"expected an ONNX model, got a damaged one, with the name b'prod"):
        read_onnx(path)


def test_weights_in_a_file_that_is_not_there_are_not_needed(models):
    path = models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)})
    model = load_model(path)
    (tensor,) = model.graph.initializer
    tensor.ClearField("raw_data")
    tensor.dims[:] = [8, 2**31]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    path.write_bytes(model.SerializeToString())
    assert read_onnx(path).macs == 2 * 8 * 2**31


def test_small_tensors_beside_the_file_are_read_since_shapes_need_them(models):
    nodes = [helper.make_node("Reshape", ["z", "shape"], ["x"]), MATMUL]
    path = models.save(nodes, {"z": (16,)}, {"w": (8, 5), "shape": [2, 8]})
    model = load_model(path)
    save_model(model, path, save_as_external_data=True, location="model.data", size_threshold=0)
    assert (path.parent / "model.data").exists()
    assert read_onnx(path).macs == 80


def test_workload_and_network_are_called_as_the_file(models):
    workload = read_workload(models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)}, name="my.net"))
    assert (workload.name, list(workload.networks)) == ("my.net", ["my.net"])


def test_without_the_library_the_error_names_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtra, match=r"needs an optional library \(missing: onnx\): pip install 'onnx>=\d"):
        read_workload(tmp_path / "net.onnx")


def test_the_library_is_imported_for_onnx_files_alone():
    code = "import problems.importing, sys; sys.exit('onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def with_values_beside(models, nodes, inputs, weights, name, content=None, **entries):
    """A model whose tensor ``name`` is in the file beside it, which holds ``content`` if there is any."""
    path = models.save(nodes, inputs, weights)
    model = load_model(path)
    tensor = next(each for each in model.graph.initializer if each.name == name)
    if content is not None:
        (path.parent / "net.data").write_bytes(content(tensor.raw_data))
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in ({"location": "net.data"} | entries).items():
        tensor.external_data.add(key=key, value=value)
    path.write_bytes(model.SerializeToString())
    return path


RESHAPED = [
    helper.make_node("Cast", ["shape"], ["cast"], to=7),
    helper.make_node("Reshape", ["z", "cast"], ["x"]),
    MATMUL,
    helper.make_node("MatMul", ["one", "one"], ["product"]),
]
SHAPED = {"z": (16,), "one": (1, 1)}, {"w": (8, 5), "shape": [2, 8]}


@pytest.mark.parametrize("nodes", [RESHAPED, [helper.make_node("Reshape", ["z", "shape"], ["x"]), *RESHAPED[2:]]])
def test_a_missing_file_is_named_where_a_shape_is_in_it(models, nodes):
    path = with_values_beside(models, nodes, *SHAPED, "shape")
    (skipped,) = read_onnx(path).skipped
    assert skipped.reason == (
        "the shape of an input is unknown, behind Reshape, which needs the file 'net.data', and that cannot be read"
    )


def test_a_missing_file_is_not_named_where_other_weights_are_in_it(models):
    sparkle = helper.make_node("Sparkle", ["z", "shape"], ["x"], domain="com.acme")
    path = with_values_beside(models, [sparkle, *RESHAPED[2:]], *SHAPED, "w")
    assert "file" not in " ".join(skipped.reason for skipped in read_onnx(path).skipped)


def test_of_the_file_beside_only_the_values_are_read(models):
    path = with_values_beside(
        models, RESHAPED, *SHAPED, "shape", lambda content: b"12345678" + content + bytes(10**6), offset="8"
    )
    assert read_onnx(path).macs == 81


@pytest.mark.parametrize(
    ("content", "entries"),
    [
        (lambda content: content[:9], {}),
        (lambda content: content, {"offset": "100"}),
        (lambda content: content, {"offset": str(2**70)}),
        (lambda content: content, {"offset": "a"}),
        (lambda content: content, {"location": "/etc/passwd"}),
        (lambda content: content, {"location": "../net.data"}),
        (lambda content: content, {"location": ""}),
        (lambda content: content, {"location": "net\0data"}),
        (lambda content: content, {"location": "n" * 5000}),
    ],
)
def test_values_that_cannot_be_read_are_unknown(models, content, entries):
    path = with_values_beside(models, RESHAPED, *SHAPED, "shape", content, **entries)
    assert "behind Reshape" in read_onnx(path).skipped[0].reason


def test_a_pipe_beside_the_model_is_not_waited_for(models):
    path = with_values_beside(models, RESHAPED, *SHAPED, "shape")
    os.mkfifo(path.parent / "net.data")
    assert "'net.data'" in read_onnx(path).skipped[0].reason


@pytest.mark.parametrize("version", [2**31, 2**63 - 1, -1])
@pytest.mark.parametrize("domain", ["", "com.acme"])
def test_versions_that_no_operator_set_has_are_refused(models, version, domain):
    model = load_model(models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)}))
    del model.opset_import[:]
    model.opset_import.extend([helper.make_opsetid("", 17), helper.make_opsetid(domain, version)])
    path = models.folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    named = domain or "ai.onnx"
    with pytest.raises(InvalidInput, match=rf"net\.onnx: version of the operator set '{named}': .*, got {version}"):
        read_onnx(path)


def test_names_of_unreasonable_length_are_refused(models):
    path = models.save([helper.make_node("MatMul", ["x", "w"], ["y"], name="n" * 20_000)], {"x": (2, 8)}, {"w": (8, 5)})
    with pytest.raises(InvalidInput, match="expected an ONNX model, got a damaged one, with the name 'nnn"):
        read_onnx(path)


@pytest.mark.parametrize("dims", [[-8, 5], [8, -5], [-1] * 2, [2**63 - 1] * 100])
def test_weights_of_impossible_extents_have_no_shape(models, dims):
    model = load_model(models.save([MATMUL, RESHAPED[-1]], {"x": (2, 8), "one": (1, 1)}, {"w": (8, 5)}))
    model.graph.initializer[0].dims[:] = dims
    path = models.folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    (skipped,) = read_onnx(path).skipped
    assert skipped.reason == "the shape of an input is unknown, behind the weights w"


def test_what_the_reader_does_not_foresee_is_one_error_too(models, monkeypatch):
    path = models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)})
    monkeypatch.setattr(reading, "GraphWalk", lambda *arguments: {}["surprise"])
    with pytest.raises(
        InvalidInput, match=r"net|model\.onnx: expected an ONNX model, got .* \(KeyError\)\. It says: 'surp"
    ):
        read_onnx(path)
