"""Tasks, and how the groups of jobs are drawn from their layers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from problems.foundation.registry import Entry, Registry
from problems.layers import Layer
from problems.networks import MIXED, NETWORKS, Task, network_names

Networks = Mapping[str, tuple[Layer, ...]]
"""Layers of each network, by its name."""

TASKS: Registry[Entry] = Registry("task", group="m3e.problems")
"""The tasks, with which problem ids begin; factories return ``Networks`` or a ``JobTable``."""

BUILTIN = (
    Entry("vision", "problems.tasks:networks_of", {"task": "vision"}, summary="image classifiers, one image"),
    Entry("language", "problems.tasks:networks_of", {"task": "language"}, summary="transformers, one sequence"),
    Entry(
        "recommendation",
        "problems.tasks:networks_of",
        {"task": "recommendation"},
        summary="click and rating predictors, 128 samples",
    ),
    Entry("mix", "problems.tasks:networks_of", {"task": None}, summary="vision, language and recommendation together"),
    Entry("llm", "problems.tasks:served_models", summary="large language models, one prompt or one generated token"),
)


PAPER_TASKS = (*MIXED, "mix")
"""The tasks that the paper maps, with MAESTRO's costs."""


def networks_of(task: Task | None) -> Networks:
    """Return the layers of all networks of ``task``, or, if it is None, of the tasks that ``mix`` unites."""
    tasks = MIXED if task is None else (task,)
    return {name: NETWORKS.get(name).layers() for each in tasks for name in network_names(each)}


def served_models() -> Networks:
    """Return the layers of all models of ``llm`` in each phase, by names such as ``llama2_70b-decode``.

    Models are whole: drawn from one block and the head, every tenth job of a dense model would be a head.
    """
    models = [NETWORKS.get(name) for name in network_names("llm")]
    return {
        f"{model.name}-{phase}": model.layers(phase=phase, blocks=model.blocks)
        for model in models
        for phase in model.choices["phase"]
    }


def draw_jobs(name: str, sizes: Mapping[str, int], num_jobs: int, instance: int) -> list[tuple[str, int]]:
    """Draw the G jobs of an instance, as (network, layer number).

    For every job a network is drawn, then one of its layers, both uniformly and with replacement, so that small
    networks count as much as deep ones. The draw does not depend on the platform: all platforms get the same group.

    The stream is frozen: NumPy guarantees that of the legacy ``RandomState``, and its seed is the
    SHA-256 of the instance's name.

    Args:
        name: Name of the workload.
        sizes: Number of layers of each network.
        num_jobs: G, the number of jobs.
        instance: Which random draw of the group.
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
    """Return the numbers of the jobs that each job waits for.

    The k-th draw of a layer belongs to the k-th mini-batch of its network. Within a mini-batch a job waits for
    the layers whose outputs it needs; if such a layer was not drawn, for the layers that it needs in turn.
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
    """Return, for each drawn layer, the nearest drawn layers it depends on; ``after`` names earlier layers only."""
    numbers = {layer.name: number for number, layer in enumerate(layers)}
    result: dict[int, set[int]] = {}
    nearest: list[set[int]] = []
    for number, layer in enumerate(layers):
        needed = set().union(*(nearest[numbers[name]] for name in layer.after))
        if number in drawn:
            result[number] = needed
        nearest.append({number} if number in drawn else needed)
    return result
