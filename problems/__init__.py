"""The problems: mapping the layers of several DNNs onto the cores of an accelerator.

>>> import problems
>>> p = problems.get("mix/S2/bw1/g100/i0")
>>> p.num_jobs, p.num_cores
(100, 4)
"""

from problems.costs import COST_MODELS, CostModel, Costs
from problems.facts import Facts, facts_of
from problems.ids import ProblemId, parse_id
from problems.importing import Workload, read_workload, write_workload
from problems.job_table import JobTable
from problems.layers import Layer, LayerKind, layer_rows
from problems.maestro import LayerCosts, maestro_costs
from problems.networks import NETWORKS, figures_table
from problems.objectives import OBJECTIVES
from problems.platforms import PLATFORMS, Core, Platform, read_platform
from problems.problem import Problem
from problems.schedule import Schedule
from problems.suite import SUITE_VERSION, analyze_jobs, from_job_table, get
from problems.tasks import TASKS

__all__ = [
    "COST_MODELS",
    "NETWORKS",
    "OBJECTIVES",
    "PLATFORMS",
    "SUITE_VERSION",
    "TASKS",
    "Core",
    "CostModel",
    "Costs",
    "Facts",
    "JobTable",
    "Layer",
    "LayerCosts",
    "LayerKind",
    "Platform",
    "Problem",
    "ProblemId",
    "Schedule",
    "Workload",
    "analyze_jobs",
    "facts_of",
    "figures_table",
    "from_job_table",
    "get",
    "layer_rows",
    "maestro_costs",
    "parse_id",
    "read_platform",
    "read_workload",
    "write_workload",
]
