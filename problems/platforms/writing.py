"""Write platforms as TOML files, in the form in which they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from problems.platform import Core, Platform


def platform_toml(platform: Platform) -> str:
    """Return the text of a platform's file, from which ``read_platform`` makes an equal one of the file's name."""
    lines = [f"description = {json.dumps(platform.summary)}"] if platform.summary else []
    lines.append(f"bandwidth_gbps = {platform.bandwidth_gbps!r}")
    if platform.bandwidths_gbps:
        lines.append(f"bandwidth_range_gbps = {list(platform.bandwidths_gbps)!r}")
    for core, group in groupby(platform.cores):
        lines += ["", "[[cores]]", *_core(core, len(list(group)))]
    return "\n".join(lines) + "\n"


def _core(core: Core, count: int) -> Iterator[str]:
    yield f"dataflow = {json.dumps(core.dataflow)}"
    yield f"pes = {core.num_pes}"
    yield f"cluster = {core.cluster}"
    yield f"count = {count}"
    yield f"clock_ghz = {core.clock_ghz!r}"
    if core.buffer_bytes is not None:
        yield f"buffer_kib = {core.buffer_bytes / 1024!r}"
