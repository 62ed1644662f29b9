"""Certified bounds of a sweep's points: computed in processes of their own, once, and kept as certificates."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import as_completed
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import problems
from bench.engines.engine import Engine
from bench.isolation.apart import Sent, call_apart
from bench.isolation.starting import preload
from problems.bounds.certificate import Certificate
from problems.foundation.errors import M3EError, WorkerError
from problems.foundation.files import make_folder, not_linked, read_json, write_json
from problems.ids import files_only_in, parse_id
from problems.objectives import DEFAULT_OBJECTIVE
from reports.storage.spec import folder_name

BOUNDS = "bounds"
"""Folder of the certificates in that of the sweep."""


def certified_bounds(
    problem_ids: Iterable[str], folder: Path, files: Path, engine: Engine, announce: Callable[[int, int], None]
) -> dict[str, float]:
    """Return a certified bound on the makespan in cycles of each problem, whatever its objective, by its id.

    Args:
        problem_ids: Ids of the problems.
        folder: Folder of the sweep.
        files: Folder with copies of the files that ids name.
        engine: Where the bounds are computed that are not there yet.
        announce: Called with how many are done, of how many: before the first, and after each.

    Raises:
        StorageError: If the folder cannot be written.
        WorkerError: If a process dies.
    """
    timed = {i: str(parse_id(i)._replace(objective=DEFAULT_OBJECTIVE)) for i in problem_ids}
    known = {problem_id: _read(problem_id, folder) for problem_id in dict.fromkeys(timed.values())}
    missing = [problem_id for problem_id, certificate in known.items() if certificate is None]
    if missing:
        announce(0, len(missing))
        make_folder(not_linked(folder / BOUNDS))
        preload(certify_apart, [])
        with engine.open() as pool:
            futures = {
                pool.submit(certify_apart, problem_id, str(files.absolute())): problem_id for problem_id in missing
            }
            for done, future in enumerate(as_completed(futures), 1):
                known[futures[future]] = _store(futures[future], future.result(), folder)
                announce(done, len(missing))
    bounds = {problem_id: certificate.makespan for problem_id, certificate in known.items() if certificate}
    return {problem_id: bounds[name] for problem_id, name in timed.items()}


def certify_apart(problem_id: str, files: str) -> bytes:
    """Compute a problem's certificate in another process; return it as JSON.

    Raises:
        WorkerError: If the process dies.
    """
    ended = call_apart(_certify, problem_id, files, fresh=False)
    if not ended.messages:
        raise WorkerError(f"the process that computes the bound of {problem_id} has died (exit code {ended.exit_code})")
    return ended.messages[0]


def _certify(problem_id: str, files: str) -> Sent:
    with files_only_in([Path(files)]):
        certificate = problems.get(problem_id).certificate()
    return Sent([json.dumps(certificate.to_json()).encode()], as_found=True)


def _place(problem_id: str, folder: Path) -> Path:
    digest = sha256(f"{problems.SUITE_VERSION} {problem_id}".encode()).hexdigest()[:12]
    return folder / BOUNDS / f"{folder_name(problem_id.replace('/', '_'))}-{digest}.json"


def _store(problem_id: str, content: bytes, folder: Path) -> Certificate:
    certificate = Certificate.from_json(json.loads(content))
    write_json(_place(problem_id, folder), {"problem": problem_id, "certificate": certificate.to_json()})
    return certificate


def _read(problem_id: str, folder: Path) -> Certificate | None:
    """Return the certificate that is stored of a problem; None if there is none that proves what it claims."""
    place = _place(problem_id, folder)
    if not place.is_file():
        return None
    with suppress(M3EError):
        certificate = Certificate.from_json(read_json(place).get("certificate"))
        return certificate if certificate.verify(problems.get(problem_id)) else None
    return None
