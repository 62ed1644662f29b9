"""Mapping files: mappings stored with their complete problem, so that anybody can evaluate them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import problems
from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import InvalidInput, M3EError, StorageError
from problems.foundation.files import Json, check_file, read_json, write_bytes
from problems.foundation.json_values import finite_or_none
from problems.names import check_name
from problems.precedence import Precedence
from problems.suite import content_digest

FORMAT = "m3e-mapping-1"
"""Identifier and version of the file format."""

MAPPING = "mapping.json"
"""Name of the file in an output folder of ``m3e map``."""

MOST_BYTES = 2**32
"""Size limit of a mapping file; one with a million jobs on four cores takes 300 MB."""


@dataclass(frozen=True, eq=False)
class MappingFile:
    """Mappings of one problem with their stored values.

    Attributes:
        problem: Problem, rebuilt from the file alone.
        cores: ``(m, G)`` cores of the jobs; one mapping, or with two objectives a front by ascending latency.
        priorities: ``(m, G)`` priorities of the jobs.
        values: ``(m, num_objectives)`` values stored in the file.
        suite_version: Suite version that the problem's id refers to.
        found_by: How the mappings were found, as JSON values.
    """

    problem: problems.Problem
    cores: IntArray
    priorities: FloatArray
    values: FloatArray
    suite_version: int
    found_by: Mapping[str, object] = field(default_factory=dict)

    def replay(self) -> FloatArray:
        """Evaluate the mappings again; return their values ``(m, num_objectives)``."""
        return np.asarray(self.problem.evaluate(self.cores, self.priorities)).reshape(len(self.cores), -1)

    def agrees_with_registry(self) -> bool | None:
        """Return whether the problem equals the registered one of the same id; None if the id is not known here."""
        if self.suite_version != problems.SUITE_VERSION:
            return None
        try:
            known = problems.get(self.problem.id)
        except M3EError:
            return None
        return content_digest(known) == content_digest(self.problem)


def write_mapping(path: Path, mapping: MappingFile) -> None:
    """Write a mapping file.

    Raises:
        StorageError: If the folder cannot be written.
    """
    p = mapping.problem
    table = p.job_table
    content = {
        "format": FORMAT,
        "problem": {
            "id": p.id,
            "suite_version": mapping.suite_version,
            "objective": p.objective_name,
            "system_bandwidth": p.system_bandwidth,
            "total_macs": p.total_macs,
            "latency": _cells(table.latency),
            "bandwidth": _cells(table.bandwidth),
            "energy": None if table.energy is None else _cells(table.energy),
            "predecessors": None if p.precedence is None else p.precedence.predecessors,
            "job_names": table.job_names,
            "core_names": table.core_names,
        },
        "lower_bound": p.ideal_point().tolist(),
        "found_by": dict(mapping.found_by),
        "mappings": [
            {"values": v.tolist(), "cores": c.tolist(), "priorities": r.tolist()}
            for v, c, r in zip(mapping.values, mapping.cores, mapping.priorities, strict=True)
        ],
    }
    lines = (f" {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in content.items())
    write_bytes(path, "{{\n{}\n}}\n".format(",\n".join(lines)).encode())  # one number per line would take minutes


def read_mapping(path: Path) -> MappingFile:
    """Read and check the mapping file ``path``, or the one in the folder ``path``.

    Raises:
        StorageError: If it is missing, not a mapping file, or contains an invalid mapping of its problem.
    """
    path = path / MAPPING if path.is_dir() else path
    try:
        check_file(path, MOST_BYTES)
        return _read(path)
    except InvalidInput as error:
        raise StorageError(str(error)) from error
    except RecursionError as error:
        raise StorageError(f"{path} is damaged: expected JSON, got values nested too deeply") from error


def _read(path: Path) -> MappingFile:
    content = read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else None
        raise StorageError(f"{path} is not a mapping file of 'm3e map': expected the format {FORMAT!r}, got {found!r}")
    try:
        problem = _problem(content["problem"])
        mappings = content["mappings"]
        read = MappingFile(
            problem=problem,
            cores=_integers([m["cores"] for m in mappings]),
            priorities=np.array([m["priorities"] for m in mappings], dtype=np.float64),
            values=np.array([m["values"] for m in mappings], dtype=np.float64).reshape(-1, problem.num_objectives),
            suite_version=int(content["problem"]["suite_version"]),
            found_by=dict(content["found_by"]),
        )
        read.replay()
    except KeyError as error:
        raise StorageError(f"{path} is damaged: the key {error} is missing") from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, IndexError, M3EError) as error:
        raise StorageError(f"{path} is damaged: {error}") from error
    return read


def _problem(content: Json) -> problems.Problem:
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
    total_macs = content["total_macs"]
    if total_macs is not None and not isinstance(total_macs, int):
        raise ValueError(f"expected an integer as total_macs, got {total_macs!r}")
    return problems.Problem(
        id=str(content["id"]),
        job_table=table,
        system_bandwidth=content["system_bandwidth"],
        total_macs=total_macs,
        objective_name=content["objective"],
        precedence=None if predecessors is None else Precedence.of(predecessors),
    )


def _integers(rows: list[list[int]]) -> IntArray:
    cores = np.array(rows)
    if cores.dtype.kind != "i":
        raise ValueError("expected integers as cores")
    return cores.astype(np.int64)


def _cells(table: FloatArray) -> list[list[float | None]]:
    """Return the rows as JSON values: None for infinity and NaN, which JSON lacks."""
    rows = table.tolist()
    return rows if np.isfinite(table).all() else [[finite_or_none(v) for v in row] for row in rows]


def _table(rows: Json, missing: float) -> FloatArray:
    """Return the rows as an array, with ``missing`` in place of None."""
    return np.array([[missing if value is None else value for value in row] for row in rows], dtype=np.float64)
