"""The messages of the protocol: one JSON value a line; see ``protocol.md``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
import numpy as np

from problems.arrays import FloatArray
from problems.space import Mappings, SearchSpace

VERSION = 1

ASK = b'{"type":"ask"}\n'

END = b'{"type":"end"}\n'


FORM = '{"mappings":[{"cores":[...],"priorities":[...]}, ...]}'
"""An answer to an ask."""


class Proposed(msgspec.Struct, forbid_unknown_fields=True):
    """A mapping as a program writes it: ``G`` cores and ``G`` priorities."""

    cores: list[Annotated[int, msgspec.Meta(ge=0)]]
    priorities: list[Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)]]


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """The answer to an ask."""

    mappings: list[Proposed]


def space_message(space: SearchSpace, *, budget: int, seed: int, parameters: Mapping[str, object]) -> bytes:
    """Return the first message, which tells the program all that it will know."""
    return _line(
        {
            "type": "space",
            "version": VERSION,
            "num_jobs": space.num_jobs,
            "num_cores": space.num_cores,
            "num_objectives": space.num_objectives,
            "budget": budget,
            "seed": seed,
            "parameters": dict(parameters),
        }
    )


def tell_message(values: FloatArray) -> bytes:
    """Return the message with ``values`` ``(P,)`` or ``(P, 2)``; infinite ones become null."""
    return _line({"type": "tell", "values": values.tolist()})


def _line(message: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(message) + b"\n"


def read_answer(line: bytes, space: SearchSpace) -> Mappings:
    """Return the mappings ``(P, G)`` in an answer; P may be 0.

    Raises:
        ValueError: If it is no answer, or holds something that is not a mapping; the message says what and where.
    """
    try:
        proposed = msgspec.json.decode(line, type=Answer).mappings
    except msgspec.DecodeError as error:
        raise ValueError(f"{error}; expected {FORM}") from error
    for number, one in enumerate(proposed):
        for name, genes in (("cores", one.cores), ("priorities", one.priorities)):
            if len(genes) != space.num_jobs:
                raise ValueError(f"expected {space.num_jobs} {name}, got {len(genes)} - at `$.mappings[{number}]`")
        if max(one.cores) >= space.num_cores:
            expected = f"cores from 0 to {space.num_cores - 1}"
            raise ValueError(f"expected {expected}, got {max(one.cores)} - at `$.mappings[{number}]`")
    shape = (len(proposed), space.num_jobs)
    cores = np.array([one.cores for one in proposed], dtype=np.int64).reshape(shape)
    return cores, np.array([one.priorities for one in proposed], dtype=np.float64).reshape(shape)
