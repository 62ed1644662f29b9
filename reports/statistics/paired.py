"""Tests and effect sizes of two samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata, wilcoxon

from problems.arrays import FloatArray
from reports.frames.summary import costs, rounded

EXACT = 500
"""With more differences than so many the p-value of the signed-rank test is of the normal distribution."""

_ROUNDING = 1e-13
"""Relative difference of quotients that rounding of the values may make."""


def signed_quotients(own: npt.ArrayLike, other: npt.ArrayLike, front: npt.ArrayLike) -> FloatArray:
    """The larger of each pair of values over the smaller: negative where ``own`` is lower, 0 where both are equal.

    Ranks of their sizes are those of the logarithms of ratios. But logarithms of equal ratios, such as 10 / 5 and
    2 / 1, may differ in their last digits and are then no ties; a quotient is rounded once, and correctly, so that
    equal ratios stay equal. Those that differ by rounding of the values alone are made equal too.

    Args:
        own: ``(n,)`` positive values, maybe infinite.
        other: ``(n,)`` likewise.
        front: ``(n,)``, or one for all: whether they are hypervolume shortfalls; their quotients are of hypervolumes.
    """
    a, b = costs(own, front), costs(other, front)
    equal = (rounded(own, front) == rounded(other, front)) | (a == b)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        sizes = np.where(equal, 0.0, np.maximum(a, b) / np.minimum(a, b))
    return np.where(a < b, -1.0, 1.0) * _without_rounding(sizes)


def _without_rounding(sizes: FloatArray) -> FloatArray:
    """``(n,)`` the sizes, of which those that differ by rounding alone are the smallest of them."""
    ascending, place = np.unique(sizes, return_inverse=True)
    first = np.append(True, ascending[1:] > ascending[:-1] * (1.0 + _ROUNDING))[: ascending.size]
    return np.asarray(ascending[first][np.cumsum(first)[place] - 1])


def signed_rank_p(differences: npt.ArrayLike) -> float:
    """Two-sided p-value of Wilcoxon's signed-rank test; 1 if all differences are zero, NaN if one is, or none is there.

    As in Wilcoxon 1945 differences that are zero are left out (Pratt 1959 would rank them), and equal sizes share the
    mean of their ranks. Up to ``EXACT`` of them p is exact whatever the ties: the share of the 2^n ways to give signs
    to these very ranks whose sum is as far from its mean. (scipy's exact distribution is that of ranks without ties.)
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
    """How likely ``ranks``, each taken with probability 1/2, add up to ``limit`` or less; all are multiples of 1/2."""
    chances = np.zeros(int(2.0 * limit) + 1)  # of each sum, in halves
    chances[0] = 1.0
    for halves in (2.0 * ranks).astype(np.int64).tolist():
        chances *= 0.5
        chances[halves:] += chances[:-halves]
    return float(chances.sum())


def holm(p: npt.ArrayLike) -> FloatArray:
    """``(n,)`` p-values corrected for their number (Holm 1979)."""
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
    """How likely a value of ``own`` is lower than one of ``other``, a tie counting half: A of Vargha & Delaney 2000."""
    return float((own[:, None] < other).mean() + 0.5 * (own[:, None] == other).mean())
