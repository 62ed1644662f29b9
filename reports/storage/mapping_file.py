"""Mapping files: records that hold their complete problem, so that anybody can evaluate their mappings again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import problems
from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import M3EError, StorageError
from problems.foundation.files import Json
from problems.foundation.json_values import finite_or_none
from problems.names import check_name
from problems.passes import Passes
from problems.precedence import Precedence
from reports.storage.record import StoredRun, read_record

LIMITS = "limits"
"""Parameter of optimizers that hold the latencies of networks below limits."""

MAPPING = "mapping.json"
"""Name of the file in an output folder of ``m3e map``."""


@dataclass(frozen=True, eq=False)
class StoredMapping:
    """The mappings of a stored run, and their problem.

    Attributes:
        run: The run.
        problem: Its problem: rebuilt from the file alone, or the registered one.
    """

    run: StoredRun
    problem: problems.Problem

    @property
    def cores(self) -> IntArray:
        """Cores ``(m, G)`` of the jobs; of one mapping, or with two objectives of a front by ascending latency."""
        return self.run.front_cores

    @property
    def priorities(self) -> FloatArray:
        """Priorities ``(m, G)`` of the jobs."""
        return self.run.front_priorities

    @property
    def values(self) -> FloatArray:
        """Values ``(m, num_objectives)`` in the file."""
        return self.run.front_values

    @property
    def limits(self) -> Mapping[str, float]:
        """Cycles that networks had to be done in, by name; empty if there were none."""
        limits: Mapping[str, float] = self.run.spec.parameters.get(LIMITS) or {}  # type: ignore[assignment]
        return limits

    def replay(self) -> FloatArray:
        """Evaluate the mappings again; return their values ``(m, num_objectives)``."""
        return np.asarray(self.problem.evaluate(self.cores, self.priorities)).reshape(len(self.cores), -1)

    def agrees_with_registry(self) -> bool | None:
        """Return whether the problem equals the registered one of the same id; None if the id is not known here."""
        if self.run.spec.suite_version != problems.SUITE_VERSION:
            return None
        try:
            known = problems.get(self.problem.id)
        except M3EError:
            return None
        return known.content_digest() == self.problem.content_digest()


def read_mapping(path: Path) -> StoredMapping:
    """Read and check the mapping file ``path``, or the one in the folder ``path``.

    Raises:
        StorageError: If it is missing, not a mapping file, or contains an invalid mapping of its problem.
    """
    return mapping_of(read_record(path / MAPPING if path.is_dir() else path))


def mapping_of(run: StoredRun) -> StoredMapping:
    """Return the mappings of a run that was read with its problem, evaluated once.

    Raises:
        StorageError: As ``read_mapping``.
    """
    path = run.place
    if run.problem is None:
        raise StorageError(f"{path} is not a mapping file of 'm3e map': it does not hold its problem")
    if not len(run.front_values):
        raise StorageError(f"{path} holds no mapping: the run is {run.status}")
    try:
        read = StoredMapping(run, problem_from(run.problem))
        values = read.replay()
    except KeyError as error:
        raise StorageError(f"{path} is damaged: the key {error} is missing") from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, IndexError, M3EError) as error:
        raise StorageError(f"{path} is damaged: {error}") from error
    if values.shape != read.values.shape:
        raise StorageError(f"{path} is damaged: expected {values.shape[1]} value(s) a mapping")
    return read


def problem_content(p: problems.Problem) -> dict[str, Any]:
    """Return all that defines a problem, as JSON values; infinity, which JSON lacks, is null."""
    table = p.job_table
    return {
        "id": p.id,
        "objective": p.objective_name,
        "system_bandwidth": p.system_bandwidth,
        "total_macs": p.total_macs,
        "layer_macs": p.layer_macs,
        "passes": {name: asdict(each) for name, each in p.passes.items()},
        "latency": _cells(table.latency),
        "bandwidth": _cells(table.bandwidth),
        "energy": None if table.energy is None else _cells(table.energy),
        "predecessors": None if p.precedence is None else [list(before) for before in p.precedence.predecessors],
        "job_names": list(table.job_names),
        "core_names": list(table.core_names),
        "lower_bound": p.ideal_point().tolist(),
    }


def problem_from(content: Mapping[str, Json]) -> problems.Problem:
    """Rebuild a problem from its content.

    Raises:
        KeyError, TypeError, ValueError, M3EError: If something is missing or does not fit.
    """
    predecessors = content["predecessors"]
    energy = content["energy"]
    table = problems.JobTable(
        _table(content["latency"], np.inf),
        _table(content["bandwidth"], 0.0),
        None if energy is None else _table(energy, np.nan),
        tuple(content["job_names"]),
        tuple(content["core_names"]),
    )
    for name in (str(content["id"]), *table.job_names, *table.core_names):
        check_name("id, job or core", name)
    counts = {key: content.get(key) for key in ("total_macs", "layer_macs")}
    for key, count in counts.items():
        if count is not None and not isinstance(count, int):
            raise ValueError(f"expected an integer as {key}, got {count!r}")
    return problems.Problem(
        id=str(content["id"]),
        job_table=table,
        system_bandwidth=content["system_bandwidth"],
        objective_name=content["objective"],
        precedence=None if predecessors is None else Precedence.of(predecessors),
        passes={name: Passes(**each) for name, each in content.get("passes", {}).items()},
        **counts,
    )


def _cells(table: FloatArray) -> list[list[float | None]]:
    """Return the rows as JSON values: None for infinity and NaN, which JSON lacks."""
    rows = table.tolist()
    return rows if np.isfinite(table).all() else [[finite_or_none(v) for v in row] for row in rows]


def _table(rows: Json, missing: float) -> FloatArray:
    """Return the rows as an array, with ``missing`` in place of None."""
    return np.array([[missing if value is None else value for value in row] for row in rows], dtype=np.float64)
