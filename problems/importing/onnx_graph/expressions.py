"""Dimensions that are expressions of others, as exporters write them: ``past + 1``, ``2*batch``."""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache

LONGEST = 200
"""Most characters of an expression."""

CHARACTERS = re.compile(r"[\w\s()+*/-]*")
HYPHENATED = re.compile(r"[^\W\d]\w*(-\w+)+")

OPERATORS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def names_in(name: str) -> frozenset[str]:
    """Return the dimensions in the expression ``name``; none if it is not an expression."""
    tree = _parsed(name)
    return frozenset() if tree is None else frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))


def is_ambiguous(name: str) -> bool:
    """Return whether an expression may also be a name, like ``batch-size``."""
    return HYPHENATED.fullmatch(name) is not None


def size_of(name: str, sizes: Mapping[str, int]) -> int | None:
    """Return the size of a dimension from those of others; None if one is unknown or the expression has no value.

    A size given for the name itself takes precedence.
    """
    if name in sizes:
        return sizes[name]
    tree = _parsed(name)
    try:
        return None if tree is None else _value(tree, sizes)
    except (KeyError, ZeroDivisionError):
        return None


@lru_cache(maxsize=1024)
def _parsed(name: str) -> ast.expr | None:
    """Parse an expression; None if it is not understood, a mere name, or contains no name."""
    if len(name) > LONGEST or not CHARACTERS.fullmatch(name):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(name.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    parts = list(ast.walk(tree))
    named = any(isinstance(part, ast.Name) for part in parts)
    return tree if named and isinstance(tree, ast.BinOp) and all(map(_is_understood, parts)) else None


def _is_understood(part: ast.AST) -> bool:
    if isinstance(part, ast.BinOp):
        return type(part.op) in OPERATORS
    if isinstance(part, ast.Constant):
        return type(part.value) is int
    return isinstance(part, ast.Name | ast.Load | ast.operator)


def _value(part: ast.expr, sizes: Mapping[str, int]) -> int:
    if isinstance(part, ast.BinOp):
        return OPERATORS[type(part.op)](_value(part.left, sizes), _value(part.right, sizes))
    if isinstance(part, ast.Constant):
        assert isinstance(part.value, int)
        return part.value
    assert isinstance(part, ast.Name)
    return sizes[part.id]
