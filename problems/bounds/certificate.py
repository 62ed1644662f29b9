"""Certificates: what proves that no mapping has a lower makespan, and how anyone checks it without a solver.

A certificate names the bound that it rests on and holds the numbers that prove it:

- ``configurations``: a price for each job, see ``problems.bounds.relaxation``;
- ``cores and memory``: a weight for each core and one for the memory, see ``problems.bounds.duality``;
- ``longest job``, ``longest chain`` or ``counted jobs``, see ``problems.bounds.counting``: nothing else, the job table
  tells;
- ``energy``: nothing either, where the makespan does not count.

Any prices and weights prove something; what they prove is computed from them alone, on the safe side: prices are
raised and demands rounded towards the worse configuration by a few units in the last place before they enter the
knapsacks, sums of the prices are exact until their last rounding, and a relative 1e-12 comes off in the end, far more
than all rounding of the sums here and in the evaluators.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from problems.arrays import FloatArray
from problems.bounds import counting, duality
from problems.bounds.relaxation import MOST_CELLS, Relaxation
from problems.foundation.errors import InvalidInput
from problems.job_table import JobTable
from problems.precedence import Precedence

CONFIGURATIONS, CORES_AND_MEMORY = "configurations", "cores and memory"
LONGEST_JOB, LONGEST_CHAIN = "longest job", "longest chain"
COUNTED_JOBS = "counted jobs"
ENERGY = "energy"
KINDS = (CONFIGURATIONS, CORES_AND_MEMORY, LONGEST_JOB, LONGEST_CHAIN, COUNTED_JOBS, ENERGY)

MOST_STATES = 4_096
"""Most states of tracked jobs that ``verify`` goes through."""

SLACK = 1e-12
"""Relative excess of a claim that counts as rounding."""


class Bounded(Protocol):
    """A problem whose makespan a certificate bounds."""

    @property
    def id(self) -> str:
        """What it is called in errors."""

    @property
    def job_table(self) -> JobTable:
        """Its job table."""

    @property
    def system_bandwidth(self) -> float:
        """Bytes/cycle that the cores share."""

    @property
    def precedence(self) -> Precedence | None:
        """Which jobs wait for which."""

    def value_at_least(self, makespan: float) -> float:
        """The least value, in the unit of the (first) objective, of mappings whose makespan is at least that."""


@dataclass(frozen=True)
class Certificate:
    """A proof that no mapping of a problem has a lower value.

    Attributes:
        kind: One of ``KINDS``, what it rests on.
        value: The bound, in the unit of the (first) objective.
        makespan: The bound on the makespan, cycles.
        prices: ``(G,)`` prices of a cycle of each job on its fastest core; with ``cores and memory`` ``(A + 1,)``
            weights of the cores and of the memory; else empty.
        tracked: Jobs that the relaxation counts one by one, ascending.
        levels: Levels of the grid of bandwidths on which the worst configuration is found.
    """

    kind: str
    value: float
    makespan: float
    prices: tuple[float, ...] = ()
    tracked: tuple[int, ...] = ()
    levels: int = 0

    def verify(self, problem: Bounded) -> bool:
        """Compute anew what the certificate proves, without a solver.

        Returns:
            True.

        Raises:
            InvalidInput: If it does not fit the problem, or claims more than it proves.
        """
        proven = proven_makespan(self, problem.job_table, problem.system_bandwidth, problem.precedence)
        most = problem.value_at_least(self.makespan)
        for what, claimed, true in (("makespan", self.makespan, proven), ("value", self.value, most)):
            if not claimed <= true * (1.0 + SLACK):
                raise InvalidInput(
                    f"certificate of {problem.id}: {what}",
                    expected=f"at most {true!r}, which it proves",
                    actual=claimed,
                )
        return True

    def to_json(self) -> dict[str, Any]:
        """Return the content as JSON values."""
        return asdict(self) | {"prices": list(self.prices), "tracked": list(self.tracked)}

    @classmethod
    def from_json(cls, content: object) -> Certificate:
        """Rebuild a certificate from ``to_json``.

        Raises:
            InvalidInput: If a key is missing or unknown, or a value has another type.
        """
        if not isinstance(content, Mapping) or content.keys() != _FIELDS.keys():
            actual = sorted(map(str, content)) if isinstance(content, Mapping) else content
            raise InvalidInput("certificate", expected=f"the keys {', '.join(_FIELDS)}", actual=actual)
        for key, (expected, fits) in _FIELDS.items():
            if not fits(content[key]):
                raise InvalidInput(f"certificate: {key}", expected=expected, actual=content[key])
        prices, tracked = tuple(map(float, content["prices"])), tuple(content["tracked"])
        return cls(content["kind"], content["value"], content["makespan"], prices, tracked, content["levels"])


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value < math.inf


def _all_are(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda values: isinstance(values, list) and all(map(fits, values))


_FIELDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "kind": (f"one of {', '.join(KINDS)}", lambda kind: isinstance(kind, str) and kind in KINDS),
    "value": ("a number of at least 0", _is_amount),
    "makespan": ("a number of at least 0", _is_amount),
    "prices": ("a list of numbers of at least 0", _all_are(_is_amount)),
    "tracked": ("a list of numbers of jobs", _all_are(_is_whole)),
    "levels": ("an integer of at least 0", _is_whole),
}


def proven_makespan(
    certificate: Certificate, table: JobTable, system_bandwidth: float, precedence: Precedence | None
) -> float:
    """Return the makespan that a certificate proves, whatever it claims.

    Raises:
        InvalidInput: If it does not fit the job table.
    """
    with np.errstate(all="ignore"):
        if certificate.kind == CONFIGURATIONS:
            proven = _proven_by_prices(certificate, table, system_bandwidth, precedence)
        elif certificate.kind == CORES_AND_MEMORY:
            _expect_prices(certificate, table.num_cores + 1)
            proven = duality.bound_of(table, system_bandwidth, np.array(certificate.prices))
        elif certificate.kind == COUNTED_JOBS:
            proven = counting.bound_of(table, system_bandwidth, precedence)
        elif certificate.kind == ENERGY:
            proven = 0.0
        else:
            alone = duality.least_durations(table, system_bandwidth)
            chain = certificate.kind == LONGEST_CHAIN and precedence is not None
            proven = float(precedence.longest_path(alone) if chain and precedence else alone.max())
    return proven * (1.0 - duality.ROUNDING) if proven < math.inf else 0.0


def _expect_prices(certificate: Certificate, number: int) -> None:
    if len(certificate.prices) != number:
        raise InvalidInput("certificate: prices", expected=f"{number} numbers", actual=len(certificate.prices))


def _proven_by_prices(
    certificate: Certificate, table: JobTable, system_bandwidth: float, precedence: Precedence | None
) -> float:
    _expect_prices(certificate, table.num_jobs)
    tracked = np.array(certificate.tracked, np.int64)
    if len(tracked) and not (tracked[-1] < table.num_jobs and (np.diff(tracked) > 0).all()):
        expected = f"numbers of jobs, ascending, below {table.num_jobs}"
        raise InvalidInput("certificate: tracked", expected=expected, actual=list(certificate.tracked))
    prices, levels = np.array(certificate.prices), certificate.levels
    known = (None,) if precedence is None else (None, precedence)  # what holds without dependencies holds with them
    relaxations = [Relaxation.of(table, system_bandwidth, own, tracked, MOST_STATES, prices) for own in known]
    fitting = [own for own in relaxations if own is not None and 1 <= levels * len(own.steps) <= MOST_CELLS]
    if not fitting:
        states = "too many" if relaxations[0] is None else len(relaxations[0].steps)
        expected = f"at least 1 level, and at most {MOST_CELLS:,} levels times states"
        raise InvalidInput("certificate: levels and tracked", expected=expected, actual=f"{levels} times {states}")
    return max(proven_by(own, _of_kinds(prices, own), levels) for own in fitting)


def _of_kinds(prices: FloatArray, relaxation: Relaxation) -> FloatArray:
    """Return the prices ``(n,)`` of the kinds of jobs, of which all jobs have one price."""
    own = np.zeros(len(relaxation.fastest))
    own[relaxation.kinds.job_kind] = prices
    return own


def proven_by(relaxation: Relaxation, prices: FloatArray, levels: int) -> float:
    """Return the makespan in cycles that the prices ``(n,)`` of a relaxation prove; 0 if that is beyond the floats."""
    if not 0.0 < relaxation.scale < math.inf or not np.isfinite(relaxation.kinds.demand).all():
        return 0.0
    total = duality.exact_sum(prices * relaxation.volume)
    proven = total / (1.0 + relaxation.violation(prices, levels)) * relaxation.scale
    return proven if proven < math.inf else 0.0


ENERGY_ALONE = Certificate(ENERGY, 0.0, 0.0)
"""What certifies the energy: each job on its cheapest core."""
