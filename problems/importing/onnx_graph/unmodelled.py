"""Operators that make products but are not layers: left out, with their multiply-accumulates where these are simple."""

from __future__ import annotations

from math import prod

from problems.importing.onnx_graph.calls import MISFIT, Call, LeftOut, Part, Rule


def unmodelled(reason: str) -> Rule:
    """Return the rule of operators that are left out with unknown multiply-accumulates."""

    def rule(call: Call) -> tuple[Part, ...]:
        raise LeftOut(reason)

    return rule


def recurrent(call: Call) -> tuple[Part, ...]:
    """Rule of ``RNN``, ``GRU`` and ``LSTM``: at each step, products with the weights of the input and of the state."""
    x, weights, state_weights = (call.shape(index) for index in range(3))
    if not len(x) == len(weights) == len(state_weights) == 3:
        raise LeftOut(MISFIT)
    reason = "its steps depend on each other"
    raise LeftOut(reason, x[0] * x[1] * (prod(weights) + prod(state_weights)))
