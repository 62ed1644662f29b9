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


SCRIPT = """
import gc, os, signal, sys, threading, time, weakref
from bench.console.interrupts import ignore_interrupts, interrupt_once

def ask(signum=signal.{signal}):
    os.kill(os.getpid(), signum)
    for _ in range(1000):
        pass

def fail(inside):
    try:
        ask()
    {handler}

class HalfMade:
    def __init__(self):
        {init}
        self.thread = None

    def __del__(self):
        {delete}
        self.thread

{before}
interrupt_once()
try:
    made = HalfMade()
    {after}
    time.sleep(20)
    print("never interrupted")
except KeyboardInterrupt as error:
    print("interrupted", error.exit_code)
    {cleaning}
made = None
{end}
"""
HOLES = ("init", "delete", "before", "after", "cleaning", "end")


def ended(name="SIGINT", handler="finally: pass", **holes):
    script = SCRIPT.format(signal=name, handler=handler, **dict.fromkeys(HOLES, "pass") | holes)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    "inside",
    [
        {"init": "ask()"},  # the destructor of an object that is not whole fails
        {"delete": "ask()", "after": "del made"},
        {"after": "weakref.finalize(made, ask); del made"},
        {"after": "gc.callbacks.append(lambda *args: ask() if not gc.callbacks.clear() else 0); gc.collect()"},
        {"delete": "fail(self)", "after": "del made", "handler": "except BaseException as e: raise OSError from e"},
        {"delete": "fail(self)", "after": "del made", "handler": "finally: inside.missing"},
    ],
    ids=["constructor", "destructor", "finalizer", "collection", "translated", "replaced"],
)
def test_an_interruption_where_python_cannot_raise_it_is_neither_lost_nor_a_traceback(name, inside):
    done = ended(name, **inside)
    assert (done.stdout, done.stderr) == (f"interrupted {128 + getattr(signal, name)}\n", "")


@pytest.mark.parametrize("gap", [0.0, 0.0003, 0.001, 0.002, 0.004, 0.02])
def test_a_second_signal_meanwhile_is_ignored(gap):
    both = f"threading.Timer({gap}, os.kill, (os.getpid(), signal.SIGTERM)).start(); ask()"
    done = ended(delete=both, after="del made", cleaning="time.sleep(0.1)")
    assert done.stderr == ""
    assert done.stdout in ("interrupted 130\n", "interrupted 143\n")  # whichever came first


def test_what_fails_by_itself_is_told_before_an_interruption_and_after_it_was_dealt_with():
    done = ended(
        delete="del self.thread",
        before="sys.unraisablehook = lambda told: print(told.exc_type.__name__)",
        after="made = HalfMade(); ask()",
        cleaning="made = None; interrupt_once(); HalfMade()",
    )
    assert (done.stdout, done.stderr) == ("AttributeError\ninterrupted 130\nAttributeError\n", "")


def test_an_error_of_what_is_cleaned_up_is_no_second_interruption():
    done = ended(after="ask()", delete="del self.thread; self.thread", cleaning="made = None; time.sleep(0.1)")
    assert (done.stdout, done.stderr) == ("interrupted 130\n", "")


def test_an_interruption_at_exit_is_no_traceback():
    """In what is called before the signals are ignored, and after."""
    done = ended(
        before="import atexit; atexit.register(ignore_interrupts); atexit.register(lambda: HalfMade() and None)",
        after="ask()",
        end="made = HalfMade(); interrupt_once()",
        delete="ask()",
    )
    assert (done.stdout, done.stderr) == ("interrupted 130\n", "")
