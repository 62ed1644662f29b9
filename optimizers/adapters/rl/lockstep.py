"""The placement game as stable-baselines3 wants it: many environments that step, end and are scored together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from stable_baselines3.common.vec_env import VecEnv

from optimizers.adapters.rl.environment import action_space, observation_space
from optimizers.adapters.rl.placement import Observations, Placement, from_flat
from optimizers.adapters.rl.reward import Rewards
from optimizers.contract import IntArray, Jobs, Objective

Step = tuple[Observations, npt.NDArray[np.float32], npt.NDArray[np.bool_], list[dict[str, Any]]]


class LockstepEnv(VecEnv):  # type: ignore[misc]
    """n episodes of ``m3e/Mapping-v0`` whose mappings are evaluated as one batch.

    Args:
        jobs: The group.
        num_envs: n.
        levels: Priorities to choose from.
        flat: Whether an action is one number.

    Attributes:
        evaluator: What scores the mappings; set before the first step.
    """

    render_mode = None
    evaluator: Objective

    def __init__(self, jobs: Jobs, *, num_envs: int, levels: int, flat: bool) -> None:
        self._placement = Placement(jobs, num_envs, levels)
        self._rewards, self._flat = Rewards(), flat
        self._chosen: IntArray = np.zeros((num_envs, 2), dtype=np.int64)
        cores = self._placement.num_cores
        super().__init__(num_envs, observation_space(cores), action_space(cores, levels, flat=flat))

    def reset(self) -> Observations:
        """Observations ``(n, F)`` of new episodes."""
        self._placement.reset()
        return self._placement.observe()

    def step_async(self, actions: IntArray) -> None:
        """Remember the actions, ``(n, 2)`` or flat ``(n,)``."""
        self._chosen = from_flat(actions, self._placement.levels) if self._flat else actions

    def step_wait(self) -> Step:
        """Observations, rewards, ends and what else there is to know; new episodes follow on the last step."""
        self._placement.place(self._chosen)
        observations, done = self._placement.observe(), self._placement.done
        paid = np.zeros(self.num_envs, dtype=np.float32)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if done:
            paid[:] = self._rewards.of(self.evaluator.evaluate(*self._placement.mappings()))
            infos = [{"terminal_observation": last, "TimeLimit.truncated": False} for last in observations]
            observations = self.reset()
        return observations, paid, np.full(self.num_envs, done), infos

    def close(self) -> None:
        """There is nothing to close."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The attribute, once for each environment: they share all."""
        return [getattr(self, attr_name)] * self._count(indices)

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set it for all."""
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Its result, once for each environment."""
        return [getattr(self, method_name)(*args, **kwargs)] * self._count(indices)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        """None is."""
        return [False] * self._count(indices)

    def _count(self, indices: int | Sequence[int] | None) -> int:
        return self.num_envs if indices is None else int(np.size(indices))
