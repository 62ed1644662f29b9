"""``Einsum``: a sum of products by labels, which for two operands is a matrix product."""

from __future__ import annotations

import re
from collections import Counter
from math import prod

from problems.importing.onnx_graph.calls import MISFIT, Call, LeftOut, Part, refuse_folded
from problems.importing.onnx_graph.products import product_layer
from problems.importing.onnx_graph.tensors import Shape

ELLIPSIS = "⁰¹²³⁴⁵⁶⁷"
"""Labels of the dimensions of an ellipsis, the last for its last dimension; no letters, unlike other labels."""

LONGEST_EQUATION = 1000

TERM = r"[A-Za-z]*(?:\.\.\.[A-Za-z]*)?"
EQUATION = re.compile(rf"{TERM}(?:,{TERM})*(?:->{TERM})?")

NOT_PLAIN = "it is no product of two operands with plain labels"


def is_equation(text: object) -> bool:
    """Return whether ``text`` is an equation: terms of letters, with at most one ellipsis in each."""
    if not isinstance(text, str) or len(text) > LONGEST_EQUATION:
        return False
    return EQUATION.fullmatch(text.replace(" ", "")) is not None


def einsum(call: Call) -> tuple[Part, ...]:
    """Rule of ``Einsum``: a product of two operands; no layer if nothing is summed, as in outer products.

    Labels of both operands are groups if the output has them, and else summed. Labels of one operand are its rows or
    columns if the output has them, and else summed beforehand.
    """
    equation = _equation(call)
    inputs, arrow, output = equation.partition("->")
    terms = inputs.split(",")
    if len(terms) == 1:
        return ()
    sizes = [_sizes(term, call.shape(index)) for index, term in enumerate(terms)]
    labels = Counter(label for each in sizes for label in each)
    kept = set(output) if arrow else {label for label, count in labels.items() if count == 1}
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


def einsum_shape(call: Call) -> Shape:
    """Return the shape of the output: the sizes of its labels; without an arrow, of those that occur once, sorted."""
    inputs, arrow, output = _equation(call).partition("->")
    terms = [_expanded(term, call.shape(index)) for index, term in enumerate(inputs.split(","))]
    sizes: dict[str, int] = {}
    for index, term in enumerate(terms):
        for label, size in zip(term, call.shape(index), strict=True):
            if sizes.setdefault(label, size) != size and (label not in ELLIPSIS or 1 not in (size, sizes[label])):
                raise LeftOut(MISFIT)
            sizes[label] = max(size, sizes[label]) if size and sizes[label] else 0
    extra = "".join(label for label in ELLIPSIS if label in sizes)
    counts = Counter("".join(terms))
    alone = extra + "".join(sorted(label for label in counts if counts[label] == 1 and label not in ELLIPSIS))
    labels = output.replace(ELLIPSIS[-1], extra) if arrow else alone
    if not set(labels) <= set(sizes):
        raise LeftOut(MISFIT)
    return tuple(sizes[label] for label in labels)


def _equation(call: Call) -> str:
    """Return the equation, with the last label of ``ELLIPSIS`` for each ellipsis.

    Raises:
        LeftOut: If it is not valid.
    """
    if not is_equation(call.attributes.get("equation")):
        raise LeftOut("its equation is not valid")
    return str(call.attributes["equation"]).replace(" ", "").replace("...", ELLIPSIS[-1])


def _expanded(term: str, shape: Shape) -> str:
    """Return a label for each dimension of an operand.

    Raises:
        LeftOut: If the labels do not fit the shape.
    """
    extra = len(shape) - len(term) + 1
    if ELLIPSIS[-1] in term and 0 <= extra <= len(ELLIPSIS):
        term = term.replace(ELLIPSIS[-1], ELLIPSIS[len(ELLIPSIS) - extra :])
    if len(term) != len(shape):
        raise LeftOut(MISFIT)
    return term


def _sizes(term: str, shape: Shape) -> dict[str, int]:
    """Return the size of each label of an operand.

    Raises:
        LeftOut: If the labels do not fit the shape, or one occurs twice.
    """
    labels = _expanded(term, shape)
    if len(set(labels)) < len(labels):
        raise LeftOut(NOT_PLAIN)
    return dict(zip(labels, shape, strict=True))


def _shape(sizes: dict[str, int], groups: list[str], first: list[str], second: list[str]) -> Shape:
    """Return the shape of an operand as a stack of matrices."""
    return (*(sizes[label] for label in groups), prod(sizes[x] for x in first), prod(sizes[x] for x in second))
