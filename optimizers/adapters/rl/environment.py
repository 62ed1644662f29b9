"""The placement game as a Gymnasium environment."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from bench.errors import InvalidInput
from optimizers.adapters.rl.checks import check_above_zero
from optimizers.adapters.rl.placement import LEVELS, Observations, Placement, from_flat, typical_makespan
from optimizers.adapters.rl.reward import Rewards
from optimizers.contract import Jobs, Objective, check_integer, count_objectives, jobs_of
from optimizers.evaluators import Rankable

Reset = tuple[Observations, dict[str, Any]]
Step = tuple[Observations, float, bool, bool, dict[str, Any]]


def observation_space(num_cores: int) -> Any:
    """Where the observations of ``Placement`` lie."""
    return spaces.Box(-1.0, 1.0, shape=(3 * num_cores + 1,), dtype=np.float32)


def action_space(num_cores: int, levels: int, *, flat: bool) -> Any:
    """A core and a level, or if ``flat`` one number, ``core * levels + level``."""
    return spaces.Discrete(num_cores * levels) if flat else spaces.MultiDiscrete([num_cores, levels])


class MappingEnv(gymnasium.Env):  # type: ignore[misc]
    """Places the jobs of a problem one by one; registered as ``m3e/Mapping-v0``.

    - Action: ``MultiDiscrete([A, levels])``, the core and the priority level (0 runs first, equal ones by job index)
      of the next job; with ``flat`` ``Discrete(A * levels)``, the number ``core * levels + level``.
    - Observation: ``Box(-1, 1, (3A + 1,), float32)`` without units: for each core the log latency of the next job
      and its share of the bandwidth (-1 where it cannot run) and the load so far, then the share of jobs placed; see
      ``Placement``.
    - Reward: 0 until the last job; then minus the objective in ``reward_unit``, at least -100, also if the mapping
      cannot run.
    - Episode: G steps, never truncated. The last ``info`` has the problem's ``value``, and ``cores`` and
      ``priorities`` ``(G,)`` of the mapping that has it, jobs on cores that cannot run them moved to such that can.
    - Nothing is random: a seed decides nothing but the samples of the spaces.

    Args:
        problem: Anything with a job table and one objective, e.g. ``problems.get("mix/S2/bw1/g100/i0")``.
        levels: Priorities to choose from.
        flat: Whether an action is one number.
        reward_unit: What is paid -1, in units of the objective; None for about the makespan of a random mapping
            (give another if the problem minimises something else).

    Raises:
        InvalidInput: If there is no such problem, fewer than 1 level, or no unit above 0.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}

    def __init__(
        self,
        problem: Objective | None = None,
        *,
        levels: int = LEVELS,
        flat: bool = False,
        reward_unit: float | None = None,
    ) -> None:
        jobs = _jobs(problem)
        check_integer("levels", levels, 1)
        if reward_unit is not None:
            check_above_zero("reward_unit", reward_unit)
        assert problem is not None  # else it had no jobs
        self._evaluator, self._repair, self._flat = Rankable(problem), getattr(problem, "repair", None), flat
        self._placement, self._rewards = Placement(jobs, 1, levels), Rewards(reward_unit or typical_makespan(jobs))
        self.observation_space = observation_space(self._placement.num_cores)
        self.action_space = action_space(self._placement.num_cores, levels, flat=flat)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Reset:
        """Begin anew; there are no options."""
        super().reset(seed=seed)
        self._placement.reset()
        return self._placement.observe()[0], {}

    def step(self, action: Any) -> Step:
        """Place the next job.

        Raises:
            InvalidInput: If all are placed, or the action is none.
        """
        if self._placement.done:
            raise InvalidInput("step", expected="a job to place", actual="none left", hint="Call reset first.")
        if not self.action_space.contains(action):
            raise InvalidInput("action", expected=f"one of {self.action_space}", actual=action)
        actions = np.asarray(action, dtype=np.int64)
        self._placement.place(from_flat(actions.reshape(1), self._placement.levels) if self._flat else actions[None, :])
        end: tuple[float, dict[str, Any]] = self._end() if self._placement.done else (0.0, {})
        return self._placement.observe()[0], end[0], self._placement.done, False, end[1]

    def _end(self) -> tuple[float, dict[str, Any]]:
        """The reward of the mapping, and itself."""
        cores, priorities = self._placement.mappings()
        cores = cores if self._repair is None else self._repair(cores)
        values = self._evaluator.evaluate(cores, priorities)
        paid = float(self._rewards.of(values)[0])
        return paid, {"value": float(values[0]), "cores": cores[0], "priorities": priorities[0]}


def _jobs(problem: Objective | None) -> Jobs:
    """What a problem tells of its jobs; raises ``InvalidInput`` if it is none that can be played."""
    jobs = jobs_of(problem) if problem is not None else None
    if problem is None or jobs is None or count_objectives(problem) != 1:
        hint = 'Give one, e.g. gymnasium.make(..., problem=problems.get("mix/S2/bw1/g100/i0")).'
        expected = "one with a job table and one objective"
        raise InvalidInput("problem of m3e/Mapping-v0", expected=expected, actual=type(problem).__name__, hint=hint)
    return jobs
