"""A run is a function: specification in, record out. Who asks for it stores the record; a worker writes nothing."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

import problems
from bench.campaigns import environment, warm_start
from bench.isolation.apart import UNSENT, Ended, Sent, call_apart
from bench.isolation.conditions import quiet, warm_up
from bench.isolation.inside import last_resort, seconds_at_most
from bench.isolation.starting import preload
from optimizers import OPTIMIZERS, Result, Search, recovered
from optimizers.journal import Journal, limit_that_ended, read_head
from problems.foundation.errors import StorageError, WorkerError, explain
from problems.foundation.json_values import finite_or_none
from problems.foundation.registry import has_plugins
from problems.foundation.text import printable
from problems.ids import files_only_in
from reports.storage.content import Environment, Mapped, Outcome, Parts, Timing, Trajectory
from reports.storage.design import WARM_START
from reports.storage.mapping_file import problem_content
from reports.storage.record import encode
from reports.storage.spec import RunSpec

JOURNAL = "journal"

INTERRUPTED = "interrupted"
"""Message of a run that its user has ended."""

TRIES = 2
"""How often a run is begun whose process dies by itself."""

TRIES_IF_KILLED = 5
"""How often if it is killed: by the system, for want of memory, or by somebody."""


@dataclass(frozen=True)
class Work:
    """What a worker needs for a run.

    Attributes:
        spec: Specification of the run.
        engine: Name of the engine that carries it out.
        folder: Folder with the copies of the files that its problem id names, on a disk that the worker sees.
        files: Content of these files by name, for workers that share no disk.
        problem: The problem, which the record is then to hold; None for the one that the specification names.
        keep_interrupted: Whether an interruption ends the run with what it has found, instead of raising.
    """

    spec: RunSpec
    engine: str = ""
    folder: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    problem: problems.Problem | None = None
    keep_interrupted: bool = False


class _Found(msgspec.Struct, forbid_unknown_fields=True):
    """What a run sends from its process."""

    outcome: Outcome
    timing: Timing
    settings: dict[str, Any]
    first_population: int | None


def run_apart(work: Work) -> tuple[bytes, bytes]:
    """Carry out a run in another process; return its record, and the content of its full trace or b"".

    An optimizer that raises, or is cut at a limit, is recorded as such, with what it had found; so is one that takes
    its process along. Runs that call code of the suite alone share processes, one after the other, as long as they
    succeed, which costs a tenth; every other run has a process of its own.

    Raises:
        WorkerError: If processes die before they begin.
        StorageError: If the folder for temporary files cannot be written.
    """
    preload(run_apart, [work.spec.optimizer])  # nothing if it is done
    with contextlib.ExitStack() as stack:
        with _temporary():
            folder = stack.enter_context(TemporaryDirectory(prefix="m3e-", ignore_cleanup_errors=True))
            here = _with_files(work, Path(folder))
        journal = Path(folder) / JOURNAL
        try:
            found, trace = _tried(here, journal)
        except KeyboardInterrupt:
            if not work.keep_interrupted:
                raise
            found, trace = _from_journal(here, journal, "cut", INTERRUPTED), b""
    return _record(work, found), trace


@contextlib.contextmanager
def _temporary() -> Iterator[None]:
    """Let an error of the system's inside say that the folder for temporary files cannot be written."""
    try:
        yield
    except OSError as error:
        what = f"cannot write the folder for temporary files, {gettempdir()}: {error.strerror or error}"
        raise StorageError(f"{what}. Another one can be named by TMPDIR.") from error


def _with_files(work: Work, folder: Path) -> Work:
    """Return ``work`` with the files that were sent along lying in ``folder``."""
    if not work.files:
        return work
    place = folder / "files"
    place.mkdir()
    for name, content in work.files.items():
        (place / name).write_bytes(content)
    return replace(work, folder=str(place), files={})


def lost_record(work: Work, error: Exception) -> bytes:
    """Return the record of a run that its workers did not survive."""
    return _record(work, _found(None, "failed", f"its workers have died: {explain(error)}", _now()))


def _tried(work: Work, journal: Path) -> tuple[_Found, bytes]:
    """Carry out a run, more than once if its process dies."""
    for attempt in range(1, TRIES_IF_KILLED + 1):
        fresh = attempt > 1 or not _is_ours(work)
        ended = call_apart(_run, work, str(journal), fresh=fresh)
        found = _received(ended)
        if found:
            return found, ended.messages[1] if found.outcome.trace_sha256 else b""
        if limit := limit_that_ended(journal, ended.exit_code):
            message = f"{_limit_reached(work.spec, limit)}; the optimizer did not notice, its process was ended"
            return _from_journal(work, journal, "cut", message), b""
        if ended.exit_code == UNSENT and read_head(journal) is None:  # it has not begun
            with _temporary():
                journal.write_bytes(bytes(4_096))
                journal.unlink()
        elif ended.exit_code == UNSENT and fresh:
            message = "its process could not send what it found: the run has changed what that needs"
            return _from_journal(work, journal, "failed", message), b""
        if attempt >= (TRIES_IF_KILLED if ended.exit_code == -signal.SIGKILL else TRIES):
            break
    if not journal.exists():
        raise WorkerError("the processes of runs die before they begin: is m3e installed in full?")
    code = ended.exit_code
    how = f"signal {-code}: killed, out of memory, or crashed" if code < 0 else f"exit code {code}"
    return _from_journal(work, journal, "failed", f"the run's process died ({how})"), b""


def _from_journal(work: Work, journal: Path, status: str, message: str) -> _Found:
    """Return what the journal of a run holds whose process ended early."""
    result: Result | None = None
    started = _now()
    with contextlib.suppress(Exception), _files(work):
        result = recovered(work.problem or problems.get(work.spec.problem), journal)
    return _found(result if result and result.num_evaluations else None, status, message, started)


def _record(work: Work, found: _Found) -> bytes:
    libraries = environment.libraries_of(work.spec.optimizer)
    return encode(
        work.spec,
        found.outcome,
        Environment(
            **environment.system(),
            versions=environment.versions(libraries),
            commit=environment.commit(),
            linear_algebra=list(environment.linear_algebra()),
            vector_instructions=list(environment.vector_instructions()),
            settings=environment.declared(work.spec.optimizer) | found.settings,
            first_population=found.first_population,
        ),
        msgspec.structs.replace(found.timing, engine=work.engine, host=socket.gethostname()),
        problem_content(work.problem) if work.problem else None,
    )


def _received(ended: Ended) -> _Found | None:
    """Return what a run has sent, checked as far as a reader will do it; None if it is nothing of that kind."""
    if not ended.messages:
        return None
    try:
        found = msgspec.json.decode(ended.messages[0], type=_Found)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    digest = found.outcome.trace_sha256
    sent = len(ended.messages) == 2 and sha256(ended.messages[1]).hexdigest()
    return found if digest is None or digest == sent else None


# --- in the process of the run -----------------------------------------------------------------------------------


def _run(work: Work, journal_path: str) -> Sent:
    """Search; return the findings, and the content of the full trace if there is one."""
    started = _now()
    spec = work.spec
    search: Search | None = None
    journal = Journal(Path(journal_path))
    try:
        with contextlib.closing(journal), _files(work):
            problem = work.problem or problems.get(spec.problem)
            warm_up(problem, spec.optimizer)
            searches = 2 if isinstance(spec.parameters.get(WARM_START), Mapping) else 1
            wall = seconds_at_most(spec.wall_limit_seconds, searches=searches)
            cpu = seconds_at_most(spec.cpu_limit_seconds, searches=searches)
            with quiet(), last_resort(journal, wall, cpu):
                search = Search(
                    problem,
                    spec.optimizer,
                    budget=spec.budget,
                    seed=spec.seed,
                    parameters=_warm_started(spec, problem),
                    full_trace=spec.full_trace,
                    journal=journal,
                )
                search.run(spec.wall_limit_seconds, spec.cpu_limit_seconds)
        status, message = "complete", ""
    except BaseException as error:  # whatever a library raises, even SystemExit
        status, message = "failed", explain(error)
    result = search.result() if search else None
    if status == "complete" and result and result.stopped in ("wall", "cpu"):
        status, message = "cut", _limit_reached(spec, result.stopped)
    found = _found(result, status, message, started)
    if search:
        found.settings, found.first_population = _plain(search.settings), search.first_population
    trace = _trace(result) if result is not None and result.all_values.size else b""
    if trace:
        found.outcome = msgspec.structs.replace(found.outcome, trace_sha256=sha256(trace).hexdigest())
    messages = [json.dumps(msgspec.to_builtins(found)).encode(), *([trace] if trace else [])]
    return Sent(messages, as_found=status == "complete" and _is_ours(work))


def _is_ours(work: Work) -> bool:
    """Whether a run calls code of the suite alone, which leaves its process as it found it."""
    factory = OPTIMIZERS.get(work.spec.optimizer).factory
    return work.problem is None and factory.startswith("optimizers.native.") and not has_plugins()


def _found(result: Result | None, status: str, message: str, started: str) -> _Found:
    timing = Timing(
        started=started,
        ended=_now(),
        engine="",
        host="",
        seconds=Parts(0.0, 0.0, 0.0, 0.0, 0.0),
        trajectory_seconds=[],
        trajectory_cpu_seconds=[],
        checkpoints=[],
    )
    outcome = Outcome(status, printable(message), 0, None, Trajectory([], []), [])  # type: ignore[arg-type]
    if result is not None:
        seconds = result.seconds
        timing = msgspec.structs.replace(
            timing,
            seconds=Parts(*_told([seconds.ask, seconds.tell, seconds.evaluate, seconds.total, seconds.cpu])),
            trajectory_seconds=_told(result.trace_seconds),
            trajectory_cpu_seconds=_told(result.trace_cpu_seconds),
            checkpoints=[(int(n), *_told(times)) for n, *times in result.checkpoints.tolist()],
        )
        outcome = msgspec.structs.replace(outcome, **_outcome(result))
    return _Found(outcome, timing, {}, None)


def _told(seconds: npt.ArrayLike) -> list[float]:
    """Round to microseconds: more digits are noise, and a third of the bytes of an archive."""
    return [float(value) for value in np.round(np.asarray(seconds, dtype=np.float64), 6)]


def _outcome(result: Result) -> dict[str, Any]:
    values = [finite_or_none(v) for v in result.trace_values.tolist()]
    front = zip(
        result.front_values.tolist(), result.front_cores.tolist(), result.front_priorities.tolist(), strict=True
    )
    return {
        "num_evaluations": result.num_evaluations,
        "best_value": finite_or_none(result.best_value),
        "trajectory": Trajectory(result.trace_evaluations.tolist(), values),
        "mappings": [Mapped(v, c, p) for v, c, p in front],
    }


def _trace(result: Result) -> bytes:
    """Return all evaluated values and, if they were kept, all mappings, as NPZ."""
    file = io.BytesIO()
    if result.all_cores.size:
        cores, priorities = result.all_cores, result.all_priorities
        np.savez_compressed(file, values=result.all_values, cores=cores, priorities=priorities)
    else:
        np.savez_compressed(file, values=result.all_values)
    return file.getvalue()


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as JSON knows them: infinite numbers and NaN, which it does not, as texts."""
    return json.loads(json.dumps(settings), parse_constant=str)  # type: ignore[no-any-return]


def _limit_reached(spec: RunSpec, limit: str) -> str:
    if limit == "cpu":
        return f"CPU limit of {spec.cpu_limit_seconds:g} s reached"
    return f"wall limit of {spec.wall_limit_seconds:g} s reached"


def _warm_started(spec: RunSpec, problem: problems.Problem) -> dict[str, object]:
    """Return the parameters that the registry's entry leaves open, with the mappings for a warm start."""
    fixed = OPTIMIZERS.get(spec.optimizer).parameters
    parameters = {name: value for name, value in spec.parameters.items() if name not in fixed}
    return warm_start.search_former(
        spec.optimizer,
        parameters,
        problem,
        seed=spec.seed,
        wall_limit_seconds=spec.wall_limit_seconds,
        cpu_limit_seconds=spec.cpu_limit_seconds,
    )


@contextlib.contextmanager
def _files(work: Work) -> Iterator[None]:
    """Let the files that the problem's id names be found: where they are, or in the folder that holds them."""
    if work.folder:
        with files_only_in([Path(work.folder)]):
            yield
    else:
        yield


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
