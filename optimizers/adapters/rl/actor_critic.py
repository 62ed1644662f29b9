"""A2C and PPO of the library with gradient steps of fewer operations.

The library's own loop spends most of its time between the operations of small networks: in recording and replaying them
for the gradient, in some hundred small tensors of the loss, and in one update for each parameter. Here the networks'
gradient is written out, the loss's is compiled, and all parameters are one vector. What is learned is the same up to
rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import stable_baselines3
import torch
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from torch import Tensor

from optimizers.adapters.rl.adam import Adam
from optimizers.adapters.rl.loss import loss_gradients
from optimizers.adapters.rl.policy import outputs, pass_back


class A2C(stable_baselines3.A2C):  # type: ignore[misc]
    """The library's A2C, for ``VectorPolicy``."""

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def train(self) -> None:
        """Take one step by the whole rollout."""
        self._update_learning_rate(self.policy.optimizer)
        for rollout in self.rollout_buffer.get(batch_size=None):
            take_step(self, rollout, clip_range=np.inf)
        self._n_updates += 1


class PPO(stable_baselines3.PPO):  # type: ignore[misc]
    """The library's PPO, for ``VectorPolicy``; without its options ``target_kl`` and ``clip_range_vf``."""

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def train(self) -> None:
        """Take a step by each minibatch of each pass over the rollout."""
        self._update_learning_rate(self.policy.optimizer)
        clip_range = self.clip_range(self._current_progress_remaining)
        for _ in range(self.n_epochs):
            for rollout in self.rollout_buffer.get(batch_size=None):
                for batch in zip(*(part.split(self.batch_size) for part in rollout), strict=True):
                    take_step(self, batch, clip_range=float(clip_range))
        self._n_updates += self.n_epochs


def take_step(model: OnPolicyAlgorithm, batch: Sequence[Tensor], *, clip_range: float) -> None:
    """Take the gradient step of the library by a batch in the order of ``RolloutBufferSamples``."""
    x, actions, _, old_log_probs, advantages, returns = batch
    policy = model.policy
    actor, critic = [x, *outputs(policy.actor, x)], [x, *outputs(policy.critic, x)]
    by_logits, by_values = loss_gradients(
        actor[-1].numpy(),
        critic[-1].numpy(),
        actions.numpy(),
        old_log_probs.numpy(),
        advantages.numpy(),
        returns.numpy(),
        policy.action_space.nvec,
        model.normalize_advantage,
        clip_range,
        float(model.ent_coef),
        float(model.vf_coef),
    )
    pass_back(policy.actor, actor, torch.from_numpy(by_logits))
    pass_back(policy.critic, critic, torch.from_numpy(by_values))
    clip(policy.vector.grad, model.max_grad_norm)
    policy.optimizer.step()


def clip(gradient: Tensor, max_norm: float) -> None:
    """Clip like ``torch.nn.utils.clip_grad_norm_``."""
    scale = max_norm / (float(torch.linalg.vector_norm(gradient)) + 1e-6)
    if scale < 1.0:
        gradient.mul_(scale)


def warm_up() -> None:
    """Compile the gradient of the loss, and Adam."""
    row, number = np.zeros((1, 2), dtype=np.float32), np.zeros(1, dtype=np.float32)
    loss_gradients(row, row[:, :1].copy(), row, number, number, number, np.ones(2, dtype=np.int64), True, 0.0, 0.0, 0.0)
    vector = torch.zeros(1)
    vector.grad = torch.zeros(1)
    Adam([vector]).step()
