"""What is known of an instance: its best mapping, its certificates, and the history of both.

An entry is a JSON file whose path is the instance's id. ``digest`` is that of the problem's content, so that a problem
of the same name and other numbers is never judged by it. The history is append-only: each line is a record when it was
set, mappings with ever lower values, bounds with ever higher ones, and the last of each kind is what the entry holds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal, Protocol

import msgspec
import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.bounds.certificate import Bounded, Certificate
from problems.foundation.errors import InvalidInput

Kind = Literal["mapping", "bound"]

MAPPING: Kind = "mapping"
BOUND: Kind = "bound"

CLOSED, NARROW = 1e-4, 1e-2
"""Gaps below which an instance is called closed and narrow."""

TOLERANCE = 1e-9
"""Relative difference that another processor's rounding may cause."""

CoreNumber = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]

Effort = Literal["fast", "default", "best", "given"]
"""How a certificate was found: by ours, with that effort, or somehow, and given to us."""

Status = Literal["closed", "narrow", "open"]


class Instance(Bounded, Protocol):
    """A problem whose mappings and bounds are recorded."""

    @property
    def num_objectives(self) -> int:
        """Number of values of a mapping."""

    def content_digest(self) -> str:
        """Hash of what the problem computes."""

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray | float:
        """Value of a mapping."""


class Improvement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record in the history of an instance.

    Attributes:
        of: ``mapping`` or ``bound``.
        value: The value of the mapping, or what the certificate proves, in the unit of the objective.
        by: Who or what found it.
        on: The day, year-month-day.
        evaluations: Evaluations that it took, if it was a search that counts them.
        seconds: CPU seconds that it took, if they were measured.
        validated: Whether the suite itself evaluated the mapping, or verified the certificate.
    """

    of: Kind
    value: Annotated[float, msgspec.Meta(ge=0.0)]
    by: str
    on: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
    evaluations: int | None = None
    seconds: float | None = None
    validated: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    problem: str
    digest: str
    cores: list[CoreNumber]
    priorities: list[float]
    certificates: dict[Effort, dict[str, msgspec.Raw]]
    history: list[Improvement]


@dataclass(frozen=True, eq=False)
class BestKnown:
    """The best that is known of an instance.

    Attributes:
        problem: The instance's id.
        digest: The digest of its content.
        cores: ``(G,)`` cores of the best mapping.
        priorities: ``(G,)`` priorities of the best mapping.
        certificates: Certificates by effort.
        history: All records, the oldest first.
    """

    problem: str
    digest: str
    cores: IntArray
    priorities: FloatArray
    certificates: Mapping[str, Certificate]
    history: tuple[Improvement, ...]

    def last(self, of: Kind) -> Improvement:
        """Return the latest record of mappings or of bounds."""
        return next(record for record in reversed(self.history) if record.of == of)

    @property
    def value(self) -> float:
        """Value of the best mapping, in the unit of the objective."""
        return self.last(MAPPING).value

    @property
    def bound(self) -> float:
        """The best certified bound, likewise."""
        return self.last(BOUND).value

    @property
    def certificate(self) -> Certificate:
        """What proves it."""
        return max(self.certificates.values(), key=lambda certificate: certificate.value)

    @property
    def validated(self) -> bool:
        """Whether the suite itself evaluated the best mapping."""
        return self.last(MAPPING).validated

    @property
    def gap(self) -> float:
        """By how much the value exceeds the bound, as a share of the bound; infinite if that is 0 and the value not."""
        return gap_between(self.value, self.bound)

    @property
    def status(self) -> Status:
        """``closed`` (gap below 0.01 %), ``narrow`` (below 1 %) or ``open``."""
        if self.gap < CLOSED:
            return "closed"
        return "narrow" if self.gap < NARROW else "open"

    def to_text(self) -> str:
        """Return the content of the file, a line a part, so that versions can be compared."""
        certificates = {effort: certificate.to_json() for effort, certificate in sorted(self.certificates.items())}
        parts = {
            "problem": _line(self.problem),
            "digest": _line(self.digest),
            "cores": _line(self.cores.tolist()),
            "priorities": _line(self.priorities.tolist()),
            "certificates": _lines("{}", [f"{_line(effort)}: {_line(c)}" for effort, c in certificates.items()]),
            "history": _lines("[]", [_line(msgspec.to_builtins(record)) for record in self.history]),
        }
        return "{\n" + ",\n".join(f"{_line(name)}: {text}" for name, text in parts.items()) + "\n}\n"

    def verify(self, problem: Instance) -> bool:
        """Evaluate the mapping and verify all certificates: whether the entry is of the problem and holds what it says.

        Returns:
            True.

        Raises:
            InvalidInput: If not.
        """
        if problem.content_digest() != self.digest:
            what = f"entry of {self.problem}: digest"
            raise InvalidInput(what, expected=f"{problem.content_digest()}, of the problem", actual=self.digest)
        check_value(problem, self.cores, self.priorities, self.value)
        return all(certificate.verify(problem) for certificate in self.certificates.values())

    @classmethod
    def from_text(cls, content: bytes) -> BestKnown:
        """Rebuild an entry from its text.

        Raises:
            InvalidInput: If it is not one, not whole, or contradicts itself.
        """
        try:
            read = msgspec.json.decode(content, type=_File)
            certificates = {str(effort): _certificate(fields) for effort, fields in read.certificates.items()}
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidInput("entry of best-known values", expected="its JSON", actual=str(error)) from error
        _check_history(read, certificates)
        if len(read.cores) != len(read.priorities):
            what = f"entry of {read.problem}: priorities"
            raise InvalidInput(what, expected=f"{len(read.cores)} numbers", actual=len(read.priorities))
        cores, priorities = np.array(read.cores, np.int64), np.array(read.priorities, np.float64)
        cores.flags.writeable = priorities.flags.writeable = False
        frozen = MappingProxyType(certificates)
        return cls(read.problem, read.digest, cores, priorities, frozen, tuple(read.history))


def check_value(problem: Instance, cores: IntArray, priorities: FloatArray, value: float) -> float:
    """Evaluate a mapping; return its value.

    Raises:
        InvalidInput: If the problem has two objectives, it is no mapping of the problem, or it has another value.
    """
    if problem.num_objectives > 1:
        raise InvalidInput(f"problem {problem.id!r}", expected="one objective", actual=problem.num_objectives)
    found = float(problem.evaluate(cores, priorities))
    if not abs(found - value) <= TOLERANCE * abs(found):
        what = f"mapping of {problem.id}: value"
        raise InvalidInput(what, expected=f"{found!r}, by our own evaluation", actual=value)
    return found


def _check_history(read: _File, certificates: Mapping[str, Certificate]) -> None:
    """Raise if a kind of record is missing or does not improve, or the certificates do not prove the last bound."""
    what = f"entry of {read.problem}: history"
    mappings = [record.value for record in read.history if record.of == MAPPING]
    bounds = [record.value for record in read.history if record.of == BOUND]
    if not (mappings and bounds and certificates):
        expected = "a history with a mapping and a bound, and certificates"
        raise InvalidInput(what, expected=expected, actual="not all of them")
    if mappings != sorted(set(mappings), reverse=True) or bounds != sorted(set(bounds)):
        raise InvalidInput(what, expected="ever lower mappings and ever higher bounds", actual="another order")
    proven = max(certificate.value for certificate in certificates.values())
    if not abs(bounds[-1] - proven) <= TOLERANCE * proven:
        raise InvalidInput(what, expected=f"{proven!r} as last bound, which is certified", actual=bounds[-1])


def gap_between(value: float, bound: float) -> float:
    """Return ``value / bound - 1``, at least 0; 0 if both are 0, infinite if only the bound is."""
    if bound > 0.0:
        return max(0.0, value / bound - 1.0)
    return math.inf if value > 0.0 else 0.0


def _certificate(fields: Mapping[str, msgspec.Raw]) -> Certificate:
    return Certificate.from_json({key: msgspec.json.decode(value) for key, value in fields.items()})


def _line(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _lines(brackets: str, lines: list[str]) -> str:
    return f"{brackets[0]}\n " + ",\n ".join(lines) + f"\n{brackets[1]}"
