"""Pilots of the tests; their jobs import this module."""

import os
import signal
import sys
import time


def note(folder):
    """Leave a file of one's own."""
    (folder / f"{os.getpid()}.note").touch()
    return 0


def refuse(folder):
    raise ValueError("no such campaign")


def leave(folder):
    print("the disk is full", file=sys.stderr)
    return 1


def hang(folder):
    note(folder)
    time.sleep(3600)
    return 0


def run_out_of_time(folder):
    """Be told once that the time ends, and note the second call and how the first one was left."""
    if (folder / "left").exists():
        return note(folder)
    try:
        os.kill(os.getpid(), signal.SIGUSR2)
        time.sleep(3600)
    finally:
        (folder / "left").write_text(sys.exc_info()[0].__name__)
    return 1
