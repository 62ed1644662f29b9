"""The game that an agent plays: n groups of jobs placed in lockstep, a job of each a step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optimizers.contract import FloatArray, IntArray, Jobs, Mappings

Observations = npt.NDArray[np.float32]

LEVELS = 10
"""Priorities to choose from: enough to sort a core's jobs into early, middle and late, which is what decides which
jobs share the bandwidth; every further level widens the choice at each step, and DQN's by a whole row of cores."""

IMPOSSIBLE = -1.0
"""Feature of a job on a core that cannot run it, below all others."""


class Placement:
    """Jobs come by index; each is given a core and a priority level, and jobs of equal level run by index.

    A step is the same for all n episodes, so that they end together, as n mappings. A job may be given to a core that
    cannot run it: it then adds nothing to the core's load here, and what becomes of the mapping is the problem's word.

    What is observed, ``(n, 3A + 1)`` in [-1, 1], core by core:
        - log latency of the job to place, 0 for the least of the group and 1 for the greatest; -1 if impossible;
        - its required bandwidth b as b / (b + system bandwidth); -1 if impossible;
        - the core's load l in no-stall cycles as l / (l + ``typical_load``);

    and last the share of jobs placed. Once all are placed the features of the job are 0.

    Args:
        jobs: The group.
        num_episodes: n.
        levels: Priorities to choose from.
    """

    def __init__(self, jobs: Jobs, num_episodes: int = 1, levels: int = LEVELS) -> None:
        self.num_jobs, self.num_cores = jobs.latency.shape
        self.num_features = 3 * self.num_cores + 1
        self.levels = levels
        self._latency = np.where(np.isfinite(jobs.latency), jobs.latency, 0.0)
        self._job_features = job_features(jobs)
        self._load_scale = typical_load(jobs)
        self._episodes = np.arange(num_episodes)
        self.reset()

    def reset(self) -> None:
        """No job placed."""
        self.step = 0
        self._actions = np.zeros((len(self._episodes), self.num_jobs, 2), dtype=np.int64)
        self._loads = np.zeros((len(self._episodes), self.num_cores))

    @property
    def done(self) -> bool:
        """Whether all jobs are placed."""
        return bool(self.step == self.num_jobs)

    def place(self, actions: IntArray) -> None:
        """Give the next job of each episode core and level ``(n, 2)``."""
        self._actions[:, self.step] = actions
        cores = self._actions[:, self.step, 0]
        self._loads[self._episodes, cores] += self._latency[self.step, cores]
        self.step += 1

    def observe(self) -> Observations:
        """What the agent sees, ``(n, 3A + 1)``."""
        features = np.zeros((len(self._episodes), self.num_features), dtype=np.float32)
        if not self.done:
            features[:, : 2 * self.num_cores] = self._job_features[self.step]
        features[:, 2 * self.num_cores : -1] = self._loads / (self._loads + self._load_scale)
        features[:, -1] = self.step / self.num_jobs
        return features

    def mappings(self) -> Mappings:
        """The mappings ``(n, G)`` of what is placed so far."""
        return to_mappings(self._actions, self.levels)


def to_mappings(actions: IntArray, levels: int) -> Mappings:
    """Mappings ``(P, G)`` of actions ``(P, G, 2)``; a level is the middle of its share of [0, 1)."""
    return actions[..., 0].copy(), (actions[..., 1] + 0.5) / levels


def to_actions(cores: IntArray, priorities: FloatArray, levels: int) -> IntArray:
    """Actions ``(P, G, 2)`` of mappings ``(P, G)``; a priority is told as its level."""
    return np.stack([cores, (priorities * levels).astype(np.int64)], axis=-1)


def from_flat(numbers: IntArray, levels: int) -> IntArray:
    """Actions ``(n, 2)`` of their numbers ``(n,)``: all levels of core 0, then of core 1, and so on."""
    return np.stack(np.divmod(numbers, levels), axis=-1)


def job_features(jobs: Jobs) -> FloatArray:
    """Latency and bandwidth of each job, ``(G, 2A)``, as ``Placement`` shows them."""
    possible = np.isfinite(jobs.latency)
    logs = np.log(np.where(possible, np.maximum(jobs.latency, 1e-300), 1.0))
    least, most = (pick(logs[possible]) if possible.any() else 0.0 for pick in (np.min, np.max))
    latency = (logs - least) / max(most - least, 1e-9)
    bandwidth = np.where(possible, jobs.bandwidth, 0.0)
    shares = bandwidth / (bandwidth + jobs.system_bandwidth)
    return np.concatenate([np.where(possible, f, IMPOSSIBLE) for f in (latency, shares)], axis=1)


def typical_load(jobs: Jobs) -> float:
    """Expected load in cycles of the fullest core when jobs choose cores at random, or 1 if that is 0."""
    latency = np.where(np.isfinite(jobs.latency), jobs.latency, 0.0)
    return float((latency.sum(axis=0) / latency.shape[1]).max()) or 1.0


def typical_makespan(jobs: Jobs) -> float:
    """About the makespan in cycles of a random mapping: its typical load, or its volume through the bandwidth."""
    possible = np.isfinite(jobs.latency)
    volume = np.where(possible, jobs.latency, 0.0) * np.where(possible, jobs.bandwidth, 0.0)
    return max(typical_load(jobs), float(volume.mean(axis=1).sum() / jobs.system_bandwidth))
