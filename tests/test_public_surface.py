"""What each folder hands on under its own name; a change here is a change for users."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

SURFACE = {
    "bench": "Candidate Failure InstanceScore Limits Score Scorer reference_results run",
    "problems": "COST_MODELS NETWORKS OBJECTIVES PLATFORMS SUITE_VERSION TASKS Core CostModel Costs Facts JobTable "
    "Layer LayerCosts LayerKind Platform Problem ProblemId Schedule Workload analyze_jobs facts_of "
    "figures_table from_job_table get layer_rows maestro_costs parse_id read_platform read_workload write_workload",
    "optimizers": "OPTIMIZERS AskTellOptimizer Entry Evaluator FullTrace Optimizer ProblemLike Progress Result Search "
    "SearchSpace canonical_name check_objectives check_parameters derived_seed minimize names recovered "
    "replay_trace resolve_parameters",
    "reports": "CheckedCampaign Comparison Table Tables compare instances_table leading_sentence make_tables "
    "overall_table pair_table print_summary published read_results runs_table schedule_figure select summary_table "
    "trajectories_table write_report write_table",
}


@pytest.mark.parametrize("package", SURFACE)
def test_a_folder_hands_on_these_names_and_no_others(package):
    names = SURFACE[package].split()
    module = importlib.import_module(package)
    assert sorted(module.__all__) == sorted(names)
    assert all(getattr(module, name) is not None for name in names)
    stub = ast.parse((ROOT / package / "__init__.pyi").read_text())
    (listed,) = (node.value for node in stub.body if isinstance(node, ast.Assign))
    assert sorted(ast.literal_eval(listed)) == sorted(names)


@pytest.mark.parametrize("package", SURFACE)
def test_other_names_are_attribute_errors(package):
    with pytest.raises(AttributeError):
        importlib.import_module(package).nothing  # noqa: B018
