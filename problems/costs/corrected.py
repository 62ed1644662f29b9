"""The ``corrected`` cost model: MAESTRO's dataflows, with what it gets wrong put right.

Symbols are MAESTRO's: K, C channels of a group; R, S filter; H, W output rows and columns, the layer's own, so that
strides and padding count; ``g`` groups, ``b`` samples; P PEs in ``N = P // L`` clusters of L. An element is a byte.
A depthwise layer is a convolution of C groups from 1 to 1 channel.

Latency is one multiply-accumulate (MAC) a PE a cycle, and one cycle in which the first operands arrive:

- ``dla``: output channels of all groups over the clusters, input channels over the PEs of a cluster.
- ``eye``: output rows over all PEs, output and input channels one after another.
- ``shi``: output rows over the clusters (evenly, not in blocks of R rows), output columns over their PEs.

Traffic is compulsory: every input that a filter touches enters the buffer once a sample, every weight once, every
output leaves once. ``bandwidth`` spreads it evenly over the latency.

``buffer_bytes`` is twice (double buffering) what the array works on at one output position. That is the least
with which a layer runs at all; to run without any further traffic it needs more.

Energy counts all kinds of layers alike, each access at the pJ a byte of Horowitz 2014 ("Computing's energy problem",
ISSCC, table for 45 nm at 0.9 V):

- MAC: a multiplication of 8 bits (0.2 pJ) and an addition of 32 bits (0.1 pJ).
- L1, four accesses a MAC (input, weight, partial sum read and written): cache of 8 KB, 10 pJ for 64 bits. A PE's own
  memory is smaller, so this is an upper bound; it is the same for all dataflows.
- L2, the fills and drains and what the dataflow reads and writes: cache of 1 MB, 100 pJ for 64 bits.
- DRAM, the traffic: 1.3 to 2.6 nJ for 64 bits, of which the lower.

Not modelled: what is fetched again (halos, inputs, partial sums) where the buffer cannot keep it; contention and hops
in the network on chip; filling and draining of the array between tiles; sparsity, and zeros of the padding, which are
multiplied like the others; partial sums wider than a byte; leakage; bursts and refresh of DRAM.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from bench.errors import UnknownName
from problems.costs.interface import Costs, FloatArray
from problems.layers import Layer, LayerKind, Layers

if TYPE_CHECKING:
    from problems.platforms.platform import Core

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
    def of(cls, matrix: npt.NDArray[np.int64]) -> Sizes:
        """The sizes in ``Layers.matrix``; a depthwise layer as a grouped convolution."""
        K, C, Y, X, R, S, kind, H, W, g, b = matrix.T.astype(np.float64)
        depthwise = kind == LayerKind.DSCONV
        g = np.where(depthwise, g * C, g)
        return cls(np.where(depthwise, 1.0, K), np.where(depthwise, 1.0, C), Y, X, R, S, H, W, g, b)

    @property
    def macs(self) -> FloatArray:
        """Multiply-accumulates, as ``Layer.macs``."""
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
        """Elements that a filter touches, all groups and samples."""
        return self.b * self.g * self.C * self.rows * self.columns

    @property
    def weights(self) -> FloatArray:
        """Elements, all groups; the samples share them."""
        return self.g * self.K * self.C * self.R * self.S

    @property
    def outputs(self) -> FloatArray:
        """Elements, all groups and samples."""
        return self.b * self.g * self.K * self.H * self.W


@dataclass(frozen=True, eq=False)
class Work:
    """What a dataflow does with n layers, each ``(n,)``.

    Attributes:
        steps: Cycles in which PEs multiply.
        tile: Elements that the array works on at once.
        accesses: Bytes between array and L2, both ways.
    """

    steps: FloatArray
    tile: FloatArray
    accesses: FloatArray


def span(touched: FloatArray, outputs: FloatArray, kernel: FloatArray, tile: FloatArray) -> FloatArray:
    """Input rows (or columns) for ``tile`` neighbouring ones of all ``outputs``, which touch ``touched``; all ``(n,)``.

    The stride is not known: inputs an output stand for it. The result is never too low unless the padding is wider
    than "same".
    """
    return np.minimum(np.minimum(touched, tile * kernel), np.ceil(tile * touched / outputs) + kernel - 1)


def _dla(z: Sizes, N: int, L: int) -> Work:
    """Weights stay in the PEs while all outputs of a fold of channels pass; partial sums wait in L2.

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
    """A pass for each pair of channels: inputs again in each, weights once a fold of rows, partial sums in L2."""
    folds, rows = np.ceil(z.H / (L * N)), np.minimum(z.H, L * N)
    return Work(
        steps=z.b * z.g * z.C * z.K * folds * z.W * z.R * z.S,
        tile=span(z.rows, z.H, z.R, rows) * np.minimum(z.S, z.X) + z.R * z.S + rows,
        accesses=z.inputs * z.K + z.b * z.weights * folds + z.outputs * (2 * z.C - 1),
    )


def _shi(z: Sizes, N: int, L: int) -> Work:
    """A tile of outputs stays in the PEs until it is done: inputs again for each K, weights once a tile."""
    tiles = np.ceil(z.W / L) * np.ceil(z.H / N)
    rows, columns = np.minimum(z.H, N), np.minimum(z.W, L)
    return Work(
        steps=z.b * z.g * z.K * z.C * tiles * z.R * z.S,
        tile=span(z.rows, z.H, z.R, rows) * span(z.columns, z.W, z.S, columns) + z.R * z.S + rows * columns,
        accesses=z.inputs * z.K + z.b * z.weights * tiles + z.outputs,
    )


_DATAFLOWS: dict[str, Callable[[Sizes, int, int], Work]] = {"dla": _dla, "eye": _eye, "shi": _shi}


class Corrected:
    """MAESTRO's dataflows with strides, padding, groups, real traffic and all energy counted; any layer is valid."""

    dataflows: ClassVar[tuple[str, ...]] = tuple(_DATAFLOWS)

    def costs(self, layers: Sequence[Layer], core: Core) -> Costs:
        """Figures of ``layers`` on ``core``.

        Raises:
            UnknownName: If there is no such dataflow.
        """
        if core.style not in _DATAFLOWS:
            raise UnknownName("dataflow", core.style, _DATAFLOWS)
        z = Layers.of(layers).derived(Sizes.of)
        work = _DATAFLOWS[core.style](z, core.num_pes // core.cluster, core.cluster)
        latency, macs, traffic = work.steps + 1, z.macs, z.inputs + z.weights + z.outputs
        return Costs(
            latency_cycles=latency,
            bandwidth=traffic / latency,
            energy_nj=_energy(macs, traffic + work.accesses, traffic),
            buffer_bytes=2 * work.tile,
            macs=macs,
            valid=np.ones(len(layers), dtype=np.bool_),
        )


def _energy(macs: FloatArray, l2_accesses: FloatArray, traffic: FloatArray) -> FloatArray:
    """Energy in nJ, ``(n,)``."""
    on_chip = macs * (MAC_PJ + L1_ACCESSES_PER_MAC * L1_PJ_PER_BYTE) + l2_accesses * L2_PJ_PER_BYTE
    return (on_chip + traffic * DRAM_PJ_PER_BYTE) / 1000
