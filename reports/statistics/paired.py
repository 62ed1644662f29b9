"""Tests and effect sizes for two paired samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata, wilcoxon

from problems.arrays import FloatArray
from reports.frames.summary import costs, rounded

EXACT = 500
"""Most differences for which the p-value of the signed-rank test is exact; with more, it is a normal approximation."""

_ROUNDING = 1e-13
"""Relative difference of quotients that may be due to rounding of the values."""


def signed_quotients(own: npt.ArrayLike, other: npt.ArrayLike, front: npt.ArrayLike) -> FloatArray:
    """The larger of each pair of values over the smaller, negative where ``own`` is lower, 0 where both are equal.

    Their absolute values rank like those of the logarithms of ratios. But logarithms of equal ratios, such as 10 / 5
    and 2 / 1, may differ in their last digits and then miss a tie; a quotient is rounded correctly and only once, so
    equal ratios stay equal. Quotients that differ only by rounding of the values are made equal too.

    Args:
        own: ``(n,)`` positive values, possibly infinite.
        other: ``(n,)`` likewise.
        front: ``(n,)`` or scalar; whether the values are hypervolume shortfalls, whose quotients are of hypervolumes.
    """
    a, b = costs(own, front), costs(other, front)
    equal = (rounded(own, front) == rounded(other, front)) | (a == b)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        sizes = np.where(equal, 0.0, np.maximum(a, b) / np.minimum(a, b))
    return np.where(a < b, -1.0, 1.0) * _without_rounding(sizes)


def log_ratios(own: npt.ArrayLike, other: npt.ArrayLike, front: npt.ArrayLike) -> FloatArray:
    """``(n,)`` logarithms of ``own`` / ``other``, below 0 where ``own`` is better; those of equal ratios are equal."""
    quotients = signed_quotients(own, other, front)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(quotients == 0.0, 0.0, np.sign(quotients) * np.log(np.abs(quotients)))


def _without_rounding(sizes: FloatArray) -> FloatArray:
    """``(n,)`` sizes, with those that differ only by rounding replaced by the smallest of them."""
    ascending, place = np.unique(sizes, return_inverse=True)
    first = np.append(True, ascending[1:] > ascending[:-1] * (1.0 + _ROUNDING))[: ascending.size]
    return np.asarray(ascending[first][np.cumsum(first)[place] - 1])


def signed_rank_p(differences: npt.ArrayLike) -> float:
    """Two-sided p-value of Wilcoxon's signed-rank test; 1 if all differences are 0, NaN if any is NaN or none is given.

    As in Wilcoxon 1945, zero differences are left out (Pratt 1959 would rank them), and tied sizes share their mean
    rank. For up to ``EXACT`` differences p is exact even with ties: the share of the 2^n assignments of signs to these
    ranks whose rank sum is at least as far from its mean. (scipy's exact distribution assumes no ties.)
    """
    values = np.asarray(differences, dtype=np.float64)
    nonzero = values[values != 0.0]
    if not values.size or np.isnan(values).any():
        return np.nan
    if not nonzero.size:
        return 1.0
    if nonzero.size > EXACT:
        return float(wilcoxon(nonzero, method="asymptotic").pvalue)
    ranks = rankdata(np.abs(nonzero))
    smaller = min(ranks[nonzero < 0.0].sum(), ranks[nonzero > 0.0].sum())
    return float(min(1.0, 2.0 * _chance_of_at_most(smaller, ranks)))


def _chance_of_at_most(limit: float, ranks: FloatArray) -> float:
    """Probability that ``ranks``, each taken with probability 1/2, add up to at most ``limit``; multiples of 1/2."""
    chances = np.zeros(int(2.0 * limit) + 1)  # probability of each sum, in halves
    chances[0] = 1.0
    for halves in (2.0 * ranks).astype(np.int64).tolist():
        chances *= 0.5
        chances[halves:] += chances[:-halves]
    return float(chances.sum())


def holm(p: npt.ArrayLike) -> FloatArray:
    """``(n,)`` p-values corrected for multiple testing (Holm 1979)."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)
    corrected = np.empty_like(values)
    corrected[order] = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1)).clip(max=1.0)
    return corrected


def rank_biserial(differences: npt.ArrayLike) -> float:
    """Matched-pairs rank-biserial correlation (Kerby 2014), positive where differences are negative; 0 if all are 0."""
    values = np.asarray(differences, dtype=np.float64)
    nonzero = values[values != 0.0]
    if not nonzero.size:
        return 0.0 if values.size else np.nan
    ranks = rankdata(np.abs(nonzero))
    return float((np.sign(-nonzero) * ranks).sum() / ranks.sum())


def beats(own: FloatArray, other: FloatArray) -> float:
    """Probability that a value of ``own`` is below one of ``other``, ties counting half: A of Vargha & Delaney 2000."""
    return float((own[:, None] < other).mean() + 0.5 * (own[:, None] == other).mean())
