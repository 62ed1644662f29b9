"""Who leads, and whether that is distinguishable, in one or two sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from reports.frames.provenance import tuning
from reports.frames.summary import Tables
from reports.statistics.pairwise import pair_table
from reports.statistics.standing import paragraph
from reports.statistics.verdict import APART, BETTER, EQUAL, NO_EVIDENCE, SAME, WORSE, cases_needed
from reports.wording.numbers import counted, first_of, label

NAMED = 4
"""How many optimizers a sentence names."""

SAYS = {EQUAL: f"{EQUAL} to", SAME: "the same as", WORSE: "worse by geometric mean than"}
"""How a verdict on the leader reads before names."""


def leading_sentence(tables: Tables) -> str:
    """Say who leads, or beside an archive where each optimizer stands, and whose values were told and not verified.

    "" if there are fewer than two optimizers.
    """
    return " ".join(headline(tables))


def headline(tables: Tables) -> list[str]:
    """Return the same as a report begins with it: a paragraph for each optimizer beside an archive, or one sentence."""
    if tables.campaign.reference:
        own = [name for name in tables.optimizers if name not in tables.campaign.reference]
        said = list(filter(None, (paragraph(tables, name) for name in own)))
    else:
        said = list(filter(None, [_leading(tables)]))
    if said and tables.foreign:
        said[-1] += f" Told, not verified: {first_of(tables.foreign, NAMED)}."
    return said


def _leading(tables: Tables) -> str:
    """Say who has the lowest mean rank, and the verdicts on it against the others; "" for fewer than two optimizers.

    With too few problems for any verdict it says so; where no optimizer is distinguishable from random search, it says
    that instead: the order may be chance.
    """
    pairs = pair_table(tables).frame
    if pairs.empty:
        return ""
    leader = str(pairs["optimizer"].iloc[0])  # best mean rank first
    return " ".join([_said_of(tables, pairs, leader), *tuning(tables.campaign, leader)])


def _said_of(tables: Tables, pairs: pd.DataFrame, leader: str) -> str:
    leads = _leads(tables, leader)
    if lacking := _lacking(pairs, tables.alpha):
        return f"{leads}, without a verdict: {lacking}."
    random = _random(tables)
    with_random = pairs[(pairs["optimizer"] == random) | (pairs["other"] == random)]
    if len(with_random) and not with_random["verdict"].isin([BETTER, WORSE]).any():
        cases = int(pairs["cases"].iloc[0])
        where = f"here: their order on {counted(cases, 'problem')} may be chance"
        return f"No optimizer is {APART} random search {where}."
    own = pairs[pairs["optimizer"] == leader]
    by_verdict = {str(verdict): list(map(str, rows)) for verdict, rows in own.groupby("verdict", sort=False)["other"]}
    beaten, unclear = by_verdict.pop(BETTER, []), by_verdict.pop(NO_EVIDENCE, [])
    if len(beaten) == len(own):
        others = f"all {len(own)} others" if len(own) > 1 else f"{beaten[0]}, the only other"
        return f"{leads}, and is better than {others}."
    told = [f"is better than {len(beaten)} of {len(own)} others"] if beaten else []
    told += [f"is {SAYS.get(verdict, verdict)} {first_of(names, NAMED)}" for verdict, names in by_verdict.items()]
    told += [f"is not {APART} {first_of(unclear, NAMED)}"] if unclear else []
    return f"{leads}; it {_joined(told)}."


def _leads(tables: Tables, leader: str) -> str:
    """Say that it leads by mean rank, or with whom."""
    ranks = tables.overall.set_index("optimizer")["mean_rank"]
    level = [str(name) for name in ranks.index[ranks == ranks[leader]] if name != leader]
    equal = [label(name) for name in level if name not in tables.apart]
    return f"{leader} leads by mean rank" + (f", level with {first_of(equal, NAMED)}" if equal else "")


def _lacking(pairs: pd.DataFrame, alpha: float) -> str:
    """What is missing for any verdict; "" if there are enough problems."""
    cases, needed = int(pairs["cases"].iloc[0]), cases_needed(len(pairs), alpha)
    optimizers = len({*pairs["optimizer"], *pairs["other"]})
    return "" if cases >= needed else f"{optimizers} optimizers take {needed} problems for one, and these are {cases}"


def _random(tables: Tables) -> str:
    """The label of uniform random search, or ""."""
    return next((label for label, name in tables.registered.items() if name == "random"), "")


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
