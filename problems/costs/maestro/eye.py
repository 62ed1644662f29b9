"""Dataflow ``eye`` (Eyeriss-like): output rows over clusters and PEs, C and K serial."""

from __future__ import annotations

import numpy as np

from problems.arrays import BoolArray, FloatArray, IntArray
from problems.costs.maestro.shapes import Figures, Shapes, ceil_div, convolution_energy


def eye_figures(z: Shapes, num_pes: int, cluster: int) -> Figures:
    """Return MAESTRO's figures of CONV, GEMM and FFN layers, each ``(n,)``; needs ``num_pes >= cluster``."""
    N, L = num_pes // cluster, cluster
    runtime = z.C * z.K * ceil_div(z.H, L * N) * _column_cycles(z, L) + 1
    return Figures(runtime, _l2_size(z, N, L), 6 * z.R * z.S, _energy(z, N, L))


def eye_rejects(z: Shapes, cluster: int) -> BoolArray:
    """Return which layers ``(n,)`` MAESTRO rejects: those with a filter wider than a cluster and than the output."""
    return (z.S > cluster) & (z.W < z.S)


def _column_cycles(z: Shapes, L: int) -> IntArray:
    """Return the cycles over all column tiles of width S of one output row, ``(n,)``."""
    ordinary = ceil_div(z.W, z.S) * (z.R * z.S + 1)
    if not (z.S > L).any():
        return ordinary
    last = z.W % z.S
    wide = (z.W // z.S) * _tile_cycles(z, z.S, L) + np.where(last > 0, _tile_cycles(z, last, L), 0)
    return np.where(z.S > L, wide, ordinary)


def _tile_cycles(z: Shapes, width: IntArray, L: int) -> IntArray:
    """Return the cycles of a tile of ``width`` ``(n,)`` columns where the filter is wider than a cluster."""
    RS = z.R * z.S
    remainder = RS * np.where(np.minimum(L, z.H) <= 1, z.S, 1)
    folds = (width // L - 1) * RS + np.where(width % L > 0, remainder, 0)
    cycles: IntArray = RS + 1 + (width > L) * folds
    return cycles


def _odd_rows(z: Shapes, L: int) -> BoolArray:
    """Return where MAESTRO loses the row tile: fewer output rows than PEs per cluster, but not fewer input rows."""
    return (z.H < L) & (z.Y >= L)


def _l2_size(z: Shapes, N: int, L: int) -> IntArray:
    h = np.minimum(z.H, L * N)
    odd_rows, odd_columns = _odd_rows(z, L), z.W < z.S
    rows_in = np.where(odd_rows, z.Y - L, h + ceil_div(h, L) * (z.R - 1))
    rows_out = np.where(odd_rows, z.H - L, h)
    columns_in = np.where(odd_columns, z.W - 1, 2 * z.S - 1)
    columns_out = np.where(odd_columns, z.W - z.S, z.S)
    elements: IntArray = rows_in * columns_in + z.R * z.S + rows_out * columns_out
    return 2 * elements


def _energy(z: Shapes, N: int, L: int) -> FloatArray:
    """Return the energy in nJ ``(n,)``; NaN outside the region where the traffic is known."""
    F = z.H + ceil_div(z.H, L) * (z.R - 1)
    first = np.where((L < z.H) & (z.H < L * N) & (z.H % L == 0), z.Y - L, z.Y)
    tiles = ceil_div(z.W, z.S)
    in_l2_read = z.C * z.K * F * z.S * (tiles - 1) + ((z.C - 1) * first + F) * (2 * z.S - 1)
    energy = convolution_energy(z, in_l2_read, z.C * z.K * z.R * z.S, z.C * z.K * z.H * z.W)
    known = (z.H <= L * N) & (z.S <= L) & (z.W >= z.S) & ~_odd_rows(z, L)
    return np.where(known, energy, np.nan)
