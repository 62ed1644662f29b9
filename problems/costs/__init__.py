"""The cost models: what a layer costs on a core."""

from __future__ import annotations

from typing import Any

from bench.registry import Entry, Registry
from problems.costs.interface import CostModel, Costs

__all__ = ["BUILTIN", "COST_MODELS", "DEFAULT_MODEL", "CostModel", "Costs", "cost_model", "dataflows"]

DEFAULT_MODEL = "maestro"

COST_MODELS: Registry[Entry] = Registry("cost model", group="m3e.cost_models")
"""Factories return a ``CostModel``."""

BUILTIN = (
    Entry(
        "maestro",
        "problems.costs.maestro:Maestro",
        summary="MAESTRO's figures to the last digit, quirks included; the paper's",
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
    """The cost model of that name.

    Raises:
        UnknownName: With a suggestion.
    """
    entry = COST_MODELS.get(name)
    model: CostModel = entry.load()(**entry.parameters)
    return model


def dataflows() -> list[str]:
    """The dataflows that any of the models knows."""
    models: list[Any] = [COST_MODELS.get(name).load() for name in COST_MODELS.names()]
    return sorted({dataflow for model in models for dataflow in model.dataflows})
