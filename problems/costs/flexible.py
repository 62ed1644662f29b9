"""Flexible PE arrays: every job on the array shape that runs it fastest (Kao 2022, flexible accelerators)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import ClassVar

import numpy as np

from problems.arrays import IntArray
from problems.costs import DEFAULT_MODEL, cost_model
from problems.costs.interface import Costs
from problems.layers import Layer
from problems.platform import Core

RESHAPED = "dla"
"""The dataflow whose array can be reshaped."""

LARGEST_BUFFER = 2 * 2**20
"""Bytes of L2 that a shape may take on a core without a stated buffer size (the paper's value)."""


class Flexible:
    """Wraps a cost model: the cluster size of ``dla`` cores is chosen anew for every job.

    The candidates are the core's own size and every size that divides the job's C and is below P, the number of PEs.
    Among those that fit the buffer the lowest latency wins, then the lower bandwidth, then the core's own size, then
    the smallest; if none fits, the core's own size is kept. Other dataflows cost the same as in the inner model.

    Args:
        inner: Name of the wrapped model, in ``COST_MODELS``.
    """

    dataflows: ClassVar[tuple[str, ...]] = ("dla", "eye", "shi")

    def __init__(self, *, inner: str = DEFAULT_MODEL) -> None:
        self._inner = cost_model(inner)

    def costs(self, layers: Sequence[Layer], core: Core) -> Costs:
        """Return the figures of ``layers`` on ``core``.

        Raises:
            UnknownName: If the inner model does not know the dataflow.
        """
        if core.dataflow != RESHAPED:
            return self._inner.costs(layers, core)
        distinct = {layer: i for i, layer in enumerate(dict.fromkeys(layers))}
        best = self._fastest(list(distinct), core)
        return _take(best, np.array([distinct[layer] for layer in layers], dtype=np.int64))

    def _fastest(self, layers: list[Layer], core: Core) -> Costs:
        """Return the figures of each of ``layers`` on its best shape."""
        owners = [np.arange(len(layers))]
        tried = [self._inner.costs(layers, core)]
        for cluster, rows in sorted(_shapes(layers, core).items()):
            owners.append(np.array(rows))
            tried.append(self._inner.costs([layers[i] for i in rows], replace(core, cluster=cluster)))
        limit = LARGEST_BUFFER if core.buffer_bytes is None else core.buffer_bytes
        shapes = _concatenated(tried)
        return _take(shapes, _winners(np.concatenate(owners), shapes, limit))


def _shapes(layers: Sequence[Layer], core: Core) -> dict[int, list[int]]:
    """Return, for each cluster size to try beside the core's own, the indices of the layers whose C it divides."""
    by_channels: dict[int, list[int]] = {}
    for i, layer in enumerate(layers):
        by_channels.setdefault(int(layer.C), []).append(i)
    shapes: dict[int, list[int]] = {}
    for channels, rows in by_channels.items():
        for cluster in divisors(channels):
            if cluster < core.num_pes and cluster != core.cluster:
                shapes.setdefault(cluster, []).extend(rows)
    return shapes


def divisors(number: int) -> list[int]:
    """Return all divisors of ``number``, itself included, in no particular order."""
    candidates = np.arange(1, math.isqrt(number) + 1)
    small = candidates[number % candidates == 0]
    return list({*small.tolist(), *(number // small).tolist()})


def _winners(owners: IntArray, shapes: Costs, limit: int) -> IntArray:
    """Return the index in ``shapes`` ``(m,)`` of each owner's best shape; ties go to the first."""
    fits = shapes.valid & (shapes.buffer_bytes <= limit)
    latency, bandwidth = (np.where(fits, x, np.inf) for x in (shapes.latency_cycles, shapes.bandwidth))
    order = np.lexsort((bandwidth, latency, owners))
    _, first = np.unique(owners[order], return_index=True)
    best: IntArray = order[first]
    return best


def _concatenated(parts: Sequence[Costs]) -> Costs:
    return Costs(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Costs)})


def _take(costs: Costs, rows: IntArray) -> Costs:
    return Costs(**{f.name: getattr(costs, f.name)[rows] for f in fields(Costs)})
