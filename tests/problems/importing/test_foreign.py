"""Files of other programs."""

import pytest

from problems.foundation.errors import InvalidInput
from problems.importing import read_workload
from problems.importing.foreign import FOREIGN


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("net.pt", "got .pt, a PyTorch file", "torch.onnx.export"),
        ("net.PTH", "got .PTH, a PyTorch file", "torch.onnx.export"),
        ("net.keras", "a Keras file", "tf2onnx"),
        ("net.tflite", "a TensorFlow Lite model", "tf2onnx"),
        ("net.mlir", "an MLIR program", "ONNX"),
        ("net.safetensors", "a safetensors file", "weights but no network"),
        ("net.pkl", "a pickle", "not unpickled"),
        ("net.xlsx", "a spreadsheet", "CSV"),
        ("net.npy", "a single array", "numpy.savez"),
        ("net.toml", "TOML, as platforms", "--platform"),
        ("net.weird", "got .weird", ""),
    ],
)
def test_known_formats_are_named_with_what_to_do(tmp_path, name, what, hint):
    with pytest.raises(InvalidInput) as caught:
        read_workload(tmp_path / name)
    message = str(caught.value)
    assert "expected a name that ends in .onnx" in message
    assert what in message
    assert hint in message


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "- id: 0\n  operator_type: Conv\n  loop_dims: [B, K]\n",
            "a workload of ZigZag or Stream",
        ),
        ("problem:\n  version: 0.4\n  shape:\n    name: CNN\n", "a Timeloop specification"),
        ("# a comment\narchitecture:\n  version: 0.4\n", "a Timeloop specification"),
        ("a: 1\n", "YAML"),
        ("", "YAML"),
        (b"\xff\x00", "YAML"),
    ],
)
def test_what_yaml_is_shows_in_its_keys(tmp_path, text, what):
    for suffix in (".yaml", ".yml"):
        path = tmp_path / f"net{suffix}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(InvalidInput, match=rf"got \{suffix}, {what}. Export the network as ONNX; or write its"):
            read_workload(path)


@pytest.mark.parametrize("suffix", FOREIGN)
def test_nothing_that_is_read_is_called_foreign(suffix):
    assert suffix not in (".onnx", ".json", ".csv", ".npz", ".m")
