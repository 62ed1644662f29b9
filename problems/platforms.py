"""The paper's accelerators: cores of fixed dataflows behind one shared memory bandwidth."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import InvalidInput
from bench.registry import Registry

CLUSTER = 64
"""PEs of a cluster on all of the paper's cores."""


@dataclass(frozen=True)
class Core:
    """A sub-accelerator.

    Attributes:
        style: Dataflow; ``dla`` is the paper's HB, ``eye`` its LB.
        num_pes: Processing elements.
        cluster: PEs of a cluster.
    """

    style: str
    num_pes: int
    cluster: int = CLUSTER

    def __str__(self) -> str:
        return f"{self.style}-{self.num_pes}"


@dataclass(frozen=True)
class Platform:
    """A multi-core accelerator; at 1 GHz, 1 GB/s is 1 byte/cycle.

    Attributes:
        name: Its place in a problem id.
        cores: In order; a mapping's core numbers point here.
        summary: One line for lists.
        bandwidths_gbps: The smallest and largest shared bandwidth that the paper gives it.
    """

    name: str
    cores: tuple[Core, ...]
    summary: str
    bandwidths_gbps: tuple[float, float]

    def __post_init__(self) -> None:
        if not self.cores:
            raise InvalidInput(f"platform {self.name!r}: cores", expected="at least one", actual="none")


def _cores(*groups: tuple[int, str, int]) -> tuple[Core, ...]:
    """Cores from (count, style, rows of PEs)."""
    return tuple(Core(style, rows * CLUSTER) for count, style, rows in groups for _ in range(count))


SMALL, LARGE = (1.0, 16.0), (1.0, 256.0)

PLATFORMS: Registry[Platform] = Registry("platform")
for _platform in (
    Platform("S1", _cores((4, "dla", 32)), "small, homogeneous", SMALL),
    Platform("S2", _cores((3, "dla", 32), (1, "eye", 32)), "small, heterogeneous", SMALL),
    Platform("S3", _cores((8, "dla", 128)), "large, homogeneous", LARGE),
    Platform("S4", _cores((7, "dla", 128), (1, "eye", 128)), "large, heterogeneous", LARGE),
    Platform(
        "S5", _cores((3, "dla", 128), (1, "eye", 128), (3, "dla", 64), (1, "eye", 64)), "large, big-little", LARGE
    ),
    Platform("S6", _cores((7, "dla", 128), (1, "eye", 128), (7, "dla", 64), (1, "eye", 64)), "large, scaled up", LARGE),
):
    PLATFORMS.add(_platform)
