import hashlib
import subprocess
import sys

import numpy as np
import pytest

import problems
from bench.errors import InvalidInput, UnknownName

# Within a suite version an id means the same numbers for ever. A digest may change only with SUITE_VERSION
# (while that is 0, also with the set of networks).
DIGESTS = {
    "vision/S1/bw1/g50/i0": "1ffac40fe7aded53",
    "language/S2/bw1/g100/i1": "5d71c755eb3c2e0c",
    "recommendation/S5/bw16/g100/i0": "6b7838803b93846c",
    "mix/S2/bw1/g100/i0": "d7372694586a1beb",
    "mix/S6/bw0.5/g1000/i42": "eacdf3ecea10374b",
    "mix/S3/bw256/g1/i0": "ea7bcaa7da750921",
}


def digest(problem_id):
    p = problems.get(problem_id)
    content = p.job_table.latency.tobytes() + p.job_table.bandwidth.tobytes()
    return hashlib.sha256(content + repr((p.id, p.job_names, p.total_macs)).encode()).hexdigest()[:16]


@pytest.mark.parametrize("problem_id", DIGESTS)
def test_an_id_means_the_same_numbers_for_ever(problem_id):
    assert digest(problem_id) == DIGESTS[problem_id]


def test_the_version_that_the_digests_belong_to():
    assert problems.SUITE_VERSION == 0


def test_an_id_means_the_same_in_a_new_process_under_another_hash_seed():
    code = "import problems; print(problems.get('mix/S2/bw1/g100/i3').job_table.latency.sum().hex())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "99"}
    )
    assert done.stdout.strip() == problems.get("mix/S2/bw1/g100/i3").job_table.latency.sum().hex()


@pytest.mark.parametrize("task", problems.TASKS.names())
@pytest.mark.parametrize("platform", problems.PLATFORMS.names())
def test_every_task_runs_on_every_platform(task, platform):
    p = problems.get(f"{task}/{platform}/bw4/g30/i1")
    assert (p.num_jobs, p.num_cores) == (30, len(problems.PLATFORMS.get(platform).cores))
    assert len(p.job_names) == 30
    assert p.total_macs > 0
    assert p.lower_bound() <= p.evaluate(np.zeros(30, int), np.zeros(30))


def test_group_and_bandwidth_belong_to_the_id_and_the_group_is_the_same_on_all_platforms():
    small, large = problems.get("mix/S1/bw1/g40/i2"), problems.get("mix/S6/bw256/g40/i2")
    assert small.job_names == large.job_names
    assert (small.system_bandwidth, large.system_bandwidth) == (1.0, 256.0)
    assert problems.get("mix/S1/bw1/g40/i3").job_names != small.job_names


def test_groups_draw_from_all_networks_of_their_task():
    drawn = {name.split("/")[0] for name in problems.get("mix/S1/bw1/g2000/i0").job_names}
    entry = problems.TASKS.get("mix")
    assert drawn == set(entry.load()(**entry.parameters))


def test_each_task_has_at_least_four_networks():
    for name in problems.TASKS.names():
        entry = problems.TASKS.get(name)
        assert len(entry.load()(**entry.parameters)) >= 4


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("mix/S2/bw1.0/g100/i0", "mix/S2/bw1/g100/i0"),
        ("mix/S2/bw0.50/g7/i12", "mix/S2/bw0.5/g7/i12"),
        ("mix/S2/bw1e2/g007/i0", "mix/S2/bw100/g7/i0"),
    ],
)
def test_ids_have_one_canonical_form(given, canonical):
    assert problems.get(given).id == canonical == str(problems.parse_id(canonical))


@pytest.mark.parametrize(
    ("problem_id", "suggestion"),
    [
        ("mx/S2/bw1/g100/i0", "unknown task 'mx': did you mean mix"),
        ("mix/s2/bw1/g100/i0", "unknown platform 's2': did you mean S2"),
        ("mix/S2/1/g100/i0", "did you mean mix/S2/bw1/g100/i0"),
        ("nonsense", "task/platform/bwB/gG/iI"),
        ("mix/S2/bw1/g-1/i0", "task/platform/bwB/gG/iI"),
        ("mix/S2/bw1.2.3/g1/i0", "task/platform/bwB/gG/iI"),
    ],
)
def test_unknown_ids_are_key_errors_with_a_suggestion(problem_id, suggestion):
    with pytest.raises(KeyError) as caught:
        problems.get(problem_id)
    assert isinstance(caught.value, UnknownName)
    assert suggestion in str(caught.value)


@pytest.mark.parametrize("problem_id", ["mix/S2/bw0/g100/i0", "mix/S2/bw1/g0/i0", "mix/S2/bw1e999/g1/i0"])
def test_ids_of_impossible_problems_are_invalid(problem_id):
    with pytest.raises(InvalidInput, match="expected"):
        problems.get(problem_id)


def test_platforms_are_the_papers():
    sizes = {name: [(c.style, c.num_pes) for c in problems.PLATFORMS.get(name).cores] for name in ("S1", "S2", "S5")}
    assert sizes["S1"] == [("dla", 2048)] * 4
    assert sizes["S2"] == [("dla", 2048)] * 3 + [("eye", 2048)]
    assert sizes["S5"] == [("dla", 8192)] * 3 + [("eye", 8192)] + [("dla", 4096)] * 3 + [("eye", 4096)]
    cores = [len(problems.PLATFORMS.get(f"S{i}").cores) for i in range(1, 7)]
    assert cores == [4, 4, 8, 8, 8, 16]


def test_the_job_table_holds_the_cost_models_figures():
    p = problems.get("language/S2/bw1/g5/i0")
    network, layer = p.job_names[0].split("/")
    entry = problems.TASKS.get("language")
    layers = entry.load()(**entry.parameters)[network]
    row = problems.layer_rows([next(z for z in layers if z.name == layer)])
    for core, style in ((0, "dla"), (3, "eye")):
        costs = problems.maestro_costs(row, style=style, num_pes=2048)
        assert p.job_table.latency[0, core] == costs.runtime_cycles[0]
        assert p.job_table.bandwidth[0, core] == costs.bandwidth[0]
