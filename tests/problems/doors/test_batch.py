"""The function of batches."""

import numpy as np
import pytest

import problems
from optimizers.testing import HOLES, Spoiled, Weights
from problems.doors.batch import function
from problems.foundation.errors import InvalidInput

ID = "mix/S2/bw1/g8/i0"


class Foreign:
    """An array of another library."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __array__(self, dtype=None, copy=None):
        return self.array.astype(dtype or self.array.dtype)


class OnADevice:
    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert device tensor to numpy")


def test_points_and_mappings_have_the_values_of_the_problem(p, points_and_values):
    f = function(p)
    points, expected = points_and_values(p, "continuous", worst=np.inf)
    expected = expected if p.num_objectives > 1 else expected[:, 0]
    cores, priorities = f.decode(points)
    for values in (f(points), f(Foreign(points)), f(cores, priorities), f(cores.astype(np.int32), Foreign(priorities))):
        assert values.dtype == np.float64
        assert values.tolist() == expected.tolist() == p.evaluate(cores, priorities).tolist()
    assert f.dimension == points.shape[1]


def test_an_empty_batch_has_no_values():
    f = function(problems.get(ID))
    assert f(np.zeros((0, 16))).shape == (0,)
    assert f(np.zeros((0, 8), int), np.zeros((0, 8))).shape == (0,)


def test_a_value_that_is_no_number_counts_as_that_of_a_mapping_that_cannot_run():
    spoiled = Spoiled(Weights(), np.nan, HOLES["all"])
    assert function(spoiled)(np.full((3, 12), 0.5)).tolist() == [np.inf] * 3


def test_values_are_the_callers_to_change():
    f = function(problems.get(ID))
    points = np.full((2, 16), 0.5)
    before = f(points)
    f(points)[:] = 0.0
    assert (f(points) == before).all()
    assert (points == 0.5).all()


def test_tensors_of_pytorch_are_read():
    torch = pytest.importorskip("torch")
    f = function(problems.get(ID))
    points = torch.rand(5, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert f(points).tolist() == f(points.numpy()).tolist()
    cores, priorities = map(torch.from_numpy, f.decode(points))
    assert f(cores, priorities).tolist() == f(points).tolist()
    with pytest.raises(InvalidInput, match=r"points: expected an array that NumPy can read, got Tensor.*detach"):
        f(points.requires_grad_())


def test_arrays_of_jax_are_read():
    jax = pytest.importorskip("jax")
    f = function(problems.get(ID))
    points = jax.numpy.asarray(np.random.default_rng(0).random((5, 16)))
    assert f(points).tolist() == f(np.asarray(points)).tolist()


@pytest.mark.parametrize(
    ("batch", "complaint"),
    [
        ([[0.5] * 16], r"point: expected 16 numbers each, .*, got an array of shape \(16,\)"),
        ([[[0.5] * 15]], r"point: expected 16 numbers each, .*, got an array of shape \(1, 15\)"),
        ([OnADevice()], "points: expected an array that NumPy can read, got OnADevice.*cpu"),
        ([[[0] * 7], [[0.5] * 7]], r"cores and priorities: expected shapes \(n, 8\), got \(1, 7\) and \(1, 7\)"),
        ([[[0] * 8], [0.5] * 8], r"expected shapes \(n, 8\), got \(1, 8\) and \(8,\)"),
        ([[[4] * 8], [[0.5] * 8]], "cores: expected integers from 0 to 3, got int64"),
        ([[[0.0] * 8], [[0.5] * 8]], "cores: expected integers from 0 to 3, got float64"),
        ([[[0] * 8], [[np.inf] * 8]], "priorities: expected finite numbers"),
        ([[[0] * 8], [["a"] * 8]], "priorities: expected numbers, got"),
    ],
)
def test_what_is_no_batch_is_told(batch, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        function(problems.get(ID))(*batch)
