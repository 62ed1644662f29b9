"""Tests and effect sizes of two samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata, wilcoxon

from reports.statistics.compared import FloatArray

EXACT = 50
"""Wilcoxon's p-value is exact for so many differences or fewer, else from the normal distribution."""


def signed_rank_p(differences: FloatArray) -> float:
    """Two-sided p-value of Wilcoxon 1945; 1 if all differences are zero, NaN if there are none.

    Differences that are zero are left out; among equal ones the exact p-value errs towards 1.
    """
    nonzero = differences[differences != 0.0]
    if not nonzero.size:
        return 1.0 if differences.size else np.nan
    return float(wilcoxon(nonzero, method="exact" if nonzero.size <= EXACT else "auto").pvalue)


def holm(p: npt.ArrayLike) -> FloatArray:
    """``(n,)`` p-values corrected for their number (Holm 1979)."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)
    corrected = np.empty_like(values)
    corrected[order] = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1)).clip(max=1.0)
    return corrected


def rank_biserial(differences: FloatArray) -> float:
    """Matched-pairs rank-biserial correlation (Kerby 2014), positive where differences are negative; 0 if all are 0."""
    nonzero = differences[differences != 0.0]
    if not nonzero.size:
        return 0.0 if differences.size else np.nan
    ranks = rankdata(np.abs(nonzero))
    return float((np.sign(-nonzero) * ranks).sum() / ranks.sum())


def beats(own: FloatArray, other: FloatArray) -> float:
    """How likely a value of ``own`` is lower than one of ``other``, a tie counting half: A of Vargha & Delaney 2000."""
    return float((own[:, None] < other).mean() + 0.5 * (own[:, None] == other).mean())
