"""Read platforms from TOML files, the form in which the paper's are shipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from problems.costs import dataflows
from problems.costs.maestro.closed_forms import DATAFLOWS
from problems.foundation.checks import is_above_zero, is_number
from problems.foundation.tomlfile import TomlTable
from problems.platform import CLOCKS_GHZ, EXPECTED_CLOCK, MOST_CORES, MOST_PES, Core, Platform

LARGEST = 1e15
"""Largest buffer size or bandwidth in a platform file."""

MOST_BYTES = 2**20
"""Largest platform file, enough for thousands of cores."""

KEYS = {
    "description": "one line; optional",
    "bandwidth_gbps": "the shared memory bandwidth, GB/s",
    "bandwidth_range_gbps": "the smallest and largest bandwidth to study; optional",
    "cores": "one [[cores]] table for each kind of core",
}

CORE_KEYS = {
    "dataflow": "a dataflow of the cost model, e.g. dla, eye or shi",
    "pes": f"processing elements, an integer from 1 to {MOST_PES:,}",
    "cluster": f"PEs per cluster, an integer from 1 to {MOST_PES:,}; optional, 64",
    "name": "what the core is called, e.g. big; optional; of several cores with their number: big 1, big 2",
    "count": f"how many such cores, an integer from 1 to {MOST_CORES:,}; optional, 1",
    "clock_ghz": f"{EXPECTED_CLOCK}; optional, 1",
    "buffer_kib": "KiB of shared buffer, above 0; optional, no limit",
}


def read_platform(path: str | Path, name: str = "") -> Platform:
    """Read a platform from a TOML file; its name is the file's stem if none is given.

    Raises:
        InvalidInput: If a key is missing or has an invalid value; names file, line and key.
        UnknownName: On an unknown key; names file, line and key.
    """
    path = Path(path)
    table = TomlTable.read(path, MOST_BYTES)
    table.check_keys(KEYS)
    bandwidth = _positive(table, "bandwidth_gbps", KEYS["bandwidth_gbps"])
    core_tables = table.take_tables("cores", KEYS["cores"])
    if not core_tables:
        raise table.error("cores", KEYS["cores"], "none")
    cores = [core for core_table in core_tables for core in _cores(core_table)]
    if len(cores) > MOST_CORES:
        raise table.error("cores", f"at most {MOST_CORES:,} cores", len(cores))
    named = Counter(core.name for core in cores if core.name)
    if named and named.most_common(1)[0][1] > 1:
        raise table.error("cores", "cores of different names", f"{named.most_common(1)[0][0]!r} more than once")
    return Platform(
        name=name or path.stem,
        cores=tuple(cores),
        bandwidth_gbps=bandwidth,
        summary=table.take("description", str, "a text", default=""),
        bandwidths_gbps=_range(table),
    )


def _cores(table: TomlTable) -> Iterator[Core]:
    table.check_keys(CORE_KEYS)
    pes, cluster = _count(table, "pes"), _count(table, "cluster", 64)
    if pes < cluster:
        raise table.error("pes", f"at least a cluster, {cluster}", pes)
    dataflow = table.take("dataflow", str, CORE_KEYS["dataflow"])
    if dataflow not in DATAFLOWS and dataflow not in dataflows():
        raise table.error("dataflow", f"one of {', '.join(dataflows())}", dataflow)
    clock = table.take("clock_ghz", (int, float), CORE_KEYS["clock_ghz"], 1.0)
    if not is_number(clock, *CLOCKS_GHZ):
        raise table.error("clock_ghz", CORE_KEYS["clock_ghz"], clock)
    kib = _positive(table, "buffer_kib", CORE_KEYS["buffer_kib"]) if "buffer_kib" in table else None
    buffer_bytes = None if kib is None else max(1, int(kib * 1024))
    count = _count(table, "count", 1, MOST_CORES)
    name = table.take("name", str, CORE_KEYS["name"], default="")
    numbered = [f"{name} {number + 1}" for number in range(count)] if name and count > 1 else [name] * count
    return (Core(dataflow, pes, cluster, float(clock), buffer_bytes, each) for each in numbered)


def _count(table: TomlTable, key: str, default: int | None = None, most: int = MOST_PES) -> int:
    value: int = table.take(key, int, CORE_KEYS[key], default)
    if not 1 <= value <= most:
        raise table.error(key, CORE_KEYS[key], value)
    return value


def _positive(table: TomlTable, key: str, expected: str, default: float | None = None) -> float:
    value = table.take(key, (int, float), expected, default)
    if not 0.0 < value <= LARGEST:
        raise table.error(key, f"{expected}; a number above 0, at most {LARGEST:g}", value)
    return float(value)


def _range(table: TomlTable) -> tuple[float, float] | None:
    key = "bandwidth_range_gbps"
    if key not in table:
        return None
    values = table.take(key, list, KEYS[key])
    numbers = [v for v in values if is_above_zero(v, LARGEST)]
    if len(values) != 2 or len(numbers) != 2 or numbers[0] > numbers[1]:
        raise table.error(key, f"two numbers above 0, at most {LARGEST:g}, the smaller first", values)
    return float(numbers[0]), float(numbers[1])
