"""What m3e does with signals ends with the process that it is called in."""

import signal
import subprocess
import sys

import pytest

from bench.cli import main


def test_a_call_in_this_process_leaves_no_signal_ignored():
    before = {wanted: signal.getsignal(wanted) for wanted in (signal.SIGINT, signal.SIGTERM)}
    hook = sys.unraisablehook
    try:
        with pytest.raises(SystemExit):
            main(["list", "figures"])
        assert signal.SIG_IGN not in [signal.getsignal(wanted) for wanted in before]
    finally:
        sys.unraisablehook = hook
        for wanted, handler in before.items():
            signal.signal(wanted, handler)


INTERRUPTED_INSIDE = """
import gc, os, signal, time, weakref
from bench.console.interrupts import interrupt_once

def ask():
    os.kill(os.getpid(), signal.{signal})
    for _ in range(1000):
        pass

class HalfMade:
    def __init__(self):
        {init}
        self.thread = None

    def __del__(self):
        {delete}
        self.thread

interrupt_once()
{before}
try:
    made = HalfMade()
    {after}
    time.sleep(20)
    print("never interrupted")
except KeyboardInterrupt as error:
    print("interrupted", error.exit_code)
made = None
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    "inside",
    [
        {"init": "ask()"},  # the destructor of an object that is not whole fails
        {"delete": "ask()", "after": "del made"},
        {"after": "weakref.finalize(made, ask); del made"},
        {"after": "gc.callbacks.append(lambda *args: ask() if not gc.callbacks.clear() else 0); gc.collect()"},
    ],
    ids=["constructor", "destructor", "finalizer", "collection"],
)
def test_an_interruption_where_python_cannot_raise_it_is_neither_lost_nor_a_traceback(name, inside):
    holes = dict.fromkeys(("init", "delete", "before", "after"), "pass") | inside
    script = INTERRUPTED_INSIDE.format(signal=name, **holes)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert (ended.stdout, ended.stderr) == (f"interrupted {128 + getattr(signal, name)}\n", "")


def test_a_destructor_that_fails_by_itself_is_told():
    holes = dict.fromkeys(("init", "delete", "before"), "pass") | {"delete": "del self.thread", "after": "ask()"}
    script = INTERRUPTED_INSIDE.format(signal="SIGINT", **{**holes, "before": "HalfMade()"})
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "interrupted 130\n"
    assert ended.stderr.count("Exception ignored in") == 1  # the second, after the interruption, is not
