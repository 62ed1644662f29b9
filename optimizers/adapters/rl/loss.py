"""The gradient of PPO's loss (Schulman 2017, equations 7 and 9) by the outputs of actor and critic, compiled.

A2C's loss has the same gradient where the policy is the one that acted: the ratio is 1 there (Huang 2022).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.foundation.compiling import compiled

Floats = npt.NDArray[np.float32]


@compiled
def loss_gradients(
    logits: Floats,
    values: Floats,
    actions: Floats,
    old_log_probs: Floats,
    advantages: Floats,
    returns: Floats,
    widths: IntArray,
    normalize: bool,
    clip_range: float,
    entropy_weight: float,
    value_weight: float,
) -> tuple[Floats, Floats]:
    """Compute the gradients ``(n, L)`` by the logits and ``(n, 1)`` by the values.

    Args:
        logits: ``(n, L)``, those of the K actions side by side.
        values: ``(n, 1)``.
        actions: ``(n, K)``.
        old_log_probs: ``(n,)``, log probabilities of the actions when they were drawn.
        advantages: ``(n,)``.
        returns: ``(n,)``.
        widths: ``(K,)``, number of logits of each action; their sum is L.
        normalize: Whether advantages are normalized, if there are two at least.
        clip_range: Range to which the probability ratio is clipped, around 1; may be infinite.
        entropy_weight: Weight of the entropy in the loss.
        value_weight: Weight of the critic's loss.
    """
    n = len(logits)
    mean, scale = 0.0, 1.0
    if normalize and n > 1:
        for advantage in advantages:
            mean += advantage / n
        variance = 0.0
        for advantage in advantages:
            variance += (advantage - mean) ** 2 / (n - 1)
        scale = np.sqrt(variance) + 1e-8
    by_logits, by_values = np.empty_like(logits), np.empty_like(values)
    log_probs, probs = np.empty(logits.shape[1]), np.empty(logits.shape[1])
    entropies = np.empty(len(widths))
    for i in range(n):
        log_prob = 0.0
        start = 0
        for k, width in enumerate(widths):
            entropies[k] = _softmax(logits[i], start, start + width, log_probs, probs)
            log_prob += log_probs[start + int(actions[i, k])]
            start += width
        ratio = np.exp(log_prob - old_log_probs[i])
        advantage = (advantages[i] - mean) / scale
        gained = ratio * advantage
        clipped = min(max(ratio, 1 - clip_range), 1 + clip_range) * advantage
        slope = -gained / n if gained <= clipped else 0.0  # eq. 7: the clipped one is constant
        start = 0
        for k, width in enumerate(widths):
            for j in range(start, start + width):
                chosen = 1.0 if j == start + int(actions[i, k]) else 0.0
                more_entropy = -probs[j] * (log_probs[j] + entropies[k])
                by_logits[i, j] = slope * (chosen - probs[j]) - entropy_weight / n * more_entropy  # eq. 9
            start += width
        by_values[i, 0] = value_weight * 2.0 * (values[i, 0] - returns[i]) / n
    return by_logits, by_values


@compiled
def _softmax(logits: Floats, start: int, end: int, log_probs: FloatArray, probs: FloatArray) -> float:
    """Write the log probabilities and the probabilities of ``logits[start:end]``, and return their entropy."""
    highest = logits[start:end].max()
    total = 0.0
    for j in range(start, end):
        total += np.exp(logits[j] - highest)
    shift = highest + np.log(total)
    entropy = 0.0
    for j in range(start, end):
        log_probs[j] = logits[j] - shift
        probs[j] = np.exp(log_probs[j])
        entropy -= probs[j] * log_probs[j]
    return entropy
