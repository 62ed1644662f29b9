"""What an accelerator is: cores of fixed dataflows behind one shared memory bandwidth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real

from bench.errors import InvalidInput

MOST_CORES = 4096

MOST_PES = 2**31
"""Of a core."""


@dataclass(frozen=True)
class Core:
    """A sub-accelerator.

    Attributes:
        style: Dataflow; ``dla`` is the paper's HB, ``eye`` its LB.
        num_pes: Processing elements.
        cluster: PEs of a cluster; 64 on all of the paper's cores.
        clock_ghz: Its clock.
        buffer_bytes: Size of its shared (L2) buffer; a job that needs more cannot run there. None is no limit, as
            in the paper.

    Raises:
        InvalidInput: If a value is out of range.
    """

    style: str
    num_pes: int
    cluster: int = 64
    clock_ghz: float = 1.0
    buffer_bytes: int | None = None

    def __post_init__(self) -> None:
        for name in ("num_pes", "cluster"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral) or not 1 <= int(value) <= MOST_PES:
                raise InvalidInput(f"core: {name}", expected=f"an integer from 1 to {MOST_PES:,}", actual=repr(value))
            object.__setattr__(self, name, int(value))
        if self.num_pes < self.cluster:
            raise InvalidInput("core: num_pes", expected=f"at least a cluster, {self.cluster}", actual=self.num_pes)
        _check_positive("core: clock_ghz", self.clock_ghz)
        if self.buffer_bytes is not None:
            _check_positive("core: buffer_bytes", self.buffer_bytes)

    def __str__(self) -> str:
        clock = f"@{self.clock_ghz:g}GHz" if self.clock_ghz != 1.0 else ""
        cluster = f"/{self.cluster}" if self.cluster != 64 else ""
        buffer = f",{self.buffer_bytes / 1024:g}KiB" if self.buffer_bytes is not None else ""
        return f"{self.style}-{self.num_pes}{cluster}{clock}{buffer}"


@dataclass(frozen=True)
class Platform:
    """A multi-core accelerator; at 1 GHz, 1 GB/s is 1 byte/cycle.

    Attributes:
        name: Its place in a problem id.
        cores: In order; a mapping's core numbers point here.
        bandwidth_gbps: The shared memory bandwidth, GB/s, where nothing else is asked for.
        summary: One line for lists.
        bandwidths_gbps: The smallest and largest shared bandwidth that it is studied under.
    """

    name: str
    cores: tuple[Core, ...]
    bandwidth_gbps: float
    summary: str = ""
    bandwidths_gbps: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.cores) <= MOST_CORES:
            expected = f"at least 1 core, at most {MOST_CORES:,}"
            raise InvalidInput(f"platform {self.name!r}: cores", expected=expected, actual=len(self.cores))
        _check_positive(f"platform {self.name!r}: bandwidth_gbps", self.bandwidth_gbps)


def _check_positive(what: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 < float(value) < math.inf:
        raise InvalidInput(what, expected="a finite number above 0", actual=repr(value))
