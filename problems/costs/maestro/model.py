"""The ``maestro`` cost model: one group of one sample is a layer of MAESTRO's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from problems.costs.interface import Costs
from problems.costs.maestro.closed_forms import DATAFLOWS, Convolutions, convolution_costs
from problems.layers import FIELDS, Layer, Layers

if TYPE_CHECKING:
    from problems.platform import Core


class Maestro:
    """MAESTRO's figures (``problems.costs.maestro.closed_forms``), extended to groups and samples.

    MAESTRO knows one group of one sample; several run one after another, at the same bandwidth. The negative
    bandwidths and buffer sizes of its odd regions count as 0.
    """

    dataflows: ClassVar[tuple[str, ...]] = tuple(DATAFLOWS)

    def costs(self, layers: Sequence[Layer], core: Core) -> Costs:
        """Return the figures of ``layers`` on ``core``.

        Raises:
            UnknownName: If there is no such dataflow.
            InvalidInput: If a layer is too large for 64 bits.
        """
        known = Layers.of(layers)
        shapes = known.derived(Convolutions.of)
        z = convolution_costs(shapes, style=core.dataflow, num_pes=core.num_pes, cluster=core.cluster)
        repeats = known.matrix[:, [FIELDS.index("groups"), FIELDS.index("batch")]].prod(axis=1, dtype=np.float64)
        return Costs(
            latency_cycles=(z.runtime_cycles - 1) * repeats + 1,  # the first transfer is exposed only once
            bandwidth=np.where(z.valid, np.maximum(z.bandwidth, 0.0), 0.0),
            energy_nj=z.energy_nj * repeats,
            buffer_bytes=np.maximum(z.l2_size_bytes, 0).astype(np.float64),
            macs=z.num_macs * repeats,
            valid=z.valid,
        )
