"""The library's actor-critic policy with its parameters in one vector, and few operations per step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor, nn


class Layer(NamedTuple):
    """A linear layer: views of the vectors of parameters and of their gradient.

    Attributes:
        weight: ``(outputs, inputs)``.
        transposed: The same weights, ``(inputs, outputs)``.
        bias: ``(outputs,)``.
        weight_gradient: ``(outputs, inputs)``.
        bias_gradient: ``(outputs,)``.
    """

    weight: Tensor
    transposed: Tensor
    bias: Tensor
    weight_gradient: Tensor
    bias_gradient: Tensor


class VectorPolicy(ActorCriticPolicy):  # type: ignore[misc]
    """``MlpPolicy`` for several discrete actions: the same networks, draws and values, up to rounding.

    The networks are small: the library's time goes into the number of operations, not into their arithmetic. So the
    parameters are views of one vector, in the library's order, which clipping and the optimizer take as one.

    Attributes:
        vector: All parameters, with their gradient.
        actor: Layers of the actor; the last one gives the logits of all actions side by side.
        critic: Layers of the critic; the last one gives the value.
    """

    vector: Tensor
    actor: list[Layer]
    critic: list[Layer]

    def _build(self, lr_schedule: Callable[[float], float]) -> None:
        super()._build(lr_schedule)
        self.vector = nn.utils.parameters_to_vector(self.parameters()).detach()
        self.vector.grad = torch.zeros_like(self.vector)
        sizes = [parameter.numel() for parameter in self.parameters()]
        parts = zip(self.parameters(), self.vector.split(sizes), self.vector.grad.split(sizes), strict=True)
        for parameter, values, gradients in parts:
            parameter.data, parameter.grad = values.view_as(parameter), gradients.view_as(parameter)
        self.actor = _layers([*self.mlp_extractor.policy_net, self.action_net])
        self.critic = _layers([*self.mlp_extractor.value_net, self.value_net])
        self.optimizer = self.optimizer_class([self.vector], lr=lr_schedule(1), **self.optimizer_kwargs)

    def set_training_mode(self, mode: bool) -> None:
        """Do nothing: the networks are the same in training."""

    def forward(self, obs: Tensor, deterministic: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """Return actions ``(n, K)``, values ``(n, 1)`` and log probabilities ``(n,)`` for observations ``(n, F)``."""
        logits = outputs(self.actor, obs)[-1]
        parts = [torch.log_softmax(part, dim=1) for part in logits.split(self.action_dist.action_dims, dim=1)]
        pick = _likeliest if deterministic else _drawn
        actions = [pick(part) for part in parts]
        chosen = [part.gather(1, action) for part, action in zip(parts, actions, strict=True)]
        return torch.cat(actions, dim=1), self.predict_values(obs), torch.cat(chosen, dim=1).sum(dim=1)

    def predict_values(self, obs: Tensor) -> Tensor:
        """Return values ``(n, 1)``."""
        return outputs(self.critic, obs)[-1]


def outputs(layers: Sequence[Layer], x: Tensor) -> list[Tensor]:
    """Return the outputs of the layers for inputs ``(n, F)``, all but the last after tanh."""
    passed = []
    for layer in layers[:-1]:
        x = torch.addmm(layer.bias, x, layer.transposed).tanh_()
        passed.append(x)
    return [*passed, torch.addmm(layers[-1].bias, x, layers[-1].transposed)]


def pass_back(layers: Sequence[Layer], inputs: Sequence[Tensor], slope: Tensor) -> None:
    """Write the gradients of the layers, given their inputs and the gradient ``slope`` by the last output."""
    for index in reversed(range(len(layers))):
        layer = layers[index]
        torch.mm(slope.t(), inputs[index], out=layer.weight_gradient)
        torch.sum(slope, dim=0, out=layer.bias_gradient)
        if index:
            slope = torch.ops.aten.tanh_backward(torch.mm(slope, layer.weight), inputs[index])


def _layers(modules: Sequence[nn.Module]) -> list[Layer]:
    linear = [module for module in modules if isinstance(module, nn.Linear)]
    parts = [(m.weight.data, m.weight.data.t(), m.bias.data, m.weight.grad, m.bias.grad) for m in linear]
    return [Layer(*part) for part in parts]


def _drawn(log_probs: Tensor) -> Tensor:
    return torch.multinomial(log_probs.exp(), 1, replacement=True)


def _likeliest(log_probs: Tensor) -> Tensor:
    return log_probs.argmax(dim=1, keepdim=True)
