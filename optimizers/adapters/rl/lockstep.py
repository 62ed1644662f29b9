"""The placement task as a vectorized environment of stable-baselines3: its episodes step, end and score together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from stable_baselines3.common.vec_env import VecEnv

from problems.arrays import BoolArray, IntArray
from problems.doors.gymnasium import action_space, observation_space
from problems.doors.placement import Observations, Placement, from_flat
from problems.doors.reward import Rewards
from problems.space import Evaluator, Jobs

Step = tuple[Observations, npt.NDArray[np.float32], BoolArray, list[dict[str, object]]]

Indices = int | Sequence[int] | None
"""Which environments are meant; None for all."""


class LockstepEnv(VecEnv):  # type: ignore[misc]
    """Runs n episodes of ``m3e/Mapping-v0`` in lockstep, and evaluates their mappings as one batch.

    Args:
        jobs: The group of jobs.
        num_envs: n.
        levels: Number of priority levels.
        flat: Whether an action is a single number.

    Attributes:
        evaluator: Evaluator of the mappings; set before the first step.
    """

    render_mode = None
    evaluator: Evaluator

    def __init__(self, jobs: Jobs, *, num_envs: int, levels: int, flat: bool) -> None:
        self._placement = Placement(jobs, num_envs, levels)
        self._rewards = Rewards()
        self._flat = flat
        self._chosen: IntArray = np.zeros((num_envs, 2), dtype=np.int64)
        cores = self._placement.num_cores
        super().__init__(num_envs, observation_space(cores), action_space(cores, levels, flat=flat))

    def reset(self) -> Observations:
        """Start new episodes, and return their observations ``(n, F)``."""
        self._placement.reset()
        return self._placement.observe()

    def step_async(self, actions: IntArray) -> None:
        """Store the actions, ``(n, 2)`` or flat ``(n,)``."""
        self._chosen = from_flat(actions, self._placement.levels) if self._flat else actions

    def step_wait(self) -> Step:
        """Return observations, rewards, dones and infos; after the last step, start new episodes."""
        self._placement.place(self._chosen)
        observations, done = self._placement.observe(), self._placement.done
        paid = np.zeros(self.num_envs, dtype=np.float32)
        infos: list[dict[str, object]] = [{} for _ in range(self.num_envs)]
        if done:
            paid[:] = self._rewards.of(self.evaluator.evaluate(*self._placement.mappings()))
            infos = [{"terminal_observation": last, "TimeLimit.truncated": False} for last in observations]
            observations = self.reset()
        return observations, paid, np.full(self.num_envs, done), infos

    def close(self) -> None:
        """Do nothing: there are no resources to close."""

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[object]:
        """Return the attribute once for each environment: they share all attributes."""
        return [getattr(self, attr_name)] * self._count(indices)

    def set_attr(self, attr_name: str, value: object, indices: Indices = None) -> None:
        """Set the attribute for all environments."""
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: object, indices: Indices = None, **kwargs: object) -> list[object]:
        """Call the method once, and return its result once for each environment."""
        return [getattr(self, method_name)(*args, **kwargs)] * self._count(indices)

    def env_is_wrapped(self, wrapper_class: type[object], indices: Indices = None) -> list[bool]:
        """Return False for each environment: none is wrapped."""
        return [False] * self._count(indices)

    def _count(self, indices: Indices) -> int:
        return self.num_envs if indices is None else int(np.size(indices))
