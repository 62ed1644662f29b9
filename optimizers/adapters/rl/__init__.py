"""Reinforcement learning: the environment that places a job a step, and agents of stable-baselines3 in it.

Importing the package registers the environment, so Gymnasium finds it by itself (Gymnasium 1 has no entry points):

    gymnasium.make("optimizers.adapters.rl:m3e/Mapping-v0", problem=problem)
"""

from __future__ import annotations

from importlib.util import find_spec

ENVIRONMENT = "m3e/Mapping-v0"

if find_spec("gymnasium"):
    from gymnasium.envs.registration import register

    register(id=ENVIRONMENT, entry_point="optimizers.adapters.rl.environment:MappingEnv")
