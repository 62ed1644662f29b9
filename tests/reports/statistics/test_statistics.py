from __future__ import annotations

import pytest

from reports.frames.summary import TARGETS, make_tables
from reports.statistics import STATISTICS


@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda statistic: statistic.__name__)
def test_every_statistic_bears_every_campaign(statistic, targets, any_tables_to):
    tables = any_tables_to(targets)
    table = statistic(tables)
    assert len(table.shown()) == len(table.frame)
    assert all(sentence.endswith(".") for sentence in (table.note, *table.warnings))
    assert table.frame.empty or set(table.frame["optimizer"]) <= set(tables.optimizers)


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda statistic: statistic.__name__)
def test_every_statistic_says_where_it_is_from_and_what_it_assumes(statistic, tiny):
    note = statistic(make_tables(tiny)).note
    assert any(year in note for year in ("1993", "2002", "2005", "2006", "2021"))
    assert any(word in note for word in ("assume", "take", "depend", "weighs the same"))


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda statistic: statistic.__name__)
def test_every_statistic_warns_of_few_seeds_or_problems(statistic, tiny):
    assert any(word in statistic(make_tables(tiny)).warnings[0] for word in ("only", "too few", "needs three"))


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda statistic: statistic.__name__)
def test_a_statistic_of_nothing_says_so(statistic, make_campaign):
    table = statistic(make_tables(make_campaign([])))
    assert table.frame.empty
    assert "nothing to compare" in table.warnings[0]


def test_the_tables_have_names_of_their_own(tiny):
    names = [statistic(make_tables(tiny)).name for statistic in STATISTICS]
    assert len(set(names)) == len(names)
