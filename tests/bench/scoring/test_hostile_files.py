"""Files that want to cheat, to break out, or never to end."""

import os
import re
from pathlib import Path

import pytest

from bench.scoring.confinement import confining
from bench.scoring.confinement.calls import PROCESSORS, filter_for
from bench.scoring.confinement.confining import SUITE
from bench.scoring.confinement.files import without
from bench.scoring.frames import packed, unpacked
from bench.scoring.report import Limits
from bench.scoring.scorer import Candidate, Scorer

INSTANCE = "mix/S2/bw1/g20/i100"

HEAD = "import os, sys, time, threading\nimport numpy as np\nfrom optimizers import AskTellOptimizer\n"

MINE = """
class Mine(AskTellOptimizer):
    def ask(self):
        return self.space.sample(self.rng, 5)
    def tell(self, cores, priorities, values):
        pass
"""


def scorer(cpu_seconds=20, wall_seconds=60.0, memory_mib=2048, seeds=1):
    limits = Limits(cpu_seconds=cpu_seconds, wall_seconds=wall_seconds, memory_mib=memory_mib)
    return Scorer(only=(INSTANCE,), budget=20, seeds=seeds, limits=limits)


@pytest.fixture
def scored(tmp_path):
    """Score a file that does something when it is imported, before it is an honest one."""

    def call(code, rest=MINE, **limits):
        path = tmp_path / "hostile.py"
        path.write_text(HEAD + code + "\n" + rest)
        return scorer(**limits).score(Candidate.read(str(path)))

    return call


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    path = tmp_path_factory.mktemp("honest") / "honest.py"
    path.write_text(HEAD + MINE)
    return scorer().score(Candidate.read(str(path)))


@pytest.fixture
def confined(honest):
    """Skip what the system cannot forbid."""
    if "allowed" in (honest.sandbox.network, honest.sandbox.processes, honest.sandbox.files):
        pytest.skip("this system does not let us confine processes")


def test_a_loop_is_ended_by_the_cpu_limit(scored):
    found = scored("while True: pass", cpu_seconds=1)
    assert (found.failure.kind, found.failure.message) == ("cpu", "CPU limit of 1 s reached")
    ignoring = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert scored(ignoring, cpu_seconds=1).failure.kind == "cpu"


def test_a_sleeper_is_ended_by_the_wall_limit(scored):
    found = scored("os.close(1); os.close(2); time.sleep(1_000)", wall_seconds=1.5)
    assert (found.failure.kind, found.failure.message) == ("wall", "wall limit of 1.5 s reached")
    assert found.seconds.wall < 10


def test_memory_is_limited(scored):
    found = scored("bytearray(2**32)", memory_mib=1024)
    assert (found.failure.kind, found.failure.line) == ("memory", 4)
    assert "memory limit of 1024 MiB" in found.failure.message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("os._exit(0)", "its process ended early (exit code 0)"),
        ("os._exit(7)", "its process ended early (exit code 7)"),
        ("import ctypes; ctypes.string_at(0)", "its process ended early (signal 11, SIGSEGV)"),
    ],
)
def test_a_process_that_ends_is_told(scored, code, message):
    found = scored(code)
    assert (found.failure.kind, found.failure.message) == ("ended", message)


ESCAPES = [
    "import socket; socket.create_connection(('127.0.0.1', 9))",
    "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "os.fork()",
    "import subprocess; subprocess.run(['true'])",
    "import multiprocessing; multiprocessing.Process(target=print).start()",
    "os.kill(os.getppid(), 9)",
    "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
    "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "os.execv(sys.executable, ['python'])",
    "open('/etc/passwd').read()",
    "os.listdir('/')",
    "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "open(f'/proc/{os.getppid()}/environ', 'rb').read()",
    "open('/dev/shm/hostile', 'w')",
    "open(np.__file__, 'a')",
    "os.chmod(np.__file__, 0)",
    "os.utime(np.__file__)",
    "os.unlink(np.__file__)",
    f"open({str(SUITE / 'problems/best_known/entries' / (INSTANCE + '.json'))!r})",
    f"open({str(SUITE / 'bench/reference/dev/archive.json')!r})",
    f"open({str(SUITE / 'optimizers/contract.py')!r}, 'a')",
    f"sys.path.append({str(SUITE)!r}); import problems.suite",
    "import problems; problems.get('mix/S2/bw1/g20/i100')",
]


def test_what_is_forbidden_fails(confined, scored):
    attempts = f"""
for code in {ESCAPES!r}:
    try: exec(code)
    except (PermissionError, ModuleNotFoundError) as error: pass
    else: raise AssertionError(code)
"""
    assert scored(attempts).failure is None


def test_no_instance_is_in_its_process(scored):
    secret = ["problems.problem", "problems.job_table", "problems.suite", "problems.best_known", "bench.scoring.scorer"]
    assert scored(f"assert not set(sys.modules) & set({secret})").status == "scored"


def test_a_patched_evaluator_gives_no_value(scored, honest):
    patch = """
import __main__
class Fake:
    def evaluate(self, cores, priorities): return np.zeros(len(cores))
before = __main__.Asking.evaluate
def evaluate(self, cores, priorities):
    before(self, cores, priorities)
    return np.zeros(len(cores))
__main__.Asking.evaluate = evaluate
"""
    assert scored(patch).instances == honest.instances


def test_what_is_written_to_the_pipe_is_no_value(scored):
    write = """
for file in range(3, 1024):
    try: os.write(file, b'V' + (8).to_bytes(8, 'little') + bytes(8))
    except OSError: pass
"""
    assert scored(write).failure.kind == "protocol"
    assert scored("os.closerange(3, 1024); time.sleep(9)").failure.kind == "protocol"


def test_a_message_without_end_is_refused(scored):
    endless = """
for file in range(3, 1024):
    try: os.write(file, b'P' + b'\\xff' * 8)
    except OSError: pass
"""
    assert scored(endless).failure.kind == "protocol"


def test_output_is_kept_from_ours_and_cut(scored, honest):
    found = scored("print('hello'); print('x' * 20_000_000); print('bye', file=sys.stderr)")
    assert found.instances == honest.instances
    assert found.printed.stdout.startswith("hello\nxxx")
    assert (len(found.printed.stdout), found.printed.stderr) == (2_000, "bye\n")
    assert found.printed.bytes == 6 + 20_000_001 + 4


def test_a_large_file_is_an_error_and_its_folder_is_removed(scored):
    found = scored("print(os.getcwd(), flush=True); open('large', 'wb').write(bytes(2**25))")
    assert (found.failure.kind, found.failure.exception) == ("error", "OSError")
    assert not Path(found.printed.stdout.strip()).exists()


def test_there_is_no_input_and_no_environment(scored):
    found = scored("print(sorted(os.environ)); input()")
    assert found.failure.exception == "EOFError"
    assert not re.search("KEY|TOKEN|USER|PWD", found.printed.stdout)


def test_threads_that_go_on_hinder_nothing(scored, honest):
    found = scored("threading.Thread(target=time.sleep, args=(1_000,)).start()", seeds=2)
    assert found.instances[0].values[:1] == honest.instances[0].values
    assert found.seconds.wall < 30


def test_nothing_is_left_of_a_file(scored):
    found = scored("print(os.getpid(), flush=True)")
    with pytest.raises(ProcessLookupError):
        os.kill(int(found.printed.stdout.split()[0]), 0)
    with pytest.raises(ChildProcessError):
        os.waitpid(int(found.printed.stdout.split()[0]), 0)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"<i8:2;<f8:2\n", b"<i8:99999,99999;<f8:1\n", b"|O8:1;<f8:1\n" + bytes(16)]
)
def test_bytes_that_are_no_arrays_are_refused(content):
    with pytest.raises((ValueError, TypeError)):
        unpacked(content)


def test_arrays_come_back_as_they_were():
    import numpy as np

    for cores, priorities in ((np.arange(6).reshape(2, 3), np.ones((2, 3))), (np.zeros((0, 3), int), np.zeros((0, 3)))):
        back = unpacked(packed(cores, priorities))
        assert [a.tolist() for a in back] == [cores.tolist(), priorities.tolist()]
        assert [a.shape for a in back] == [cores.shape, priorities.shape]


def test_filters_are_whole_instructions_for_each_processor():
    for processor in PROCESSORS.values():
        code = filter_for(processor, 1)
        assert len(code) % 8 == 0
        assert code[-8:] == b"\x06\x00\x00\x00\x00\x00\xff\x7f"


def test_a_tree_without_what_is_hidden(tmp_path):
    for name in ("a/b", "a/c", "d"):
        (tmp_path / name).mkdir(parents=True)
    assert list(without(tmp_path, [tmp_path / "a" / "b"])) == [tmp_path / "a" / "c", tmp_path / "d"]
    assert list(without(tmp_path / "d", [tmp_path / "a"])) == [tmp_path / "d"]


def test_no_folder_that_may_be_read_holds_what_is_hidden_wherever_the_suite_is(tmp_path, monkeypatch):
    site = tmp_path / "lib" / "site-packages"
    for name in ("bench", "problems/doors", "problems/best_known", "reports", "optimizers", "numpy"):
        (site / name).mkdir(parents=True)
    monkeypatch.setattr(confining, "SUITE", site)
    monkeypatch.setattr(confining.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(confining.sysconfig, "get_paths", lambda: dict.fromkeys(confining.PYTHON, str(site)))
    readable = set(confining.readable())
    hidden = [site / name for name in ("bench", "problems", "problems/best_known", "reports")]
    assert not [place for place in readable for secret in hidden if secret.is_relative_to(place)]
    assert {site / "numpy", site / "optimizers", site / "problems" / "doors"} <= readable


def test_another_copy_of_the_suite_among_the_libraries_is_hidden_too(tmp_path, monkeypatch):
    """As where the suite is installed, and a clone of it is imported."""
    site = (tmp_path / "site-packages").resolve()
    for folder in ("bench", "problems/best_known", "problems/doors", "optimizers", "numpy", "reports"):
        (site / folder).mkdir(parents=True)
    monkeypatch.setattr(confining.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(confining.sysconfig, "get_paths", lambda: dict.fromkeys(confining.PYTHON, str(site)))
    readable = set(confining.readable())
    for secret in ("bench", "problems/best_known", "reports"):
        assert not [place for place in readable if (site / secret).is_relative_to(place)]
    assert site / "numpy" in readable
