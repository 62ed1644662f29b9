"""The tasks and their groups: which layers a benchmark instance is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from bench.registry import Entry, Registry
from problems.layers import Layer
from problems.networks import NETWORKS, Task, network_names

Workload = Mapping[str, tuple[Layer, ...]]
"""Layers by network."""

TASKS: Registry[Entry] = Registry("task", group="m3e.problems")
"""What can stand first in a problem id; factories return a ``Workload``."""

BUILTIN = (
    Entry("vision", "problems.tasks:networks_of", {"task": "vision"}, summary="image classifiers, one image"),
    Entry("language", "problems.tasks:networks_of", {"task": "language"}, summary="transformers, one sequence"),
    Entry(
        "recommendation",
        "problems.tasks:networks_of",
        {"task": "recommendation"},
        summary="click and rating predictors, 128 samples",
    ),
    Entry("mix", "problems.tasks:networks_of", {"task": None}, summary="the networks of all three"),
)


def networks_of(task: Task | None) -> Workload:
    """The layers of all networks of ``task``, or of every task."""
    return {name: NETWORKS.get(name).build() for name in network_names(task)}


@lru_cache(maxsize=16)
def _workload(task: str) -> Workload:
    entry = TASKS.get(task)
    workload: Workload = entry.load()(**entry.parameters)
    return workload


def draw_group(task: str, num_jobs: int, instance: int) -> list[tuple[str, Layer]]:
    """The G jobs of an instance, as (network, layer).

    Every job draws a network, then one of its layers, both evenly and with replacement, so that small
    networks count as much as deep ones. The platform has no part in it: all platforms get the same group.

    The stream is frozen: NumPy guarantees that of the legacy ``RandomState``, and its seed is the
    SHA-256 of the instance's name.
    """
    workload = _workload(task)
    networks = list(workload)
    digest = hashlib.sha256(f"m3e/{task}/g{num_jobs}/i{instance}".encode()).digest()
    stream = np.random.RandomState(np.frombuffer(digest, dtype=">u4").astype(np.uint32))
    group = []
    for u, v in stream.random_sample((num_jobs, 2)):
        network = networks[int(u * len(networks))]
        layers = workload[network]
        group.append((network, layers[int(v * len(layers))]))
    return group
