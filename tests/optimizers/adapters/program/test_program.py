"""Programs as optimizers: ``exec:COMMAND``."""

import json
import shlex
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import optimizers
import problems
from optimizers.adapters.program import process
from optimizers.adapters.program.command import without_folders
from optimizers.testing import (
    CHECKS,
    TwoWeights,
    Weights,
    check_counts_nan_as_infinite,
    check_finds_a_front_of_two_objectives,
    check_same_trace_in_a_new_process,
)
from problems.foundation.errors import BadProposal, InvalidInput, OptimizerFailed

HERE = Path(__file__).parent
SAMPLING = f"exec:{sys.executable} {HERE / 'sampling.py'}"

START = """
import json, os, signal, sys, time
space = json.loads(sys.stdin.readline())
G, A = space["num_jobs"], space["num_cores"]
def reply(*mappings):
    print(json.dumps({"mappings": list(mappings)}), flush=True)
ONE = {"cores": [0] * G, "priorities": [0.5] * G}
def serve(count):
    done = 0
    for line in sys.stdin:
        if json.loads(line)["type"] == "ask":
            if done == count:
                return
            reply(ONE)
            done += 1
"""


@pytest.fixture
def program(tmp_path):
    """Write a Python program that begins with ``START``; its name as an optimizer."""

    def write(code, name="mine"):
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\n{START}\n{textwrap.dedent(code)}")
        path.chmod(0o755)
        return f"exec:{path}"

    return write


@pytest.fixture(scope="session")
def one_plus_one(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("there is no C compiler")
    path = tmp_path_factory.mktemp("c") / "one_plus_one"
    subprocess.run([compiler, "-O2", "-o", path, HERE / "one_plus_one.c"], check=True)
    return f"exec:{path}"


def minimize(name, budget=20, **options):
    return optimizers.minimize(Weights(), name, budget=budget, **options)


def is_gone(pid):
    """Whether there is no such process, not even a zombie."""
    return not Path(f"/proc/{pid}").exists()


def await_gone(*pids):
    deadline = time.monotonic() + 5
    while not all(map(is_gone, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert all(map(is_gone, pids))


def children():
    """Numbers of the children of this process, zombies too."""
    listed = Path("/proc/self/task").glob("*/children")
    return {pid for path in listed for pid in path.read_text().split()}


@pytest.fixture(autouse=True)
def _no_child_is_left():
    before = children()
    yield
    assert children() <= before


def test_an_evolutionary_algorithm_in_c_beats_random_search(one_plus_one):
    p = problems.get("mix/S2/bw1/g20/i0")
    for seed in range(3):
        found = optimizers.minimize(p, one_plus_one, budget=2000, seed=seed)
        assert found.stopped == "budget"
        assert found.best_value < optimizers.minimize(p, "random", budget=2000, seed=seed).best_value


@pytest.mark.parametrize("check", [c for c in CHECKS if c is not check_same_trace_in_a_new_process])
def test_the_example_in_python_passes_the_conformance_suite(check):
    check(SAMPLING, 30)


def test_an_evolutionary_algorithm_in_c_passes_the_conformance_suite(one_plus_one):
    for check in CHECKS:
        if check not in (check_finds_a_front_of_two_objectives, check_counts_nan_as_infinite):  # two objectives
            check(one_plus_one, 130)


def test_a_program_that_takes_one_objective_says_so(one_plus_one):
    with pytest.raises(OptimizerFailed, match=r"early \(exit code 2\).*last words.*takes one objective"):
        optimizers.minimize(TwoWeights(), one_plus_one, budget=5)


def test_an_answer_may_hold_many_mappings_and_is_cut_at_the_budget():
    r = minimize(SAMPLING, parameters={"batch": 7})
    assert (r.num_evaluations, r.stopped) == (20, "budget")
    alone = minimize(SAMPLING)
    assert r.best_value == alone.best_value
    assert (r.best_cores == alone.best_cores).all()


def test_the_messages_are_those_of_the_protocol(program, tmp_path):
    code = f"""
    log = open({str(tmp_path / "log")!r}, "w")
    print(json.dumps(space), file=log)
    for line in sys.stdin:
        print(line, end="", file=log, flush=True)
        if json.loads(line)["type"] == "ask":
            reply(ONE, ONE)
    print("end of input", file=log, flush=True)
    """

    class Holes(Weights):
        def evaluate(self, cores, priorities):
            return np.array([np.inf, 2.0])

    r = optimizers.minimize(Holes(), program(code), budget=4, seed=3, parameters={"rate": 0.5})
    assert r.num_evaluations == 4
    first, *others = (tmp_path / "log").read_text().splitlines()
    assert json.loads(first) == {
        "type": "space",
        "version": 1,
        "num_jobs": 6,
        "num_cores": 3,
        "num_objectives": 1,
        "budget": 4,
        "seed": optimizers.derived_seed(program(code), 3),
        "parameters": {"rate": 0.5},
    }
    ask = '{"type":"ask"}'
    assert others == [ask, '{"type":"tell","values":[null,2.0]}', ask, '{"type":"end"}', "end of input"]


def test_two_objectives_are_told_as_pairs():
    r = optimizers.minimize(TwoWeights(), SAMPLING, budget=30)
    assert r.front_values.shape[1] == 2


def test_a_program_with_nothing_more_to_try_has_finished(program):
    r = minimize(program("sys.stdin.readline(); reply(ONE, ONE); sys.stdin.readline(); sys.stdin.readline(); reply()"))
    assert (r.num_evaluations, r.stopped) == (2, "finished")
    with pytest.raises(BadProposal, match="proposed nothing at all"):
        minimize(program("sys.stdin.readline(); reply()"))


MISBEHAVING = {
    "exits": ("serve(3); sys.exit(5)", r"has ended early \(exit code 5\)"),
    "exits at once": ("sys.exit(0)", r"has ended early \(exit code 0\)"),
    "explains itself": (
        "serve(2); print('first', 'no table found', sep='\\n', file=sys.stderr); sys.exit(1)",
        "exit code 1.*last words on stderr: 'first no table found'",
    ),
    "dies": ("serve(1); os.kill(os.getpid(), signal.SIGSEGV)", r"has ended early \(signal 11\)"),
    "leaves a child in its place": (
        "serve(2); os.fork() or time.sleep(60); os._exit(3)",
        r"has ended early \(exit code 3\)$",
    ),
    "leaves a child that complains": (
        "serve(2)\nif os.fork() == 0:\n    while True: os.write(2, b'e' * 65536)\nos._exit(3)",
        r"has ended early \(exit code 3\); its last words",
    ),
    "closes its output": ("os.close(1); time.sleep(60)", "has closed its output$"),
    "closes its input": ("sys.stdin.readline(); os.close(0); reply(ONE); time.sleep(60)", "has closed its input$"),
    "is no JSON": (
        "print('hello', flush=True); serve(9)",
        "without being asked: 'hello'|no list of mappings: .*'hello'|more than one line .*'hello",
    ),
    "is binary": (
        "sys.stdin.readline(); os.write(1, b'\\xff\\x00\\n'); serve(9)",
        r"no list of mappings: JSON is malf",
    ),
    "is another value": (
        "sys.stdin.readline(); print([1], flush=True); serve(9)",
        "no list.*Expected `object`, got `array`",
    ),
    "lacks priorities": (
        "sys.stdin.readline(); reply({'cores': [0] * G}); serve(9)",
        r"missing required field `priorities` - at `\$.mappings\[0\]`",
    ),
    "has unknown keys": ("sys.stdin.readline(); reply(ONE | {'x': 1}); serve(9)", "contains unknown field `x`"),
    "has too few jobs": (
        "sys.stdin.readline(); reply(ONE, {'cores': [0], 'priorities': [0.5] * G}); serve(9)",
        r"expected 6 cores, got 1 - at `\$.mappings\[1\]`",
    ),
    "has a core too many": (
        "sys.stdin.readline(); reply(ONE | {'cores': [A] * G}); serve(9)",
        "expected cores from 0 to 2, got 3",
    ),
    "has a huge core": (
        "sys.stdin.readline(); reply(ONE | {'cores': [10**30] * G}); serve(9)",
        "cores from 0 to 2, got 1000",
    ),
    "has a negative core": ("sys.stdin.readline(); reply(ONE | {'cores': [-1] * G}); serve(9)", "Expected `int` >= 0"),
    "has reals as cores": (
        "sys.stdin.readline(); reply(ONE | {'cores': [0.5] * G}); serve(9)",
        "Expected `int`, got `float`",
    ),
    "has a priority of 1": ("sys.stdin.readline(); reply(ONE | {'priorities': [1] * G}); serve(9)", "`float` < 1.0"),
    "has NaN": ("sys.stdin.readline(); reply(ONE | {'priorities': [float('nan')] * G}); serve(9)", "malformed"),
    "nests deeply": ("sys.stdin.readline(); print('[' * 10**6, flush=True); serve(9)", "no list of mappings"),
    "answers twice": (
        "sys.stdin.readline(); print('{}\\n{}', flush=True); serve(9)",
        "more than one line for an ask|being asked",
    ),
    "never ends a line": (
        "while True: os.write(1, b'x' * 65536)",
        "without being asked|a line of more than 67,108,864 bytes",
    ),
    "never ends its answer": (
        "sys.stdin.readline()\nwhile True: os.write(1, b'x' * 65536)",
        "a line of more than 67,108,864 bytes",
    ),
    "floods both": (
        "while True: os.write(2, b'e' * 65536); os.write(1, b'x\\n')",
        "without being asked|no list|one line",
    ),
}


@pytest.mark.parametrize("case", MISBEHAVING)
def test_a_program_that_misbehaves_ends_the_run_with_one_clear_message(program, case):
    code, message = MISBEHAVING[case]
    name = program(code)
    start = time.monotonic()
    with pytest.raises((BadProposal, OptimizerFailed), match=message) as told:
        minimize(name)
    assert str(told.value).startswith(f"optimizer {name!r}")
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 1_200
    assert time.monotonic() - start < 5.0


HANGING = {
    "sleeps": "serve(3); time.sleep(60)",
    "sleeps at once": "time.sleep(60)",
    "ignores everything": "[signal.signal(s, signal.SIG_IGN) for s in (1, 2, 13, 15)]; serve(3); time.sleep(60)",
    "only complains": "serve(3)\nwhile True: os.write(2, b'e' * 65536)",
    "answers half": "serve(2); os.write(1, b'{'); time.sleep(60)",
    "trickles": "serve(2)\nwhile True: os.write(1, b' '); time.sleep(0.01)",
    "spins": "serve(2)\nwhile True: pass",
}


@pytest.mark.parametrize("case", HANGING)
def test_a_program_that_hangs_is_ended_by_the_wall_limit(program, case):
    start = time.monotonic()
    r = minimize(program(HANGING[case]), wall_limit_seconds=0.7)
    assert r.stopped == "wall"
    assert time.monotonic() - start < 2.5


def test_a_program_that_hangs_is_ended_by_the_wall_limit_where_no_signal_comes(program):
    from threading import Thread

    found = []
    thread = Thread(target=lambda: found.append(minimize(program(HANGING["sleeps"]), wall_limit_seconds=0.7)))
    thread.start()
    thread.join(5.0)
    assert [r.stopped for r in found] == ["wall"]


def test_a_program_that_computes_without_end_is_ended_by_the_cpu_limit(program):
    r = minimize(program(HANGING["spins"]), cpu_limit_seconds=0.5)
    assert (r.stopped, r.num_evaluations) == ("cpu", 2)
    assert 0.5 <= r.seconds.cpu < 2.0


def test_cpu_seconds_of_a_program_count(program):
    burn = "end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\nserve(-1)"
    r = minimize(program(burn))
    assert r.stopped == "budget"
    assert r.seconds.cpu >= 0.3


def test_a_message_that_is_not_read_does_not_block_the_limits(program):
    code = "sys.stdin.readline(); reply(*[ONE] * 20_000); time.sleep(60)"  # values beyond what a pipe holds
    r = minimize(program(code), budget=10**6, wall_limit_seconds=5.0)
    assert (r.stopped, r.num_evaluations) == ("wall", 20_000)


def test_a_program_that_ignores_the_end_is_killed_and_the_run_is_complete(program, monkeypatch):
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.2)
    r = minimize(program("serve(-1); time.sleep(60)"))
    assert (r.stopped, r.num_evaluations) == ("budget", 20)
    assert r.seconds.total < 2.0


def test_the_last_answer_of_a_program_that_leaves_a_child_in_its_place_counts(program, monkeypatch):
    monkeypatch.setattr(process, "TICK_SECONDS", 0.0)
    code = "serve(2)\nif os.fork() == 0: time.sleep(60)\nreply(); os._exit(0)"
    for _ in range(5):
        r = minimize(program(code))
        assert (r.num_evaluations, r.stopped) == (2, "finished")


def test_what_a_program_has_started_ends_with_it(program, tmp_path):
    code = f"""
    import subprocess
    child = subprocess.Popen(["sleep", "60"])
    open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
    serve(-1)
    """
    assert minimize(program(code)).stopped == "budget"
    own, child = map(int, (tmp_path / "pids").read_text().split())
    assert is_gone(own)
    await_gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel does it on Linux")
def test_a_program_ends_with_a_harness_that_is_killed(program, tmp_path):
    code = f"""
    import subprocess
    [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 13, 15)]
    child = subprocess.Popen(["sleep", "60"])
    open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}\\n")
    while True: time.sleep(1)
    """
    name = program(code)
    run = f"import optimizers; from optimizers.testing import Weights; optimizers.minimize(Weights(), {name!r})"
    harness = subprocess.Popen([sys.executable, "-c", run])
    while not (tmp_path / "pids").exists() or "\n" not in (tmp_path / "pids").read_text():
        time.sleep(0.02)
    time.sleep(0.1)
    harness.kill()
    harness.wait()
    await_gone(*map(int, (tmp_path / "pids").read_text().split()))


def test_an_interruption_ends_the_program(program, tmp_path):
    code = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); os.kill(os.getppid(), 2); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        minimize(program(code))
    assert is_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "expected a command after 'exec:', got nothing"),
        ("./nothing --flag", "expected a program that can be run, got ./nothing. Paths start at the current folder"),
        ("mine", "got mine. The one in the current folder is ./mine"),
        ("./mine", r"got ./mine. It may not be run: chmod \+x ./mine"),
        ("./mine 'a", "quoted as in a shell, got .*No closing quotation"),
        ("./mine #x", "without '#'"),
        ("./mine\n", "a printable command"),
    ],
)
def test_what_is_no_command_is_told(tmp_path, monkeypatch, command, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("")
    with pytest.raises(InvalidInput, match=message):
        optimizers.canonical_name(f"exec:{command}")


def test_a_script_without_an_interpreter_is_told(tmp_path):
    (tmp_path / "mine").write_text("serve()")
    (tmp_path / "mine").chmod(0o755)
    with pytest.raises(OptimizerFailed, match="cannot be started: Exec format error; a script begins with"):
        minimize(f"exec:{tmp_path / 'mine'}")


def test_an_interpreter_that_is_not_there_is_told(tmp_path):
    (tmp_path / "mine").write_text("#!/no/such/interpreter\n")
    (tmp_path / "mine").chmod(0o755)
    with pytest.raises(OptimizerFailed, match="No such file or directory; the interpreter that its first line names"):
        minimize(f"exec:{tmp_path / 'mine'}")


@pytest.mark.parametrize("how", ["minimize", "map"])
def test_a_program_finds_what_lies_beside_it_and_has_one_thread(program, tmp_path, m3e, monkeypatch, how):
    """Whoever starts it, with the same environment."""
    (tmp_path / "beside.py").write_text("import os\nfound = {k: v for k, v in os.environ.items()}\n")
    command = program("import beside, json; open('found.json', 'w').write(json.dumps(beside.found)); serve(20)")
    command = command.replace("exec:", f"exec:{sys.executable} ")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    if how == "minimize":
        minimize(command)
    else:
        done = m3e("map", "mix/S2/bw1/g8/i0", "--optimizer", command, "--budget", 20, "--out", "out")
        assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert "PYTHONSAFEPATH" not in found
    assert found["OMP_NUM_THREADS"] == found["OPENBLAS_NUM_THREADS"] == "1"


def test_parameters_are_a_table():
    with pytest.raises(InvalidInput, match="parameters: expected a table of parameters, got 3"):
        optimizers.check_parameters(SAMPLING, {"parameters": 3})


def test_the_results_of_a_program_do_not_depend_on_where_it_lies(program, tmp_path, monkeypatch):
    code = Path(shlex.split(SAMPLING.removeprefix("exec:"))[-1])
    for folder in ("here", "there/deeper"):
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(code, tmp_path / folder / "mine.py")
    commands = [f"exec:{sys.executable} {tmp_path / folder / 'mine.py'}" for folder in ("here", "there/deeper")]
    monkeypatch.chdir(tmp_path / "here")
    commands.append(f"exec:{sys.executable} ./mine.py")
    assert len({minimize(command).best_value for command in commands}) == 1


@pytest.mark.parametrize("folder", ["", "./", "/usr/bin/", "../with space/"])
def test_only_folders_are_left_out_of_what_decides_a_programs_seed(folder):
    command = f"'{folder}mine' --table='{folder}a b' -k 2 --rate=0.5"
    assert without_folders(command) == "mine '--table=a b' -k 2 --rate=0.5"


def test_a_program_is_named_after_the_content_of_its_file_and_of_its_script(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program("serve(-1)")
    name = optimizers.canonical_name("exec:./mine --flag 'a b'")
    assert name.startswith("exec:./mine --flag 'a b'#")
    assert optimizers.canonical_name(name) == name
    assert optimizers.derived_seed(name, 1) == optimizers.derived_seed("exec:./mine --flag 'a b'", 1)
    script = optimizers.canonical_name(f"exec:{sys.executable} -u mine")
    program("serve(-1); pass")
    assert optimizers.canonical_name("exec:./mine --flag 'a b'") != name
    assert optimizers.canonical_name(f"exec:{sys.executable} -u mine") != script
    behind = optimizers.canonical_name(f"exec:{sys.executable} -W ignore mine mine")
    program("serve(-2)")
    assert optimizers.canonical_name(f"exec:{sys.executable} -W ignore mine mine") != behind
    with pytest.raises(InvalidInput, match="expected the program with digest "):
        optimizers.canonical_name(name)


def test_a_run_says_which_program_it_was():
    search = optimizers.Search(Weights(), SAMPLING, budget=3, seed=0, parameters={})
    search.run()
    assert search.settings == {
        "program": sys.executable,
        "digest": optimizers.canonical_name(SAMPLING).rpartition("#")[2],
        "protocol": 1,
    }
