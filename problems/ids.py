"""Problem ids: their grammar, and the files they may name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from problems.costs import COST_MODELS, DEFAULT_MODEL
from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import chunks, is_there
from problems.names import check_name
from problems.networks import NETWORKS
from problems.objectives import DEFAULT_OBJECTIVE, OBJECTIVES, option_of
from problems.platforms import PLATFORMS
from problems.tasks import TASKS

MOST_JOBS = 1_000_000
"""Largest group."""

MOST_BYTES = 2**31
"""Largest file that an id may name: as much as an ONNX file can hold."""

EXAMPLE = "mix/S2/bw1/g100/i0"

FIRST_FOR_TUNING = 100
"""Instances from this number on are for tuning, those before it for claims."""

FILE = "file:"
"""Prefix of a workload or platform that is a file."""

TABLE_PLATFORM = "table"
"""Platform of workloads that are ready job tables: its cores are the columns of the table."""

DEPENDENT = "dep"
"""Option that makes jobs wait for the jobs of their network whose outputs they need."""

_folders: ContextVar[tuple[Path, ...] | None] = ContextVar("folders", default=None)
"""Folders that must hold the files that ids name; None allows any folder."""

_WORDS = {"dependent": repr(DEPENDENT), "cost_model": "cost model", "objective": "objective"}
"""The kinds of options, as messages call them."""

_PATTERN = re.compile(
    r"(?P<head>.+)/bw(?P<bandwidth>[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?)"
    r"/g(?P<jobs>[0-9]+|all)/i(?P<instance>[0-9]+)(?P<options>(/[^/]+)*)"
)


class ProblemId(NamedTuple):
    """The parts of an id ``task/platform/bwB/gG/iI`` and its options.

    Attributes:
        task: Source of the jobs: a task, a network, or ``file:path#digest``.
        platform: A platform, ``file:path#digest``, or ``table`` if the workload is a job table.
        bandwidth_gbps: Shared memory bandwidth in GB/s.
        num_jobs: Number of jobs in the group; None is all jobs of the workload, each once (``gall``).
        instance: Which random draw of the group.
        dependent: Whether jobs wait for their predecessors (option ``dep``).
        cost_model: Name of the cost model (option), by default ``maestro``.
        objective: Name of the objective (option), by default ``latency``.
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
        return "/".join(filter(None, self.parts()))

    @property
    def for_tuning(self) -> bool:
        """Whether the problem is one for tuning, a drawn group whose instance is ``FIRST_FOR_TUNING`` or later."""
        return self.num_jobs is not None and self.instance >= FIRST_FOR_TUNING

    def parts(self) -> tuple[str, ...]:
        """Return the eight parts as they stand in the id; "" for options that do not."""
        bandwidth = repr(self.bandwidth_gbps).removesuffix(".0")
        jobs = "all" if self.num_jobs is None else self.num_jobs
        options = (
            DEPENDENT if self.dependent else "",
            self.cost_model if self.cost_model != DEFAULT_MODEL else "",
            option_of(self.objective),
        )
        return (self.task, self.platform, f"bw{bandwidth}", f"g{jobs}", f"i{self.instance}", *options)


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of a problem id."""
    return _PATTERN.fullmatch(text) is not None


def parse_id(text: str) -> ProblemId:
    """Parse a problem id; files without a digest get that of their present content.

    Raises:
        UnknownName: (also a ``KeyError``) If ``text`` has another form, or names no known task, platform or option.
        InvalidInput: If the group is empty, the bandwidth not above 0, an option given twice, or a file missing.
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
    options = _options(text, match["options"].split("/")[1:])
    return ProblemId(
        task=canonical_task(task),
        platform=canonical_platform(platform),
        bandwidth_gbps=bandwidth,
        num_jobs=_group(text, match["jobs"], match["instance"]),
        instance=int(match["instance"]),
        dependent="dependent" in options,
        cost_model=options.get("cost_model", DEFAULT_MODEL),
        objective=options.get("objective", DEFAULT_OBJECTIVE),
    )


def _split(text: str, head: str) -> tuple[str, str]:
    """Split ``task/platform``, where both may be files."""
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


def _options(text: str, words: Iterable[str]) -> dict[str, str]:
    """Return the given options by kind; they may come in any order, each kind at most once."""
    found: dict[str, str] = {}
    kinds = dict.fromkeys(COST_MODELS.names(), "cost_model") | dict.fromkeys(OBJECTIVES.names(), "objective")
    kinds[DEPENDENT] = "dependent"  # last, so that no plug-in can replace it
    for word in words:
        if word not in kinds:
            raise UnknownName(f"option of problem {text!r}:", word, kinds)
        if kinds[word] in found:
            expected = f"at most one {_WORDS[kinds[word]]}"
            raise InvalidInput(f"problem {text!r}: options", expected=expected, actual=f"also {word!r}")
        found[kinds[word]] = word
    return found


def canonical_task(name: str) -> str:
    """Return ``name`` if it is a task or network; a file name gets its digest.

    Raises:
        UnknownName: (also a ``KeyError``) If there is no such task or network; suggests the nearest name.
        InvalidInput: If a file does not exist.
    """
    if name.startswith(FILE):
        return _with_digest(name, "workload")
    known = [*TASKS.names(), *NETWORKS.names()]
    if name not in known:
        raise UnknownName("task", name, known, hint="'m3e list problems' shows all; file:PATH is one of your own")
    return name


def canonical_platform(name: str) -> str:
    """Return ``name`` if it is a platform; a file name gets its digest.

    Raises:
        UnknownName: (also a ``KeyError``) If there is no such platform; suggests the nearest name.
        InvalidInput: If a file does not exist.
    """
    if name.startswith(FILE):
        return _with_digest(name, "platform")
    if name != TABLE_PLATFORM:
        PLATFORMS.get(name)
    return name


@contextmanager
def files_only_in(folders: Collection[Path]) -> Iterator[None]:
    """Restrict the files of ids to the copies in ``folders``, those of stored results, found by their digests.

    Reading the results of others then opens no other file, whatever their ids say.
    """
    token = _folders.set(tuple(folders))
    try:
        yield
    finally:
        _folders.reset(token)


def copy_name(name: str) -> str:
    """Return the name of the copy of ``file:path#digest`` that is kept with results."""
    path, digest = split_file(name)
    return f"{digest}{path.suffix if path.suffix[1:].isalnum() else ''}"


def _copy_of(name: str, what: str) -> Path:
    """Find the copy of ``file:path#digest`` in the allowed folders."""
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
    """Split ``file:path#digest`` into path and digest ("" if there is none)."""
    match = re.fullmatch(r"(.*)#([0-9a-f]{8})", name.removeprefix(FILE))
    return (Path(match[1]), match[2]) if match else (Path(name.removeprefix(FILE)), "")


def checked_file(name: str, what: str) -> Path:
    """Return the path of ``file:path#digest`` after checking that the content still has that digest.

    Raises:
        InvalidInput: If the file does not exist, or has changed.
    """
    digest = split_file(name)[1]
    path = split_file(name)[0] if _folders.get() is None else _copy_of(name, what)
    now = file_digest(path, what)
    if digest and now != digest:
        raise InvalidInput(
            f"{what} {str(path)!r}",
            expected=f"content with the digest {digest}",
            actual=f"{now}: the file has changed",
            hint="Without the digest the id means the file as it is now.",
        )
    return path


def file_digest(path: Path, what: str) -> str:
    """Return eight hexadecimal digits of the hash of a file's content.

    Raises:
        InvalidInput: If the file cannot be read.
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
    """Return every option of an id with its meaning."""
    models = {name: f"cost model: {COST_MODELS.get(name).summary}" for name in COST_MODELS.names()}
    objectives = {name: f"objective: {OBJECTIVES.get(name).summary}" for name in OBJECTIVES.names()}
    return {DEPENDENT: "jobs wait for the jobs of their network whose outputs they need", **models, **objectives}
