"""What all agents share: the environment, the library's loop, and its surroundings."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

import torch
from stable_baselines3.common.logger import Logger

from optimizers.adapters import as_json
from optimizers.adapters.global_random import GlobalRandom
from optimizers.adapters.rl.checks import check_widths
from optimizers.adapters.rl.lockstep import LockstepEnv
from optimizers.contract import Objective, Optimizer, SearchSpace, check_integer
from optimizers.encoding import NATIVE, codec_of

HIDDEN_LAYERS = [128, 128, 128]
"""Kao & Krishna 2022: an MLP of 3 x 128."""

_ELSEWHERE = ("policy", "env", "policy_kwargs", "seed", "device", "verbose", "tensorboard_log", "_init_setup_model")


class TorchRandom:
    """One run's own state of torch's generator, on one thread: sums by several differ in their last bits."""

    def __init__(self) -> None:
        self._state = torch.get_rng_state()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The generator in this run's state; afterwards it and the threads are as they were."""
        outside, threads = torch.get_rng_state(), torch.get_num_threads()
        torch.set_rng_state(self._state)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            self._state = torch.get_rng_state()
            torch.set_rng_state(outside)
            torch.set_num_threads(threads)


class Game(NamedTuple):
    """How an agent of any kind plays.

    Attributes:
        encoding: ``native``: an action is a core and a priority level as they are.
        levels: Priorities to choose from for each job.
        num_envs: Episodes side by side.
        net_arch: Width of each hidden layer, of each network.
    """

    encoding: str
    levels: int
    num_envs: int
    net_arch: Sequence[int]

    def check(self, space: SearchSpace) -> None:
        """Refuse what cannot be played; raises ``InvalidInput`` or ``UnknownName``."""
        codec_of(self.encoding, space, offered=(NATIVE,))
        check_integer("levels", self.levels, 1)
        check_integer("num_envs", self.num_envs, 1)
        check_widths("net_arch", self.net_arch)


class Agent(Optimizer):
    """An algorithm of stable-baselines3 in n environments in lockstep, whose n mappings are evaluated as a batch.

    Args:
        algorithm: Its class.
        game: How it plays.
        arguments: What the class is made with beside.

    Raises:
        InvalidInput: If a parameter does not fit.
        UnknownName: If there is no such encoding.
    """

    sees_jobs = True
    libraries = ("stable-baselines3", "sb3-contrib", "gymnasium", "torch")
    flat: ClassVar[bool] = False
    """Whether it needs actions that are one number."""

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        algorithm: type[Any],
        game: Game,
        arguments: Mapping[str, Any],
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        game.check(space)
        self._algorithm, self._arguments = algorithm, arguments
        self._random, self._torch = GlobalRandom(seed), TorchRandom()
        self._env = LockstepEnv(space.known_jobs(), num_envs=game.num_envs, levels=game.levels, flat=self.flat)
        with self.surroundings():
            network = {"net_arch": list(game.net_arch)}
            self._model = algorithm("MlpPolicy", self._env, seed=seed, device="cpu", policy_kwargs=network, **arguments)
        self._model.set_logger(Logger(folder=None, output_formats=[]))  # its own would make a folder

    def run(self, evaluator: Objective) -> None:
        """Learn; the steps are those of the budget and a batch more, so that the evaluator ends it."""
        self._env.evaluator = evaluator
        self._model.learn((self.budget + self._env.num_envs) * self.space.num_jobs, log_interval=None)

    def first_population(self) -> int:
        """The mappings whose last job is placed no later than the first update that knows of a reward."""
        return int(self._env.num_envs) * (self.first_update() // self.space.num_jobs)

    def first_update(self) -> int:
        """Steps of each environment before the first update that knows of a reward: that of the last job."""
        return up_to_multiple(self.space.num_jobs, int(self._model.n_steps))

    def settings(self) -> dict[str, Any]:
        """All arguments of the library's class, and what its networks are made of."""
        parameters = inspect.signature(self._algorithm).parameters.values()
        defaults = {p.name: p.default for p in parameters if p.name not in _ELSEWHERE}
        policy = self._model.policy
        parts = {"activation_fn": policy.activation_fn.__name__, "optimizer": type(policy.optimizer).__name__}
        return as_json({**defaults, **self._arguments, **parts})

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """Its own randomness, one thread of torch, and no complaint about a last minibatch that is smaller."""
        with self._random.lent(), self._torch.lent(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="You have specified a mini-batch size")
            yield


def up_to_multiple(count: int, step: int) -> int:
    """The first multiple of ``step`` that is no less than ``count``."""
    return -(-count // step) * step
