"""The placement task of an agent: in n episodes in lockstep, each step places one job of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.space import Jobs, Mappings

Observations = npt.NDArray[np.float32]

LEVELS = 10
"""Default number of priority levels: enough to sort a core's jobs into early, middle and late, which decides which jobs
share the bandwidth. Each further level adds an action at each step, for DQN one per core."""

IMPOSSIBLE = -1.0
"""Feature of a job on a core that cannot run it; below all possible features."""


class Placement:
    """State of n episodes, in which jobs in the order of their indices get a core and a priority level each.

    Jobs of equal level run in the order of their indices. All n episodes place the same job at a step, so they end
    together, as n mappings. A job may be placed on a core that cannot run it: it then adds nothing to the core's load
    here, and the problem decides what the mapping is worth.

    Observations are ``(n, 3A + 1)`` in [-1, 1], for all cores:
        - log latency of the next job, 0 for the smallest of the group and 1 for the largest; -1 if impossible;
        - its required bandwidth b as b / (b + system bandwidth); -1 if impossible;
        - the core's load l in no-stall cycles as l / (l + ``typical_load``);

    and finally the share of jobs placed. Once all are placed, the features of the next job are 0.

    Args:
        jobs: The group of jobs.
        num_episodes: n.
        levels: Number of priority levels.
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
        """Start new episodes with no job placed."""
        self.step = 0
        self._actions = np.zeros((len(self._episodes), self.num_jobs, 2), dtype=np.int64)
        self._loads = np.zeros((len(self._episodes), self.num_cores))

    @property
    def done(self) -> bool:
        """Whether all jobs are placed."""
        return bool(self.step == self.num_jobs)

    def place(self, actions: IntArray) -> None:
        """Place the next job of each episode on a core with a level, ``actions`` ``(n, 2)``."""
        self._actions[:, self.step] = actions
        cores = self._actions[:, self.step, 0]
        self._loads[self._episodes, cores] += self._latency[self.step, cores]
        self.step += 1

    def observe(self) -> Observations:
        """Return the observations, ``(n, 3A + 1)``."""
        features = np.zeros((len(self._episodes), self.num_features), dtype=np.float32)
        if not self.done:
            features[:, : 2 * self.num_cores] = self._job_features[self.step]
        features[:, 2 * self.num_cores : -1] = self._loads / (self._loads + self._load_scale)
        features[:, -1] = self.step / self.num_jobs
        return features

    def mappings(self) -> Mappings:
        """Return the mappings ``(n, G)`` of the actions so far."""
        return to_mappings(self._actions, self.levels)


def to_mappings(actions: IntArray, levels: int) -> Mappings:
    """Convert actions ``(P, G, 2)`` to mappings ``(P, G)``; a level becomes the middle of its part of [0, 1)."""
    return actions[..., 0].copy(), (actions[..., 1] + 0.5) / levels


def to_actions(cores: IntArray, priorities: FloatArray, levels: int) -> IntArray:
    """Convert mappings ``(P, G)`` to actions ``(P, G, 2)``; a priority becomes its level."""
    return np.stack([cores, (priorities * levels).astype(np.int64)], axis=-1)


def from_flat(numbers: IntArray, levels: int) -> IntArray:
    """Convert flat actions ``(n,)`` to actions ``(n, 2)``: all levels of core 0, then of core 1, and so on."""
    return np.stack(np.divmod(numbers, levels), axis=-1)


def job_features(jobs: Jobs) -> FloatArray:
    """Compute the latency and bandwidth features of each job, ``(G, 2A)``, as observed in ``Placement``."""
    possible = np.isfinite(jobs.latency)
    logs = np.log(np.where(possible, np.maximum(jobs.latency, 1e-300), 1.0))
    least, most = (pick(logs[possible]) if possible.any() else 0.0 for pick in (np.min, np.max))
    latency = (logs - least) / max(most - least, 1e-9)
    bandwidth = np.where(possible, jobs.bandwidth, 0.0)
    shares = bandwidth / (bandwidth + jobs.system_bandwidth)
    return np.concatenate([np.where(possible, f, IMPOSSIBLE) for f in (latency, shares)], axis=1)


def typical_load(jobs: Jobs) -> float:
    """Compute the expected load in cycles of the fullest core if jobs are placed at random, or 1 if it is 0."""
    latency = np.where(np.isfinite(jobs.latency), jobs.latency, 0.0)
    return float((latency.sum(axis=0) / latency.shape[1]).max()) or 1.0


def typical_makespan(jobs: Jobs) -> float:
    """Estimate the makespan in cycles of a random mapping by its load or by its data volume over the bandwidth."""
    possible = np.isfinite(jobs.latency)
    volume = np.where(possible, jobs.latency, 0.0) * np.where(possible, jobs.bandwidth, 0.0)
    return max(typical_load(jobs), float(volume.mean(axis=1).sum() / jobs.system_bandwidth))
