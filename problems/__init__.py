"""The problems: mapping the layers of several DNNs onto the cores of an accelerator.

>>> import problems
>>> p = problems.get("mix/S2/bw1/g100/i0")
>>> p.num_jobs, p.num_cores
(100, 4)
"""

from problems.job_table import JobTable
from problems.layers import Layer, LayerKind, layer_rows
from problems.maestro import LayerCosts, maestro_costs
from problems.platforms import PLATFORMS, Core, Platform
from problems.problem import Problem
from problems.suite import SUITE_VERSION, ProblemId, from_job_table, get, parse_id
from problems.tasks import TASKS

__all__ = [
    "PLATFORMS",
    "SUITE_VERSION",
    "TASKS",
    "Core",
    "JobTable",
    "Layer",
    "LayerCosts",
    "LayerKind",
    "Platform",
    "Problem",
    "ProblemId",
    "from_job_table",
    "get",
    "layer_rows",
    "maestro_costs",
    "parse_id",
]
