"""Dimensions that a model leaves open."""

import subprocess

import pytest
from onnx import TensorProto, helper, load_model, save_model

from problems.foundation.errors import InvalidInput, UnknownName
from problems.importing import read_onnx

MATMUL = helper.make_node("MatMul", ["x", "w"], ["y"])


@pytest.fixture
def path(models):
    return models.save([MATMUL], {"x": ("batch", "sequence", None, 8)}, {"w": (8, 5)})


def test_open_dimensions_are_given_by_name(path):
    assert read_onnx(path, {"batch": 2, "sequence": 3, "x.2": 4}).macs == 2 * 3 * 4 * 8 * 5


def test_all_that_are_missing_are_named_at_once_with_an_example(path):
    with pytest.raises(InvalidInput) as caught:
        read_onnx(path)
    message = str(caught.value)
    assert "model.onnx: dimensions: expected sizes of batch, sequence, x.2, got none" in message
    assert "--dim batch=1 --dim sequence=128 --dim x.2=128" in message
    with pytest.raises(InvalidInput, match=r"sizes of batch, x\.2, got sequence=3"):
        read_onnx(path, {"sequence": 3})


def test_an_unknown_name_is_told_the_nearest(path):
    with pytest.raises(UnknownName, match=r"dimension of .*model\.onnx: 'bacth': did you mean batch\?"):
        read_onnx(path, {"bacth": 2})


def test_a_model_without_open_dimensions_takes_none(models):
    path = models.save([MATMUL], {"x": (2, 8)}, {"w": (8, 5)})
    with pytest.raises(
        InvalidInput, match=r"dimensions: expected none, as the shapes of its inputs are fixed, got batch=2"
    ):
        read_onnx(path, {"batch": 2})


@pytest.mark.parametrize("size", [-1, 2.0, True, "2", 2**41])
def test_sizes_are_integers(path, size):
    with pytest.raises(InvalidInput, match=r"model\.onnx: dimension batch: expected an integer from 0"):
        read_onnx(path, {"batch": size})


def test_a_negative_extent_is_an_open_dimension(models):
    path = models.save([MATMUL], {"x": (-1, 8)}, {"w": (8, 5)})
    assert read_onnx(path, {"x.0": 3}).macs == 120


def test_a_name_that_two_inputs_share_is_asked_for_once(models):
    node = helper.make_node("MatMul", ["x", "z"], ["y"])
    path = models.save([node], {"x": ("n", 8), "z": (8, "n")})
    assert read_onnx(path, {"n": 3}).macs == 72


def test_an_input_without_shape_is_an_error(models):
    path = models.save([MATMUL], {"x": None}, {"w": (8, 5)})
    with pytest.raises(InvalidInput, match=r"model\.onnx: input 'x': expected a shape, got none\. Export"):
        read_onnx(path)


def test_weights_that_are_listed_as_inputs_are_weights(models):
    path = models.save([MATMUL], {"x": (1, 8)}, {"w": (8, 5)})
    model = load_model(path)
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, ["open", 5]))
    save_model(model, path)
    (layer,) = read_onnx(path).networks["model"]
    assert layer.kind.name == "FFN"


def test_inputs_that_are_no_tensors_are_not_asked_for(models):
    path = models.save(
        [helper.make_node("SequenceAt", ["s", "i"], ["a"]), MATMUL], {"x": (1, 8)}, {"w": (8, 5), "i": 0}
    )
    model = load_model(path)
    element = helper.make_tensor_type_proto(TensorProto.FLOAT, None)
    model.graph.input.append(helper.make_value_info("s", helper.make_sequence_type_proto(element)))
    save_model(model, path)
    assert read_onnx(path).macs == 40


def test_sizes_at_which_the_model_cannot_run_are_an_error(models):
    nodes = [MATMUL, helper.make_node("Reshape", ["y", "shape"], ["z"], name="fold")]
    path = models.save(nodes, {"x": ("n", 8)}, {"w": (8, 5), "shape": [2, 15]})
    assert read_onnx(path, {"n": 6}).macs == 240
    with pytest.raises(
        InvalidInput, match=r"expected sizes at which the model runs, got n=5\. They lead to Reshape 'fold'"
    ):
        read_onnx(path, {"n": 5})


def test_a_sum_that_does_not_fit_is_one_too(models):
    nodes = [MATMUL, helper.make_node("Add", ["y", "positions"], ["z"], name="add")]
    path = models.save(nodes, {"x": ("n", 8)}, {"w": (8, 5), "positions": (6, 5)})
    with pytest.raises(InvalidInput, match=r"They lead to Add 'add' of \(7, 5\) and \(6, 5\)"):
        read_onnx(path, {"n": 7})


def test_a_model_of_fixed_shapes_that_do_not_fit_is_listed_as_far_as_it_is_unknown(models):
    nodes = [
        MATMUL,
        helper.make_node("Add", ["y", "positions"], ["z"], name="add"),
        helper.make_node("MatMul", ["z", "v"], ["u"]),
    ]
    workload = models.workload(nodes, {"x": (7, 8)}, {"w": (8, 5), "positions": (6, 5), "v": (5, 5)})
    assert [each.reason for each in workload.skipped] == [
        "the shape of an input is unknown, behind Add 'add', whose inputs do not fit"
    ]


PAST = helper.make_node("MatMul", ["q", "k"], ["y"])


def expressions(models, **shapes):
    """A product of (2, past) and (past, 4), and inputs of other shapes."""
    return models.save([PAST], {"q": (2, "past"), "k": ("past", 4)} | shapes)


def test_dimensions_that_are_expressions_follow_from_others(models):
    path = expressions(models, mask=("past + 1", "2*past"))
    assert read_onnx(path, {"past": 5}).macs == 40


def test_an_expression_asks_for_what_it_is_made_of(models):
    path = models.save([MATMUL], {"x": ("batch", "past_length + length", 8)}, {"w": (8, 5)})
    with pytest.raises(InvalidInput, match=r"expected sizes of batch, length, past_length, got none"):
        read_onnx(path)
    assert read_onnx(path, {"batch": 2, "length": 3, "past_length": 4}).macs == 2 * 7 * 40


def test_an_expression_may_be_given_but_not_against_the_others(models):
    path = expressions(models, mask=("past + 1",))
    assert read_onnx(path, {"past": 5, "past + 1": 6}).macs == 40
    with pytest.raises(InvalidInput, match=r"dimension past \+ 1: expected 6, got 7\. It follows from past=5\."):
        read_onnx(path, {"past": 5, "past + 1": 7})


def test_an_expression_below_nothing_is_an_error(models):
    path = expressions(models, mask=("past - 9",))
    with pytest.raises(InvalidInput, match=r"dimension past - 9: expected an integer from 0 .*, got -4\. .* past=5"):
        read_onnx(path, {"past": 5})
    path = expressions(models, mask=("past // n",))
    with pytest.raises(InvalidInput, match=r"dimension past // n: .*, got none\. It follows from n=0, past=5"):
        read_onnx(path, {"past": 5, "n": 0})


def test_a_name_with_a_hyphen_is_a_name_unless_both_sides_are_dimensions(models):
    path = models.save([MATMUL], {"x": ("batch-size", 8)}, {"w": (8, 5)})
    assert read_onnx(path, {"batch-size": 3}).macs == 120
    path = models.save([MATMUL], {"x": ("all-past", 8), "y0": ("all", "past")}, {"w": (8, 5)})
    assert read_onnx(path, {"all": 5, "past": 2}).macs == 120


def test_stated_shapes_may_be_expressions_too(models):
    nodes = [
        helper.make_node("Sparkle", ["x"], ["b"], domain="com.acme"),
        helper.make_node("MatMul", ["b", "w"], ["d"]),
    ]
    path = models.save(nodes, {"x": ("past", 8)}, {"w": (6, 5)}, domains=["com.acme"])
    model = load_model(path)
    model.graph.value_info.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, ["past + 1", 6]))
    save_model(model, path)
    assert read_onnx(path, {"past": 4}).macs == 5 * 6 * 5


@pytest.mark.parametrize(
    "shapes",
    [
        {"mask": ("past + 1", "2 * batch")},
        {"mask": ("past - 200",)},
        {"mask": ("a; rm -rf", "it's", "$HOME", "=", "b=c")},
        {"in put": (None, 3)},
        {"mask": ("batch // 4", "a-b")},
    ],
)
def test_the_hint_is_a_command_that_a_shell_takes_and_that_works(models, shapes):
    path = expressions(models, **shapes).rename(models.folder / "my model's.onnx")
    with pytest.raises(InvalidInput) as caught:
        read_onnx(path)
    command = caught.value.hint.partition(": ")[2]
    words = subprocess.run(["/bin/sh", "-c", f"printf '%s\\0' {command}"], capture_output=True, text=True, check=True)
    name, verb, file, *options = words.stdout.rstrip("\0").split("\0")
    assert (name, verb, file) == ("m3e", "import", str(path))
    dims = dict(text.rpartition("=")[::2] for text in options[1::2])
    assert options[::2] == ["--dim"] * len(dims)
    assert read_onnx(path, {key: int(size) for key, size in dims.items()}).macs > 0


def test_the_hint_keeps_the_sizes_that_are_given(models):
    with pytest.raises(InvalidInput, match=r"--dim n=3 --dim past=1$"):
        read_onnx(expressions(models, mask=("past + n",)), {"n": 3})


def test_a_thousand_open_dimensions_are_not_all_listed(models):
    path = models.save([MATMUL], {"x": (2, 8)} | {f"in{i}": (f"d{i}",) for i in range(1000)}, {"w": (8, 5)})
    with pytest.raises(InvalidInput, match=r"d49 and 950 more, got none") as caught:
        read_onnx(path)
    assert len(str(caught.value)) < 3000
