"""Problem ids: their grammar, and the files that they may name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from bench.errors import InvalidInput, UnknownName
from problems.costs import COST_MODELS, DEFAULT_MODEL
from problems.importing.files import chunks, is_there
from problems.names import check_name
from problems.networks import NETWORKS
from problems.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from problems.platforms import PLATFORMS
from problems.tasks import TASKS

MOST_JOBS = 1_000_000

MOST_BYTES = 2**31
"""Of a file that an id names: as much as an ONNX file can hold."""

EXAMPLE = "mix/S2/bw1/g100/i0"

FILE = "file:"
"""What a workload or platform begins with that is a file."""

TABLE_PLATFORM = "table"
"""The platform of workloads that are ready job tables: their cores are the table's columns."""

DEPENDENT = "dep"
"""The option that lets jobs wait for those of their network whose outputs they need."""

_folders: ContextVar[tuple[Path, ...] | None] = ContextVar("folders", default=None)
"""Where the files must be that ids name; None is anywhere."""

_WORDS = {"dependent": repr(DEPENDENT), "cost_model": "cost model", "objective": "objective"}
"""The kinds of options."""

_PATTERN = re.compile(
    r"(?P<head>.+)/bw(?P<bandwidth>[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?)"
    r"/g(?P<jobs>[0-9]+|all)/i(?P<instance>[0-9]+)(?P<options>(/[^/]+)*)"
)


class ProblemId(NamedTuple):
    """The parts of an id ``task/platform/bwB/gG/iI`` and its options.

    Attributes:
        task: A task, a network, or ``file:path#digest``: where the jobs come from.
        platform: A platform, ``file:path#digest``, or ``table`` where the workload is a job table.
        bandwidth_gbps: Shared memory bandwidth.
        num_jobs: Jobs in the group; None is all of the workload, each once (``gall``).
        instance: Of the random draw of the group.
        dependent: Whether jobs wait for their predecessors (option ``dep``).
        cost_model: Option, ``maestro`` unless told.
        objective: Option, ``latency`` unless told.
    """

    task: str
    platform: str
    bandwidth_gbps: float
    num_jobs: int | None
    instance: int
    dependent: bool = False
    cost_model: str = DEFAULT_MODEL
    objective: str = DEFAULT_OBJECTIVE

    def __str__(self) -> str:
        bandwidth = repr(self.bandwidth_gbps).removesuffix(".0")
        jobs = "all" if self.num_jobs is None else self.num_jobs
        options = [
            *([DEPENDENT] if self.dependent else []),
            *([self.cost_model] if self.cost_model != DEFAULT_MODEL else []),
            *([self.objective] if self.objective != DEFAULT_OBJECTIVE else []),
        ]
        return "/".join([self.task, self.platform, f"bw{bandwidth}", f"g{jobs}", f"i{self.instance}", *options])


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of a problem id."""
    return _PATTERN.fullmatch(text) is not None


def parse_id(text: str) -> ProblemId:
    """The parts of ``text``; files get the digest of their content if it is not given.

    Raises:
        UnknownName: (also a ``KeyError``) If it is not of that form, or names no task, network, platform or option.
        InvalidInput: If the group is empty, the bandwidth not above 0, an option doubled, or a file not there.
    """
    match = _PATTERN.fullmatch(text) if isinstance(text, str) and len(text) < 2000 else None
    if match is None:
        hint = "ids read task/platform/bwB/gG/iI: GB/s, jobs, instance"
        raise UnknownName("problem", text, [EXAMPLE], hint=hint)
    check_name("problem", text)
    bandwidth = float(match["bandwidth"])
    if not 0.0 < bandwidth < float("inf"):
        raise InvalidInput(f"problem {text!r}: bandwidth", expected="a number above 0", actual=match["bandwidth"])
    task, platform = _split(text, match["head"])
    return ProblemId(
        task=canonical_task(task),
        platform=canonical_platform(platform),
        bandwidth_gbps=bandwidth,
        num_jobs=_group(text, match["jobs"], match["instance"]),
        instance=int(match["instance"]),
        **_options(text, match["options"].split("/")[1:]),
    )


def _split(text: str, head: str) -> tuple[str, str]:
    """Task and platform of ``task/platform``, where both may be files."""
    place = head.rfind(f"/{FILE}")
    if place < 0:
        place = head.rfind("/")
    task, platform = head[: max(place, 0)], head[place + 1 :]
    alone = head.startswith(FILE) and is_there(split_file(head)[0])
    if alone or not task or not platform:
        hint = f"A ready job table has its own cores: file:PATH/{TABLE_PLATFORM}/bwB/gG/iI." if alone else ""
        actual = "no platform" if alone or place < 0 else f"an empty {'platform' if task else 'task'}"
        raise InvalidInput(f"problem {text!r}", expected="task/platform/bwB/gG/iI", actual=actual, hint=hint)
    return task, platform


def _group(text: str, jobs: str, instance: str) -> int | None:
    if jobs == "all":
        if int(instance):
            raise InvalidInput(f"problem {text!r}: instance", expected="i0, for gall draws nothing", actual=instance)
        return None
    if not 1 <= int(jobs) <= MOST_JOBS:
        raise InvalidInput(f"problem {text!r}: group", expected=f"at least 1 job, at most {MOST_JOBS:,}", actual=jobs)
    return int(jobs)


def _options(text: str, words: Iterable[str]) -> dict[str, Any]:
    """The options, in any order, each kind once."""
    found: dict[str, Any] = {}
    kinds = dict.fromkeys(COST_MODELS.names(), "cost_model") | dict.fromkeys(OBJECTIVES.names(), "objective")
    kinds[DEPENDENT] = "dependent"  # no plug-in can take the place of these
    for word in words:
        if word not in kinds:
            raise UnknownName(f"option of problem {text!r}:", word, kinds)
        if kinds[word] in found:
            expected = f"at most one {_WORDS[kinds[word]]}"
            raise InvalidInput(f"problem {text!r}: options", expected=expected, actual=f"also {word!r}")
        found[kinds[word]] = True if word == DEPENDENT else word
    return found


def canonical_task(name: str) -> str:
    """The name of a task or network, checked, or of a file with its digest.

    Raises:
        UnknownName: (also a ``KeyError``) With a suggestion.
        InvalidInput: If a file is not there.
    """
    if name.startswith(FILE):
        return _with_digest(name, "workload")
    known = [*TASKS.names(), *NETWORKS.names()]
    if name not in known:
        raise UnknownName("task", name, known, hint="'m3e list problems' shows all; file:PATH is one of your own")
    return name


def canonical_platform(name: str) -> str:
    """The name of a platform, checked, or of a file with its digest.

    Raises:
        UnknownName: (also a ``KeyError``) With a suggestion.
        InvalidInput: If a file is not there.
    """
    if name.startswith(FILE):
        return _with_digest(name, "platform")
    if name != TABLE_PLATFORM:
        PLATFORMS.get(name)
    return name


@contextmanager
def files_only_in(folders: Collection[Path]) -> Iterator[None]:
    """Let ids name no files but copies in ``folders``, which are found by their digests: those of stored results.

    Who reads a stranger's results opens nothing else, whatever their ids say.
    """
    token = _folders.set(tuple(folders))
    try:
        yield
    finally:
        _folders.reset(token)


def copy_name(name: str) -> str:
    """How the copy of ``file:path#digest`` is called that is kept with results."""
    path, digest = split_file(name)
    return f"{digest}{path.suffix if path.suffix[1:].isalnum() else ''}"


def _copy_of(name: str, what: str) -> Path:
    """The copy of ``file:path#digest`` in the folders that are given."""
    folders = _folders.get() or ()
    found = next((copy for folder in folders if is_there(copy := folder / copy_name(name))), None)
    if found is None or not split_file(name)[1]:
        raise InvalidInput(f"{what} {name!r}", expected="a file that is kept with the results", actual="none")
    return found


def _with_digest(name: str, what: str) -> str:
    path, digest = split_file(name)
    if _folders.get() is not None and not digest:
        raise InvalidInput(f"{what} {name!r}", expected="a file with its digest", actual="one without")
    return name if digest else f"{FILE}{path.as_posix()}#{file_digest(path, what)}"


def split_file(name: str) -> tuple[Path, str]:
    """Path and digest (or "") of ``file:path#digest``."""
    match = re.fullmatch(r"(.*)#([0-9a-f]{8})", name.removeprefix(FILE))
    return (Path(match[1]), match[2]) if match else (Path(name.removeprefix(FILE)), "")


def checked_file(name: str, what: str) -> Path:
    """The path of ``file:path#digest``, its content as when the digest was taken.

    Raises:
        InvalidInput: If it is not there, or has changed.
    """
    digest = split_file(name)[1]
    path = split_file(name)[0] if _folders.get() is None else _copy_of(name, what)
    now = file_digest(path, what)
    if digest and now != digest:
        raise InvalidInput(
            f"{what} {str(path)!r}",
            expected=f"the content of the digest {digest}",
            actual=f"another one, {now}: the file has changed",
            hint="Without the digest the id means the file as it is.",
        )
    return path


def file_digest(path: Path, what: str) -> str:
    """Eight hexadecimal digits that tell the content of a file.

    Raises:
        InvalidInput: If it cannot be read.
    """
    try:
        status = path.stat()
        return _digest(path.absolute(), status.st_mtime_ns, status.st_size)
    except FileNotFoundError as error:
        raise _unreadable(what, path, "no such file") from error
    except InvalidInput as error:
        raise InvalidInput(f"{what} {str(path)!r}", expected=error.expected, actual=error.actual) from error
    except (OSError, ValueError) as error:
        raise _unreadable(what, path, getattr(error, "strerror", "") or str(error)) from error


def _unreadable(what: str, path: Path, actual: str) -> InvalidInput:
    hint = "Paths are relative to the folder in which the command runs."
    return InvalidInput(f"{what} {str(path)!r}", expected="a readable file", actual=actual, hint=hint)


@lru_cache(maxsize=64)
def _digest(path: Path, _mtime_ns: int, _size: int) -> str:
    digest = hashlib.sha256()
    for content in chunks(path, MOST_BYTES):
        digest.update(content)
    return digest.hexdigest()[:8]


def known_options() -> Mapping[str, str]:
    """Every option of an id, and what it means."""
    models = {name: f"cost model: {COST_MODELS.get(name).summary}" for name in COST_MODELS.names()}
    objectives = {name: f"objective: {OBJECTIVES.get(name).summary}" for name in OBJECTIVES.names()}
    return {DEPENDENT: "jobs wait for those of their network whose outputs they need", **models, **objectives}
