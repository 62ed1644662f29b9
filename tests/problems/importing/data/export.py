"""Exports small PyTorch networks to ONNX as ``<network>.<exporter>.onnx`` beside this file.

``python tests/problems/importing/data/export.py`` needs torch, onnxscript and onnx (written with torch 2.13.0,
onnxscript 0.7.2, onnx 1.23.2). Weights are left out, as if they were in a file that is not there.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import onnx
import torch
from onnx import TensorProto
from torch import Tensor, nn

MOST_ELEMENTS = 16


class Residual(nn.Module):
    """A stem, a bottleneck block of He 2015 with a projection, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU())
        self.path = nn.Sequential(
            nn.Conv2d(16, 8, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, 2, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 32, 1, bias=False),
            nn.BatchNorm2d(32),
        )
        self.shortcut = nn.Conv2d(16, 32, 1, 2)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.relu(self.path(x) + self.shortcut(x))
        return self.head(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


class Separable(nn.Module):
    """Depthwise, pointwise, depthwise with a multiplier, transposed, dilated, interpolated to the input's size."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1, groups=8),
            nn.ReLU6(),
            nn.Conv2d(8, 12, 1),
            nn.Hardswish(),
            nn.Conv2d(12, 24, 3, 2, 1, groups=12),
            nn.ConvTranspose2d(24, 4, 2, 2),
            nn.Conv2d(4, 4, 3, padding=2, dilation=2),
        )

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.interpolate(self.net(x), size=x.shape[2:], mode="nearest")


class Attention(nn.Module):
    """The multi-head attention of PyTorch, on itself."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(x, x, x, need_weights=False)[0]


class Language(nn.Module):
    """Token and position embeddings, a Transformer encoder layer and the scores of all tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(50, 16), nn.Embedding(64, 16)
        self.encoder = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 50)

    def forward(self, x: Tensor) -> Tensor:
        positions = torch.arange(x.shape[1]).unsqueeze(0).expand(x.shape[0], -1)
        return self.head(self.encoder(self.tokens(x) + self.positions(positions)))


class Recurrent(nn.Module):
    """An LSTM and a linear layer on every step."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x)[0])


SEQUENCE = {0: "batch", 1: "sequence"}

NETWORKS = {
    "residual": (Residual, torch.zeros(2, 3, 32, 32), {0: "batch"}),
    "separable": (Separable, torch.zeros(2, 8, 16, 16), {0: "batch", 2: "height", 3: "width"}),
    "attention": (Attention, torch.zeros(2, 6, 16), SEQUENCE),
    "language": (Language, torch.zeros(2, 6, dtype=torch.long), SEQUENCE),
    "recurrent": (Recurrent, torch.zeros(2, 6, 8), {0: "batch"}),
}


def export(network: str, exporter: str, path: Path) -> None:
    """Write one network by exporter ``legacy`` (TorchScript), ``dynamo`` or ``fused`` (opset 23, with Attention)."""
    build, example, axes = NETWORKS[network]
    model = build().eval()
    with warnings.catch_warnings(action="ignore"):
        if exporter == "legacy":
            names = {"input_names": ["x"], "dynamic_axes": {"x": axes}}
            torch.onnx.export(model, (example,), path, dynamo=False, opset_version=17, **names)
        else:
            shapes = ({axis: torch.export.Dim(name) for axis, name in axes.items()},)
            opset = 23 if exporter == "fused" else 18
            settings = {"opset_version": opset, "external_data": False, "verbose": False}
            torch.onnx.export(model, (example,), path, dynamo=True, dynamic_shapes=shapes, **settings)
    onnx.save(without_weights(onnx.load(path)), path)


def without_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its larger tensors in a file that is not there, and without the traces of its making."""
    for tensor in model.graph.initializer:
        if tensor.ByteSize() > MOST_ELEMENTS * 8:
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="not_there.data")
    for part in (model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return model


EXPORTS = (
    *((network, exporter) for network in NETWORKS for exporter in ("legacy", "dynamo")),
    ("attention", "fused"),
)

if __name__ == "__main__":
    for network, exporter in EXPORTS:
        export(network, exporter, Path(__file__).with_name(f"{network}.{exporter}.onnx"))
