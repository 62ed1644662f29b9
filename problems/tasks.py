"""The tasks and their groups: which layers a benchmark instance is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from bench.registry import Entry, Registry
from problems.layers import Layer
from problems.networks import NETWORKS, Task, network_names

Networks = Mapping[str, tuple[Layer, ...]]
"""Layers by network."""

TASKS: Registry[Entry] = Registry("task", group="m3e.problems")
"""What can stand first in a problem id; factories return ``Networks``, or a ``JobTable``."""

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


def networks_of(task: Task | None) -> Networks:
    """The layers of all networks of ``task``, or of every task."""
    return {name: NETWORKS.get(name).layers() for name in network_names(task)}


def draw_jobs(name: str, sizes: Mapping[str, int], num_jobs: int, instance: int) -> list[tuple[str, int]]:
    """The G jobs of an instance, as (network, number of its layer).

    Every job draws a network, then one of its layers, both evenly and with replacement, so that small
    networks count as much as deep ones. The platform has no part in it: all platforms get the same group.

    The stream is frozen: NumPy guarantees that of the legacy ``RandomState``, and its seed is the
    SHA-256 of the instance's name.

    Args:
        name: Of the workload.
        sizes: How many layers each network has.
        num_jobs: G.
        instance: Number of the draw.
    """
    networks = list(sizes)
    digest = hashlib.sha256(f"m3e/{name}/g{num_jobs}/i{instance}".encode()).digest()
    stream = np.random.RandomState(np.frombuffer(digest, dtype=">u4").astype(np.uint32))
    drawn = []
    for u, v in stream.random_sample((num_jobs, 2)):
        network = networks[int(u * len(networks))]
        drawn.append((network, int(v * sizes[network])))
    return drawn


def predecessors_of(networks: Networks, jobs: Sequence[tuple[str, int]]) -> list[list[int]]:
    """Which jobs each job waits for, by their numbers.

    The k-th draw of a layer belongs to the k-th mini-batch of its network. Within a mini-batch a job waits for
    the layers whose outputs it needs; where such a layer was not drawn, for those that it needs in turn.
    """
    batches: dict[tuple[str, int], dict[int, int]] = {}
    count: dict[tuple[str, int], int] = {}
    for job, place in enumerate(jobs):
        batch = count[place] = count.get(place, -1) + 1
        batches.setdefault((place[0], batch), {})[place[1]] = job
    before: list[list[int]] = [[] for _ in jobs]
    for (network, _), drawn in batches.items():
        for layer, needed in _drawn_predecessors(networks[network], drawn).items():
            before[drawn[layer]] = sorted(drawn[other] for other in needed)
    return before


def _drawn_predecessors(layers: Sequence[Layer], drawn: Mapping[int, int]) -> dict[int, set[int]]:
    """For each drawn layer the nearest drawn ones that it depends on; ``after`` names earlier layers only."""
    numbers = {layer.name: number for number, layer in enumerate(layers)}
    result: dict[int, set[int]] = {}
    nearest: list[set[int]] = []
    for number, layer in enumerate(layers):
        needed = set().union(*(nearest[numbers[name]] for name in layer.after))
        if number in drawn:
            result[number] = needed
        nearest.append({number} if number in drawn else needed)
    return result
