"""What optimizers cost: CPU seconds by budget, from a table that ``tests/trials/costs.py`` measures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from problems.foundation.files import read_json

FILE = Path(__file__).with_name("costs.json")

NUM_JOBS = 100
"""Jobs of the problem that the table is measured on."""

FEW, MANY = 1_000, 10_000
"""Evaluations of the two budgets that are measured."""


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a run on 100 jobs, on one core of the machine that measured them.

    Attributes:
        few: Of 1,000 evaluations.
        many: Of 10,000 evaluations; None if that was too slow to measure.
    """

    few: float
    many: float | None

    def seconds(self, budget: int, num_jobs: int = NUM_JOBS) -> float:
        """Return the expected CPU seconds of a run: a power of the budget, in proportion to the jobs."""
        exponent = 1.0 if self.many is None else math.log10(self.many / self.few)
        return self.few * math.pow(budget / FEW, exponent) * num_jobs / NUM_JOBS


@lru_cache
def costs() -> Mapping[str, Cost]:
    """Return the cost of every optimizer that was measured, by name."""
    table = read_json(FILE)
    assert isinstance(table, dict)
    return {name: Cost(few, many) for name, (few, many) in table.items()}
