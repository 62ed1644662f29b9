"""How to read the ids of problems, told by an example of the campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from problems.foundation.errors import M3EError
from problems.ids import DEPENDENT, ProblemId, files_only_in, known_options, parse_id
from problems.networks import NETWORKS
from problems.platforms import PLATFORMS
from problems.tasks import TASKS
from reports.wording.names import split_case
from reports.wording.numbers import counted


@dataclass(frozen=True)
class Reading:
    """How an id reads.

    Attributes:
        example: A problem id of the campaign.
        parts: What its parts mean, in order, by part; then what options of other ids mean, by ``/option``.
        known: What the tasks, platforms and options in the campaign's ids are, by name.
    """

    example: str
    parts: Mapping[str, str]
    known: Mapping[str, str]


def reading_of(cases: Sequence[str]) -> Reading | None:
    """Explain the ids of ``cases`` by the first one; None if none can be read."""
    ids = _parsed(cases)
    return Reading(str(ids[0]), _parts(ids), _known(ids)) if ids else None


def _parsed(cases: Sequence[str]) -> list[ProblemId]:
    ids = []
    with files_only_in(()):  # a name is shown: no file is opened for it
        for case in cases:
            with suppress(M3EError):
                ids.append(parse_id(split_case(case)[0]))
    return ids


def _parts(ids: Sequence[ProblemId]) -> dict[str, str]:
    example = ids[0]
    task, platform, bandwidth, jobs, instance = example.parts()[:5]
    group = "all jobs of the task, each once" if example.num_jobs is None else counted(example.num_jobs, "job")
    return {
        task: "task",
        platform: "platform",
        bandwidth: f"{example.bandwidth_gbps:g} GB/s memory bandwidth",
        jobs: f"{group} in the group",
        instance: f"instance {example.instance}",
        **{f"/{option}": _brief(option) for own in ids for option in own.parts()[5:] if option},
    }


def _brief(option: str) -> str:
    """What an option means, in few words."""
    return "with dependencies" if option == DEPENDENT else known_options().get(option, "").partition(":")[0]


def _known(ids: Sequence[ProblemId]) -> dict[str, str]:
    """Meanings of the tasks, platforms and options in the ids, in this order."""
    tasks = {own.task: _task(own.task) for own in ids}
    platforms = {name: _platform(name) for name in sorted({own.platform for own in ids})}
    options = {option: known_options().get(option, "") for own in ids for option in own.parts()[5:] if option}
    return {name: text for name, text in {**tasks, **platforms, **options}.items() if text}


def _task(name: str) -> str:
    if name in NETWORKS.names():
        return "a network"
    return TASKS.get(name).summary if name in TASKS.names() else ""


def _platform(name: str) -> str:
    if name not in PLATFORMS.names():
        return ""
    platform = PLATFORMS.get(name)
    return f"{platform.summary}: {counted(len(platform.cores), 'core')}"
