import hashlib
import subprocess
import sys

import numpy as np
import pytest

import problems
from problems.costs import BUILTIN as COST_MODELS
from problems.foundation.errors import InvalidInput, UnknownName
from problems.ids import known_options
from problems.job_table import JobTable
from problems.layers import Layer
from problems.networks import network_names
from problems.suite import analyze_jobs
from problems.tasks import networks_of, predecessors_of

BUILTIN_TASKS = ("vision", "language", "recommendation", "mix", "llm")

# Within a suite version an id means the same numbers for ever: a digest may change only with SUITE_VERSION.
VERSION = 1
DIGESTS = {
    "vision/S1/bw1/g50/i0": "7d8b32daef20710b",
    "language/S2/bw1/g100/i1": "b599b3ed7fff9ae1",
    "recommendation/S5/bw16/g100/i0": "d5700293e1ee7bf2",
    "mix/S2/bw1/g100/i0": "9721bd0f8cd7d2b1",
    "mix/S6/bw0.5/g1000/i42": "f76fc978f1ce8201",
    "mix/S3/bw256/g1/i0": "614371bfd70d496b",
    "mix/S4/bw16/g100/i3/dep": "7ba4edc2fa00aeaa",
    "mix/S2/bw1/g100/i0/corrected": "7ce64d8b4d2385b3",
    "vision/S2/bw4/g50/i1/maestro-flexible": "a71a2cccb50db601",
    "language/S5/bw4/g50/i1/dep/corrected-flexible/latency+energy": "2559e69da074b927",
    "alexnet/S1/bw16/gall/i0/dep": "85a245dde103c1e6",
    "vgg16/S2/bw16/gall/i0/dep": "d4e377f2a8aafcfe",
    "googlenet/S3/bw16/gall/i0/dep": "dbfa127cd41433b7",
    "resnet50/S4/bw16/gall/i0/dep": "6c3e79b1cc0c19c1",
    "resnext50_32x4d/S5/bw16/gall/i0/dep": "4d05f57d9a4118a4",
    "squeezenet1_1/S6/bw16/gall/i0/dep": "2dd59d7ebcc63a30",
    "mobilenet_v2/S1/bw16/gall/i0/dep": "28b425b4d0e18af5",
    "mnasnet1_0/S2/bw16/gall/i0/dep": "1e65c2863d9ebb09",
    "shufflenet_v2/S3/bw16/gall/i0/dep": "2c88841f3f875df0",
    "efficientnet_b0/S4/bw16/gall/i0/dep": "cc9c677bde5a32a7",
    "bert_base/S5/bw16/gall/i0/dep": "c059d973eba9236e",
    "mobilebert/S6/bw16/gall/i0/dep": "f9c6e4b20df0e9da",
    "gpt2/S1/bw16/gall/i0/dep": "f7494ea8ae1ac574",
    "transformer_xl/S2/bw16/gall/i0/dep": "8f46d1746626e78f",
    "t5_small/S3/bw16/gall/i0/dep": "41b4ab7d0473a2a2",
    "xlm/S4/bw16/gall/i0/dep": "9dab75fb41a470b1",
    "dlrm/S5/bw16/gall/i0/dep": "9e0bb534fea934c4",
    "wide_deep/S6/bw16/gall/i0/dep": "a583b2bc446c6335",
    "ncf/S1/bw16/gall/i0/dep": "da4952ddb99c90fe",
    "din/S2/bw16/gall/i0/dep": "d880d60622cbeb2d",
    "deepfm/S3/bw16/gall/i0/dep": "6beb008937fa4a21",
    "llm/S4/bw256/g100/i0/corrected": "272c811375467dc1",
    "llm/S2/bw16/g50/i1/dep/corrected": "db71bada786690bc",
    "llm/S1/bw4/g30/i2": "b44a9e41833cc315",
    "llama3_1_8b/S2/bw16/gall/i0": "3ded16211a15f0de",
    "llama2_70b/S3/bw16/gall/i0/dep": "eaa633e537b5d68c",
    "mixtral_8x7b/S4/bw16/gall/i0/dep/corrected": "4e977b978b28ad59",
    "qwen2_5_7b/S5/bw16/gall/i0/dep": "ff59009dfb373c51",
    "qwen3_30b_a3b/S6/bw16/gall/i0/dep": "5057d11ae739a6cd",
}


def digest(problem_id):
    p = problems.get(problem_id)
    table = p.job_table
    energy = np.nan_to_num(table.energy, nan=-1.0)  # NaN has many bit patterns
    content = b"".join(part.tobytes() for part in (table.latency, table.bandwidth, energy))
    facts = (p.id, p.job_names, p.total_macs, p.precedence and p.precedence.predecessors)
    return hashlib.sha256(content + repr(facts).encode()).hexdigest()[:16]


@pytest.mark.parametrize("problem_id", DIGESTS)
def test_an_id_means_the_same_numbers_for_ever(problem_id):
    assert (problems.SUITE_VERSION, digest(problem_id)) == (VERSION, DIGESTS[problem_id])


def test_the_frozen_ids_cover_every_task_platform_and_option():
    parts = [problems.parse_id(problem_id) for problem_id in DIGESTS]
    assert {p.task for p in parts} >= set(BUILTIN_TASKS) | set(problems.NETWORKS.names())
    assert {p.platform for p in parts} == {f"S{i}" for i in range(1, 7)}
    assert {p.cost_model for p in parts} >= {entry.name for entry in COST_MODELS}
    assert {p.dependent for p in parts} == {True, False}


def test_an_id_means_the_same_in_a_new_process_under_another_hash_seed():
    code = "import problems; print(problems.get('mix/S2/bw1/g100/i3').job_table.latency.sum().hex())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "99"}
    )
    assert done.stdout.strip() == problems.get("mix/S2/bw1/g100/i3").job_table.latency.sum().hex()


@pytest.mark.parametrize("task", BUILTIN_TASKS)
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


def test_mix_holds_the_networks_of_the_papers_tasks_and_no_others():
    papers = [name for task in ("vision", "language", "recommendation") for name in network_names(task)]
    assert list(networks_of(None)) == papers
    assert len(papers) == 21


def test_llm_draws_from_every_model_whole_in_both_phases():
    entry = problems.TASKS.get("llm")
    models = entry.load()(**entry.parameters)
    assert list(models) == [f"{name}-{phase}" for name in network_names("llm") for phase in ("prefill", "decode")]
    for name in network_names("llm"):
        network = problems.NETWORKS.get(name)
        for phase in ("prefill", "decode"):
            assert models[f"{name}-{phase}"] == network.layers(phase=phase, blocks=network.blocks)


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
        ("mix/S2/bw1/g5/i0/latency/maestro", "mix/S2/bw1/g5/i0"),
        ("mix/S2/bw1/g5/i0/edp/corrected/dep", "mix/S2/bw1/g5/i0/dep/corrected/edp"),
        ("din/S2/bw1/gall/i0", "din/S2/bw1/gall/i0"),
    ],
)
def test_ids_have_one_canonical_form(given, canonical):
    assert problems.get(given).id == canonical == str(problems.parse_id(canonical))


@pytest.mark.parametrize(
    ("problem_id", "suggestion"),
    [
        ("mx/S2/bw1/g100/i0", "unknown task 'mx': did you mean mix"),
        ("resnet5/S2/bw1/g100/i0", "did you mean resnet50"),
        ("mix/S2/bw1/g100/i0/depp", "did you mean dep"),
        ("mix/S2/bw1/g100/i0/corected", "did you mean corrected"),
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


@pytest.mark.parametrize(
    "problem_id",
    [
        "mix/S2/bw0/g100/i0",
        "mix/S2/bw1/g0/i0",
        "mix/S2/bw1e999/g1/i0",
        "mix/S2/bw1/gall/i1",
        "mix/S2/bw1/g5/i0/edp/energy",
        "mix/S2/bw1/g5/i0/dep/dep",
        "mix/table/bw1/g5/i0",
        "file:nowhere.json/S2/bw1/g5/i0",
        "mix/file:nowhere.toml/bw1/g5/i0",
    ],
)
def test_ids_of_impossible_problems_are_invalid(problem_id):
    with pytest.raises(InvalidInput, match="expected"):
        problems.get(problem_id)


def test_platforms_are_the_papers():
    sizes = {name: [(c.dataflow, c.num_pes) for c in problems.PLATFORMS.get(name).cores] for name in ("S1", "S2", "S5")}
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


def test_a_network_can_be_mapped_whole_in_the_order_of_its_layers():
    p = problems.get("resnet50/S2/bw16/gall/i0")
    assert p.job_names == tuple(f"resnet50/{layer.name}" for layer in problems.NETWORKS.get("resnet50").layers())


def test_dependencies_leave_the_group_as_it_is():
    free, dependent = problems.get("mix/S2/bw1/g60/i0"), problems.get("mix/S2/bw1/g60/i0/dep")
    assert free.job_names == dependent.job_names
    assert (free.job_table.latency == dependent.job_table.latency).all()
    assert free.precedence is None
    assert any(dependent.precedence.predecessors)


def test_a_job_waits_for_the_nearest_drawn_layers_of_its_mini_batch():
    def layer(name, *after):
        return Layer(name, problems.LayerKind.FFN, 1, 1, 1, 1, 1, 1, after=after)

    # a -> b -> d, a -> c -> d
    networks = {"n": (layer("a"), layer("b", "a"), layer("c", "a"), layer("d", "b", "c")), "m": (layer("a"),)}
    a, b, c, d = (("n", i) for i in range(4))
    assert predecessors_of(networks, [d, c, b, a]) == [[1, 2], [3], [3], []]
    assert predecessors_of(networks, [a, d, ("m", 0)]) == [[], [0], []]  # through b and c, which are not drawn
    assert predecessors_of(networks, [a, a, b, d, d, d]) == [[], [], [0], [0, 2], [1], []]  # three mini-batches


def test_an_option_is_told_in_one_line_each():
    assert all("\n" not in meaning for meaning in known_options().values())
    assert {"dep", "maestro", "corrected", "latency+energy"} <= set(known_options())


def test_a_job_table_of_a_thousand_jobs_counts_equal_layers_and_cores_once(monkeypatch):
    from problems.costs.maestro.model import Maestro

    asked = []
    original = Maestro.costs
    monkeypatch.setattr(
        Maestro, "costs", lambda self, layers, core: asked.append(len(layers)) or original(self, layers, core)
    )
    layers = list(problems.NETWORKS.get("alexnet").layers()) * 125
    analyze_jobs(layers, problems.PLATFORMS.get("S6"))
    assert asked == [8] * 4


@pytest.mark.parametrize(("suffix", "platform"), [("json", "S2"), ("csv", "S2"), ("npz", "table")])
def test_a_file_is_a_workload_and_its_content_is_in_the_id(tmp_path, suffix, platform):
    path = tmp_path / f"mine.{suffix}"
    write_workload_file(path)
    whole = problems.get(f"file:{path}/{platform}/bw2/gall/i0")
    drawn = problems.get(f"file:{path}/{platform}/bw2/g40/i1")
    assert (whole.num_jobs, drawn.num_jobs) == (2, 40)
    assert whole.id == str(problems.parse_id(whole.id)) == problems.get(whole.id).id
    moved = tmp_path / f"other.{suffix}"
    path.rename(moved)
    again = problems.get(f"file:{moved}/{platform}/bw2/g40/i1")
    assert (again.job_table.latency == drawn.job_table.latency).all()  # the content seeds the draw, not its place
    with pytest.raises(InvalidInput, match="no such file"):
        problems.get(f"file:{path}/{platform}/bw2/gall/i0")


def write_workload_file(path):
    layers = (Layer.ffn("one", out=8, inp=9), Layer.conv("two", out=8, inp=3, size=9, kernel=3, after=("one",)))
    if path.suffix == ".json":
        problems.write_workload(problems.Workload("mine", {"net": layers}), path)
    elif path.suffix == ".csv":
        path.write_text("0,0,8,9,,,,,0\n0,1,8,3,9,9,3,3,1\n")
    else:
        np.savez(path, latency=[[1.0, 2.0], [3.0, 4.0]], bandwidth=[[1.0, 1.0], [0.0, 1.0]])


def test_a_job_table_brings_its_own_cores(tmp_path):
    path = tmp_path / "table.npz"
    write_workload_file(path)
    for wrong in ("S2/bw1/gall/i0", "table/bw1/gall/i0/dep", "table/bw1/gall/i0/corrected"):
        with pytest.raises(InvalidInput, match="table"):
            problems.get(f"file:{path}/{wrong}")


def test_a_plug_in_cannot_change_what_an_id_means(monkeypatch):
    from problems import costs
    from problems.foundation.registry import Entry

    problems.TASKS.names()
    costs.COST_MODELS.names()
    monkeypatch.setitem(problems.TASKS._items, "alexnet", Entry("alexnet", "problems.suite:nothing"))
    assert problems.get("alexnet/S2/bw1/gall/i0").num_jobs == len(problems.NETWORKS.get("alexnet").layers())
    monkeypatch.setitem(costs.COST_MODELS._items, "dep", Entry("dep", "problems.suite:nothing"))
    assert problems.parse_id("mix/S2/bw1/g5/i0/dep").dependent


@pytest.mark.parametrize(("factory", "message"), [("builtins:list", "list"), ("builtins:open", "TypeError")])
def test_a_broken_plug_in_is_one_error(monkeypatch, factory, message):
    from problems.foundation.errors import BrokenEntry
    from problems.foundation.registry import Entry

    problems.TASKS.names()
    monkeypatch.setitem(problems.TASKS._items, f"broken-{message}", Entry(f"broken-{message}", factory))
    with pytest.raises(BrokenEntry, match=message):
        problems.get(f"broken-{message}/S2/bw1/gall/i0")


def test_ids_of_job_tables_tell_their_shape_and_wrong_arguments_are_clear_errors():
    wide, tall = (problems.from_job_table(np.ones(s), np.ones(s), 1.0) for s in ((2, 3), (3, 2)))
    assert wide.id != tall.id
    for wrong in (None, 3, []):
        with pytest.raises(KeyError, match="unknown problem"):
            problems.get(wrong)
    with pytest.raises(InvalidInput, match="at least one"):
        analyze_jobs([], "S2")
    with pytest.raises(InvalidInput, match="predecessors"):
        problems.from_job_table([[1.0]], [[1.0]], 1.0, predecessors=[[0.5]])


def test_a_plug_in_may_return_networks_or_a_job_table(monkeypatch):
    from problems import suite
    from problems.foundation.registry import Entry

    problems.TASKS.names()
    table = JobTable(np.ones((3, 2)), np.ones((3, 2)))
    monkeypatch.setattr(suite, "ready_table", lambda: table, raising=False)
    monkeypatch.setitem(problems.TASKS._items, "ready", Entry("ready", "problems.suite:ready_table"))
    assert problems.get("ready/table/bw1/gall/i0").job_table.num_jobs == 3
