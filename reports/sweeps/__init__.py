"""Reports on sweeps: how the best mapping of a workload changes with platform, bandwidth, cores and cost model."""
