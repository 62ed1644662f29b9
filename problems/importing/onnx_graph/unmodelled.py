"""Operators that make products but are no layers: left out, with their multiply-accumulates where those are plain."""

from __future__ import annotations

from math import prod

from problems.importing.onnx_graph.calls import MISFIT, Call, LeftOut, Part, Rule


def unmodelled(reason: str) -> Rule:
    """The rule of operators whose multiply-accumulates are not counted either."""

    def rule(call: Call) -> tuple[Part, ...]:
        raise LeftOut(reason)

    return rule


def recurrent(call: Call) -> tuple[Part, ...]:
    """``RNN``, ``GRU`` and ``LSTM``: at each step, products with the weights of the input and of the state."""
    x, weights, state_weights = (call.shape(index) for index in range(3))
    if len(x) != 3:
        raise LeftOut(MISFIT)
    reason = "its steps depend on each other"
    raise LeftOut(reason, x[0] * x[1] * (prod(weights) + prod(state_weights)))


def einsum(call: Call) -> tuple[Part, ...]:
    """``Einsum``: counted for two operands without repeated labels; none where no product is summed."""
    equation = str(call.attributes.get("equation", "")).replace(" ", "")
    terms, arrow, output = equation.partition("->")
    labels = terms.replace(",", "")
    kept = set(output) if arrow else {label for label in labels if labels.count(label) == 1}
    if "," not in terms or kept == set(labels):
        return ()  # a sum or transposition, an element-wise or outer product
    operands = terms.split(",")
    reason = "it is not taken apart"
    if len(operands) > 2 or "." in terms or any(len(set(term)) < len(term) for term in operands):
        raise LeftOut(reason)
    sizes: dict[str, int] = {}
    for index, term in enumerate(operands):
        shape = call.shape(index)
        if len(shape) != len(term):
            raise LeftOut(MISFIT)
        for label, size in zip(term, shape, strict=True):
            sizes[label] = max(size, sizes.get(label, 0))
    raise LeftOut(reason, prod(sizes.values()))
