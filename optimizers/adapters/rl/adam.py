"""Adam (Kingma & Ba 2015, algorithm 1) of a single vector, compiled into one pass over it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch

from problems.foundation.compiling import compiled

Floats = npt.NDArray[np.float32]


class Adam(torch.optim.Adam):  # type: ignore[misc]
    """The library's Adam for a single parameter, without its further options."""

    def step(self, closure: None = None) -> None:
        """Take one step."""
        (group,) = self.param_groups
        (vector,) = group["params"]
        state = self.state[vector]
        if not state:
            state.update(step=0, first=torch.zeros_like(vector), second=torch.zeros_like(vector))
        state["step"] += 1
        beta_1, beta_2 = group["betas"]
        scalars = (
            group["lr"] / (1 - beta_1 ** state["step"]),
            1 / math.sqrt(1 - beta_2 ** state["step"]),
            1 - beta_1,
            beta_2,
            1 - beta_2,
            group["eps"],
        )
        arrays = (vector.numpy(), vector.grad.numpy(), state["first"].numpy(), state["second"].numpy())
        _step(*arrays, *map(np.float32, scalars))


@compiled
def _step(
    vector: Floats,
    gradient: Floats,
    first: Floats,
    second: Floats,
    step_size: np.float32,
    scale: np.float32,
    rest_1: np.float32,
    beta_2: np.float32,
    rest_2: np.float32,
    eps: np.float32,
) -> None:
    """Update ``vector`` and the moments, all ``(N,)``.

    Args:
        vector: The parameters.
        gradient: Their gradient.
        first: First moment, the mean.
        second: Second moment, uncentered.
        step_size: Learning rate, corrected by the bias of the first moment.
        scale: Correction of the second moment's root by its bias.
        rest_1: 1 - beta_1.
        beta_2: Decay of the second moment.
        rest_2: 1 - beta_2.
        eps: Summand of the denominator.
    """
    for i in range(len(vector)):
        mean = first[i] + rest_1 * (gradient[i] - first[i])
        square = beta_2 * second[i] + rest_2 * gradient[i] * gradient[i]
        first[i], second[i] = mean, square
        vector[i] -= step_size * mean / (np.sqrt(square) * scale + eps)
