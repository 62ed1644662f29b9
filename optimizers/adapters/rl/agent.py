"""Base of all agents: the environment, the library's learning loop, and its surroundings."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import BasePolicy

from optimizers.adapters.rl.lockstep import LockstepEnv
from optimizers.contract import Optimizer
from problems.doors.encoding import NATIVE, codec_of
from problems.doors.global_random import GlobalRandom
from problems.foundation.checks import check_integer, check_widths
from problems.foundation.json_values import to_json
from problems.space import Evaluator, SearchSpace

HIDDEN_LAYERS = [128, 128, 128]
"""Kao & Krishna 2022: an MLP of 3 x 128."""

_ELSEWHERE = ("policy", "env", "policy_kwargs", "seed", "device", "verbose", "tensorboard_log", "_init_setup_model")
"""Arguments of the library's classes that are not settings, or are stored elsewhere."""


class TorchRandom:
    """Holds one run's own state of torch's random generator."""

    def __init__(self) -> None:
        self._state = torch.get_rng_state()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the generator into this run's state, and torch on one thread; restore both afterwards.

        With several threads the last bits of sums would depend on their number.
        """
        outside = torch.get_rng_state()
        threads = torch.get_num_threads()
        torch.set_rng_state(self._state)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            self._state = torch.get_rng_state()
            torch.set_rng_state(outside)
            torch.set_num_threads(threads)


class Game(NamedTuple):
    """Parameters that all agents share.

    Attributes:
        encoding: ``native``: an action is a core and a priority level.
        levels: Number of priority levels.
        num_envs: Number of parallel environments.
        net_arch: Width of each hidden layer, the same for each network.
    """

    encoding: str
    levels: int
    num_envs: int
    net_arch: Sequence[int]

    def check(self, space: SearchSpace) -> None:
        """Raise ``InvalidInput`` or ``UnknownName`` if a parameter is invalid."""
        codec_of(self.encoding, space, offered=(NATIVE,))
        check_integer("levels", self.levels, 1)
        check_integer("num_envs", self.num_envs, 1)
        check_widths("net_arch", self.net_arch)


class Agent(Optimizer):
    """Base of an algorithm of stable-baselines3 in n environments in lockstep, whose n mappings are one batch.

    Args:
        game: Parameters that all agents share.
        arguments: Further arguments of ``algorithm``.

    Attributes:
        algorithm: Class of the algorithm in the library.
        policy: The policy's class, or its name in the library.
        policy_settings: Arguments of the policy besides ``net_arch``.
        flat: Whether the algorithm needs actions that are a single number.

    Raises:
        InvalidInput: If a parameter is invalid.
        UnknownName: If there is no such encoding.
    """

    sees_jobs = True
    no_warm_start = "An agent learns a policy, which no mapping gives it."
    libraries = ("stable-baselines3", "sb3-contrib", "gymnasium", "torch")
    algorithm: ClassVar[type[BaseAlgorithm]]
    policy: ClassVar[type[BasePolicy] | str] = "MlpPolicy"
    policy_settings: ClassVar[Mapping[str, object]] = {}
    flat: ClassVar[bool] = False

    def __init__(
        self, space: SearchSpace, *, budget: int, seed: int, game: Game, arguments: Mapping[str, object]
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        game.check(space)
        self._arguments = arguments
        self._random = GlobalRandom(seed)
        self._torch = TorchRandom()
        self._env = LockstepEnv(space.known_jobs(), num_envs=game.num_envs, levels=game.levels, flat=self.flat)
        with self.surroundings():
            self._model = self.algorithm(
                self.policy,
                self._env,
                seed=seed,
                device="cpu",
                policy_kwargs={"net_arch": list(game.net_arch), **self.policy_settings},
                **arguments,
            )
        self._model.set_logger(Logger(folder=None, output_formats=[]))  # the default logger makes a folder

    @classmethod
    def warm_up(cls) -> None:
        """Load what torch loads with the first optimizer and the first step back."""
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.Adam([weight])
        weight.sum().backward()
        optimizer.step()

    def run(self, evaluator: Evaluator) -> None:
        """Learn for the steps of the budget and one more batch, so that the evaluator ends the run."""
        self._env.evaluator = evaluator
        self._model.learn((self.budget + self._env.num_envs) * self.space.num_jobs, log_interval=None)

    def first_population(self) -> int:
        """The mappings that are complete before the first update that uses a reward."""
        return int(self._env.num_envs) * (self.first_update() // self.space.num_jobs)

    def first_update(self) -> int:
        """Return the steps of each environment before the first update that uses a reward: the last job's step."""
        return up_to_multiple(self.space.num_jobs, int(self._model.n_steps))

    def settings(self) -> dict[str, object]:
        """All arguments of the library's class, and the activation function and optimizer of its networks."""
        parameters = inspect.signature(self.algorithm).parameters.values()
        defaults = {p.name: p.default for p in parameters if p.name not in _ELSEWHERE}
        policy = self._model.policy
        parts = {"activation_fn": policy.activation_fn.__name__, "optimizer": type(policy.optimizer).__name__}
        return {name: to_json(value) for name, value in {**defaults, **self._arguments, **parts}.items()}

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """Lend the run's random states, limit torch to one thread, and mute the warning about truncated minibatches."""
        with self._random.lent(), self._torch.lent(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="You have specified a mini-batch size")
            yield


def up_to_multiple(count: int, step: int) -> int:
    """Return the smallest multiple of ``step`` that is at least ``count``."""
    return -(-count // step) * step
