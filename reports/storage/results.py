"""Read results: campaigns on disk, checked, and of several one."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from reports.storage.archive import open_archive
from reports.storage.foreign import NO_RUNS, with_foreign
from reports.storage.replay import CheckedCampaign, replayed
from reports.storage.selecting import select
from reports.storage.sources import beside, results_in

Paths = Sequence[str | PathLike[str]]


def read_results(
    runs: Paths = (), *, foreign: Paths = (), only: Sequence[str] = (), against: str | PathLike[str] | None = None
) -> CheckedCampaign:
    """Read the results of campaigns, in folders, packed or archives; several are merged, equal runs count once.

    The mapping of each run is evaluated again; one whose value is not that of its mapping counts as failed.

    Args:
        runs: Paths of folders of ``m3e run``, or of packed campaigns; may be left out if there are foreign results.
        foreign: Paths of CSV files with results that were made elsewhere (``reports.storage.foreign``). Their mappings
            are not known, so that their values are told and not verified; tables and figures mark them.
        only: Terms that choose among the runs, see ``reports.select``; what is left out is not evaluated.
        against: Path of an archive (``m3e archive``) beside whose results these stand.

    Raises:
        StorageError: If there are no results, or a campaign is damaged.
        InvalidInput: If a CSV file or ``only`` does not fit.
    """
    stored = results_in([Path(path) for path in runs]) if runs or not foreign else NO_RUNS
    results = select(with_foreign(stored, [Path(path) for path in foreign]), only)
    return replayed(results if against is None else beside(results, open_archive(Path(against))))
