"""The suite's verdict, against SciPy's tests and by what it must say."""

import numpy as np
import pytest
from scipy.stats import wilcoxon

from reports.statistics.verdict import BETTER, EQUAL, MARGIN, NO_EVIDENCE, SAME, VERDICTS, WORSE, rank_sums, verdicts

RNG = np.random.default_rng(0)
NOISE = RNG.normal(0.0, 0.002, 27)


def the_verdict(logs):
    (found,) = verdicts([np.asarray(logs, dtype=np.float64)])
    return found


@pytest.mark.parametrize(
    ("logs", "expected"),
    [
        (NOISE - 0.05, BETTER),
        (NOISE + 0.05, WORSE),
        (NOISE, EQUAL),
        (NOISE + 0.005, EQUAL),  # certain, but too small to matter
        (NOISE + np.log1p(MARGIN), NO_EVIDENCE),
        (RNG.normal(0.0, 0.5, 27), NO_EVIDENCE),
        (np.zeros(27), SAME),
        ([-0.05] * 5, NO_EVIDENCE),  # p is 2 / 2**5
        ([-0.05] * 6, BETTER),
        ([np.inf] * 6, WORSE),
        ([-np.inf] * 6, BETTER),
        ([np.inf, -np.inf] * 3, NO_EVIDENCE),
        ([-0.001] * 26 + [3.0], EQUAL),  # most are a little better, one is far worse: the ratio is not below 1
    ],
)
def test_what_it_says(logs, expected):
    assert expected in VERDICTS
    assert the_verdict(logs).verdict == expected


def test_its_p_values_are_those_of_scipy():
    logs = RNG.normal(-0.004, 0.01, 20)
    found = the_verdict(logs)
    assert found.p == pytest.approx(wilcoxon(logs, method="exact").pvalue)
    shift = np.log1p(MARGIN)
    above, below = (
        wilcoxon(logs + sign * shift, alternative=side, method="exact").pvalue
        for sign, side in ((1, "greater"), (-1, "less"))
    )
    assert found.p_equal == pytest.approx(max(above, below))
    assert found.ratio == pytest.approx(np.exp(logs.mean()))


def test_more_comparisons_make_each_of_them_harder():
    logs = np.full(7, -0.05)
    assert the_verdict(logs).verdict == BETTER
    several = verdicts([logs, *(NOISE[:7] for _ in range(5))])
    assert several[0].p_corrected == pytest.approx(6 * several[0].p)
    assert several[0].verdict == NO_EVIDENCE


def test_the_sides_are_symmetric():
    for logs in (NOISE - 0.05, NOISE + 0.02, NOISE, RNG.normal(0.01, 0.02, 27)):
        one, other = the_verdict(logs), the_verdict(-logs)
        assert {BETTER: WORSE, WORSE: BETTER}.get(one.verdict, one.verdict) == other.verdict
        assert one.ratio == pytest.approx(1.0 / other.ratio)
        assert one.p == pytest.approx(other.p)


def test_equal_optimizers_are_rarely_told_apart():
    rng = np.random.default_rng(1)
    found = [the_verdict(rng.normal(0.0, 0.05, 27)).verdict for _ in range(1000)]
    assert sum(verdict in (BETTER, WORSE) for verdict in found) <= 68  # 5 %, and 2.6 standard deviations


def test_the_level_decides_what_is_significant():
    logs = [np.full(4, -0.5)]  # the least p-value of four problems is 1/8
    assert [verdicts(logs, level)[0].verdict for level in (0.95, 0.85)] == [NO_EVIDENCE, BETTER]


def test_rank_sums_are_those_of_the_test_also_with_equal_values():
    logs = np.array([0.0] * 20 + [-0.02] * 9 + [0.021, 0.5, 0.6])
    favourable, unfavourable = rank_sums(logs)
    assert min(favourable, unfavourable) == wilcoxon(logs, zero_method="wilcox").statistic
    assert (favourable, unfavourable) == (45.0, 33.0)
