"""Depthwise layers: MAESTRO treats them the same with every dataflow, and ignores K."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.costs.maestro.shapes import Figures, Shapes


def depthwise_figures(z: Shapes, num_pes: int, cluster: int) -> Figures:
    """Return MAESTRO's figures of DSCONV layers, each ``(n,)``; energy is NaN where ``C > cluster * num_pes``."""
    P, L = num_pes, cluster
    RS = z.R * z.S
    fits = z.C <= L * P
    outputs = np.where((L < z.C) & (z.C < L * P) & (z.C % L == 0), z.C - L, z.C)
    channel_steps = np.where(fits, np.minimum(z.C, L), _folded_steps(z.C, P, L))
    l2 = np.where(fits, 2 * (2 * z.C * RS + outputs), 2 * L * P * (2 * RS + 1))
    energy = np.where(fits, _energy(z, outputs), np.nan)
    return Figures(z.H * z.W * RS * channel_steps + 1, l2, 6 * L * RS, energy)


def _folded_steps(C: IntArray, P: int, L: int) -> IntArray:
    """Return the serial channel steps ``(n,)`` where the channels do not fit the array at once."""
    q = C // L // P
    rem = C - q * L * P
    tail = np.where(C % L == 0, L, C % L)
    last = np.where(rem == 0, 0, np.where(rem < 2 * L, tail, L))
    return q * L + last


def _energy(z: Shapes, outputs: IntArray) -> FloatArray:
    """Return the energy in nJ ``(n,)``: L2 and, for this layer type alone, L1 accesses."""
    RS = z.R * z.S
    rho = np.where(z.W > 1, z.R, 1)
    in_l2_read = z.C * (z.R * z.H * (z.W - 1) + rho * z.S * (z.H - 1) + RS)
    wt_l2_read = z.C * RS
    l2_accesses = in_l2_read + z.C * z.Y * z.X + wt_l2_read + z.C * RS + z.H * z.W * outputs
    l1_accesses = 4 * z.C * RS * z.H * z.W + in_l2_read + wt_l2_read
    return np.asarray(0.00023 * (18.61 * l2_accesses + 1.68 * l1_accesses), dtype=np.float64)
