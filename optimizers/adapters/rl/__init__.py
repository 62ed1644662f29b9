"""Reinforcement learning: stable-baselines3 agents for the environment of ``problems.doors.gymnasium``.

``gymnasium.make("optimizers.adapters.rl:m3e/Mapping-v0", problem=problem)`` finds that environment too.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec

if find_spec("gymnasium"):
    importlib.import_module("problems.doors.gymnasium")
