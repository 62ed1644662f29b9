"""Files of other programs that are known here but not read: what they are, and what to do instead."""

from __future__ import annotations

import re
from pathlib import Path

from bench.errors import InvalidInput
from problems.importing.files import chunks

_EXPORT = "Export the network as ONNX"
_NO_GRAPH = "It holds weights but no network: export that as ONNX"
_BY_HAND = "Write its layers as a workload, .json, or as a job file, .csv"

FOREIGN = {
    ".pt": ("a file of PyTorch", f"{_EXPORT}: torch.onnx.export(model, inputs, 'net.onnx')."),
    ".h5": ("a file of Keras", f"{_EXPORT}: model.export('net.onnx', format='onnx'), or tf2onnx."),
    ".pb": ("a graph of TensorFlow", f"{_EXPORT}: python -m tf2onnx.convert --graphdef FILE --output net.onnx."),
    ".tflite": ("a model of TensorFlow Lite", f"{_EXPORT}: python -m tf2onnx.convert --tflite FILE --output net.onnx."),
    ".mlir": ("a program in MLIR", f"{_EXPORT} from where it was lowered."),
    ".safetensors": ("a file of safetensors", f"{_NO_GRAPH} from the program that loads them."),
    ".gguf": ("a file of GGUF", f"{_NO_GRAPH} from the program that loads them."),
    ".caffemodel": ("a file of Caffe", f"{_EXPORT} with a converter."),
    ".mlmodel": ("a model of Core ML", f"{_EXPORT} from where it was converted."),
    ".xml": ("a model of OpenVINO, or other XML", f"{_EXPORT} from where it was converted."),
    ".ort": ("a model in ONNX Runtime's own format", "Give the .onnx file that it was made of."),
    ".engine": ("an engine of TensorRT", "Give the .onnx file that it was built of."),
    ".py": ("a program", f"It is not run. {_BY_HAND}; a network that it builds, export as ONNX."),
    ".pkl": ("a pickle", f"It is not unpickled, which can run any code. {_BY_HAND}."),
    ".npy": (
        "a single array",
        "Save latency and bandwidth together: numpy.savez('table.npz', latency=..., bandwidth=...).",
    ),
    ".xlsx": ("a spreadsheet", "Save it as CSV."),
    ".parquet": ("a file of Parquet", "Save it as CSV."),
    ".toml": ("TOML, as platforms and campaigns are", "A platform is given by --platform, or second in an id."),
}
"""What a file is by its suffix, and what to do."""

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
    r"^\s*(problem|data_spaces|data-spaces|architecture|mapper|mapping)\s*:": "a specification of Timeloop",
}
"""What a YAML file is, by keys that it has."""


def foreign_file(path: Path, expected: str) -> InvalidInput:
    """The error that a file is none of those that are read, with its name if it is a known one."""
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        hint = f"{_EXPORT}; or {_BY_HAND[0].lower()}{_BY_HAND[1:]}."
        return InvalidInput(str(path), expected=expected, actual=f"{path.suffix}, {_yaml(path)}", hint=hint)
    what, hint = FOREIGN.get(_ALIKE.get(suffix, suffix), ("", ""))
    actual = ", ".join(filter(None, (path.suffix or "no suffix", what)))
    return InvalidInput(str(path), expected=expected, actual=actual, hint=hint)


def _yaml(path: Path) -> str:
    """What a YAML file is, by its beginning."""
    beginning = next(chunks(path), b"").decode(errors="replace")
    known = (name for pattern, name in _YAML.items() if re.search(pattern, beginning, re.MULTILINE))
    return next(known, "YAML")
