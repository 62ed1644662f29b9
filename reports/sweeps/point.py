"""The points of a sweep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A platform with a number of cores behind a bandwidth, under a cost model.

    Attributes:
        place: Platform as ids name it; with another number of cores than its own, that one.
        platform: The same as it is called in tables.
        cores: Number of cores.
        pes: Processing elements of all cores; NaN of a ready job table.
        design: The platform with its cores, as figures call it.
        bandwidth_gbps: Shared memory bandwidth, GB/s.
        cost_model: Name of the cost model.
        problem: Problem id.
        unlimited: Id of the same problem with so much bandwidth that no job ever waits for the memory; "" if unknown.
        impossible: Why there is no such problem, or "".
    """

    place: str
    platform: str
    cores: int
    pes: float
    design: str
    bandwidth_gbps: float
    cost_model: str
    problem: str
    unlimited: str = ""
    impossible: str = ""

    @property
    def family(self) -> tuple[str, str]:
        """What the points share whose mappings can run on each other: the cores of fewer are the first of more."""
        return self.place, self.cost_model
