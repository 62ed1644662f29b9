"""The placement task as a Gymnasium environment.

Importing this module registers it: ``gymnasium.make("problems.doors.gymnasium:m3e/Mapping-v0", problem=problem)``.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from problems.doors.placement import LEVELS, Observations, Placement, from_flat, typical_makespan
from problems.doors.rankable import Rankable
from problems.doors.reward import Rewards
from problems.foundation.checks import check_above_zero, check_integer
from problems.foundation.errors import InvalidInput
from problems.foundation.extras import from_extra
from problems.space import Jobs, ProblemLike, Repairs, count_objectives, jobs_of, offers

with from_extra("gymnasium", "the environment"):
    import gymnasium
    from gymnasium import spaces
    from gymnasium.envs.registration import register

Info = dict[str, object]
Reset = tuple[Observations, Info]
Step = tuple[Observations, float, bool, bool, Info]

ENVIRONMENT = "m3e/Mapping-v0"


def observation_space(num_cores: int) -> spaces.Space:
    """Make the space of the observations of ``Placement``."""
    return spaces.Box(-1.0, 1.0, shape=(3 * num_cores + 1,), dtype=np.float32)


def action_space(num_cores: int, levels: int, *, flat: bool) -> spaces.Space:
    """Make the space of actions: a core and a level, or if ``flat`` a single number, ``core * levels + level``."""
    return spaces.Discrete(num_cores * levels) if flat else spaces.MultiDiscrete([num_cores, levels])


class MappingEnv(gymnasium.Env):  # type: ignore[misc]
    """An environment that places the jobs of a problem one by one; registered as ``m3e/Mapping-v0``.

    - Action: ``MultiDiscrete([A, levels])``, the core and the priority level of the next job (level 0 runs first, ties
      run in the order of the jobs' indices); with ``flat`` ``Discrete(A * levels)``, the number
      ``core * levels + level``.
    - Observation: ``Box(-1, 1, (3A + 1,), float32)`` without units: for each core the log latency of the next job, its
      share of the bandwidth (both -1 where it cannot run) and the load so far, then the share of jobs placed; see
      ``Placement``.
    - Reward: 0 until the last job; then the negative objective in multiples of ``reward_unit``, at least -100, which is
      also the reward of mappings that cannot run.
    - Episode: G steps, never truncated. The last ``info`` has the problem's ``value``, and ``cores`` and
      ``priorities`` ``(G,)`` of the evaluated mapping: jobs on cores that cannot run them are moved to cores that can.
    - The environment is deterministic: the seed affects only samples drawn from the spaces.

    Args:
        problem: Anything with a job table and one objective, e.g. ``problems.get("mix/S2/bw1/g100/i0")``.
        levels: Number of priority levels.
        flat: Whether an action is a single number.
        reward_unit: Value of the objective for which the reward is -1; None for about the makespan of a random mapping
            (set it if the problem minimises something else).

    Raises:
        InvalidInput: If the problem is missing or unsuitable, ``levels`` is below 1, or ``reward_unit`` is not above 0.
    """

    metadata: ClassVar[dict[str, object]] = {"render_modes": []}

    def __init__(
        self,
        problem: ProblemLike | None = None,
        *,
        levels: int = LEVELS,
        flat: bool = False,
        reward_unit: float | None = None,
    ) -> None:
        jobs = _jobs(problem)
        check_integer("levels", levels, 1)
        if reward_unit is not None:
            check_above_zero("reward_unit", reward_unit)
        assert problem is not None  # _jobs has checked it
        self._evaluator = Rankable(problem)
        self._flat = flat
        self._repair = problem.repair if offers(problem, Repairs) else None
        self._placement = Placement(jobs, 1, levels)
        self._rewards = Rewards(reward_unit or typical_makespan(jobs))
        self.observation_space = observation_space(self._placement.num_cores)
        self.action_space = action_space(self._placement.num_cores, levels, flat=flat)

    def reset(self, *, seed: int | None = None, options: dict[str, object] | None = None) -> Reset:
        """Start a new episode; there are no options."""
        super().reset(seed=seed)
        self._placement.reset()
        return self._placement.observe()[0], {}

    def step(self, action: npt.ArrayLike) -> Step:
        """Place the next job.

        Raises:
            InvalidInput: If all jobs are placed, or the action is not in the action space.
        """
        if self._placement.done:
            raise InvalidInput("step", expected="a job to place", actual="none left", hint="Call reset first.")
        if not self.action_space.contains(action):
            raise InvalidInput("action", expected=f"one of {self.action_space}", actual=action)
        actions = np.asarray(action, dtype=np.int64)
        self._placement.place(from_flat(actions.reshape(1), self._placement.levels) if self._flat else actions[None, :])
        reward, info = self._end() if self._placement.done else (0.0, Info())
        return self._placement.observe()[0], reward, self._placement.done, False, info

    def _end(self) -> tuple[float, Info]:
        """Return the reward of the complete mapping, and the mapping."""
        cores, priorities = self._placement.mappings()
        cores = cores if self._repair is None else self._repair(cores)
        values = self._evaluator.evaluate(cores, priorities)
        paid = float(self._rewards.of(values)[0])
        return paid, {"value": float(values[0]), "cores": cores[0], "priorities": priorities[0]}


def _jobs(problem: ProblemLike | None) -> Jobs:
    """Return the jobs of a problem; raise ``InvalidInput`` if it has no job table or several objectives."""
    jobs = jobs_of(problem) if problem is not None else None
    if problem is None or jobs is None or count_objectives(problem) != 1:
        hint = 'Give one, e.g. gymnasium.make(..., problem=problems.get("mix/S2/bw1/g100/i0")).'
        expected = "one with a job table and one objective"
        raise InvalidInput("problem of m3e/Mapping-v0", expected=expected, actual=type(problem).__name__, hint=hint)
    return jobs


register(id=ENVIRONMENT, entry_point="problems.doors.gymnasium:MappingEnv")
