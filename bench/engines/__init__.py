"""The engines: where the runs of a campaign are carried out. To add one: its file, and a line here."""

from __future__ import annotations

from problems.foundation.registry import Entry, Registry

ENGINES: Registry[Entry] = Registry("engine", group="m3e.engines")
"""All engines by name, plug-ins included; factories return an ``Engine`` or ``Pilots`` (``bench.engines.engine``)."""

BUILTIN = (
    Entry("serial", "bench.engines.serial:Serial", summary="one run after the other"),
    Entry("process", "bench.engines.process:Process", summary="on the cores of this machine"),
    Entry("dask", "bench.engines.dask:Dask", summary="workers of a Dask cluster", requires="m3e[dask]"),
    Entry("mpi", "bench.engines.mpi:Mpi", summary="the ranks of an MPI job", requires="m3e[mpi]"),
    Entry("slurm", "bench.engines.slurm:Slurm", summary="drivers as an array of SLURM jobs", requires="m3e[slurm]"),
)
