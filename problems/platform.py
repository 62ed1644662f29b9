"""Accelerators: cores with fixed dataflows behind one shared memory bandwidth."""

from __future__ import annotations

from dataclasses import dataclass, field

from problems.foundation.checks import check_above_zero, check_integer, is_number
from problems.foundation.errors import InvalidInput
from problems.names import check_name

MOST_CORES = 4096

CLOCKS_GHZ = 1e-6, 100.0
"""Slowest and fastest clock; what is beyond is meant in another unit."""

EXPECTED_CLOCK = "GHz, from {:g} to {:g}".format(*CLOCKS_GHZ)

MOST_PES = 2**31
"""Most processing elements of a core."""


@dataclass(frozen=True)
class Core:
    """A sub-accelerator.

    Attributes:
        dataflow: Dataflow; ``dla`` is the paper's HB, ``eye`` its LB.
        num_pes: Number of processing elements (PEs).
        cluster: PEs per cluster; 64 on all cores of the paper.
        clock_ghz: Clock frequency in GHz.
        buffer_bytes: Size of the shared (L2) buffer; a job that needs more cannot run on the core. None is no limit,
            as in the paper.
        name: What it is called, or ""; cores of equal kind are equal, whatever they are called.

    Raises:
        InvalidInput: If a value is out of range.
    """

    dataflow: str
    num_pes: int
    cluster: int = 64
    clock_ghz: float = 1.0
    buffer_bytes: int | None = None
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name in ("num_pes", "cluster"):
            object.__setattr__(self, name, check_integer(f"core: {name}", getattr(self, name), 1, MOST_PES))
        if self.num_pes < self.cluster:
            raise InvalidInput("core: num_pes", expected=f"at least a cluster, {self.cluster}", actual=self.num_pes)
        if not is_number(self.clock_ghz, *CLOCKS_GHZ):
            raise InvalidInput("core: clock_ghz", expected=EXPECTED_CLOCK, actual=self.clock_ghz)
        if self.buffer_bytes is not None:
            check_above_zero("core: buffer_bytes", self.buffer_bytes)
        check_name("core: name", self.name)

    def __str__(self) -> str:
        clock = f"@{self.clock_ghz:g}GHz" if self.clock_ghz != 1.0 else ""
        cluster = f"/{self.cluster}" if self.cluster != 64 else ""
        buffer = f",{self.buffer_bytes / 1024:g}KiB" if self.buffer_bytes is not None else ""
        return f"{self.dataflow}-{self.num_pes}{cluster}{clock}{buffer}"


@dataclass(frozen=True)
class Platform:
    """A multi-core accelerator; at 1 GHz, 1 GB/s is 1 byte/cycle.

    Attributes:
        name: Name, as in problem ids.
        cores: The cores; the core numbers of a mapping are indices into it.
        bandwidth_gbps: Default shared memory bandwidth in GB/s.
        summary: One line for lists.
        bandwidths_gbps: Smallest and largest shared bandwidth under which the platform is studied.

    Raises:
        InvalidInput: If there are no cores or too many, or the bandwidth is not a positive finite number.
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
        check_above_zero(f"platform {self.name!r}: bandwidth_gbps", self.bandwidth_gbps)

    @property
    def core_names(self) -> tuple[str, ...]:
        """Label of each core, of its name or number and its kind."""
        return tuple(f"{core.name or number}: {core}" for number, core in enumerate(self.cores))
