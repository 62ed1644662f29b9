"""The agents: algorithms of stable-baselines3 and sb3-contrib, with the libraries' defaults unless noted otherwise.

Actor-critic agents use 16 environments, as in Mnih 2016. PPO and TRPO update after each episode rather than every 2,048
steps of each environment: the reward comes at the end, and an update would take about a thousand mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import sb3_contrib
import stable_baselines3

from optimizers.adapters.rl import actor_critic
from optimizers.adapters.rl.adam import Adam
from optimizers.adapters.rl.agent import HIDDEN_LAYERS, Agent, Game, up_to_multiple
from optimizers.adapters.rl.policy import VectorPolicy
from problems.doors.encoding import NATIVE
from problems.doors.placement import LEVELS
from problems.foundation.checks import check_above_zero, check_at_least, check_fraction, check_integer
from problems.space import SearchSpace

NUM_ENVS = 16

ADAM_EPS = 1e-5
"""The epsilon of Adam in the library's actor-critic policies."""


def _check_weight(what: str, value: object) -> None:
    check_at_least(what, value, 0.0)


def _check_count(what: str, value: object) -> None:
    check_integer(what, value, 1)


_CHECKS: Mapping[str, Callable[[str, object], object]] = {
    "learning_rate": check_above_zero,
    "gamma": check_fraction,
    "gae_lambda": check_fraction,
    "ent_coef": _check_weight,
    "vf_coef": _check_weight,
    "max_grad_norm": check_above_zero,
    "batch_size": _check_count,
    "n_epochs": _check_count,
    "clip_range": check_above_zero,
    "target_kl": check_above_zero,
    "n_critic_updates": _check_count,
    "learning_starts": _check_count,
    "train_freq": _check_count,
    "exploration_fraction": check_fraction,
    "exploration_final_eps": check_fraction,
}
"""Checks of the libraries' arguments that mean the same for all agents, by name."""


def _checked(arguments: Mapping[str, object]) -> Mapping[str, object]:
    """Return ``arguments``, or raise ``InvalidInput`` if one fails its check."""
    for name, value in arguments.items():
        if name in _CHECKS:
            _CHECKS[name](name, value)
    return arguments


def _steps_between_updates(n_steps: int | None, num_envs: int, num_jobs: int) -> int:
    """Resolve ``n_steps``, None being an episode. An update needs 2 steps at least: a single one has no variance."""
    check_integer("num_envs", num_envs, 1)
    if n_steps is not None:
        check_integer("n_steps", n_steps, 1)
    return max(num_jobs if n_steps is None else n_steps, 2 if num_envs == 1 else 1)


class A2C(Agent):
    """Advantage actor-critic (Mnih 2016).

    Args:
        encoding: ``native``.
        levels: Number of priority levels.
        num_envs: Number of parallel environments.
        net_arch: Widths of the hidden layers, the same for actor and critic.
        learning_rate: Learning rate of RMSprop.
        n_steps: Steps of each environment between updates; None for an episode.
        gamma: Discount factor per step.
        gae_lambda: Lambda of generalized advantage estimation; 1 is the plain advantage.
        ent_coef: Weight of the entropy in the loss.
        vf_coef: Weight of the critic's loss.
        max_grad_norm: Norm to which gradients are clipped.
    """

    algorithm = actor_critic.A2C
    policy = VectorPolicy
    warm_up = staticmethod(actor_critic.warm_up)

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        encoding: str = NATIVE,
        levels: int = LEVELS,
        num_envs: int = NUM_ENVS,
        net_arch: Sequence[int] = HIDDEN_LAYERS,
        learning_rate: float = 7e-4,
        n_steps: int | None = 5,
        gamma: float = 0.99,
        gae_lambda: float = 1.0,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float = 0.5,
    ) -> None:
        arguments = {
            "learning_rate": learning_rate,
            "n_steps": _steps_between_updates(n_steps, num_envs, space.num_jobs),
            "gamma": gamma,
            "gae_lambda": gae_lambda,
            "ent_coef": ent_coef,
            "vf_coef": vf_coef,
            "max_grad_norm": max_grad_norm,
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(space, budget=budget, seed=seed, game=game, arguments=_checked(arguments))


class PPO(Agent):
    """Proximal policy optimization (Schulman 2017), called PPO2 in Kao & Krishna 2022.

    Args:
        encoding: ``native``.
        levels: Number of priority levels.
        num_envs: Number of parallel environments.
        net_arch: Widths of the hidden layers, the same for actor and critic.
        learning_rate: Learning rate of Adam.
        n_steps: Steps of each environment between updates; None for an episode.
        batch_size: Steps per minibatch.
        n_epochs: Passes over the steps per update.
        gamma: Discount factor per step.
        gae_lambda: Lambda of generalized advantage estimation.
        clip_range: Range to which the probability ratio is clipped, around 1.
        ent_coef: Weight of the entropy in the loss.
        vf_coef: Weight of the critic's loss.
        max_grad_norm: Norm to which gradients are clipped.
    """

    algorithm = actor_critic.PPO
    policy = VectorPolicy
    warm_up = staticmethod(actor_critic.warm_up)
    policy_settings: ClassVar[Mapping[str, object]] = {"optimizer_class": Adam, "optimizer_kwargs": {"eps": ADAM_EPS}}

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        encoding: str = NATIVE,
        levels: int = LEVELS,
        num_envs: int = NUM_ENVS,
        net_arch: Sequence[int] = HIDDEN_LAYERS,
        learning_rate: float = 3e-4,
        n_steps: int | None = None,
        batch_size: int = 64,
        n_epochs: int = 10,
        gamma: float = 0.99,
        gae_lambda: float = 0.95,
        clip_range: float = 0.2,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float = 0.5,
    ) -> None:
        check_integer("batch_size", batch_size, 2)
        arguments = {
            "learning_rate": learning_rate,
            "n_steps": _steps_between_updates(n_steps, num_envs, space.num_jobs),
            "batch_size": batch_size,
            "n_epochs": n_epochs,
            "gamma": gamma,
            "gae_lambda": gae_lambda,
            "clip_range": clip_range,
            "ent_coef": ent_coef,
            "vf_coef": vf_coef,
            "max_grad_norm": max_grad_norm,
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(space, budget=budget, seed=seed, game=game, arguments=_checked(arguments))


class _TRPO(sb3_contrib.TRPO):  # type: ignore[misc]
    """Skips updates without any choice, or with equal advantages for all actions: there the library divides by 0."""

    def train(self) -> None:
        """Update the policy and the critic."""
        if self.action_space.nvec.max() > 1 and self.rollout_buffer.advantages.std() > 0:
            super().train()


class TRPO(Agent):
    """Trust region policy optimization (Schulman 2015).

    Args:
        encoding: ``native``.
        levels: Number of priority levels.
        num_envs: Number of parallel environments.
        net_arch: Widths of the hidden layers, the same for actor and critic.
        learning_rate: Learning rate of the critic's Adam.
        n_steps: Steps of each environment between updates; None for an episode.
        batch_size: Steps per minibatch of the critic.
        gamma: Discount factor per step.
        gae_lambda: Lambda of generalized advantage estimation.
        target_kl: Largest Kullback-Leibler divergence between the policies before and after an update.
        n_critic_updates: Passes of the critic over the steps per update.
    """

    algorithm = _TRPO
    policy_settings: ClassVar[Mapping[str, object]] = {"optimizer_kwargs": {"eps": ADAM_EPS, "fused": True}}

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        encoding: str = NATIVE,
        levels: int = LEVELS,
        num_envs: int = NUM_ENVS,
        net_arch: Sequence[int] = HIDDEN_LAYERS,
        learning_rate: float = 1e-3,
        n_steps: int | None = None,
        batch_size: int = 128,
        gamma: float = 0.99,
        gae_lambda: float = 0.95,
        target_kl: float = 0.01,
        n_critic_updates: int = 10,
    ) -> None:
        check_integer("batch_size", batch_size, 2)
        arguments = {
            "learning_rate": learning_rate,
            "n_steps": _steps_between_updates(n_steps, num_envs, space.num_jobs),
            "batch_size": batch_size,
            "gamma": gamma,
            "gae_lambda": gae_lambda,
            "target_kl": target_kl,
            "n_critic_updates": n_critic_updates,
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(space, budget=budget, seed=seed, game=game, arguments=_checked(arguments))


class DQN(Agent):
    """Deep Q-network (Mnih 2015). An action is one of A x levels.

    The library's default is one update every 4 steps of one environment; here it is one every step of 4 environments,
    which is the same rate.

    Args:
        encoding: ``native``.
        levels: Number of priority levels.
        num_envs: Number of parallel environments.
        net_arch: Widths of the hidden layers.
        learning_rate: Learning rate of Adam.
        buffer_size: Steps in the replay buffer, at most those of the whole run. The default is a tenth of the
            library's million, which would take half a gigabyte with 16 cores.
        learning_starts: Random steps before the first update.
        batch_size: Steps per minibatch.
        gamma: Discount factor per step.
        train_freq: Steps of each environment between updates.
        target_update_interval: Steps between updates of the target network.
        exploration_fraction: Fraction of the run over which the exploration rate falls.
        exploration_final_eps: Final exploration rate.
    """

    algorithm = stable_baselines3.DQN
    policy_settings: ClassVar[Mapping[str, object]] = {"optimizer_kwargs": {"fused": True}}
    flat = True

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        encoding: str = NATIVE,
        levels: int = LEVELS,
        num_envs: int = 4,
        net_arch: Sequence[int] = HIDDEN_LAYERS,
        learning_rate: float = 1e-4,
        buffer_size: int = 100_000,
        learning_starts: int = 100,
        batch_size: int = 32,
        gamma: float = 0.99,
        train_freq: int = 1,
        target_update_interval: int = 10_000,
        exploration_fraction: float = 0.1,
        exploration_final_eps: float = 0.05,
    ) -> None:
        check_integer("num_envs", num_envs, 1)
        check_integer("buffer_size", buffer_size, num_envs)
        check_integer("target_update_interval", target_update_interval, num_envs)
        steps_of_run = (budget + num_envs) * space.num_jobs
        arguments = {
            "learning_rate": learning_rate,
            "buffer_size": min(buffer_size, steps_of_run),
            "learning_starts": learning_starts,
            "batch_size": batch_size,
            "gamma": gamma,
            "train_freq": train_freq,
            "target_update_interval": target_update_interval,
            "exploration_fraction": exploration_fraction,
            "exploration_final_eps": exploration_final_eps,
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(space, budget=budget, seed=seed, game=game, arguments=_checked(arguments))

    def first_update(self) -> int:
        """Return the steps of each environment before the first update that uses a reward.

        There is no update before ``learning_starts`` steps of all environments together.
        """
        warm_up = int(self._model.learning_starts) // self._env.num_envs + 1
        return up_to_multiple(max(self.space.num_jobs, warm_up), int(self._model.train_freq.frequency))
