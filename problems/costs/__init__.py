"""The cost models: what a layer costs on a core."""

from __future__ import annotations

from typing import cast

from problems.costs.interface import CostModel, Costs
from problems.foundation.registry import Entry, Registry

__all__ = ["BUILTIN", "COST_MODELS", "DEFAULT_MODEL", "CostModel", "Costs", "cost_model", "dataflows"]

DEFAULT_MODEL = "maestro"

COST_MODELS: Registry[Entry] = Registry("cost model", group="m3e.cost_models")
"""The cost models by name; factories return a ``CostModel``."""

BUILTIN = (
    Entry(
        "maestro",
        "problems.costs.maestro.model:Maestro",
        summary="MAESTRO's figures to the last digit, quirks included; the paper's model",
        source="Kwon 2019",
    ),
    Entry(
        "corrected",
        "problems.costs.corrected:Corrected",
        summary="same dataflows; stride, padding, real traffic and energy of all accesses counted",
        source="see problems/costs/corrected.py",
    ),
    Entry(
        "maestro-flexible",
        "problems.costs.flexible:Flexible",
        {"inner": "maestro"},
        summary="maestro, on arrays whose shape is chosen for every job",
        source="Kao 2022, flexible accelerators",
    ),
    Entry(
        "corrected-flexible",
        "problems.costs.flexible:Flexible",
        {"inner": "corrected"},
        summary="corrected, on arrays whose shape is chosen for every job",
        source="Kao 2022, flexible accelerators",
    ),
)


def cost_model(name: str) -> CostModel:
    """Return the cost model with this name.

    Raises:
        UnknownName: If there is none; suggests the nearest name.
    """
    entry = COST_MODELS.get(name)
    model: CostModel = entry.load()(**entry.parameters)
    return model


def dataflows() -> list[str]:
    """Return the dataflows that any of the cost models knows."""
    models = [cast("type[CostModel]", COST_MODELS.get(name).load()) for name in COST_MODELS.names()]
    return sorted({dataflow for model in models for dataflow in model.dataflows})
