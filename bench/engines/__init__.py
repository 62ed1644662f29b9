"""The engines: where the runs of a campaign are carried out. To add one: its file, and a line here."""

from __future__ import annotations

from problems.foundation.registry import Entry, Registry

ENGINES: Registry[Entry] = Registry("engine", group="m3e.engines")
"""All engines by name, plug-ins included; factories return a ``bench.engines.engine.Engine``."""

BUILTIN = (
    Entry("serial", "bench.engines.serial:Serial", summary="one run after the other, in this process"),
    Entry("processes", "bench.engines.processes:Processes", summary="a process a run, as many at a time as workers"),
)
