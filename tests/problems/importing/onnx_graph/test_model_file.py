"""Files that are no models, or not whole, or without their weights."""

import subprocess
import sys

import pytest
from onnx import TensorProto, helper, load_model, save_model

from bench.errors import InvalidInput, M3EError, MissingExtra
from problems.importing import read_onnx, read_workload

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


def test_functions_that_call_themselves_are_refused(models):
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    call = helper.make_node("F", ["x"], ["y"], domain="mine")
    function = helper.make_function("mine", "F", ["x"], ["y"], [call], imports)
    path = models.save([call], {"x": (2, 2)}, domains=["mine"], functions=[function])
    with pytest.raises(InvalidInput, match="expected functions that do not call themselves, got F -> F"):
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
    (path.parent / "model.data").unlink()
    with pytest.raises(InvalidInput, match=r"Left out: 1 MatMul .the shape of an input is unknown, behind Reshape"):
        read_onnx(path)


def test_workload_and_network_are_called_as_the_file(models):
    workload = read_workload(models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)}, name="my.net"))
    assert (workload.name, list(workload.networks)) == ("my.net", ["my.net"])


def test_without_the_library_the_error_names_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtra, match=r"needs an optional library \(onnx is missing\): pip install 'onnx>=1\.17'"):
        read_workload(tmp_path / "net.onnx")


def test_the_library_is_imported_for_onnx_files_alone():
    code = "import problems.importing, sys; sys.exit('onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
