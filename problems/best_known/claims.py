"""Claims of a mapping or a bound, checked by our own evaluation, and entries that take what improves on them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.best_known.entry import BOUND, MAPPING, BestKnown, CoreNumber, Improvement, Instance, Kind, check_value
from problems.bounds.certificate import Certificate
from problems.foundation.errors import InvalidInput
from problems.foundation.files import in_file, read_json

LEAST_GAIN = 1e-9
"""Relative gain from which on something is an improvement, and no difference of rounding."""

FORM = "an object with 'problem' (an id), and 'cores', 'priorities' and 'value', or a 'certificate', or all of them"


@dataclass(frozen=True, eq=False)
class ClaimedMapping:
    """A mapping, and the value that it is said to have.

    Attributes:
        cores: ``(G,)`` cores of the jobs.
        priorities: ``(G,)`` priorities of the jobs.
        value: In the unit of the objective.
    """

    cores: IntArray
    priorities: FloatArray
    value: float

    def check(self, problem: Instance) -> float:
        """Evaluate the mapping; return its value.

        Raises:
            InvalidInput: If it is no mapping of the problem, or has another value.
        """
        return check_value(problem, self.cores, self.priorities, self.value)


@dataclass(frozen=True, eq=False)
class Claim:
    """What a file claims.

    Attributes:
        problem: Id of the instance, or "".
        mapping: A mapping, or None.
        certificate: A certificate, or None.
    """

    problem: str = ""
    mapping: ClaimedMapping | None = None
    certificate: Certificate | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    problem: str = ""
    cores: list[CoreNumber] | None = None
    priorities: list[float] | None = None
    value: float | None = None
    certificate: dict[str, Any] | None = None


def read_claim(path: Path) -> Claim | BestKnown:
    """Read a claim: an object as in ``FORM``, an entry, or what ``Certificate.to_json`` returns.

    Raises:
        InvalidInput: If the file is none of them.
        StorageError: If it cannot be read, or is not JSON.
    """
    content = read_json(path)
    try:
        if not isinstance(content, dict):
            raise InvalidInput("content", expected=FORM, actual=type(content).__name__)
        if "history" in content:
            return BestKnown.from_text(json.dumps(content).encode())
        return Claim(certificate=Certificate.from_json(content)) if "kind" in content else _claim(content)
    except InvalidInput as error:
        raise in_file(path, error) from error


def _claim(content: dict[str, Any]) -> Claim:
    try:
        read = msgspec.convert(content, _File)
    except (msgspec.ValidationError, OverflowError) as error:
        raise InvalidInput("content", expected=FORM, actual=str(error)) from error
    whole = len({part is None for part in (read.cores, read.priorities, read.value)}) == 1
    if not whole or (read.cores is None and read.certificate is None):
        raise InvalidInput("content", expected=FORM, actual=f"the keys: {', '.join(content) or 'none'}")
    certificate = None if read.certificate is None else Certificate.from_json(read.certificate)
    if read.cores is None or read.priorities is None or read.value is None:
        return Claim(read.problem, None, certificate)
    mapping = ClaimedMapping(np.array(read.cores, np.int64), np.array(read.priorities, np.float64), read.value)
    return Claim(read.problem, mapping, certificate)


@dataclass(frozen=True)
class Source:
    """Where a mapping or a certificate comes from; attributes as those of ``Improvement``."""

    by: str
    on: str
    evaluations: int | None = None
    seconds: float | None = None

    def record(self, of: Kind, value: float) -> Improvement:
        """Return the line in a history of something that the suite has just validated."""
        return Improvement(of, value, self.by, self.on, self.evaluations, self.seconds, validated=True)


def new_entry(
    problem: Instance, mapping: ClaimedMapping, source: Source, effort: str, certificate: Certificate, prover: Source
) -> BestKnown:
    """Return the first entry of an instance.

    Raises:
        InvalidInput: If mapping or certificate are not what they claim, or the problem has two objectives.
    """
    value, _ = mapping.check(problem), certificate.verify(problem)
    return BestKnown(
        problem.id,
        problem.content_digest(),
        mapping.cores,
        _ranks(mapping, value, problem),
        {effort: certificate},
        (source.record(MAPPING, value), prover.record(BOUND, certificate.value)),
    )


def with_mapping(entry: BestKnown, problem: Instance, mapping: ClaimedMapping, source: Source) -> BestKnown:
    """Return the entry with a mapping, if it is better; else the entry as it is.

    Raises:
        InvalidInput: If the mapping is not what it claims.
    """
    value = mapping.check(problem)
    if not value < entry.value * (1.0 - LEAST_GAIN):
        return entry
    history = (*entry.history, source.record(MAPPING, value))
    return replace(entry, cores=mapping.cores, priorities=_ranks(mapping, value, problem), history=history)


def with_certificate(
    entry: BestKnown, problem: Instance, effort: str, certificate: Certificate, prover: Source
) -> BestKnown:
    """Return the entry with the certificate of an effort; it enters the history if it proves more than all before.

    Raises:
        InvalidInput: If the certificate is not what it claims.
    """
    certificate.verify(problem)
    history, before = entry.history, entry.certificates.get(effort)
    if before is not None and certificate.value <= before.value:
        return entry
    if certificate.value > entry.bound * (1.0 + LEAST_GAIN):
        history = (*history, prover.record(BOUND, certificate.value))
    return replace(entry, certificates={**entry.certificates, effort: certificate}, history=history)


def _ranks(mapping: ClaimedMapping, value: float, problem: Instance) -> FloatArray:
    """Return the ranks of the priorities, equal ones equal; the mapping stays what it is."""
    ranks = np.unique(mapping.priorities, return_inverse=True)[1].astype(np.float64)
    assert problem.evaluate(mapping.cores, ranks) == value
    return ranks
