"""Tidy tables: a row per run, and a row per improvement."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from problems.foundation.errors import MissingExtra
from problems.foundation.extras import install_command
from problems.foundation.files import write_bytes
from reports.frames.runs import RUN_COLUMNS, TRAJECTORY_COLUMNS, runs_table, trajectories_table
from reports.storage.replay import CheckedCampaign
from reports.wording.table import to_csv


def write_csv(campaign: CheckedCampaign, folder: Path) -> list[Path]:
    """Write ``runs.csv``, ``trajectories.csv`` and ``columns.csv``, which tells what their columns mean.

    Raises:
        StorageError: If the folder cannot be written.
    """
    paths = []
    for name, table in _tables(campaign):
        paths.append(folder / f"{name}.csv")
        write_bytes(paths[-1], to_csv(table))
    return paths


def write_parquet(campaign: CheckedCampaign, folder: Path) -> list[Path]:
    """Write the tables of ``write_csv`` as Parquet.

    Raises:
        MissingExtra: If pyarrow is not installed.
        StorageError: If the folder cannot be written.
    """
    try:
        import pyarrow  # noqa: F401  # pandas would raise later, with its own advice
    except ImportError as error:
        raise MissingExtra(f"Parquet needs pyarrow: {install_command('m3e[export]')}") from error
    paths = []
    for name, table in _tables(campaign):
        paths.append(folder / f"{name}.parquet")
        content = io.BytesIO()
        _typed(table).to_parquet(content, engine="pyarrow", index=False)
        write_bytes(paths[-1], content.getvalue())
    return paths


def _tables(campaign: CheckedCampaign) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "runs", runs_table(campaign)
    yield "trajectories", trajectories_table(campaign)
    documented = {"runs": RUN_COLUMNS, "trajectories": TRAJECTORY_COLUMNS}
    columns = [(table, column, text) for table, known in documented.items() for column, text in known.items()]
    yield "columns", pd.DataFrame(columns, columns=["table", "column", "meaning"])


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with one type a column: numbers where all values are, else text."""
    typed = table.copy()
    for name in typed.columns:
        if typed[name].dtype == object:
            present = typed[name].dropna()
            numbers = len(present) > 0 and all(isinstance(v, (int, float)) and v is not True for v in present)
            typed[name] = typed[name].astype("float64") if numbers else typed[name].astype("string")
    return typed
