"""The agents: algorithms of stable-baselines3 and sb3-contrib, with the libraries' defaults where nothing else is said.

Those of actor and critic play in 16 environments, as Mnih 2016 does. PPO and TRPO learn once an episode is over,
rather than every 2,048 steps of each environment: the reward comes last, and an update would be a thousand mappings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sb3_contrib
import stable_baselines3

from optimizers.adapters.rl.agent import HIDDEN_LAYERS, Agent, Game, up_to_multiple
from optimizers.adapters.rl.checks import check_above_zero
from optimizers.adapters.rl.placement import LEVELS
from optimizers.contract import SearchSpace, check_at_least, check_fraction, check_integer
from optimizers.encoding import NATIVE

NUM_ENVS = 16


class A2C(Agent):
    """Advantage actor-critic (Mnih 2016).

    Args:
        encoding: ``native``.
        levels: Priorities to choose from for each job.
        num_envs: Episodes side by side.
        net_arch: Hidden layers of actor and critic each.
        learning_rate: Of RMSprop.
        n_steps: Steps of each environment between updates; None for an episode.
        gamma: Discount a step.
        gae_lambda: 1 is the plain advantage.
        ent_coef: Weight of the entropy in the loss.
        vf_coef: Weight of the critic's loss.
        max_grad_norm: Gradients are cut to it.
    """

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
            **_rollouts(space, num_envs, n_steps, learning_rate, gamma, gae_lambda),
            **_losses(ent_coef, vf_coef, max_grad_norm),
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(
            space, budget=budget, seed=seed, algorithm=stable_baselines3.A2C, game=game, arguments=arguments
        )


class PPO(Agent):
    """Proximal policy optimization (Schulman 2017), PPO2 of the paper.

    Args:
        encoding: ``native``.
        levels: Priorities to choose from for each job.
        num_envs: Episodes side by side.
        net_arch: Hidden layers of actor and critic each.
        learning_rate: Of Adam.
        n_steps: Steps of each environment between updates; None for an episode.
        batch_size: Steps in a minibatch.
        n_epochs: How often an update passes over the steps.
        gamma: Discount a step.
        gae_lambda: Of generalized advantage estimation.
        clip_range: How far the ratio of policies may pay.
        ent_coef: Weight of the entropy in the loss.
        vf_coef: Weight of the critic's loss.
        max_grad_norm: Gradients are cut to it.
    """

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
        check_integer("n_epochs", n_epochs, 1)
        check_above_zero("clip_range", clip_range)
        arguments = {
            **_rollouts(space, num_envs, n_steps, learning_rate, gamma, gae_lambda),
            **_losses(ent_coef, vf_coef, max_grad_norm),
            "batch_size": batch_size,
            "n_epochs": n_epochs,
            "clip_range": clip_range,
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(
            space, budget=budget, seed=seed, algorithm=stable_baselines3.PPO, game=game, arguments=arguments
        )


class _TRPO(sb3_contrib.TRPO):  # type: ignore[misc]
    """Leaves all as it is if there is no choice or no action was better than another: the library divides by 0."""

    def train(self) -> None:
        """Update policy and critic."""
        if self.action_space.nvec.max() > 1 and self.rollout_buffer.advantages.std() > 0:
            super().train()


class TRPO(Agent):
    """Trust region policy optimization (Schulman 2015).

    Args:
        encoding: ``native``.
        levels: Priorities to choose from for each job.
        num_envs: Episodes side by side.
        net_arch: Hidden layers of actor and critic each.
        learning_rate: Of the critic's Adam.
        n_steps: Steps of each environment between updates; None for an episode.
        batch_size: Steps in a minibatch of the critic.
        gamma: Discount a step.
        gae_lambda: Of generalized advantage estimation.
        target_kl: How far an update may move the policy.
        n_critic_updates: How often an update of the critic passes over the steps.
    """

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
        check_above_zero("target_kl", target_kl)
        check_integer("n_critic_updates", n_critic_updates, 1)
        arguments = {
            **_rollouts(space, num_envs, n_steps, learning_rate, gamma, gae_lambda),
            "batch_size": batch_size,
            "target_kl": target_kl,
            "n_critic_updates": n_critic_updates,
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(space, budget=budget, seed=seed, algorithm=_TRPO, game=game, arguments=arguments)


class DQN(Agent):
    """Deep Q-network (Mnih 2015). An action is one of A x levels.

    The library learns once every 4 steps of one environment; here of 4 environments once a step, which is as often.

    Args:
        encoding: ``native``.
        levels: Priorities to choose from for each job.
        num_envs: Episodes side by side.
        net_arch: Hidden layers.
        learning_rate: Of Adam.
        buffer_size: Steps remembered, a tenth of the library's default: its million would take half a gigabyte at 16
            cores. Of small budgets all are.
        learning_starts: Steps at random before it learns.
        batch_size: Steps learned from at once.
        gamma: Discount a step.
        train_freq: Steps of each environment between updates.
        target_update_interval: Steps between copies to the target network.
        exploration_fraction: Share of the budget in which the share of actions at random falls.
        exploration_final_eps: To what it falls.
    """

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
        steps = (budget + num_envs) * space.num_jobs
        arguments = {
            **_learning(learning_rate, gamma),
            **_counts(1, batch_size=batch_size, train_freq=train_freq, learning_starts=learning_starts),
            **_counts(num_envs, target_update_interval=target_update_interval),
            **_fractions(exploration_fraction=exploration_fraction, exploration_final_eps=exploration_final_eps),
            "buffer_size": min(buffer_size, steps),
        }
        game = Game(encoding, levels, num_envs, net_arch)
        super().__init__(
            space, budget=budget, seed=seed, algorithm=stable_baselines3.DQN, game=game, arguments=arguments
        )

    def first_update(self) -> int:
        """Likewise; it begins to learn after ``learning_starts`` steps of all environments together."""
        warm_up = int(self._model.learning_starts) // self._env.num_envs + 1
        return up_to_multiple(max(self.space.num_jobs, warm_up), int(self._model.train_freq.frequency))


def _learning(learning_rate: float, gamma: float) -> dict[str, Any]:
    check_above_zero("learning_rate", learning_rate)
    check_fraction("gamma", gamma)
    return {"learning_rate": learning_rate, "gamma": gamma}


def _rollouts(
    space: SearchSpace, num_envs: int, n_steps: int | None, learning_rate: float, gamma: float, gae_lambda: float
) -> dict[str, Any]:
    """Arguments of all with an actor and a critic. An update is of 2 steps at least: of one there is no spread."""
    check_integer("num_envs", num_envs, 1)
    if n_steps is not None:
        check_integer("n_steps", n_steps, 1)
    steps = max(space.num_jobs if n_steps is None else n_steps, 2 if num_envs == 1 else 1)
    return {**_learning(learning_rate, gamma), **_fractions(gae_lambda=gae_lambda), "n_steps": steps}


def _losses(ent_coef: float, vf_coef: float, max_grad_norm: float) -> dict[str, Any]:
    check_at_least("ent_coef", ent_coef, 0)
    check_at_least("vf_coef", vf_coef, 0)
    check_above_zero("max_grad_norm", max_grad_norm)
    return {"ent_coef": ent_coef, "vf_coef": vf_coef, "max_grad_norm": max_grad_norm}


def _counts(least: int, **counts: int) -> dict[str, int]:
    for name, count in counts.items():
        check_integer(name, count, least)
    return counts


def _fractions(**fractions: float) -> dict[str, float]:
    for name, fraction in fractions.items():
        check_fraction(name, fraction)
    return fractions
