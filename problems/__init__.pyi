from .costs import COST_MODELS, CostModel, Costs
from .costs.maestro.closed_forms import LayerCosts, maestro_costs
from .facts import Facts, facts_of
from .ids import ProblemId, parse_id
from .importing import Workload, read_workload, write_workload
from .job_table import JobTable
from .layers import Layer, LayerKind, layer_rows
from .networks import NETWORKS, figures_table
from .objectives import OBJECTIVES
from .platforms import PLATFORMS, Core, Platform, read_platform
from .problem import Problem
from .schedule import Schedule
from .suite import SUITE_VERSION, analyze_jobs, from_job_table, get
from .tasks import TASKS

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
