"""The ``corrected`` cost model: MAESTRO's dataflows, with its errors corrected.

Symbols are MAESTRO's: K, C channels per group; R, S filter; H, W output rows and columns, the layer's own, so that
strides and padding count; ``g`` groups, ``b`` samples; P PEs in ``N = P // L`` clusters of L. An element is a byte.
A depthwise layer is a convolution of C groups from 1 to 1 channel.

Latency assumes one multiply-accumulate (MAC) per PE and cycle, plus one cycle in which the first operands arrive:

- ``dla``: output channels of all groups over the clusters, input channels over the PEs of a cluster.
- ``eye``: output rows over all PEs, output and input channels serially.
- ``shi``: output rows over the clusters (evenly, not in blocks of R rows), output columns over their PEs.

Traffic is compulsory traffic only: every input that a filter touches enters the buffer once per sample, every weight
once, every output leaves once. ``bandwidth`` spreads it evenly over the latency.

``buffer_bytes`` is twice (double buffering) the data on which the array works at one output position. That is the
minimum with which a layer runs at all; to run without further traffic it needs more.

Energy counts all layer types alike, each access at the pJ per byte of Horowitz 2014 ("Computing's energy problem",
ISSCC, table for 45 nm at 0.9 V):

- MAC: a multiplication of 8 bits (0.2 pJ) and an addition of 32 bits (0.1 pJ).
- L1, four accesses per MAC (input, weight, partial sum read and written): cache of 8 KB, 10 pJ per 64 bits. A PE's own
  memory is smaller, so this is an upper bound; it is the same for all dataflows.
- L2, fills and drains, and the reads and writes of the dataflow: cache of 1 MB, 100 pJ per 64 bits.
- DRAM, the traffic: 1.3 to 2.6 nJ per 64 bits; the lower value is used.

Not modelled: repeated fetches (halos, inputs, partial sums) where the buffer is too small; contention and hops
in the network on chip; filling and draining of the array between tiles; sparsity, and zeros of the padding, which are
multiplied like other values; partial sums wider than a byte; leakage; DRAM bursts and refresh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.costs.interface import Costs
from problems.foundation.errors import UnknownName
from problems.layers import Layer, LayerKind, Layers
from problems.platform import Core

MAC_PJ = 0.2 + 0.1
L1_PJ_PER_BYTE = 10 / 8
L2_PJ_PER_BYTE = 100 / 8
DRAM_PJ_PER_BYTE = 1300 / 8

L1_ACCESSES_PER_MAC = 4


@dataclass(frozen=True, eq=False)
class Sizes:
    """Loop bounds of n layers, each ``(n,)`` float64: products beyond 64 bits round instead of wrapping."""

    K: FloatArray
    C: FloatArray
    Y: FloatArray
    X: FloatArray
    R: FloatArray
    S: FloatArray
    H: FloatArray
    W: FloatArray
    g: FloatArray
    b: FloatArray

    @classmethod
    def of(cls, matrix: IntArray) -> Sizes:
        """Take the sizes from ``Layers.matrix``; a depthwise layer becomes a grouped convolution."""
        K, C, Y, X, R, S, kind, H, W, g, b = matrix.T.astype(np.float64)
        depthwise = kind == LayerKind.DSCONV
        g = np.where(depthwise, g * C, g)
        return cls(np.where(depthwise, 1.0, K), np.where(depthwise, 1.0, C), Y, X, R, S, H, W, g, b)

    @property
    def macs(self) -> FloatArray:
        """Multiply-accumulates, as in ``Layer.macs``."""
        return self.b * self.g * self.K * self.C * self.H * self.W * self.R * self.S

    @property
    def rows(self) -> FloatArray:
        """Input rows that a filter touches."""
        return np.minimum(self.Y, self.H * self.R)

    @property
    def columns(self) -> FloatArray:
        """Input columns that a filter touches."""
        return np.minimum(self.X, self.W * self.S)

    @property
    def inputs(self) -> FloatArray:
        """Input elements that a filter touches, of all groups and samples."""
        return self.b * self.g * self.C * self.rows * self.columns

    @property
    def weights(self) -> FloatArray:
        """Weights of all groups; the samples share them."""
        return self.g * self.K * self.C * self.R * self.S

    @property
    def outputs(self) -> FloatArray:
        """Output elements of all groups and samples."""
        return self.b * self.g * self.K * self.H * self.W


@dataclass(frozen=True, eq=False)
class Work:
    """The work of n layers under a dataflow, each ``(n,)``.

    Attributes:
        steps: Cycles in which PEs multiply.
        tile: Elements on which the array works at once.
        accesses: Bytes moved between array and L2, both ways.
    """

    steps: FloatArray
    tile: FloatArray
    accesses: FloatArray


def span(touched: FloatArray, outputs: FloatArray, kernel: FloatArray, tile: FloatArray) -> FloatArray:
    """Return the input rows (or columns) that ``tile`` adjacent output rows need, ``(n,)``.

    The stride is not known; the ratio of input to output rows stands in for it. The result is never too low unless the
    padding is wider than "same".

    Args:
        touched: ``(n,)`` input rows that all ``outputs`` need.
        outputs: ``(n,)`` output rows.
        kernel: ``(n,)`` filter rows.
        tile: ``(n,)`` adjacent output rows.
    """
    return np.minimum(np.minimum(touched, tile * kernel), np.ceil(tile * touched / outputs) + kernel - 1)


def _dla(z: Sizes, N: int, L: int) -> Work:
    """Keep weights in the PEs for all outputs of a fold of channels; partial sums wait in L2.

    A filter slides along a row: an output row reads each column of its R input rows once.
    """
    folds, depth = np.ceil(z.g * z.K / N), np.ceil(z.C / L)
    filters, channels = np.minimum(z.g * z.K, N), np.minimum(z.C, L)
    groups = np.minimum(z.g, np.ceil(N / z.K))
    window_rows, window_columns = np.minimum(z.R, z.Y), np.minimum(z.S, z.X)
    input_reads = z.b * z.g * z.C * np.ceil(z.K / N) * z.H * window_rows * z.columns
    return Work(
        steps=z.b * folds * depth * z.H * z.W * z.R * z.S,
        tile=channels * (groups * window_rows * window_columns + filters * z.R * z.S) + filters,
        accesses=input_reads + z.b * z.weights + z.outputs * (2 * depth - 1),
    )


def _eye(z: Sizes, N: int, L: int) -> Work:
    """Make a pass per pair of channels: inputs read in each, weights once per fold of rows, partial sums in L2."""
    folds, rows = np.ceil(z.H / (L * N)), np.minimum(z.H, L * N)
    return Work(
        steps=z.b * z.g * z.C * z.K * folds * z.W * z.R * z.S,
        tile=span(z.rows, z.H, z.R, rows) * np.minimum(z.S, z.X) + z.R * z.S + rows,
        accesses=z.inputs * z.K + z.b * z.weights * folds + z.outputs * (2 * z.C - 1),
    )


def _shi(z: Sizes, N: int, L: int) -> Work:
    """Keep a tile of outputs in the PEs until it is done: inputs read for each K, weights once per tile."""
    tiles = np.ceil(z.W / L) * np.ceil(z.H / N)
    rows, columns = np.minimum(z.H, N), np.minimum(z.W, L)
    return Work(
        steps=z.b * z.g * z.K * z.C * tiles * z.R * z.S,
        tile=span(z.rows, z.H, z.R, rows) * span(z.columns, z.W, z.S, columns) + z.R * z.S + rows * columns,
        accesses=z.inputs * z.K + z.b * z.weights * tiles + z.outputs,
    )


_DATAFLOWS: dict[str, Callable[[Sizes, int, int], Work]] = {"dla": _dla, "eye": _eye, "shi": _shi}


class Corrected:
    """MAESTRO's dataflows with strides, padding, groups, real traffic and all energy; every layer is valid."""

    dataflows: ClassVar[tuple[str, ...]] = tuple(_DATAFLOWS)

    def costs(self, layers: Sequence[Layer], core: Core) -> Costs:
        """Return the figures of ``layers`` on ``core``.

        Raises:
            UnknownName: If there is no such dataflow.
        """
        if core.dataflow not in _DATAFLOWS:
            raise UnknownName("dataflow", core.dataflow, _DATAFLOWS)
        z = Layers.of(layers).derived(Sizes.of)
        work = _DATAFLOWS[core.dataflow](z, core.num_pes // core.cluster, core.cluster)
        latency = work.steps + 1
        traffic = z.inputs + z.weights + z.outputs
        return Costs(
            latency_cycles=latency,
            bandwidth=traffic / latency,
            energy_nj=_energy(z.macs, traffic + work.accesses, traffic),
            buffer_bytes=2 * work.tile,
            macs=z.macs,
            valid=np.ones(len(layers), dtype=np.bool_),
        )


def _energy(macs: FloatArray, l2_accesses: FloatArray, traffic: FloatArray) -> FloatArray:
    """Return the energy in nJ, ``(n,)``."""
    on_chip = macs * (MAC_PJ + L1_ACCESSES_PER_MAC * L1_PJ_PER_BYTE) + l2_accesses * L2_PJ_PER_BYTE
    return (on_chip + traffic * DRAM_PJ_PER_BYTE) / 1000
