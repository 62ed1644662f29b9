"""Known formats of other programs that cannot be read: what they are, and what to do instead."""

from __future__ import annotations

import re
from pathlib import Path

from problems.foundation.errors import InvalidInput
from problems.foundation.files import chunks

_EXPORT = "Export the network as ONNX"
_NO_GRAPH = "It holds weights but no network: export that as ONNX"
_BY_HAND = "Write its layers as a workload, .json, or as a job file, .csv"

FOREIGN = {
    ".pt": ("a PyTorch file", f"{_EXPORT}: torch.onnx.export(model, inputs, 'net.onnx')."),
    ".h5": ("a Keras file", f"{_EXPORT}: model.export('net.onnx', format='onnx'), or tf2onnx."),
    ".pb": ("a TensorFlow graph", f"{_EXPORT}: python -m tf2onnx.convert --graphdef FILE --output net.onnx."),
    ".tflite": ("a TensorFlow Lite model", f"{_EXPORT}: python -m tf2onnx.convert --tflite FILE --output net.onnx."),
    ".mlir": ("an MLIR program", f"{_EXPORT} from the framework that it was lowered from."),
    ".safetensors": ("a safetensors file", f"{_NO_GRAPH} from the program that loads them."),
    ".gguf": ("a GGUF file", f"{_NO_GRAPH} from the program that loads them."),
    ".caffemodel": ("a Caffe file", f"{_EXPORT} with a converter."),
    ".mlmodel": ("a Core ML model", f"{_EXPORT} from the framework that it was converted from."),
    ".xml": ("an OpenVINO model, or other XML", f"{_EXPORT} from the framework that it was converted from."),
    ".ort": ("a model in ONNX Runtime's own format", "Give the .onnx file that it was made from."),
    ".engine": ("a TensorRT engine", "Give the .onnx file that it was built from."),
    ".py": ("a program", f"It is not run. {_BY_HAND}, or export the network that it builds as ONNX."),
    ".pkl": ("a pickle", f"It is not unpickled, which can run any code. {_BY_HAND}."),
    ".npy": (
        "a single array",
        "Save latency and bandwidth together: numpy.savez('table.npz', latency=..., bandwidth=...).",
    ),
    ".xlsx": ("a spreadsheet", "Save it as CSV."),
    ".parquet": ("a Parquet file", "Save it as CSV."),
    ".toml": ("TOML, as platforms and campaigns are", "A platform is given by --platform, or second in an id."),
}
"""The format of a file and what to do about it, by its suffix."""

_ALIKE = {
    **dict.fromkeys((".pth", ".pt2", ".ckpt", ".bin"), ".pt"),
    **dict.fromkeys((".hdf5", ".keras"), ".h5"),
    **dict.fromkeys((".prototxt",), ".caffemodel"),
    **dict.fromkeys((".mlpackage",), ".mlmodel"),
    **dict.fromkeys((".plan", ".trt"), ".engine"),
    **dict.fromkeys((".pickle", ".joblib"), ".pkl"),
    **dict.fromkeys((".xls", ".ods"), ".xlsx"),
    ".feather": ".parquet",
}

_YAML = {
    r"^\s*-?\s*(loop_dims|loop_sizes|operator_type|dimension_relations)\s*:": "a workload of ZigZag or Stream",
    r"^\s*(problem|data_spaces|data-spaces|architecture|mapper|mapping)\s*:": "a Timeloop specification",
}
"""The format of a YAML file, by some of its keys."""


def foreign_file(path: Path, expected: str) -> InvalidInput:
    """Return the error that a file cannot be read; it names the format of the file if that is known."""
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        hint = f"{_EXPORT}; or {_BY_HAND[0].lower()}{_BY_HAND[1:]}."
        return InvalidInput(str(path), expected=expected, actual=f"{path.suffix}, {_yaml(path)}", hint=hint)
    what, hint = FOREIGN.get(_ALIKE.get(suffix, suffix), ("", ""))
    actual = ", ".join(filter(None, (path.suffix or "no suffix", what)))
    return InvalidInput(str(path), expected=expected, actual=actual, hint=hint)


def _yaml(path: Path) -> str:
    """Return the format of a YAML file, judged by its beginning."""
    beginning = next(chunks(path), b"").decode(errors="replace")
    known = (name for pattern, name in _YAML.items() if re.search(pattern, beginning, re.MULTILINE))
    return next(known, "YAML")
