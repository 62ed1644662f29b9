"""Interface of the cost models, which yield the figures of layers on a core for the job tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from problems.arrays import BoolArray, FloatArray
from problems.layers import Layer
from problems.platform import Core


@dataclass(frozen=True, eq=False)
class Costs:
    """Figures of n layers on one core; where ``valid`` is false, the others are meaningless.

    All groups and samples of a layer are counted.

    Attributes:
        latency_cycles: ``(n,)`` no-stall latency in cycles of the core's clock.
        bandwidth: ``(n,)`` bytes/cycle that the core must move to run without stall, at least 0.
        energy_nj: ``(n,)`` energy in nJ; NaN where the model does not know it.
        buffer_bytes: ``(n,)`` bytes of the core's shared buffer that the layer needs.
        macs: ``(n,)`` multiply-accumulates behind the latency, as the model counts them; throughput is based on them.
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
    layer on the same core always costs the same, whatever the other layers.

    Attributes:
        dataflows: Dataflows that the model knows.
    """

    dataflows: ClassVar[tuple[str, ...]]

    def costs(self, layers: Sequence[Layer], core: Core) -> Costs:
        """Return the figures of ``layers`` on ``core``; a layer that it cannot run is marked invalid, not an error.

        Raises:
            UnknownName: If the model does not know the core's dataflow.
        """
