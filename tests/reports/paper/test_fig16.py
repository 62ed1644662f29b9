from __future__ import annotations

import pytest

from bench.campaigns.reading import load_campaign
from optimizers import resolve_parameters
from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig16 import FIG16, GROUPS, RATES

OFF = {
    "MAGMA": (),
    "no mutation": ("mutation",),
    "mutation only": ("gen", "rg", "accel"),
}


@pytest.fixture
def ablation(make_run, make_campaign):
    """MAGMA ends at 2, without mutation at 4, with mutation only at 3 times the bound; quartiles 10 % from that."""
    ends = dict(zip(OFF, (2.0, 4.0, 3.0), strict=True))
    return make_campaign(
        [
            make_run(label, seed, best * factor, optimizer="magma", parameters={RATES[name]: 0 for name in OFF[label]})
            for label, best in ends.items()
            for seed, factor in enumerate((0.8, 1.0, 1.2))
        ]
    )


def test_values_are_relative_to_the_end_of_magma_with_all_operators(ablation):
    _, numbers = make_figure(FIG16, make_tables(ablation))
    ends = numbers.groupby("optimizer").tail(1).set_index("optimizer")
    assert ends["evaluation"].unique().tolist() == [100]
    assert ends["median"].to_dict() == pytest.approx({"MAGMA": 1.0, "no mutation": 2.0, "mutation only": 1.5})
    assert ends.loc["MAGMA", ["q1", "q3"]].tolist() == pytest.approx([0.9, 1.1])
    assert numbers["reference"].unique().tolist() == ["MAGMA"]


def test_groups_tell_how_many_operators_are_left_out(ablation):
    _, numbers = make_figure(FIG16, make_tables(ablation))
    first = numbers.drop_duplicates("optimizer").set_index("optimizer")
    assert first["group"].to_dict() == dict(zip(OFF, GROUPS, strict=True))
    assert first["operators"].tolist() == ["gen, rg, accel, mutation", "gen, rg, accel", "mutation"]


def test_the_ends_name_the_lines(ablation):
    figure, _ = make_figure(FIG16, make_tables(ablation))
    assert [label.get_text() for label in figure.axes[-1].get_yticklabels()] == list(OFF)


@pytest.mark.parametrize("quick", [False, True])
def test_the_campaign_has_magma_whole_without_each_operator_and_mutation_with_each_crossover(quick):
    contenders = load_campaign("fig16", quick=quick).contenders
    on = {
        c.label: {name for name, rate in RATES.items() if resolve_parameters("magma", c.parameters)[rate]}
        for c in contenders
    }
    assert on.pop("MAGMA") == set(RATES)
    assert on.pop("mutation only") == {"mutation"}
    for name in RATES:
        short = name if name == "mutation" else f"crossover-{name}"
        assert on.pop(f"no {short}") == set(RATES) - {name}
    for name in ("gen", "rg", "accel"):
        assert on.pop(f"mutation + {name}") == {"mutation", name}
    assert not on
