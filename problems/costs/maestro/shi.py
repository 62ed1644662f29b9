"""Dataflow ``shi`` (ShiDianNao-like): blocks of R rows over the clusters, L columns over the PEs."""

from __future__ import annotations

import numpy as np

from problems.arrays import IntArray
from problems.costs.maestro.shapes import Figures, Shapes, ceil_div


def shi_figures(z: Shapes, num_pes: int, cluster: int) -> Figures:
    """Return MAESTRO's figures of CONV, GEMM and FFN layers, each ``(n,)``; needs ``num_pes >= cluster``.

    The traffic of this dataflow is not modelled, so its energy is NaN.
    """
    N, L = num_pes // cluster, cluster
    runtime = z.K * z.C * ceil_div(z.W, L) * _row_cycles(z, N) + 1
    return Figures(runtime, _l2_size(z, N, L), 6 * z.R * z.S, np.full(z.K.shape, np.nan))


def _row_cycles(z: Shapes, N: int) -> IntArray:
    """Return the cycles over all row blocks of one column tile, ``(n,)``."""
    RS = z.R * z.S
    q, r = z.H // (z.R * N), z.H % (z.R * N)
    only_block = np.where(z.H >= z.R, z.R, 1)
    last_block = np.where((r >= 2 * z.R) | (r % z.R == 0), z.R, r % z.R)
    g: IntArray = np.where(q == 0, only_block, last_block)
    cycles: IntArray = q * (z.R * RS + 1) + (r > 0) * (g * RS + 1)
    return cycles


def _l2_size(z: Shapes, N: int, L: int) -> IntArray:
    h = np.minimum(z.H, z.R * N)
    odd_rows = z.H < z.R
    rows_in = np.where(odd_rows, z.H - 1, h + ceil_div(h, z.R) * (z.R - 1))
    rows_out = np.where(odd_rows, z.H - z.R, h)
    wide, narrow = z.W >= L, z.X < L
    columns_in = np.where(wide, L + z.S - 1, np.where(narrow, z.X, z.X - L))
    columns_out = np.where(wide, L, np.where(narrow, z.W, z.W - L))
    elements: IntArray = rows_in * columns_in + z.R * z.S + rows_out * columns_out
    return 2 * elements
