"""Own workloads from import to replay, as a user types it, and mapping files as the library reads them."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

import problems
from bench.map_workload import DEFAULT, Request, command_again, default_steps, find_mapping
from problems.foundation.errors import StorageError
from problems.transfer import transfer
from reports.storage.content import Environment, Outcome, Timing
from reports.storage.mapping_file import read_mapping
from reports.storage.points import shown_front
from reports.storage.record import decode, encode, read_record
from reports.storage.spec import RunSpec

JOBS = "0,0,64,3,224,224,7,7,1\n0,1,64,64,56,56,3,3,1\n1,0,1000,512,,,,,0\n1,1,128,128,28,28,3,3,2\n1,2,64,32,16,,,,3\n"

PLATFORM = """
bandwidth_gbps = 2
[[cores]]
dataflow = "dla"
pes = 512
count = 2
[[cores]]
dataflow = "eye"
pes = 512
"""


P60 = problems.get("mix/S2/bw4/g60/i101/dep")


def assert_clean(done, code):
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.fixture
def own(tmp_path):
    """A folder with a job CSV of the paper's form, a job table and a platform."""
    (tmp_path / "jobs.csv").write_text(JOBS)
    (tmp_path / "mine.toml").write_text(PLATFORM)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mapping.json").touch()
    (tmp_path / "table.csv").write_text("job,latency_a,latency_b,bandwidth_a,bandwidth_b\nx,5,9,1,1\ny,inf,2,0,3\n")
    return tmp_path


def test_a_job_csv_of_the_paper_is_mapped_as_it_is_and_replayed(m3e_here, own):
    done = m3e_here("map", "jobs.csv", "--platform", "mine.toml", "--budget", 300, "--out", "out")
    assert_clean(done, 0)
    assert "certified bound" in done.stdout
    assert {f.name for f in (own / "out").iterdir()} == {
        *("mapping.json", "schedule.png", "schedule.svg", "schedule.html", "trace.json")
    }
    again = m3e_here("replay", "out/mapping.json")
    assert_clean(again, 0)
    assert "to the last digit; the problem is the one that the registry has" in " ".join(again.stdout.split())


def test_a_mapping_is_worth_the_same_where_its_files_are_not(m3e, own, tmp_path_factory):
    assert_clean(m3e("map", "jobs.csv", "--platform", "mine.toml", "--budget", 100, "--out", "out"), 0)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mapping.json"
    (own / "out" / "mapping.json").rename(elsewhere)
    (own / "jobs.csv").unlink()
    done = m3e("replay", elsewhere, "--out", "new")
    assert_clean(done, 0)
    assert "to the last digit; the registry here does not know the id" in " ".join(done.stdout.split())
    assert (own / "new" / "schedule.svg").exists()


def test_a_changed_value_is_noticed(m3e_here, own):
    assert_clean(m3e_here("map", "jobs.csv", "--platform", "S1", "--budget", 100, "--out", "out"), 0)
    path = own / "out" / "mapping.json"
    run = read_record(path)
    assert sealed_anew(path, lambda c: halved(c["result"])) != run.best_value
    done = m3e_here("replay", path)
    assert_clean(done, 1)
    assert "NOT" in done.stdout


def test_a_job_table_needs_a_bandwidth_and_brings_its_cores(m3e_here, own):
    done = m3e_here("map", "table.csv")
    assert_clean(done, 2)
    assert "--bandwidth" in done.stderr
    assert_clean(m3e_here("map", "table.csv", "--bandwidth", 2, "--budget", 50, "--out", "out"), 0)
    assert read_mapping(own / "out" / "mapping.json").problem.core_names == ("a", "b")


def test_import_writes_a_workload_that_every_command_takes(m3e_here, own):
    done = m3e_here("import", "jobs.csv")
    assert_clean(done, 0)
    assert "thread_0" in done.stdout
    problem_id = "file:jobs.json/file:mine.toml/bw1/g8/i0/dep"
    assert_clean(m3e_here("show", problem_id), 0)
    (own / "own.toml").write_text(
        f'problems = ["{problem_id}"]\noptimizers = ["random", "magma"]\nseeds = 1\nbudget = 50\n'
    )
    assert_clean(m3e_here("run", "own.toml", "--workers", 1), 0)
    assert_clean(m3e_here("report", "runs/own"), 0)
    assert "0 complete" not in m3e_here("report", "runs/own").stdout


def test_import_writes_over_nothing_unasked(m3e_here, own):
    assert_clean(m3e_here("import", "jobs.csv"), 0)
    before = (own / "jobs.json").read_bytes()
    done = m3e_here("import", "alexnet", "--out", "jobs.json")
    assert_clean(done, 2)
    assert "--force" in done.stderr
    assert (own / "jobs.json").read_bytes() == before
    assert_clean(m3e_here("import", "alexnet", "--dim", "batch=2", "--out", "jobs.json", "--force"), 0)
    assert (own / "jobs.json").read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "nothing"), "unknown file or network 'nothing'"),
        (("import", "nothing.onnx"), "no such file"),
        (("import", "bert_base", "--dim", "batch"), "NAME=SIZE"),
        (("import", "bert_base", "--dim", "batch=-1"), "NAME=SIZE"),
        (("import", "bert_base", "--dim", "batch=0"), "at least 1, got 0"),
        (("import", "bert_base", "--dim", "bacth=2"), "did you mean batch"),
        (("import", "mine.toml"), "mine.toml"),
        (("import", "bert_base", "--out", "bert.txt"), "ends in .json"),
        (("map", "nothing"), "unknown task"),
        (("map", "mix", "--objective", "corrected"), "unknown objective 'corrected'"),
        (("map", "mix", "--cost-model", "dep"), "unknown cost model 'dep'"),
        (("map", "nothing.onnx"), "no such file"),
        (("map", "nets/bw1.json"), "no such file"),
        (("map", "alexnet", "--platform", "p/missing.toml"), "no such file"),
        (("map", "alexnet", "--instance", "3"), "--jobs"),
        (("map", "mix/S2/bw1/g5/i0", "--dep"), "that the id already fixes"),
        (("map", "alexnet", "--platform", "S9"), "unknown platform 'S9'"),
        (("map", "alexnet", "--objective", "speed"), "unknown"),
        (("map", "alexnet", "--cost-model", "corect"), "did you mean corrected"),
        (("map", "alexnet", "--bandwidth", "0"), "bandwidth"),
        (("map", "alexnet", "--bandwidth", "nan"), "bandwidth"),
        (("map", "alexnet", "--optimizer", "mgma"), "did you mean magma"),
        (("map", "alexnet", "--objective", "latency+energy", "--optimizer", "magma"), "random"),
        (("map", "alexnet", "--optimizer", "magma", "--seconds", "1"), "--seconds: expected an optimizer with"),
        (("map", "alexnet", "--optimizer", "magma", "--steps", "1"), "--steps: expected an optimizer with"),
        (("map", "alexnet", "--seconds", "1", "--steps", "1"), "expected one of them, got both"),
        (("map", "alexnet", "--seconds", "0"), "--seconds: expected a finite number of seconds above 0"),
        (("map", "alexnet", "--seconds", "nan"), "--seconds: expected a finite number of seconds above 0"),
        (("map", "alexnet", "--steps", str(10**20)), "steps: expected an integer from 1 to"),
        (("map", "alexnet", "--objective", "latency+energy", "--seconds", "1"), "got deap-nsga2"),
        (("map", "alexnet", "vgg16:2/s"), "expected a count for each, or a rate for each"),
        (("map", "mix", "alexnet"), "got a task"),
        (("map", "mix/S2/bw1/g5/i0", "alexnet"), "unknown file or network"),
        (("map", "alexnet", "--limit", "alexnet"), "NETWORK=TIME"),
        (("map", "alexnet", "--limit", "alexnet=0ms"), "NETWORK=TIME"),
        (("map", "alexnet", "--limit", "alexnet=3 weeks"), "NETWORK=TIME"),
        (("map", "alexnet", "--limit", "vgg16=3ms"), "unknown network with a limit: 'vgg16'"),
        (("map", "alexnet", "--limit", "alexnet=1us"), "No mapping can keep it"),
        (("map", "alexnet", "--limit", "alexnet=1s", "--optimizer", "magma"), "--limit: expected an optimizer with"),
        (("map", "alexnet", "--limit", "alexnet=1s", "--objective", "energy"), "depends on time"),
        (("map", "alexnet", "--limit", "alexnet=1s", "--limit", "alexnet=2s"), "got two for 'alexnet'"),
        (
            ("map", "alexnet", "--limit", "alexnet=1s", "--objective", "latency+energy"),
            "--limit: expected one objective",
        ),
        (("map", "mix", "--dim", "batch=2"), "--dim: expected a network or file"),
        (("map", "alexnet:30fps"), "`:N/s`, passes per second"),
        (("map", "alexnet:2/min"), "`:N/s`, passes per second"),
        (("map", "jobs.csv:-1"), "`:N/s`, passes per second"),
        (("show", "mine.toml"), "unknown problem 'mine.toml'"),
        (("show", "folder"), "m3e replay"),
        (("show", "folder/mapping.json"), "m3e replay"),
        (("replay", "nowhere.json"), "no mapping in nowhere.json"),
        (("replay", "mine.toml"), "expected JSON"),
    ],
)
def test_bad_input_is_one_clear_error(m3e_here, own, arguments, message):
    done = m3e_here(*arguments)
    assert_clean(done, 2)
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--limit", "alexnet=1us"),
        ("--platform", "S9"),
        ("--optimizer", "mgma"),
        ("--warm-start", "nowhere.json"),
        ("--wall-limit", "-1"),
    ],
)
@pytest.mark.parametrize("out", [("--out", "a/b"), ()])
def test_a_command_that_fails_leaves_nothing_behind(m3e_here, own, arguments, out):
    before = set(own.rglob("*"))
    assert_clean(m3e_here("map", "alexnet:2", "vgg16", *arguments, *out), 2)
    assert set(own.rglob("*")) == before


def test_several_networks_are_mapped_together_and_keep_their_limits(m3e_here, own):
    command = ("map", "alexnet:2", "jobs.csv", "--steps", 20_000, "--limit", "thread_0=40ms", "--out", "out")
    done = m3e_here(*command)
    assert_clean(done, 0)
    for text in (
        "alexnet 2 x 1 image",
        "images/s",
        "40 ms, kept",
        "stalled",
        "model corrected",
        " mJ",
    ):
        assert text in " ".join(done.stdout.split())
    stored = read_mapping(own / "out")
    ends = stored.problem.schedule(stored.cores[0], stored.priorities[0]).ends
    assert max(e for e, n in zip(ends, stored.problem.job_networks, strict=True) if n == "thread_0") <= 40e6
    again = m3e_here("replay", "out/mapping.json")
    assert_clean(again, 0)
    assert "40 ms, kept" in again.stdout
    page = (own / "out" / "schedule.html").read_text()
    assert "40 ms, kept" in page
    assert "alexnet#2" in page


def test_limits_that_no_mapping_was_found_for_are_said_to_be_missed(m3e_here, own):
    least = problems.get("alexnet/S2/bw16/gall/i0/corrected").lower_bound()
    limit = f"alexnet={least * 1.0000001!r}cycles"
    done = m3e_here("map", "alexnet", "--steps", 1, "--budget", 1, "--limit", limit, "--out", "out")
    assert_clean(done, 1)
    assert "MISSED" in done.stdout
    assert "nor a proof that there is none" in " ".join(done.stderr.split())


def test_a_front_has_a_picture_and_a_mapping_file_a_point(m3e_here, own):
    done = m3e_here("map", "squeezenet1_1", "--objective", "latency+energy", "--budget", 300, "--out", "out")
    assert_clean(done, 0)
    whole = shown_front(read_mapping(own / "out"))
    points = sorted((own / "out" / "points").iterdir())
    assert len(points) == len(whole.values) > 1
    assert {f.name for f in (own / "out").glob("front.*")} == {f"front.{kind}" for kind in ("csv", "png", "pdf", "svg")}
    rows = (own / "out" / "front.csv").read_text().splitlines()[1:]
    for number, (path, row) in enumerate(zip(points, rows, strict=True)):
        point = read_mapping(path)
        assert point.values.tolist() == [whole.values[number].tolist()]
        assert np.array_equal(point.replay(), point.values)
        shares = [float(text) for text in row.split(",")]
        assert shares == pytest.approx([number + 1, *point.values[0] / 1e6, np.prod(point.values[0]) / 1e12])
    again = m3e_here("replay", points[0], "--out", "new")
    assert_clean(again, 0)
    assert f"point 1 of {len(points)} of a front" in " ".join(again.stdout.split())


def test_a_mapping_is_not_written_over_unasked_and_nothing_is_searched_for_in_vain(m3e_here, own):
    command = ("map", "alexnet", "--budget", 50, "--out", "out")
    assert_clean(m3e_here(*command), 0)
    before = (own / "out" / "mapping.json").read_bytes()
    done = m3e_here(*command, "--seed", 1)
    assert_clean(done, 2)
    assert "--force" in done.stderr
    assert (own / "out" / "mapping.json").read_bytes() == before
    assert_clean(m3e_here(*command, "--seed", 1, "--force"), 0)
    done = m3e_here("map", "alexnet", "--budget", 10**11, "--out", "mine.toml")
    assert_clean(done, 2)
    assert "mine.toml" in done.stderr


def begun(folder, *arguments):
    """The command, at work, with what its search has evaluated in a journal."""
    command = [str(Path(sys.executable).parent / "m3e"), "map", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    (folder / "tmp").mkdir()
    process = subprocess.Popen(command, cwd=folder, env=os.environ | {"TMPDIR": str(folder / "tmp")}, **pipes)
    while not any(journal.stat().st_size > 100 for journal in folder.glob("tmp/m3e-*/journal")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    return process


ENDLESS = ("--seconds", 10**6), ("--budget", 10**11, "--optimizer", "random")


@pytest.mark.parametrize("search", ENDLESS)
@pytest.mark.parametrize(("wanted", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_search_keeps_its_best_mapping(own, wanted, code, search):
    process = begun(own, "alexnet", *search, "--out", "out")
    process.send_signal(wanted)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == code, stderr
    assert "Traceback" not in stdout + stderr
    assert "wrote out/mapping.json" in stdout
    run = read_mapping(own / "out" / "mapping.json").run
    assert (run.status, run.message) == ("cut", "interrupted")
    assert run.num_evaluations > 0
    assert not list((own / "tmp").iterdir())


STUCK = """
import os, time
from optimizers.contract import AskTellOptimizer

class Stuck(AskTellOptimizer):
    calls = 0
    def ask(self):
        self.calls += 1
        if self.calls > 3:
            self.act()
        return self.space.sample(self.rng, 5)
    def tell(self, cores, priorities, values):
        pass

class Sleeps(Stuck):
    calls = 3
    def act(self):
        time.sleep(3600)

class Hangs(Stuck):
    def act(self):
        sum(range(10**15))

class Dies(Stuck):
    def act(self):
        os._exit(0)

class Raises(Stuck):
    def act(self):
        raise RuntimeError("out of ideas")

class SlowToMake(Stuck):
    def __init__(self, space, *, budget, seed):
        time.sleep(3600 if space.num_jobs > 4 else 0)
"""


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("Sleeps", 1, "found nothing: it evaluated no mapping: wall limit of 1 s reached"),
        ("SlowToMake", 1, "found nothing: it evaluated no mapping: wall limit of 1 s reached"),
        ("Hangs", 0, "15 evaluations; wall limit of 1 s reached; the optimizer did not notice, its process was"),
        ("Dies", 1, "15 evaluations; the run's process died (exit code"),
        ("Raises", 1, "failed: RuntimeError: out of ideas (stuck.py, line"),
    ],
)
def test_a_search_that_hangs_or_dies_keeps_what_it_found_or_says_that_it_found_nothing(m3e, own, name, code, said):
    (own / "stuck.py").write_text(STUCK)
    done = m3e("map", "alexnet", "--optimizer", f"stuck:{name}", "--wall-limit", 1, "--out", "out", timeout=120)
    assert_clean(done, code)
    assert said in " ".join((done.stdout + done.stderr).split())
    assert "interrupted" not in done.stdout + done.stderr
    kept = name in ("Hangs", "Dies", "Raises")
    assert (own / "out").exists() == kept
    assert not kept or read_mapping(own / "out" / "mapping.json").run.num_evaluations == 15


def test_a_file_does_not_take_the_place_of_a_name(m3e_here, own):
    (own / "S2").touch()
    (own / "alexnet").touch()
    assert_clean(m3e_here("map", "alexnet", "--budget", 20, "--out", "out"), 0)


def test_jobs_that_fit_few_cores_are_mapped(m3e_here, own):
    small = '[[cores]]\ndataflow = "dla"\npes = 2048\ncount = 3\nbuffer_kib = 8\n'
    (own / "small.toml").write_text(f'bandwidth_gbps = 4\n[[cores]]\ndataflow = "dla"\npes = 2048\n{small}')
    assert_clean(m3e_here("map", "mix", "--platform", "small.toml", "--budget", 300, "--out", "out"), 0)
    shown = m3e_here("show", "mix/file:small.toml/bw4/g100/i0")
    assert_clean(shown, 0)
    assert "nan" not in shown.stdout


def test_a_front_is_stored_whole(m3e_here, own):
    done = m3e_here(
        *("map", "language", "--jobs", 20, "--cost-model", "corrected", "--objective", "latency+energy"),
        *("--budget", 300, "--out", "out"),
    )
    assert_clean(done, 0)
    assert "hypervolume" in done.stdout
    front = read_mapping(own / "out" / "mapping.json").values
    assert front.shape[1] == 2
    assert (np.diff(front[:, 0]) > 0).all()
    assert (np.diff(front[:, 1]) < 0).all()


def test_by_default_the_search_sees_the_jobs_and_the_printed_command_repeats_it(m3e_here, own):
    done = m3e_here("map", "jobs.csv", "--platform", "mine.toml", "--seed", 3, "--out", "out")
    assert_clean(done, 0)
    run = read_mapping(own / "out").run
    assert (run.spec.optimizer, run.spec.parameters["steps"]) == (DEFAULT, 5 * 20_000)
    assert "100,000 plans tried" in " ".join(done.stdout.split())
    (again,) = (line for line in done.stdout.splitlines() if line.startswith("the same again"))
    command = shlex.split(again.partition(": ")[2])
    assert_clean(m3e_here(*command[1:], "--out", "again"), 0)
    repeated = read_mapping(own / "again").run
    assert repeated.spec == run.spec
    assert repeated.trace_values.tolist() == run.trace_values.tolist()
    assert repeated.priorities.tolist() == run.priorities.tolist()


def test_a_search_by_seconds_ends_after_them_and_promises_no_repetition(m3e_here, own):
    done = m3e_here("map", "alexnet", "--seconds", 0.3, "--out", "out")
    assert_clean(done, 0)
    assert "the same again" not in done.stdout
    run = read_mapping(own / "out").run
    assert (run.spec.parameters["seconds"], run.spec.parameters["steps"]) == (0.3, None)
    assert 0.2 < run.seconds["total"] < 5.0


def test_a_search_goes_on_from_a_mapping_and_starts_from_that_of_another_group(m3e_here, own):
    first = ("map", "mix/S2/bw4/g50/i100/dep", "--steps", 20_000, "--out", "first")
    assert_clean(m3e_here(*first), 0)
    before = read_mapping(own / "first").run
    assert_clean(m3e_here(*first, "--force", "--warm-start", "first", "--seed", 1), 0)
    after = read_mapping(own / "first").run
    assert after.trace_values[0] == before.best_value
    assert after.best_value <= before.best_value
    other = m3e_here("map", "mix/S2/bw4/g60/i101/dep", "--steps", 1, "--warm-start", "first", "--out", "other")
    assert_clean(other, 0)
    assert "the same again" not in other.stdout
    warm = read_mapping(own / "other").run
    cores, priorities = transfer(after.front_cores, after.front_priorities, problems.get(after.spec.problem), P60)
    assert warm.trace_values[0] == P60.evaluate(cores, priorities)[0]


def test_default_steps_are_many_for_each_job_and_take_half_a_minute_at_most():
    assert [default_steps(n) for n in (1, 50, 100, 1_000, 20_000)] == [20_000, 10**6, 2 * 10**6, 2 * 10**6, 10**5]
    assert default_steps(10**11) == 1


@pytest.mark.parametrize(
    ("optimizer", "parameters", "budget", "command"),
    [
        (None, {"steps": 5, "seconds": None}, 10_000, "m3e map mix/S2/bw1/g12/i0 --steps 5 --seed 7"),
        (None, {"steps": 5}, 3, "m3e map mix/S2/bw1/g12/i0 --steps 5 --budget 3 --seed 7"),
        ("magma", {}, 10_000, "m3e map mix/S2/bw1/g12/i0 --optimizer magma --budget 10000 --seed 7"),
        (None, {"steps": None, "seconds": 1.0}, 10_000, ""),
        ("magma", {"warm_start": [{"cores": [0]}]}, 10_000, ""),
    ],
)
def test_the_command_that_repeats_a_search_names_what_it_depends_on(optimizer, parameters, budget, command):
    spec = RunSpec(problems.SUITE_VERSION, "mix/S2/bw1/g12/i0", optimizer or DEFAULT, parameters, 7, budget)
    assert command_again(spec, optimizer) == command


def test_the_command_that_repeats_a_search_sets_its_parameters():
    spec = RunSpec(problems.SUITE_VERSION, "mix/S2/bw1/g12/i0", "magma", {"mutation_rate": 0.2}, 7, 50)
    words = "m3e map mix/S2/bw1/g12/i0 --optimizer magma --set mutation_rate=0.2 --budget 50 --seed 7"
    assert command_again(spec, "magma", ("mutation_rate=0.2",)) == words


def test_a_parameter_is_set_and_the_printed_command_repeats_it(m3e, own):
    words = ["mix/S2/bw1/g12/i0", "--optimizer", "magma", "--set", "mutation_rate=0.2", "--budget", "300"]
    out = " ".join(m3e("map", *words, "--out", "first").stdout.split())
    assert read_mapping(own / "first").run.spec.parameters["mutation_rate"] == 0.2
    again = shlex.split(out.partition("on any machine: ")[2])[1:]
    assert_clean(m3e(*again, "--out", "again"), 0)
    first, second = (read_mapping(own / name).run for name in ("first", "again"))
    assert (first.spec, first.trace_values.tolist()) == (second.spec, second.trace_values.tolist())


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("mutation_rat=1", "unknown parameter of optimizer 'magma': 'mutation_rat': did you mean mutation_rate"),
        ("mutation_rate=abc", "mutation_rate: expected a number from 0 to 1, got 'abc'"),
        ("mutation_rate", "--set: expected KEY=VALUE, got mutation_rate"),
        ("steps=3", "--set: expected a parameter without an option of its own; --steps sets this one, got steps"),
        ("warm_start=[]", "--warm-start sets this one"),
    ],
)
def test_a_setting_that_does_not_fit_is_one_clear_error(m3e_here, own, setting, message):
    done = m3e_here("map", "mix/S2/bw1/g12/i0", "--optimizer", "magma", "--set", setting)
    assert_clean(done, 2)
    assert message in done.stderr
    assert not (own / "runs").exists()


def test_a_search_that_a_limit_ends_has_no_command_that_repeats_it():
    spec = RunSpec(problems.SUITE_VERSION, "mix/S2/bw1/g12/i0", "magma", {}, 0, 10, wall_limit_seconds=1.0)
    assert command_again(spec, "magma") == ""


def searched(problem, budget):
    """The record of a random search on a problem."""
    spec = RunSpec(problems.SUITE_VERSION, problem.id, "random", {"batch_size": 10}, 1, budget)
    return find_mapping(spec, problem)


@pytest.fixture
def mapping(tmp_path):
    """The path of a mapping file."""
    path = tmp_path / "m.json"
    path.write_bytes(searched(problems.get("mix/S2/bw1/g12/i0/dep/corrected/edp"), 40))
    return path


def sealed_anew(path, change):
    """Change the content of a record, and seal it as if it had been written so; its best value."""
    content = json.loads(path.read_text())
    content["timing"].pop("sha256")
    change(content)
    spec = RunSpec.from_json(content["spec"])
    parts = [msgspec.convert(content[key], kind) for key, kind in (("environment", Environment), ("timing", Timing))]
    path.write_bytes(encode(spec, msgspec.convert(content["result"], Outcome), *parts, content["problem"]))
    return content["result"]["best_value"]


def halved(result):
    for where, key in (
        (result, "best_value"),
        (result["trajectory"]["values"], -1),
        (result["mappings"][0]["values"], 0),
    ):
        where[key] /= 2


def test_a_mapping_file_is_read_as_it_was_written(mapping):
    read = read_mapping(mapping)
    assert (read.replay() == read.values).all()
    assert read.problem.precedence == problems.get("mix/S2/bw1/g12/i0/dep/corrected/edp").precedence
    assert read.agrees_with_registry() is True


def test_what_no_core_can_run_and_unknown_energies_survive_the_file(tmp_path):
    table = [[1.0, np.inf], [2.0, 3.0]], [[1.0, 0.0], [0.5, 0.1]]
    p = problems.from_job_table(*table, 1.0, energy=[[1.0, np.nan], [np.nan, 2.0]])
    (tmp_path / "m.json").write_bytes(searched(p, 20))
    read = read_mapping(tmp_path / "m.json").problem
    assert read.job_table.latency.tolist() == p.job_table.latency.tolist()
    assert np.array_equal(read.job_table.energy, p.job_table.energy, equal_nan=True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c["problem"].pop("latency"),
        lambda c: c["result"]["mappings"][0]["cores"].pop(),
        lambda c: c["result"]["mappings"][0]["cores"].__setitem__(0, 99),
        lambda c: c["problem"].__setitem__("objective", "beauty"),
        lambda c: c["problem"].__setitem__("system_bandwidth", -1),
        lambda c: c["result"].__setitem__("mappings", []),
        lambda c: c["problem"].__setitem__("total_macs", "many"),
        lambda c: c["spec"].__setitem__("optimizer", "other"),
    ],
)
def test_a_mapping_file_that_does_not_fit_is_refused(mapping, spoil):
    before = mapping.read_bytes()
    sealed_anew(mapping, lambda c: None)
    assert mapping.read_bytes() == before
    sealed_anew(mapping, spoil)
    if b'"optimizer":"other"' in mapping.read_bytes():
        mapping.write_bytes(mapping.read_bytes().replace(b'"optimizer":"other"', b'"optimizer":"random"'))
    with pytest.raises(StorageError, match=r"m\.json"):
        read_mapping(mapping)


def test_a_search_repairs_what_a_core_cannot_run_and_records_the_repaired_mapping():
    latency = np.full((40, 2), np.inf)
    latency[:, 0] = 1.0
    run = decode(searched(problems.from_job_table(latency, np.zeros((40, 2)), 1.0), 5))
    assert run.front_values.tolist() == [[40.0]]
    assert not run.cores.any()


def test_a_request_knows_the_usual_choices(own):
    assert Request("mix").problem_id() == "mix/S2/bw16/g100/i0"
    assert Request("alexnet", "S3", dependent=True).problem_id() == "alexnet/S3/bw256/gall/i0/dep/corrected"
    file_id = Request(str(own / "jobs.csv"), str(own / "mine.toml"), num_jobs=7, instance=2).problem_id()
    assert file_id.endswith("/bw2/g7/i2/corrected")


@pytest.mark.parametrize(
    ("workload", "model"),
    [
        *((task, "maestro") for task in ("vision", "language", "recommendation", "mix")),
        *((network, "corrected") for network in ("resnet50", "dlrm", "jobs.csv", "llama3_1_8b", "llm")),
        ("table.csv", "maestro"),  # that is no option: a table has its costs
    ],
)
def test_only_the_papers_tasks_have_the_papers_cost_model(own, monkeypatch, workload, model):
    monkeypatch.chdir(own)
    table = workload.startswith("table")
    made = Request(workload, bandwidth_gbps=4.0 if table else None).problem_id()
    assert problems.parse_id(made).cost_model == model
    if not table:
        told = Request(workload, cost_model="maestro-flexible").problem_id()
        assert problems.parse_id(told).cost_model == "maestro-flexible"


@pytest.mark.parametrize("clock", ["wall", "cpu"])
@pytest.mark.parametrize("limit", ["nan", "inf", "1e10", "0", "-1"])
def test_a_limit_that_is_none_is_refused_as_such(m3e_here, own, clock, limit):
    done = m3e_here("map", "alexnet", "--budget", 10, f"--{clock}-limit={limit}", "--out", "out")
    assert_clean(done, 2)
    name = {"wall": "wall limit", "cpu": "CPU limit"}[clock]
    assert f"{name}: expected a finite number of seconds above 0, at most 1,000,000,000" in done.stderr
    assert not (own / "out").exists()
