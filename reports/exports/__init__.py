"""Results in the formats of others. To add one: a file with its function, and a line here.

The function takes a ``CheckedCampaign`` and a folder that is there, writes files into it, and returns their paths.
"""

from __future__ import annotations

from problems.foundation.registry import Entry, Registry

BUILTIN = (
    Entry("csv", "reports.exports.tables:write_csv", summary="tidy tables: runs and trajectories"),
    Entry("parquet", "reports.exports.tables:write_parquet", summary="the same, typed and compressed"),
    Entry("ioh", "reports.exports.ioh:write_ioh", summary="folders for IOHanalyzer and iohinspector"),
)

FORMATS: Registry[Entry] = Registry("format")
"""All formats by name."""

for _entry in BUILTIN:
    FORMATS.add(_entry)
