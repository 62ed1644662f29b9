import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper, save_model

from problems.importing import read_onnx


class Models:
    """Builds ONNX files from nodes, and reads them."""

    def __init__(self, folder):
        self.folder = folder

    def tensor(self, name, value):
        """Weights: a tuple is the shape of float zeros, anything else is their values."""
        return numpy_helper.from_array(
            np.zeros(value, np.float32) if isinstance(value, tuple) else np.array(value), name
        )

    def save(
        self, nodes, inputs, weights=(), *, opset=17, domains=(), functions=(), name="model", element=TensorProto.FLOAT
    ):
        values = [helper.make_tensor_value_info(key, element, shape) for key, shape in dict(inputs).items()]
        made = [helper.make_empty_tensor_value_info(nodes[-1].output[0])]
        tensors = [self.tensor(key, value) for key, value in dict(weights).items()]
        graph = helper.make_graph(nodes, "graph", values, made, tensors)
        imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
        model = helper.make_model(graph, opset_imports=imports, functions=functions)
        path = self.folder / f"{name}.onnx"
        save_model(model, path)
        return path

    def workload(self, nodes, inputs, weights=(), *, dims=None, **settings):
        return read_onnx(self.save(nodes, inputs, weights, **settings), dims)

    def layers(self, nodes, inputs, weights=(), **settings):
        """The layers of a graph of which nothing may be left out."""
        workload = self.workload(nodes, inputs, weights, **settings)
        assert workload.skipped == ()
        return workload.networks["model"]

    def layer(self, node, inputs, weights=(), **settings):
        """The only layer of a graph of one node."""
        (layer,) = self.layers([node], inputs, weights, **settings)
        return layer

    def left_out(self, node, inputs, weights=(), **settings):
        """The only entry of the list of what is left out, of a graph of ``node`` and a product of 1 MAC."""
        extra = helper.make_node("MatMul", ["one", "weight"], ["product"])
        inputs, weights = {**dict(inputs), "one": (1, 1)}, {**dict(weights), "weight": (1, 1)}
        workload = self.workload([node, extra], inputs, weights, **settings)
        assert workload.macs == 1
        (skipped,) = workload.skipped
        return skipped


@pytest.fixture
def models(tmp_path):
    return Models(tmp_path)
