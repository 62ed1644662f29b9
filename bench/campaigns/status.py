"""How far a campaign is, seen from outside: what is stored, who is at work, and what is left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.campaigns.claims import Driver, drivers_in
from reports.storage.campaign_folder import campaign_root, designs_of, read_campaign_file
from reports.storage.writing import Stored, stored_in


@dataclass(frozen=True)
class CampaignStatus:
    """How far a campaign is.

    Attributes:
        path: Its folder, or the packed campaign.
        name: Its name.
        planned: Number of runs that are asked for.
        counts: Number of them that are stored, by status.
        drivers: Who is, or was, at work.
        seconds_left: Estimated work left, by one worker, in seconds; None if unknown.
    """

    path: Path
    name: str
    planned: int
    counts: Mapping[str, int]
    drivers: tuple[Driver, ...]
    seconds_left: float | None

    @property
    def left(self) -> int:
        """Number of runs that are not stored."""
        return self.planned - sum(self.counts.values())

    @property
    def running(self) -> int:
        """Number of runs that living drivers have claimed."""
        return sum(len(driver.claims) for driver in self.drivers if driver.lives)

    @property
    def slots(self) -> int:
        """How many runs the living drivers carry out at a time; one that has not said so counts as one."""
        return sum(max(1, driver.slots) for driver in self.drivers if driver.lives)


def status_of(path: Path) -> CampaignStatus:
    """Return how far a campaign is, in a folder or packed; nothing is changed.

    Raises:
        StorageError: If there is none, or what was asked for is damaged.
    """
    root = campaign_root(path)
    campaign = read_campaign_file(root)
    drivers = tuple(drivers_in(root)) if isinstance(root, Path) else ()  # before the records: what ends now counts once
    stored = stored_in(root)
    if campaign is None:
        return CampaignStatus(path, path.stem, len(stored), _counts(stored), drivers, 0.0)
    planned = {spec.id: label for design in designs_of(root) for spec, label in design.runs()}
    own = {run_id: found for run_id, found in stored.items() if run_id in planned}
    return CampaignStatus(path, campaign.name, len(planned), _counts(own), drivers, _seconds_left(planned, own))


def _counts(stored: Mapping[str, Stored]) -> Mapping[str, int]:
    return Counter(found.status for found in stored.values())


def _seconds_left(planned: Mapping[str, str], stored: Mapping[str, Stored]) -> float | None:
    """Return the work left, by mean durations of each optimizer's stored runs; None if one with runs left has none."""
    durations: dict[str, list[float]] = defaultdict(list)
    for run_id, found in stored.items():
        durations[planned[run_id]].append(found.seconds)
    left = Counter(label for run_id, label in planned.items() if run_id not in stored)
    if any(label not in durations for label in left):
        return None
    return sum(count * sum(durations[label]) / len(durations[label]) for label, count in left.items())
