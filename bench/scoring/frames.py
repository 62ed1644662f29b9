"""Messages between the two processes: a letter, a length, and so many bytes; and how mappings become bytes."""

from __future__ import annotations

import re
import struct
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

HEAD = struct.Struct("<cQ")

CONFINED, LOADED, PROPOSED, DONE, FAILED = b"C", b"L", b"P", b"D", b"F"
"""From the optimizer's process: what is forbidden, the class is loaded, mappings, the run is over, what went wrong."""

RUN, VALUES, OVER = b"R", b"V", b"O"
"""To it: the next run, the values of its mappings, and instead of them that the run is over."""

CHUNK = 2**20

_ARRAY = re.compile(rb"([<>|][biuf]\d{1,2}):(\d{1,18}(?:,\d{1,18}){0,7})?")


def packed(cores: npt.NDArray[Any], priorities: npt.NDArray[Any]) -> bytes:
    """Return two arrays of numbers as bytes: a line with types and shapes, then what they hold."""
    heads = [f"{a.dtype.str}:{','.join(map(str, a.shape))}" for a in (cores, priorities)]
    return b"".join((";".join(heads).encode(), b"\n", cores.tobytes(), priorities.tobytes()))


def unpacked(content: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the arrays in ``content``.

    Raises:
        ValueError: If it was not made by ``packed``.
    """
    line, _, data = content.partition(b"\n")
    first, second = line.split(b";")
    cores, rest = _array(first, data)
    priorities, rest = _array(second, rest)
    if rest:
        raise ValueError("more bytes than the arrays have")
    return cores, priorities


def _array(head: bytes, data: bytes) -> tuple[npt.NDArray[Any], bytes]:
    match = _ARRAY.fullmatch(head)
    if match is None:
        raise ValueError("no array of numbers")
    kind = np.dtype(match[1].decode())
    shape = tuple(map(int, (match[2] or b"").split(b","))) if match[2] else ()
    size = prod(shape) * kind.itemsize
    if size > len(data):
        raise ValueError("fewer bytes than the arrays have")
    return np.frombuffer(data[:size], dtype=kind).reshape(shape), data[size:]
