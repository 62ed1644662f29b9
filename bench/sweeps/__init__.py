"""Sweeps: the best mapping of a workload over platforms, bandwidths, numbers of cores and cost models."""
