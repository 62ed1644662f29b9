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

_ARRAY = re.compile(rb"([<>|][biuf]\d{1,2}):(\d{1,9}(?:,\d{1,9}){0,3})")

LONGEST_HEAD = 200


def packed(cores: npt.NDArray[Any], priorities: npt.NDArray[Any]) -> bytes:
    """Return two arrays of numbers as bytes: a line with types and shapes, then what they hold."""
    heads = [f"{a.dtype.str}:{','.join(map(str, a.shape))}" for a in (cores, priorities)]
    return b"".join((";".join(heads).encode(), b"\n", cores.tobytes(), priorities.tobytes()))


def unpacked(content: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the arrays in ``content``.

    Raises:
        ValueError: If it was not made by ``packed``.
    """
    end = content.find(b"\n", 0, LONGEST_HEAD)
    first, second = content[:end].split(b";")
    cores, place = _array(first, content, end + 1)
    priorities, place = _array(second, content, place)
    if place != len(content):
        raise ValueError("more bytes than the arrays have")
    return cores, priorities


def _array(head: bytes, content: bytes, place: int) -> tuple[npt.NDArray[Any], int]:
    """Return the array that begins at a place, and the place where it ends."""
    match = _ARRAY.fullmatch(head)
    if match is None:
        raise ValueError("no array of numbers")
    kind = np.dtype(match[1].decode())
    shape = tuple(map(int, match[2].split(b",")))
    count = prod(shape)
    return np.frombuffer(content, kind, count, place).reshape(shape), place + count * kind.itemsize
