"""Whatever a file holds, the answer is a workload or an error of the suite.

``M3E_FUZZ_ROUNDS=100 python -m pytest tests/problems/importing/onnx_graph/test_fuzz.py`` tries a hundred times as much.
"""

import os
import random
from pathlib import Path

import pytest
from google.protobuf.descriptor import FieldDescriptor
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper

from problems.foundation.errors import M3EError
from problems.importing import Workload, read_onnx
from problems.importing.onnx_graph.contributed import SAME_SHAPE, SHAPES, STAND_INS
from problems.importing.onnx_graph.control_flow import CONTROL_FLOW
from problems.importing.onnx_graph.guards import GUARDS
from problems.importing.onnx_graph.operators import RULES
from problems.importing.onnx_graph.reading import UNFORESEEN
from problems.importing.onnx_graph.values import EVALUATED

ROUNDS = int(os.environ.get("M3E_FUZZ_ROUNDS", "1"))

DATA = Path(__file__).parents[1] / "data"
DIMS = {"batch": 2, "sequence": 6, "height": 16, "width": 16}

NUMBERS = (0, 1, -1, 2, 3, 4, 6, 8, 64, -3, 1000, 2**31 - 1, 2**31, -(2**31), 2**40, 2**62, 2**63 - 1, -(2**63))
EXTENTS = (0, 1, 2, 3, 4, 6, 8, 24, 2**40, 2**62)
TEXTS = ("", "x", "a b", "\x1b[31m", "é", "[/red]", "past + 1", "a // 0", "../x", "a" * 300)
BYTES = (b"", b"\xff\xfe", b"NHWC", b"SAME_UPPER", b"ij,jk->ik", b"......,->", b"bidirectional")
ATTRIBUTES = """
    alpha auto_pad axes axis batch_dims block_size body border channels_last data_layout dilations direction else_branch
    end equation extra_shape group hidden_size input_as_shape is_causal keepdims kernel kernel_shape kernel_size
    kv_num_heads K N num_heads num_outputs num_scan_inputs pads pad_amount perm q_num_heads qkv_hidden_sizes scale
    scan_input_axes shape start stride strides then_branch to transA transB transBatchA value
"""


def check(path, dims=None):
    """Fail unless a file is a workload, or an error that was foreseen."""
    try:
        result = read_onnx(path, dims)
    except M3EError as error:
        result = error
    assert isinstance(result, Workload | M3EError)
    assert UNFORESEEN not in str(result)


def attribute(pick):
    made = AttributeProto(
        name=pick.choice(ATTRIBUTES.split()), type=pick.choice(list(AttributeProto.AttributeType.values()))
    )
    made.i, made.s, made.f = pick.choice(NUMBERS), pick.choice(BYTES), pick.choice((0.0, -1.5, float("nan"), 1e30))
    made.ints.extend(pick.choice(NUMBERS) for _ in range(pick.randrange(5)))
    made.t.CopyFrom(TensorProto(data_type=pick.randrange(25), dims=[pick.choice(NUMBERS)]))
    made.g.CopyFrom(helper.make_graph([helper.make_node("MatMul", ["x0", "x1"], ["z"])], "g", [], []))
    if pick.random() < 0.1:
        made.ref_attr_name = "other"
    return made


def value(pick, name):
    shape = [pick.choice(EXTENTS) for _ in range(pick.choice((0, 1, 2, 2, 3, 3, 4, 4, 5, 6)))]
    return helper.make_tensor_value_info(name, pick.choice((1, 1, 1, 3, 7, 8, 9, 10, 16)), shape)


def weight(pick, name):
    shape = [pick.choice((0, 1, 2, 3, 4)) for _ in range(pick.randrange(4))]
    size = 1
    for extent in shape:
        size *= extent
    return helper.make_tensor(name, TensorProto.INT64, shape, [pick.choice(NUMBERS) for _ in range(size)])


def call_of(pick, operator):
    """A model that calls ``operator`` on anything, and multiplies what comes out."""
    domain, _, op_type = operator.rpartition(".")
    names = [f"x{i}" for i in range(9)]
    inputs = [pick.choice([*names, "w0", "w1", ""]) for _ in range(pick.randrange(10))]
    node = NodeProto(op_type=op_type, domain=domain, input=inputs, output=["y", "y1", "y2"][: pick.randrange(4)])
    node.attribute.extend(attribute(pick) for _ in range(pick.randrange(6)))
    tail = [helper.make_node("MatMul", ["y", "x0"], ["z"])] if "y" in node.output else []
    values, weights = [value(pick, name) for name in names], [weight(pick, name) for name in ("w0", "w1")]
    graph = helper.make_graph([node, *tail], "g", values, [], weights)
    versions = [helper.make_opsetid("", pick.randrange(1, 29)), helper.make_opsetid(domain or "other", 1)]
    return helper.make_model(graph, opset_imports=versions)


OPERATORS = sorted({*RULES, *SHAPES, *STAND_INS, *SAME_SHAPE, *CONTROL_FLOW, *GUARDS, *EVALUATED, "SequenceMap", ""})


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_may_be_called_on_anything(tmp_path, operator):
    pick, path = random.Random(operator), tmp_path / "net.onnx"
    for _ in range(4 * ROUNDS):
        path.write_bytes(call_of(pick, operator).SerializeToString())
        check(path)


def fields(message):
    """All fields that are set, with the messages that they are in."""
    for field, content in message.ListFields():
        yield message, field
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in content if field.is_repeated else [content]:
                yield from fields(inner)


def anything(pick, field):
    """Some value for a field that is no message."""
    kinds = {
        FieldDescriptor.CPPTYPE_INT32: lambda: max(-(2**31), min(pick.choice(NUMBERS), 2**31 - 1)),
        FieldDescriptor.CPPTYPE_INT64: lambda: pick.choice(NUMBERS),
        FieldDescriptor.CPPTYPE_UINT64: lambda: abs(pick.choice(NUMBERS)),
        FieldDescriptor.CPPTYPE_ENUM: lambda: pick.choice(field.enum_type.values).number,
        FieldDescriptor.CPPTYPE_STRING: lambda: pick.choice(BYTES if field.type == field.TYPE_BYTES else TEXTS),
    }
    return kinds.get(field.cpp_type, lambda: pick.choice((0.0, -1.0, float("inf"))))()


def mutate(pick, model):
    """Drop, double, exchange or replace something anywhere in the model."""
    nodes = [pick.choice(model.graph.node)] if model.graph.node and pick.random() < 0.5 else []
    places = [*(place for node in nodes for place in fields(node))] or list(fields(model))
    if not places:
        return
    message, field = pick.choice(places)
    content, is_message = getattr(message, field.name), field.type == FieldDescriptor.TYPE_MESSAGE
    if not field.is_repeated:
        if is_message or pick.random() < 0.2:
            message.ClearField(field.name)
        else:
            setattr(message, field.name, anything(pick, field))
        return
    index = pick.randrange(len(content))
    action = pick.choice(("drop", "double", "replace", "empty"))
    if action == "drop":
        del content[index]
    elif action == "double" and is_message:
        content.add().CopyFrom(content[index])
    elif action == "double":
        content.append(content[index])
    elif is_message:
        content[index].CopyFrom(pick.choice(content)) if action == "replace" else content[index].Clear()
    else:
        content[index] = anything(pick, field)


def damaged(pick, content):
    """Some bytes of a file replaced, which makes names that are no UTF-8 among others."""
    changed = bytearray(content)
    for _ in range(pick.randrange(1, 6)):
        changed[pick.randrange(len(changed))] = pick.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.onnx")))
def test_a_file_may_be_changed_anywhere(tmp_path, name):
    pick, path = random.Random(name), tmp_path / "net.onnx"
    content = (DATA / name).read_bytes()
    for _ in range(20 * ROUNDS):
        model = ModelProto.FromString(content)
        for _ in range(pick.choice((1, 1, 2, 4))):
            mutate(pick, model)
        changed = model.SerializeToString()
        path.write_bytes(damaged(pick, changed) if pick.random() < 0.2 else changed)
        check(path, DIMS)
        check(path)
