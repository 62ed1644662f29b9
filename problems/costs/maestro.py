"""The ``maestro`` model behind the interface: one group of one sample is MAESTRO's layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from problems.costs.interface import Costs
from problems.layers import FIELDS, Layer, Layers
from problems.maestro import DATAFLOWS, Convolutions, convolution_costs

if TYPE_CHECKING:
    from problems.platforms.platform import Core


class Maestro:
    """MAESTRO's figures (``problems.maestro``), its ignorance of groups and samples mended.

    MAESTRO knows one group of one sample; more of them run one after another, at the same bandwidth. Its odd
    regions ask for less than no bandwidth or buffer: that counts as none.
    """

    dataflows: ClassVar[tuple[str, ...]] = tuple(DATAFLOWS)

    def costs(self, layers: Sequence[Layer], core: Core) -> Costs:
        """Figures of ``layers`` on ``core``.

        Raises:
            UnknownName: If there is no such dataflow.
            InvalidInput: If a layer is too large for 64 bits.
        """
        known = Layers.of(layers)
        sizes, shapes = known.matrix, known.derived(Convolutions.of)
        z = convolution_costs(shapes, style=core.style, num_pes=core.num_pes, cluster=core.cluster)
        repeats = sizes[:, [FIELDS.index("groups"), FIELDS.index("batch")]].prod(axis=1, dtype=np.float64)
        return Costs(
            latency_cycles=(z.runtime_cycles - 1) * repeats + 1,  # the first step of a level is waited for once
            bandwidth=np.where(z.valid, np.maximum(z.bandwidth, 0.0), 0.0),
            energy_nj=z.energy_nj * repeats,
            buffer_bytes=np.maximum(z.l2_size_bytes, 0).astype(np.float64),
            macs=z.num_macs * repeats,
            valid=z.valid,
        )
