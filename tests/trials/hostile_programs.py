"""Programs that do as optimizers what none should, for ``hostile.py``: ``hostile_programs.py NAME``.

They answer three asks with five random mappings each, and act at the fourth.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable

HOUR = 3600.0

Space = dict[str, int]


def answer(space: Space, **changes: object) -> str:
    """An answer of five mappings, each with ``changes``."""
    jobs, cores = range(space["num_jobs"]), space["num_cores"]
    mappings = [
        {"cores": [random.randrange(cores) for _ in jobs], "priorities": [random.random() for _ in jobs], **changes}
        for _ in range(5)
    ]
    return json.dumps({"mappings": mappings})


def reply(line: str) -> None:
    print(line, flush=True)


def sleeping_child() -> int:
    """Fork a child that sleeps, deaf to all signals that it may ignore; its number."""
    pid = os.fork()
    if pid == 0:
        be_deaf()
        time.sleep(HOUR)
        os._exit(0)
    return pid


def be_deaf() -> None:
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(signum, signal.SIG_IGN)


def flood(file: int) -> None:
    while True:
        os.write(file, b"x" * 2**16)


def prints_garbage(space: Space) -> None:
    reply("Iteration 4: best so far \x1b[31m17.3\x1b[0m")


def answers_in_binary(space: Space) -> None:
    os.write(1, bytes(range(128, 256)) + b"\n")


def never_answers(space: Space) -> None:
    time.sleep(HOUR)


def stops_itself(space: Space) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def spins(space: Space) -> None:
    while True:
        pass


def exits(space: Space) -> None:
    os._exit(0)


def crashes(space: Space) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def explains_its_end(space: Space) -> None:
    sys.exit("the tables are missing")


def asks_for_a_core_too_many(space: Space) -> None:
    reply(answer(space, cores=[space["num_cores"]] * space["num_jobs"]))


def gives_nan(space: Space) -> None:
    reply(answer(space, priorities=[float("nan")] * space["num_jobs"]))


def floods_stdout(space: Space) -> None:
    flood(1)


def floods_stderr(space: Space) -> None:
    flood(2)


def answers_half_a_line(space: Space) -> None:
    os.write(1, answer(space)[:40].encode())
    time.sleep(HOUR)


def answers_half_a_line_and_exits(space: Space) -> None:
    os.write(1, answer(space)[:40].encode())
    os._exit(0)


def answers_twice(space: Space) -> None:
    reply(f"{answer(space)}\n{answer(space)}")


def closes_its_input(space: Space) -> None:
    os.close(0)
    reply(answer(space))
    time.sleep(HOUR)


def closes_its_output(space: Space) -> None:
    os.close(1)
    time.sleep(HOUR)


def ignores_signals(space: Space) -> None:
    be_deaf()
    time.sleep(HOUR)


def leaves_a_child_in_its_place(space: Space) -> None:
    """The child holds the ends of the pipes, so that they do not close."""
    sleeping_child()
    os._exit(0)


def leaves_a_child_in_its_place_and_crashes(space: Space) -> None:
    sleeping_child()
    os.kill(os.getpid(), signal.SIGKILL)


def kills_its_run(space: Space) -> None:
    sleeping_child()
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(HOUR)


def chatters(space: Space) -> None:
    for _ in range(100):
        os.write(2, b"x" * 2**16)
    reply(answer(space))


def leaves_children(space: Space) -> None:
    for _ in range(3):
        sleeping_child()
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    reply(answer(space))


def leaves_a_session(space: Space) -> None:
    """A child in a session of its own: such a one is not the suite's to end."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(15)"], start_new_session=True)
    reply(answer(space))


def ignores_the_end(space: Space) -> None:
    be_deaf()
    reply(answer(space))


def exits_at_once() -> None:
    sys.exit(0)


def writes_before_it_is_asked() -> None:
    reply("Welcome!")
    time.sleep(HOUR)


def speaks_another_version() -> None:
    version = json.loads(sys.stdin.readline())["version"]
    if version != 2:
        sys.exit(f"I speak version 2 of the protocol, not {version}")


def never_reads() -> None:
    time.sleep(HOUR)


AT_ONCE: dict[str, Callable[[], None]] = {
    act.__name__: act for act in (exits_at_once, writes_before_it_is_asked, speaks_another_version, never_reads)
}
"""Those that are hostile from the start."""

ACTS: dict[str, Callable[[Space], None]] = {
    act.__name__: act
    for act in (
        prints_garbage,
        answers_in_binary,
        never_answers,
        stops_itself,
        spins,
        exits,
        crashes,
        explains_its_end,
        asks_for_a_core_too_many,
        gives_nan,
        floods_stdout,
        floods_stderr,
        answers_half_a_line,
        answers_half_a_line_and_exits,
        answers_twice,
        closes_its_input,
        closes_its_output,
        ignores_signals,
        leaves_a_child_in_its_place,
        leaves_a_child_in_its_place_and_crashes,
        kills_its_run,
        chatters,
        leaves_children,
        leaves_a_session,
        ignores_the_end,
    )
}
"""Those that act at the fourth ask."""


def main(name: str) -> None:
    if name in AT_ONCE:
        AT_ONCE[name]()
    space = json.loads(sys.stdin.readline())
    random.seed(space["seed"])
    asks = 0
    for line in sys.stdin:
        if json.loads(line)["type"] == "ask":
            asks += 1
            if asks == 4:
                ACTS[name](space)
            else:
                reply(answer(space))
    if name == "ignores_the_end":
        time.sleep(HOUR)


if __name__ == "__main__":
    main(sys.argv[1])
