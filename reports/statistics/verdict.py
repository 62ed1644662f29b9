"""The suite's one verdict: is an optimizer better than another, worse, equal, or is there no evidence?

The unit is the problem, not the run: runs on one problem are no evidence on others. Each problem gives one number, the
logarithm of the ratio of the two optimizers' medians over seeds (for two versions of one optimizer, the mean over seeds
that both have of the logarithms of ratios). Then

- *better* or *worse* needs three things: a p-value of Wilcoxon's signed-rank test (Wilcoxon 1945; Demsar 2006),
  corrected over all comparisons that are made (Holm 1979), below 5 %; a geometric mean ratio beyond ``MARGIN``, as a
  difference that is certain and too small to matter is none; and that test's rank sums on the same side as the ratio;
- *equal* needs an equivalence test: two one-sided signed-rank tests (Schuirmann 1987; Wellek 2010, ch. 5), both below
  5 % after the same correction, which say that the ratio is within ``MARGIN``;
- all else is *no evidence*: of a difference beyond ``MARGIN``, in sentences "not distinguishable by more than 1 %".

The 5 % are 1 less the level of confidence, which a report may set otherwise.

The tests take problems as independent draws, and the logarithms as symmetric about their median. How often the verdict
is wrong, and how often it finds what is there, is simulated by ``tests/trials/verdicts.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import rankdata

from problems.arrays import FloatArray
from reports.frames.summary import LEVEL, alpha_of
from reports.statistics.paired import holm, signed_rank_p
from reports.wording.numbers import percentage

MARGIN = 0.01
"""Ratio of values, less 1, below which a difference does not matter."""

SHOWN_MARGIN = percentage(MARGIN)

BETTER, WORSE, EQUAL, NO_EVIDENCE = "better", "worse", f"equal within {SHOWN_MARGIN}", "no evidence"
SAME = "the same"
"""Verdict if all values are the same."""

APART = f"distinguishable by more than {SHOWN_MARGIN} from"
"""How *no evidence* reads in sentences, after "not": the difference may be certain, and smaller."""

VERDICTS = {
    BETTER: f"corrected p below the level of significance, and the ratio, on the same side, is beyond {SHOWN_MARGIN}",
    WORSE: "likewise",
    EQUAL: f"two one-sided tests, corrected, say that the ratio is within {SHOWN_MARGIN}",
    SAME: "all values are the same",
    NO_EVIDENCE: f"none of these: no evidence of a difference beyond {SHOWN_MARGIN}",
}


@dataclass(frozen=True)
class Verdict:
    """What is said of an optimizer against another.

    Attributes:
        ratio: Geometric mean over problems of own value / the other's; below 1 is better. Where the mean is not
            defined, as values are infinite on both sides, the median.
        p: Two-sided p-value of Wilcoxon's signed-rank test.
        p_corrected: ``p`` corrected over all comparisons made.
        p_equal: Larger p-value of the two one-sided tests that the ratio is not within the margin, corrected likewise.
        verdict: One of ``VERDICTS``.
    """

    ratio: float
    p: float
    p_corrected: float
    p_equal: float
    verdict: str

    def turned(self) -> Verdict:
        """Return what the same says of the other optimizer against this one."""
        word = {BETTER: WORSE, WORSE: BETTER}.get(self.verdict, self.verdict)
        return replace(self, ratio=np.inf if self.ratio == 0.0 else 1.0 / self.ratio, verdict=word)


def cases_needed(pairs: int, alpha: float) -> int:
    """Return with how many problems a corrected p-value can fall below ``alpha``: p is at least 2 ** (1 - cases)."""
    return int(np.floor(1.0 + np.log2(pairs / alpha))) + 1


def verdicts(comparisons: Sequence[FloatArray], level: float = LEVEL) -> list[Verdict]:
    """Return the verdict on each of some comparisons, corrected over all of them.

    Args:
        comparisons: Of each the logarithms ``(n,)`` of own value / the other's, one per problem; positive infinity if
            only the own value is infinite.
        level: Level of confidence; p-values below 1 - ``level`` are significant.
    """
    p = np.array([signed_rank_p(logs) for logs in comparisons])
    equal = np.array([_equivalence_p(np.asarray(logs, dtype=np.float64)) for logs in comparisons])
    corrected = zip(comparisons, p, holm(p), holm(equal), strict=True)
    alpha = alpha_of(level)
    return [
        _judged(np.asarray(logs, dtype=np.float64), *(float(x) for x in own), alpha=alpha) for logs, *own in corrected
    ]


def _judged(logs: FloatArray, p: float, p_corrected: float, p_equal: float, *, alpha: float) -> Verdict:
    ratio = _ratio(logs)
    return Verdict(ratio, p, p_corrected, p_equal, _verdict(logs, ratio, p_corrected, p_equal, alpha))


def _verdict(logs: FloatArray, ratio: float, p: float, p_equal: float, alpha: float) -> str:
    if logs.size and not logs.any():
        return SAME
    favourable, unfavourable = rank_sums(logs)
    if p < alpha and ratio < 1.0 / (1.0 + MARGIN) and favourable > unfavourable:
        return BETTER
    if p < alpha and ratio > 1.0 + MARGIN and favourable < unfavourable:
        return WORSE
    return EQUAL if p_equal < alpha else NO_EVIDENCE


def rank_sums(logs: FloatArray) -> tuple[float, float]:
    """Return Wilcoxon's rank sums of negative and of positive logarithms."""
    logs = logs[logs != 0.0]  # as the test does
    ranks = rankdata(np.abs(logs))
    return float(ranks[logs < 0.0].sum()), float(ranks[logs > 0.0].sum())


def _ratio(logs: FloatArray) -> float:
    if not logs.size or np.isnan(logs).any():
        return np.nan
    opposite = np.isposinf(logs).any() and np.isneginf(logs).any()
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.exp(np.median(logs) if opposite else logs.mean()))


def _equivalence_p(logs: FloatArray) -> float:
    """Larger one-sided p-value of the tests of a ratio of at least 1 + ``MARGIN``, and of at most its inverse."""
    margin = np.log1p(MARGIN)
    return max(_one_sided_p(logs - margin), _one_sided_p(-logs - margin))


def _one_sided_p(differences: FloatArray) -> float:
    """P-value of the signed-rank test whose alternative is that the differences are below 0."""
    p = signed_rank_p(differences)
    below, above = rank_sums(differences)
    return p / 2.0 if below > above else 1.0 - p / 2.0
