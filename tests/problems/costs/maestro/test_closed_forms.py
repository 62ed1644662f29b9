"""The cost model against MAESTRO's own figures.

Origin of data/maestro_golden.csv: output of the built MAESTRO on randomly drawn layers.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import maestro_costs
from problems.foundation.errors import InvalidInput, UnknownName

COLUMNS = ["K", "C", "Y", "X", "R", "S", "type"]


@pytest.fixture(scope="module")
def golden():
    """The measured rows beside the model's figures for them."""
    table = pd.read_csv(Path(__file__).parent / "data" / "maestro_golden.csv")
    parts = []
    for (style, num_pes, cluster), rows in table.groupby(["style", "num_pes", "cluster"]):
        costs = maestro_costs(rows[COLUMNS].to_numpy(), style=style, num_pes=num_pes, cluster=cluster)
        parts.append(rows.assign(**{f"model_{name}": value for name, value in vars(costs).items()}))
    return pd.concat(parts)


@pytest.fixture(scope="module")
def modelled(golden):
    return golden[golden.model_valid]


def test_every_figure_of_every_valid_row_is_exact(modelled):
    assert len(modelled) > 3000
    assert (modelled.model_runtime_cycles == modelled.runtime_cycles).all()
    assert (modelled.model_l2_size_bytes == modelled.l2_size_bytes).all()
    assert (modelled.model_l1_size_bytes == modelled.l1_size_bytes).all()
    assert (modelled.model_bandwidth == modelled.req_dram_bw).all()


def test_energy_is_exact_to_the_six_digits_that_maestro_prints(modelled):
    known = modelled[modelled.model_energy_nj.notna()]
    assert len(known) > 2000
    assert [f"{e:.6g}" for e in known.model_energy_nj] == [f"{e:.6g}" for e in known.energy_nJ]


def test_macs_are_the_true_count_which_maestro_prints_except_in_its_odd_regions(modelled):
    rows = modelled[modelled.type == 1]
    height, width = rows.Y - rows.R + 1, rows.X - rows.S + 1
    assert (rows.model_num_macs == rows.K * rows.C * rows.R * rows.S * height * width).all()
    agree = modelled.model_num_macs == modelled.num_macs
    assert agree.mean() > 0.9
    assert agree[modelled.type == 0].all()


def test_rejected_rows_are_rejected_and_only_those_outside_the_domain(golden):
    impossible = (golden.Y < golden.R) | (golden.X < golden.S)
    too_wide = (golden["style"] == "eye") & (golden.type != 2) & (golden.S > golden.cluster)
    too_wide &= golden.X - golden.S + 1 < golden.S
    expected = (golden.status == "ok") & ~impossible & ~too_wide
    assert (golden.model_valid == expected).all()


def test_worked_example_of_the_definition():
    costs = maestro_costs([[512, 512, 14, 14, 3, 3, 1]], style="dla", num_pes=2048, cluster=64)
    assert costs.runtime_cycles.tolist() == [184321]
    assert costs.l2_size_bytes.tolist() == [38080]
    assert costs.bandwidth[0] == pytest.approx(0.1033, abs=5e-5)


def test_giant_layers_do_not_overflow_32_bits():
    costs = maestro_costs([[4096, 4096, 512, 512, 11, 11, 1]], style="eye")
    assert costs.runtime_cycles[0] > 2**32


def test_layers_beyond_64_bits_are_refused():
    with pytest.raises(InvalidInput, match=r"row 0: expected K\*C\*Y\*X\*R\*S of at most"):
        maestro_costs([[10**6, 10**6, 10**6, 10**6, 1, 1, 1]], style="eye")


def test_invalid_layers_do_not_spoil_valid_ones_beside_them():
    costs = maestro_costs([[8, 8, 2, 2, 3, 3, 1], [8, 8, 5, 5, 3, 3, 1]])
    assert costs.valid.tolist() == [False, True]
    assert np.isnan(costs.bandwidth[0])
    assert costs.runtime_cycles[1] == maestro_costs([[8, 8, 5, 5, 3, 3, 1]]).runtime_cycles[0]


def test_no_layers_give_no_figures():
    assert maestro_costs(np.zeros((0, 7), dtype=int)).valid.shape == (0,)


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        ([[1, 2, 3]], "shape"),
        ([1, 2, 3, 4, 5, 6, 1], "shape"),
        ([[0, 8, 5, 5, 3, 3, 1]], "row 0: K"),
        ([[8, 8, 5, 5, 3, 3, 1], [8, 8, 5, 5, 3, 3, 4]], "row 1: type"),
        ([[8, 8, 5.5, 5, 3, 3, 1]], "row 0: Y"),
        ([[8, 8, float("nan"), 5, 3, 3, 1]], "row 0: Y"),
        ([["a", "b", "c", "d", "e", "f", "g"]], "integers"),
    ],
)
def test_bad_layers_are_named(layers, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        maestro_costs(layers)


def test_unknown_dataflow_suggests_the_right_one():
    with pytest.raises(UnknownName, match="did you mean eye"):
        maestro_costs([[8, 8, 5, 5, 3, 3, 1]], style="eyes")


@pytest.mark.parametrize("parameters", [{"num_pes": 0}, {"cluster": 0}, {"num_pes": 10.5}])
def test_bad_cores_are_named(parameters):
    with pytest.raises(InvalidInput, match=next(iter(parameters))):
        maestro_costs([[8, 8, 5, 5, 3, 3, 1]], **parameters)


sizes = st.integers(1, 300)


@given(st.sampled_from(["dla", "eye", "shi"]), sizes, sizes, st.integers(12, 64), st.integers(1, 7), st.integers(0, 3))
def test_a_layer_alone_costs_what_it_costs_in_company(style, k, c, extent, kernel, kind):
    row = [k, c, extent, extent, kernel, kernel, kind]
    together = maestro_costs([row, [5, 7, 30, 30, 3, 3, 1], row], style=style)
    alone = maestro_costs([row], style=style)
    assert alone.valid.all()
    assert together.runtime_cycles[[0, 2]].tolist() == alone.runtime_cycles.tolist() * 2
    assert together.bandwidth[[0, 2]].tolist() == alone.bandwidth.tolist() * 2
