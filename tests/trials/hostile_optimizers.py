"""Optimizers that do to their process what no optimizer should, for ``hostile.py``."""

from __future__ import annotations

import contextlib
import json
import locale
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from typing import ClassVar

import numpy as np

from optimizers.contract import AskTellOptimizer, Optimizer


class Hostile(AskTellOptimizer):
    """Random search that does something at its fourth step."""

    calls = 0

    def ask(self):
        self.calls += 1
        if self.calls == 4:
            self.act()
        return self.space.sample(self.rng, 5)

    def tell(self, cores, priorities, values):
        pass


class LoopsInC(Hostile):
    def act(self):
        sum(range(10**18))


class LoopsInCWithChildren(Hostile):
    def act(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        sum(range(10**18))


class OutOfMemory(Hostile):
    def act(self):
        resource.setrlimit(resource.RLIMIT_AS, (2**31, resource.getrlimit(resource.RLIMIT_AS)[1]))
        held = []
        while True:
            held.append(np.empty(2**26, dtype=np.uint8))


class NoMemoryLeft(Hostile):
    """Holds all that it may have: also what comes afterwards finds none."""

    held: ClassVar[list[object]] = []

    def act(self):
        resource.setrlimit(resource.RLIMIT_AS, (2**31, resource.getrlimit(resource.RLIMIT_AS)[1]))
        for size in (2**26, 2**20, 2**12):
            try:
                while True:
                    self.held.append(bytearray(size))
            except MemoryError:
                pass


class KilledForMemory(Hostile):
    """As the system's killer does it."""

    def act(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Exits(Hostile):
    def act(self):
        os._exit(0)


class SystemExits(Hostile):
    def act(self):
        sys.exit(0)


class ClosesOutput(Hostile):
    def act(self):
        sys.stdout.close()
        for number in (0, 1, 2):
            os.close(number)


class ClosesEverything(Hostile):
    def act(self):
        os.closerange(0, 1024)


class Elsewhere(Hostile):
    def act(self):
        os.chdir("/")


class RandomState(Hostile):
    def act(self):
        random.seed(1)
        np.random.seed(1)


class FloatingPoint(Hostile):
    def act(self):
        np.seterr(all="raise")


class Locale(Hostile):
    def act(self):
        for name in ("tr_TR.UTF-8", "de_DE.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
                break
            except locale.Error:
                pass
        os.environ["TZ"] = "Asia/Kathmandu"
        time.tzset()


class Signals(Hostile):
    def act(self):
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD, signal.SIGXCPU):
            signal.signal(signum, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})


class Alarm(Hostile):
    def act(self):
        signal.signal(signal.SIGALRM, lambda *_: os._exit(9))
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        time.sleep(1)


class LeavesThreads(Hostile):
    def act(self):
        for _ in range(20):
            threading.Thread(target=time.sleep, args=(3600,)).start()


class LeavesChildren(Hostile):
    def act(self):
        for _ in range(3):
            if os.fork() == 0:
                time.sleep(3600)
                os._exit(0)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])


class LeavesSession(Hostile):
    """A child in a session of its own: such a one is not the suite's to end."""

    def act(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(15)"], start_new_session=True)


class Descriptors(Hostile):
    held: ClassVar[list[object]] = []

    def act(self):
        try:
            while True:
                self.held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass


class Recursion(Hostile):
    def act(self):
        sys.setrecursionlimit(120)


class PatchesNumpy(Hostile):
    def act(self):
        np.asarray = np.array = np.zeros = np.savez_compressed = None


class PatchesJson(Hostile):
    def act(self):
        json.dumps = lambda *_, **__: '{"status": "complete"}'


class PatchesClock(Hostile):
    def act(self):
        time.time = time.monotonic = time.perf_counter = time.process_time = lambda: -1.0


class ChangesArrays(Hostile):
    """Writes into the mappings that it has proposed."""

    def act(self):
        pass

    def ask(self):
        self.last = super().ask()
        return self.last

    def tell(self, cores, priorities, values):
        for array in (*self.last, cores, priorities, values):
            with contextlib.suppress(ValueError):  # read-only
                array[...] = 0


class ThreadsBeyondBudget(Optimizer):
    """Eight threads that do not stop when the run ends."""

    def run(self, evaluator):
        def search(seed):
            rng = np.random.default_rng(seed)
            while True:
                try:
                    evaluator.evaluate(*self.space.sample(rng, 3))
                except BaseException:
                    time.sleep(0.001)

        for seed in range(8):
            threading.Thread(target=search, args=(seed,)).start()
        evaluator.evaluate(*self.space.sample(np.random.default_rng(9), 2))
        while True:
            evaluator.evaluate(*self.space.sample(self.rng, 1))


class CatchesTheEnd(Optimizer):
    """Goes on for a while after its budget is spent."""

    def run(self, evaluator):
        for _ in range(1000):
            with contextlib.suppress(BaseException):
                evaluator.evaluate(*self.space.sample(self.rng, 7))
