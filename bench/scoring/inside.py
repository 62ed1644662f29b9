"""The optimizer's process: it confines itself, loads the file, and asks for values over a pipe; it knows no instance.

Nothing that it sends is trusted.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import random
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from bench.scoring.confinement.confining import confine
from bench.scoring.confinement.limits import limit
from bench.scoring.confinement.system import end_with_parent
from bench.scoring.frames import (
    CHUNK,
    CONFINED,
    DONE,
    FAILED,
    HEAD,
    LOADED,
    OVER,
    PROPOSED,
    RUN,
    packed,
)
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Optimizer, SearchSpace
from optimizers.evaluators.wrapper import RunEnded
from problems.foundation.text import printable

MODULE = "scored"
"""Name of the module that the file becomes."""

LONGEST_MESSAGE = 500


class UnfitClass(Exception):
    """The file has no class that can be scored, or does not say which."""


class Connection:
    """This end of the pipes to the process that evaluates."""

    def __init__(self, source: int, target: int) -> None:
        self._source, self._target = source, target
        self._content = b""

    def send(self, kind: bytes, content: bytes = b"") -> None:
        """Send a message."""
        rest = memoryview(HEAD.pack(kind, len(content)) + content)
        while rest:
            rest = rest[os.write(self._target, rest) :]

    def receive(self) -> tuple[bytes, bytes]:
        """Wait for a message; end this process if none can come."""
        self._read(HEAD.size)
        kind, length = HEAD.unpack_from(self._content)
        self._read(HEAD.size + length)
        content, self._content = self._content[HEAD.size : HEAD.size + length], self._content[HEAD.size + length :]
        return kind, content

    def _read(self, count: int) -> None:
        """Wait until so many bytes are there."""
        while len(self._content) < count:
            chunk = os.read(self._source, CHUNK)
            if not chunk:
                os._exit(0)
            self._content += chunk


class Asking:
    """The evaluator of a run: it sends mappings, and receives their values."""

    def __init__(self, connection: Connection, space: SearchSpace, budget: int) -> None:
        self._connection, self._budget = connection, budget
        self.num_jobs, self.num_cores = space.num_jobs, space.num_cores
        self._entrance = threading.Lock()
        self._is_over = False

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)``; raise ``RunEnded`` once the run is over."""
        core, priority = _numbers("cores", cores)[: self._budget], _numbers("priorities", priorities)[: self._budget]
        with self._entrance:
            if self._is_over:
                raise RunEnded
            self._connection.send(PROPOSED, packed(core, priority))
            kind, content = self._connection.receive()
            self._is_over = kind == OVER
        if self._is_over:
            raise RunEnded
        return np.frombuffer(bytearray(content), dtype=np.float64)

    def close(self) -> None:
        """Let threads that are left send no more."""
        with self._entrance:
            self._is_over = True


def _numbers(name: str, values: object) -> Any:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of numbers, not of {array.dtype}")
    return np.atleast_1d(array)


def main(order: dict[str, Any]) -> None:
    """Carry out runs until there are no more."""
    end_with_parent(order["parent"])
    connection = Connection(order["source"], order["target"])
    path = Path(order["path"])
    try:
        limit(order["cpu_seconds"], order["memory_mib"])
        preload(path.read_bytes())
        confined = confine(path.parent)
        connection.send(CONFINED, json.dumps(vars(confined)).encode())
        serve(connection, path, order["class"], order["parameters"])
    except BaseException as error:  # whatever the file raises, even SystemExit
        connection.send(FAILED, json.dumps(told(error, str(path))).encode())
    with suppress(Exception):  # the file may have closed them
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)  # whatever threads are left


def preload(source: bytes) -> None:
    """Import what the file will import of the suite, which loads compiled code that cannot be loaded later."""
    with suppress(Exception):  # the file's own fault, which it will be told
        for name in suite_modules(source):
            module = importlib.import_module(name)
            for value in list(vars(module).values()):
                if inspect.isclass(value) and issubclass(value, Optimizer):
                    value.warm_up()


def suite_modules(source: bytes) -> Iterator[str]:
    """Yield the modules of optimizers that ``source`` imports."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (name for name in names if name.startswith("optimizers."))


def serve(connection: Connection, path: Path, name: str, parameters: dict[str, Any]) -> None:
    """Load the class, and carry out the runs that are sent, each with the file executed anew."""
    code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    first = chosen_class(executed(code), name)
    connection.send(LOADED, first.__name__.encode())
    chosen: type[Optimizer] | None = first
    while True:
        kind, content = connection.receive()
        assert kind == RUN
        carry_out(connection, chosen or chosen_class(executed(code), name), json.loads(content), parameters)
        chosen = None
        connection.send(DONE)


def executed(code: CodeType) -> ModuleType:
    """Execute the file as a new module, so that runs share nothing that it keeps."""
    module = ModuleType(MODULE)
    module.__file__ = code.co_filename
    sys.modules[MODULE] = module
    exec(code, vars(module))
    return module


def chosen_class(module: ModuleType, name: str) -> type[Optimizer]:
    """Return the optimizer of that name, or the only one.

    Raises:
        UnfitClass: If there is none, or are several, or it is no black box that asks and tells, or runs.
    """
    found = {key: value for key, value in vars(module).items() if _is_own(value)}
    if name and name not in found:
        raise UnfitClass(f"no class {name} that derives from optimizers.Optimizer; there are: {_list(found)}")
    concrete = [name] if name else [key for key, value in found.items() if not inspect.isabstract(value)]
    if len(concrete) != 1:
        asked = "FILE.py:Class chooses one" if concrete else "it needs ask and tell, or run"
        raise UnfitClass(f"expected one class that derives from optimizers.Optimizer, got {_list(concrete)}; {asked}")
    chosen: type[Optimizer] = found[concrete[0]]
    if chosen.sees_jobs:
        raise UnfitClass(f"{chosen.__name__} has sees_jobs = True: only black boxes are scored")
    if issubclass(chosen, AskTellOptimizer) and chosen.run is not AskTellOptimizer.run:
        advice = "derive it from optimizers.Optimizer"
        raise UnfitClass(f"{chosen.__name__} has ask and tell, and a run of its own; {advice}")
    return chosen


def _is_own(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, Optimizer) and value.__module__ == MODULE


def _list(names: Any) -> str:
    return printable(", ".join(names), 200) or "none"


def carry_out(connection: Connection, chosen: type[Optimizer], run: dict[str, Any], parameters: dict[str, Any]) -> None:
    """Make the optimizer, and let it search until the run is over, or it has nothing more to try."""
    seed, budget = run["seed"], run["budget"]
    space = SearchSpace(run["num_jobs"], run["num_cores"])
    random.seed(seed)
    np.random.seed(seed)
    chosen.warm_up()
    evaluator = Asking(connection, space, budget)
    try:
        optimizer = chosen(space, budget=budget, seed=seed, **parameters)
        with suppress(RunEnded), optimizer.surroundings():
            optimizer.run(evaluator)
    finally:
        evaluator.close()


def told(error: BaseException, path: str) -> dict[str, Any]:
    """Say what went wrong, and in which line of the file."""
    kind = "error"
    if isinstance(error, MemoryError):
        kind = "memory"
    elif isinstance(error, UnfitClass):
        kind = "class"
    lines = [number for frame, number in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == path]
    if isinstance(error, SyntaxError) and error.filename == path:
        lines.append(error.lineno or 0)
    return {
        "kind": kind,
        "exception": type(error).__name__,
        "message": printable(error, LONGEST_MESSAGE).replace(path, Path(path).name),
        "line": lines[-1] if lines else None,
    }


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
