"""Mapping one workload onto one platform, for those who want a schedule and no comparison."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optimizers
import problems
from bench.campaigns import warm_start
from bench.campaigns.run_one import INTERRUPTED, Work, run_apart
from optimizers.limits import LONGEST_SECONDS
from optimizers.native.informed.limits import limits_of
from problems.costs import COST_MODELS, DEFAULT_MODEL
from problems.feasibility import infeasible
from problems.foundation.checks import is_above_zero
from problems.foundation.errors import InvalidInput, NothingFound, OptimizerFailed
from problems.foundation.files import is_there
from problems.ids import FILE, TABLE_PLATFORM, ProblemId, canonical_platform, canonical_task, is_id
from problems.objectives import OBJECTIVES
from problems.space import SearchSpace, jobs_of
from problems.suite import platform_named, workload_named
from problems.tasks import PAPER_TASKS
from reports.storage.design import WARM_START
from reports.storage.mapping_file import LIMITS, read_mapping
from reports.storage.record import decode
from reports.storage.spec import RunSpec
from reports.wording.units import CYCLES_PER_MS, told_apart

DEFAULT = "native-annealing-informed"
"""Default optimizer: it sees the job table, which a benchmark would hide and who wants a schedule need not."""

DEFAULT_OF_FRONTS = "deap-nsga2"
"""The same for two objectives."""

MOST_STEPS = 2_000_000
STEPS_PER_JOB = 20_000
STEPS_TIMES_JOBS = 2_000_000_000
"""Limits of the default steps. A step takes longer the more jobs there are: these take seconds for 100 jobs, and about
half a minute from 1,000 jobs on."""

OWN_MODEL = "corrected"
"""Cost model of whatever is not the paper's: real traffic, stride and padding count."""

BUDGET = 10_000
"""Default number of evaluations, as in the paper."""

TASK_JOBS = 100
"""Default size of a group that is drawn from a task, as in the paper."""


@dataclass(frozen=True)
class Request:
    """What to map where; None stands for the default.

    Attributes:
        workload: Task, network, or path of a workload file or job table.
        platform: Platform, or path of its file; by default S2, or the job table's own cores.
        bandwidth_gbps: Shared bandwidth; by default the platform's.
        num_jobs: Number of jobs to draw; by default all of a network or file, 100 of a task.
        instance: Which random draw of the group.
        dependent: Whether jobs wait for those of their network whose outputs they need.
        cost_model: Name of the cost model; by default ``maestro`` for the paper's tasks and job tables, and
            ``corrected`` for all else.
        objective: Name of the objective.
    """

    workload: str
    platform: str | None = None
    bandwidth_gbps: float | None = None
    num_jobs: int | None = None
    instance: int = 0
    dependent: bool = False
    cost_model: str | None = None
    objective: str = "latency"

    def problem_id(self) -> str:
        """Return the id of the requested problem.

        Raises:
            UnknownName, InvalidInput: If a name is not known or a file does not fit.
        """
        workloads = [*problems.TASKS.names(), *problems.NETWORKS.names()]
        task = canonical_task(_as_name(self.workload, "workload", workloads))
        ready = isinstance(workload_named(task), problems.JobTable)
        name = self.platform or (TABLE_PLATFORM if ready else "S2")
        platform = canonical_platform(_as_name(name, "platform", [*problems.PLATFORMS.names(), TABLE_PLATFORM]))
        drawn = self.num_jobs or (TASK_JOBS if task in problems.TASKS.names() else None)
        if self.instance and not drawn:
            hint = "Draw a group with --jobs."
            raise InvalidInput("instance", expected="0, as nothing is drawn", actual=self.instance, hint=hint)
        model = self.cost_model or (DEFAULT_MODEL if ready or task in PAPER_TASKS else OWN_MODEL)
        COST_MODELS.get(model)  # in an id any option would do
        OBJECTIVES.get(self.objective)
        return str(
            ProblemId(
                task=task,
                platform=platform,
                bandwidth_gbps=self._bandwidth(platform),
                num_jobs=drawn,
                instance=self.instance,
                dependent=self.dependent,
                cost_model=model,
                objective=self.objective,
            )
        )

    def _bandwidth(self, platform: str) -> float:
        if self.bandwidth_gbps is not None:
            if not 0.0 < self.bandwidth_gbps < math.inf:
                raise InvalidInput("bandwidth", expected="finite GB/s above 0", actual=self.bandwidth_gbps)
            return self.bandwidth_gbps
        if platform == TABLE_PLATFORM:
            expected = "GB/s, as a ready job table has no platform that tells it"
            raise InvalidInput("bandwidth", expected=expected, actual="none", hint="Give it with --bandwidth.")
        return platform_named(platform).bandwidth_gbps


def _as_name(text: str, what: str, known: Sequence[str]) -> str:
    """Return ``text``, with ``file:`` before it if it is not a known name but a file.

    Raises:
        InvalidInput: If it looks like a path, and there is no such file.
    """
    if text in known or text.startswith(FILE):
        return text
    path = Path(text)
    looks_so = bool(path.suffix) or len(path.parts) > 1
    if is_there(path) and (looks_so or path.is_file()):
        return f"{FILE}{text}"
    if looks_so:
        raise InvalidInput(f"{what} {text!r}", expected="a file, or a name that is known", actual="no such file")
    return text


def problem_of(request: Request) -> problems.Problem:
    """Return the requested problem; the workload may be a whole problem id, which then says it all.

    Raises:
        UnknownName, InvalidInput: If a name is not known, a file does not fit, or an id comes with other options.
    """
    if not is_id(request.workload):
        return problems.get(request.problem_id())
    if request != Request(request.workload):
        raise InvalidInput(
            f"problem id {request.workload!r}",
            expected="no options that the id already fixes, such as --platform",
            actual="some",
            hint="Change the id, or give a workload by its name.",
        )
    return problems.get(request.workload)


OPTIONS = {"steps": "--steps", "seconds": "--seconds", LIMITS: "--limit", WARM_START: "--warm-start"}
"""Parameters that have options of their own, which read them in the units of a user."""


def choose_optimizer(problem: problems.Problem, name: str | None, settings: Mapping[str, object]) -> str:
    """Return the name of the optimizer, checked with parameters given by name; None stands for the default.

    Raises:
        UnknownName, MissingExtra: If there is no such optimizer or parameter, or its library is missing.
        InvalidInput: If it does not take the problem's objectives, a value is not valid, or an option sets it.
    """
    chosen = name or (DEFAULT if problem.num_objectives == 1 else DEFAULT_OF_FRONTS)
    optimizers.check_objectives(chosen, problem.num_objectives)
    for parameter in settings:
        if parameter in OPTIONS:
            expected = f"a parameter without an option of its own; {OPTIONS[parameter]} sets this one"
            raise InvalidInput("--set", expected=expected, actual=parameter)
    optimizers.check_parameters(chosen, settings)
    return optimizers.canonical_name(chosen)


def default_steps(num_jobs: int) -> int:
    """Return how many steps the default optimizer makes unless told."""
    return min(STEPS_PER_JOB * num_jobs, MOST_STEPS, max(1, STEPS_TIMES_JOBS // num_jobs))


def ending_after(problem: problems.Problem, optimizer: str, steps: int | None, seconds: float | None) -> dict[str, Any]:
    """Return parameters with which ``optimizer`` ends after so many steps or seconds, None for its default.

    Raises:
        InvalidInput: If both are given, the optimizer has no such parameter, or a value is not valid.
    """
    if steps is not None and seconds is not None:
        raise InvalidInput("--steps and --seconds", expected="one of them", actual="both")
    if seconds is not None and not is_above_zero(seconds, LONGEST_SECONDS):
        expected = f"a finite number of seconds above 0, at most {LONGEST_SECONDS:,}"
        raise InvalidInput("--seconds", expected=expected, actual=seconds)
    if steps is None and seconds is None:
        return {"steps": default_steps(problem.num_jobs)} if optimizer == DEFAULT else {}
    parameters: dict[str, Any] = {"steps": steps} if seconds is None else {"seconds": seconds}
    for name in parameters:
        _check_has(optimizer, name, f"--{name}", "--budget, --wall-limit and --cpu-limit end every search.")
    optimizers.check_parameters(optimizer, parameters)
    return parameters


def extent_of(parameters: Mapping[str, Any]) -> str:
    """Return in words after how many steps or seconds a search ends; "" if its parameters do not tell."""
    if seconds := parameters.get("seconds"):
        return f"{seconds:,g} seconds"
    return f"{parameters['steps']:,} steps" if parameters.get("steps") else ""


def starting_from(path: Path | None, problem: problems.Problem, optimizer: str) -> dict[str, Any]:
    """Return parameters with which ``optimizer`` starts from a mapping file; none without one.

    Raises:
        StorageError: If it is not a mapping file.
        InvalidInput: If it is for another number of cores, or the optimizer cannot start from mappings.
    """
    if path is None:
        return {}
    try:
        optimizers.resolve_parameters(optimizer, {WARM_START: None})
    except InvalidInput as error:
        raise InvalidInput("--warm-start", expected=error.expected, actual=optimizer, hint=error.hint) from None
    return warm_start.from_file(read_mapping(path), problem)


_LIMIT = re.compile(r"(?P<network>.+)=(?P<number>[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?) *(?P<unit>s|ms|us|ns|cycles)")

CYCLES = {"s": 1e3 * CYCLES_PER_MS, "ms": CYCLES_PER_MS, "us": CYCLES_PER_MS / 1e3, "ns": 1.0, "cycles": 1.0}
"""Cycles in units of time."""


def limits_from(texts: Sequence[str], problem: problems.Problem, optimizer: str) -> dict[str, Any]:
    """Return parameters with which ``optimizer`` keeps limits, as ``NETWORK=20ms``; none without any.

    Raises:
        InvalidInput: If a text has another form, the optimizer cannot keep limits, or no mapping can: that is proven.
        UnknownName: If there is no such network.
    """
    if not texts:
        return {}
    limits: dict[str, float] = {}
    for text in texts:
        match = _LIMIT.fullmatch(text)
        if match is not None and match["network"] in limits:
            raise InvalidInput("--limit", expected="one for each network", actual=f"two for {match['network']!r}")
        if match is None or not float(match["number"]):
            expected = f"NETWORK=TIME, in {', '.join(CYCLES)}; e.g. --limit resnet50=20ms"
            raise InvalidInput("--limit", expected=expected, actual=text)
        limits[match["network"]] = float(match["number"]) * CYCLES[match["unit"]]
    if problem.num_objectives > 1:
        raise InvalidInput("--limit", expected="one objective", actual=problem.objective.name)
    _check_has(optimizer, LIMITS, "--limit", "Only a search that sees the jobs can keep them.")
    space = SearchSpace(problem.num_jobs, problem.num_cores, jobs=jobs_of(problem))
    limits_of(space.known_jobs(), limits)
    _check_feasible(problem, limits)
    return {LIMITS: limits}


def _check_feasible(problem: problems.Problem, limits: Mapping[str, float]) -> None:
    """Raise if it is proven that no mapping keeps the limits."""
    proof = infeasible(problem, limits)
    if proof is None:
        return
    limit, least = told_apart(proof.limit / CYCLES["ms"], proof.certificate.makespan / CYCLES["ms"])
    raise InvalidInput(
        f"--limit, {limit} ms",
        expected=f"at least {least} ms, the certified least for {' and '.join(proof.networks)} with nothing beside",
        actual=f"{limit} ms",
        hint="No mapping can keep it; more bandwidth or other cores might.",
    )


def _check_has(optimizer: str, parameter: str, option: str, hint: str) -> None:
    if parameter not in optimizers.resolve_parameters(optimizer, {}):
        expected = f"an optimizer with a parameter {parameter}, such as {DEFAULT}"
        raise InvalidInput(option, expected=expected, actual=optimizer, hint=hint)


def command_again(spec: RunSpec, optimizer: str | None, settings: Sequence[str] = ()) -> str:
    """Return the command that finds the same mapping again, everywhere; "" if there is none.

    Args:
        spec: What was done.
        optimizer: As it was given, None for the default.
        settings: Parameters as they were given, as KEY=VALUE.
    """
    if spec.wall_limit_seconds or spec.cpu_limit_seconds or spec.parameters.get("seconds"):
        return ""
    if spec.parameters.get(WARM_START):
        return ""
    steps = spec.parameters.get("steps")
    words = ["m3e", "map", spec.problem, *(["--optimizer", optimizer] if optimizer else [])]
    words += [word for text in settings for word in ("--set", text)]
    words += ["--steps", f"{steps}"] if steps else []
    limits: Mapping[str, float] = spec.parameters.get(LIMITS) or {}  # type: ignore[assignment]
    words += [word for network, cycles in limits.items() for word in ("--limit", f"{network}={cycles!r}cycles")]
    words += ["--budget", f"{spec.budget}"] if not steps or spec.budget != BUDGET else []
    return shlex.join([*words, "--seed", f"{spec.seed}"])


def find_mapping(spec: RunSpec, problem: problems.Problem) -> bytes:
    """Return the record of a search that has found a mapping, or with two objectives a front; it holds its problem.

    Raises:
        OptimizerFailed: If the search fails before it has found a mapping.
        NothingFound: If it finds no mapping that can run.
        KeyboardInterrupt: If it is interrupted before it has found one; later, what it has found is returned.
    """
    record, _ = run_apart(Work(spec, problem=problem, keep_interrupted=True))
    run = decode(record)
    if len(run.front_values):
        return record
    if run.message == INTERRUPTED:
        raise KeyboardInterrupt
    if run.status == "failed":
        told = f"optimizer {spec.optimizer!r}"
        raise OptimizerFailed(run.message if run.message.startswith(told) else f"{told} failed: {run.message}")
    if run.num_evaluations:
        reason = f"none of the {run.num_evaluations:,} mappings that it tried can run"
    else:
        reason = f"it evaluated no mapping: {run.message}"
    raise NothingFound(f"optimizer {spec.optimizer!r} found nothing: {reason}")
