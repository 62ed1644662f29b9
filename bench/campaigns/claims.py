"""Claims: how drivers that work on one campaign's folder divide its runs.

A driver claims a run by creating a file exclusively, and shows that it lives by a heartbeat, a file that it touches
every few seconds. Whoever waits for a claimed run watches the heartbeat by its own clock: clocks of several machines
need not agree, and file systems need no locks. Of a driver on the same machine it asks the system, which knows at once.
The claim of a dead driver is taken over. Should two drivers ever do one run, for instance because one was asleep for a
minute, the results are equal, and nothing is lost.
"""

from __future__ import annotations

import json
import math
import os
import re
import socket
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from types import TracebackType

from problems.foundation.errors import StorageError
from problems.foundation.files import write_bytes, write_new
from problems.foundation.text import printable

BEAT_SECONDS = 5.0

DEAD_SECONDS = 60.0
"""Time without a heartbeat after which a driver on another machine is taken for dead."""

CLAIMS = "claims"

DRIVERS = "drivers"


class Claims:
    """The claims of this driver in a campaign's folder; a context in which its heart beats.

    Raises:
        StorageError: If the folder cannot be written.
    """

    def __init__(self, folder: Path, *, beat: float = BEAT_SECONDS, dead: float = DEAD_SECONDS) -> None:
        self.name = uuid.uuid4().hex[:12]
        self._claims, self._drivers = folder / CLAIMS, folder / DRIVERS
        self._beat_seconds, self._dead_seconds = beat, dead
        self._held: set[str] = set()
        self._seen: dict[str, tuple[int, float]] = {}
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Claims:
        while not self._is_entered():
            pass  # the last of the other drivers has removed the folder meanwhile
        self._heart.start()
        return self

    def _is_entered(self) -> bool:
        """Make the driver's file; False if its folder is gone again."""
        _make(self._claims)
        _make(self._drivers)
        try:
            return write_new(self._drivers / self.name, json.dumps(identity()).encode())
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return False
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for run_id in list(self._held):
            self.release(run_id)
        with suppress(OSError):  # without it, it is dead: this process ends
            (self._drivers / self.name).unlink()
        for folder in (self._claims, self._drivers):
            with suppress(OSError):  # others are at work
                folder.rmdir()

    def _live(self) -> None:
        while not self._ended.wait(self._beat_seconds):
            with suppress(OSError):  # a full disk is told by whoever stores
                os.utime(self._drivers / self.name)

    def tell(self, slots: int) -> None:
        """Say in the driver's file how many runs it carries out at a time, for those who look.

        Raises:
            StorageError: If the folder cannot be written.
        """
        write_bytes(self._drivers / self.name, json.dumps(identity() | {"slots": str(slots)}).encode())

    def claim(self, run_id: str) -> bool:
        """Claim a run; False if a living driver has claimed it.

        Raises:
            StorageError: If the folder cannot be written.
        """
        place = self._claims / run_id
        if self._create(place):
            self._held.add(run_id)
            return True
        holder = _holder(place)
        if not self._is_dead(holder) if holder else self._is_fresh(run_id, 0):
            return False
        return self._take_over(place, holder) and self.claim(run_id)

    def _create(self, place: Path) -> bool:
        try:
            file = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return False
        except FileNotFoundError:  # the last of the other drivers has removed the folder
            _make(self._claims)
            return self._create(place)
        except OSError as error:
            raise StorageError(f"cannot write {place}: {error.strerror or error}") from error
        try:
            os.write(file, self.name.encode())
        except OSError as error:
            place.unlink(missing_ok=True)
            raise StorageError(f"cannot write {place}: {error.strerror or error}") from error
        finally:
            os.close(file)
        return True

    def _take_over(self, place: Path, holder: str) -> bool:
        """Remove a dead driver's claim; False if another driver was quicker."""
        grave = place.with_name(f".{place.name}.{self.name}")
        try:
            os.rename(place, grave)  # succeeds for one driver only
        except OSError:
            return False
        taken = _holder(grave)
        if taken != holder:  # meanwhile another driver has claimed it: that claim stands
            with suppress(OSError):
                os.link(grave, place)
        grave.unlink(missing_ok=True)
        return taken == holder

    def release(self, run_id: str) -> None:
        """Give up the claim of a run, which is stored, or will be done by another driver."""
        self._held.discard(run_id)
        with suppress(OSError):
            (self._claims / run_id).unlink(missing_ok=True)

    def _is_dead(self, driver: str) -> bool:
        place = self._drivers / driver
        try:
            beat = place.stat().st_mtime_ns
            other = json.loads(place.read_bytes())
        except OSError:
            return True  # it has left, or never got so far
        except ValueError:
            other = {}
        if isinstance(other, dict) and other.get("machine") == identity()["machine"]:
            return not _is_alive(other)
        return not self._is_fresh(driver, beat)

    def _is_fresh(self, name: str, beat: int) -> bool:
        """Whether ``beat`` has changed lately, by this driver's clock; at first sight it has."""
        last, since = self._seen.get(name, (-1, 0.0))
        if last != beat:
            self._seen[name] = beat, monotonic()
            return True
        return monotonic() - since <= self._dead_seconds

    def drivers(self) -> int:
        """Return how many drivers live on this folder, this one included."""
        with suppress(OSError):
            return sum(not self._is_dead(place.name) for place in self._drivers.iterdir() if place.name[0] != ".")
        return 1


@dataclass(frozen=True)
class Driver:
    """A driver that has shown itself in a campaign's folder.

    Attributes:
        name: Its name.
        host: Its machine.
        pid: Number of its process.
        slots: How many runs it carries out at a time, or 0 if it has not said so.
        lives: Whether it lives: by the system, if it is on this machine; else by its last heartbeat and this
            machine's clock.
        claims: Ids of the runs that it has claimed.
    """

    name: str
    host: str
    pid: str
    slots: int
    lives: bool
    claims: tuple[str, ...]


def drivers_in(folder: Path) -> list[Driver]:
    """Return all drivers of a campaign's folder, dead ones too, as far as they have left a trace; changes nothing."""
    held: dict[str, list[Path]] = {place.name: [] for place in _visible(folder / DRIVERS)}
    for claim in _visible(folder / CLAIMS):
        name = _holder(claim)
        held.setdefault(name if re.fullmatch("[0-9a-f]{1,40}", name) else "", []).append(claim)
    return [_driver(folder / DRIVERS, name, sorted(claims)) for name, claims in sorted(held.items())]


def _driver(drivers: Path, name: str, claims: list[Path]) -> Driver:
    beats = [drivers / name] if name else claims  # a claim without a name is about to be finished, or never will be
    age = min((time() - place.stat().st_mtime for place in beats if place.exists()), default=math.inf)
    try:
        other = json.loads((drivers / name).read_bytes()) if name else {}
    except (OSError, ValueError):
        other = {}
    other = other if isinstance(other, dict) else {}
    here = other.get("machine") == identity()["machine"]
    lives = _is_alive(other) if here else age <= DEAD_SECONDS
    slots = str(other.get("slots", 0))
    known = printable(str(other.get("host", "")), 60), printable(str(other.get("pid", "")), 20)
    held = tuple(claim.name for claim in claims)
    return Driver(name, *known, int(slots) if slots.isdecimal() else 0, lives, held)


def _visible(folder: Path) -> list[Path]:
    """Return the files in a folder that is no link."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return [place for place in folder.iterdir() if not place.name.startswith(".") and not place.is_symlink()]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror or error}") from error


def _holder(place: Path) -> str:
    """Return the name of the driver that holds a claim; "" if nobody does, or the claim was never finished."""
    try:
        return place.read_text(errors="replace")
    except OSError:
        return ""


def identity() -> dict[str, str]:
    """Return who this process is: its machine, as far as processes can be looked up there, its number and its start."""
    return {"host": socket.gethostname(), "machine": _machine(), "pid": str(os.getpid()), "start": _start(os.getpid())}


def _machine() -> str:
    """Return what names this machine, its present boot, and its space of process numbers; "" where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return f"unknown {uuid.uuid4().hex}"  # nobody else's


def _start(pid: int) -> str:
    """Return when a process started, in ticks of the system; "" if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else rest[18]


def _is_alive(other: dict[str, str]) -> bool:
    pid = str(other.get("pid", ""))
    return pid.isdecimal() and bool(_start(int(pid))) and _start(int(pid)) == other.get("start")
