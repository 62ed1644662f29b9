"""Dataflow ``dla`` (NVDLA-like): K over the clusters, C over the PEs of a cluster."""

from __future__ import annotations

import numpy as np

from problems.arrays import IntArray
from problems.costs.maestro.shapes import Figures, Shapes, ceil_div, convolution_energy


def dla_figures(z: Shapes, num_pes: int, cluster: int) -> Figures:
    """Return MAESTRO's figures of CONV, GEMM and FFN layers, each ``(n,)``; needs ``num_pes >= cluster``."""
    N, L = num_pes // cluster, cluster
    RS = z.R * z.S
    c = np.minimum(z.C, L)
    runtime = ceil_div(z.K, N) * ceil_div(z.C, L) * z.H * z.W * (RS + 1) + 1
    outputs = np.where(z.K >= N, N, np.maximum(z.K - 1, 1))
    l2 = 2 * (c * RS * (1 + np.minimum(z.K, N)) + outputs)
    return Figures(runtime, l2, 6 * RS, convolution_energy(z, *_traffic(z, N, L)))


def _traffic(z: Shapes, N: int, L: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return the bytes read from L2 (inputs, weights) and written to it (outputs), each ``(n,)``."""
    RS = z.R * z.S
    nK, nC = ceil_div(z.K, N), ceil_div(z.C, L)
    c = np.minimum(z.C, L)
    cc = c + (nC - 1) * L
    rho = np.where(z.W > 1, z.R, 1)
    sliding = z.R * z.H * (z.W - 1) + rho * z.S * (z.H - 1)
    in_l2_read = nK * cc * sliding + nK * (nC - 1) * L * RS + c * RS
    out_l2_write = nC * z.H * z.W * np.where(z.K >= N, z.K, np.maximum(z.K - 1, 1))
    return in_l2_read, z.K * cc * RS, out_l2_write
