"""``Einsum``: a sum of products by labels, which for two operands is a matrix product."""

from __future__ import annotations

from math import prod

from problems.importing.onnx_graph.calls import MISFIT, Call, LeftOut, Part, Shape, refuse_folded
from problems.importing.onnx_graph.products import product_layer

ELLIPSIS = "⁰¹²³⁴⁵⁶⁷"
"""What stands for the dimensions of an ellipsis, the last one for the last of them; no letters, as labels are."""

NOT_PLAIN = "it is no product of two operands with plain labels"


def einsum(call: Call) -> tuple[Part, ...]:
    """A product of two operands; none where no product is summed, as in transpositions and outer products.

    Labels of both operands are groups if the output has them, and summed otherwise; those of one operand that the
    output has are its rows or columns, and without it summed before.
    """
    equation = str(call.attributes.get("equation", "")).replace(" ", "").replace("...", ELLIPSIS[-1])
    inputs, arrow, output = equation.partition("->")
    terms = inputs.split(",")
    if len(terms) == 1:
        return ()
    sizes = [_sizes(term, call.shape(index)) for index, term in enumerate(terms)]
    labels = "".join("".join(each) for each in sizes)
    kept = set(output) if arrow else {label for label in labels if labels.count(label) == 1}
    if ELLIPSIS[-1] in equation and (not arrow or ELLIPSIS[-1] in output):
        kept |= set(ELLIPSIS)
    if set(labels) <= kept:
        return ()
    if len(terms) > 2:
        raise LeftOut(NOT_PLAIN)
    left, right = sizes
    summed = [label for label in left if label in right and label not in kept]
    if not summed:
        return ()
    refuse_folded(call, 0, 1)
    groups = [label for label in left if label in right and label in kept]
    rows, columns = ([x for x in own if x not in other and x in kept] for own, other in ((left, right), (right, left)))
    shapes = _shape(left, groups, rows, summed), _shape(right, groups, summed, columns)
    return (Part(product_layer(*shapes, (call.constant(0), call.constant(1)))),)


def _sizes(term: str, shape: Shape) -> dict[str, int]:
    """The size of each label of an operand.

    Raises:
        LeftOut: If the labels do not fit the shape, or one stands twice.
    """
    extra = len(shape) - len(term) + 1
    if ELLIPSIS[-1] in term and 0 <= extra <= len(ELLIPSIS):
        term = term.replace(ELLIPSIS[-1], ELLIPSIS[len(ELLIPSIS) - extra :])
    if len(term) != len(shape):
        raise LeftOut(MISFIT)
    if len(set(term)) < len(term):
        raise LeftOut(NOT_PLAIN)
    return dict(zip(term, shape, strict=True))


def _shape(sizes: dict[str, int], groups: list[str], first: list[str], second: list[str]) -> Shape:
    """An operand as a stack of matrices."""
    return (*(sizes[label] for label in groups), prod(sizes[x] for x in first), prod(sizes[x] for x in second))
