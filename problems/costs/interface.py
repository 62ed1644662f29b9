"""What a cost model is: the figures of layers on a core, from which job tables are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from problems.layers import Layer

if TYPE_CHECKING:  # platforms ask the models for their dataflows
    from problems.platforms.platform import Core

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Costs:
    """Figures of n layers on one core; where ``valid`` is false the others mean nothing.

    All groups and samples of a layer are counted.

    Attributes:
        latency_cycles: ``(n,)`` no-stall latency, cycles of the core's clock.
        bandwidth: ``(n,)`` bytes a cycle that the core must move to run without stall, at least 0.
        energy_nj: ``(n,)`` nJ; NaN where the model does not know it.
        buffer_bytes: ``(n,)`` bytes of the core's shared buffer that the layer takes.
        macs: ``(n,)`` multiply-accumulates that the latency is for, as the model counts them; throughput is told by
            them.
        valid: ``(n,)`` whether the core can run the layer.
    """

    latency_cycles: FloatArray
    bandwidth: FloatArray
    energy_nj: FloatArray
    buffer_bytes: FloatArray
    macs: FloatArray
    valid: BoolArray


class CostModel(Protocol):
    """Predicts what layers cost on a core.

    A model is a class whose parameters are JSON values with defaults, and one ``Entry`` in the registry
    ``COST_MODELS`` (entry-point group ``m3e.cost_models``). It must be a pure function of its arguments: the same
    layers on the same core cost the same, whatever else is asked for.

    Attributes:
        dataflows: Those that it knows.
    """

    dataflows: ClassVar[tuple[str, ...]]

    def costs(self, layers: Sequence[Layer], core: Core) -> Costs:
        """Figures of ``layers`` on ``core``; a layer that it cannot run is not valid, no error.

        Raises:
            UnknownName: If the model does not know the core's dataflow.
        """
