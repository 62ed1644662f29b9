"""DIN: deep interest network."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, mlp, output_of
from problems.networks.network import Network

ITEM = 128
"""Width of an item: 64 for its id and 64 for its category (the authors' code for Amazon Electronics)."""

ACTIVATION_UNIT = (4 * ITEM, 80, 40, 1)
"""Widths of the activation unit on behaviour, candidate, their difference and product (the authors' code)."""

OUTPUT = (2 * ITEM, 80, 40, 1)
"""Widths of the output network."""

USERS, GOODS, CATEGORIES = 192_403, 63_001, 801
"""Amazon Electronics (Zhou 2018, table 1); the code never reads its user table, which is not counted."""


def din(batch: int = 128, *, history: int = 50) -> tuple[Layer, ...]:
    """Generate activation unit on past behaviours, their weighted sum, and output network; Zhou 2018, section 4.3.

    The weighted sum is one group per sample: each has its own weights and behaviours.

    Args:
        batch: Number of samples, e.g. the candidates of one ranking request.
        history: Past behaviours per sample. The average of the data set is 9; the default stands for a busier user.
    """
    activation = mlp("activation", ACTIVATION_UNIT, rows=batch * history)
    return (
        *activation,
        Layer.gemm("pooling", m=1, n=ITEM, k=history, groups=batch, after=output_of(activation)),
        dense("history", out=ITEM, inp=ITEM, rows=batch, after=("pooling",)),
        *mlp("output", OUTPUT, rows=batch, after=("history",)),
    )


DIN = Network(
    name="din",
    task="recommendation",
    build=din,
    source="Zhou 2018, section 4.3; the authors' code for Amazon Electronics",
    figures="none published; checked against sums over the widths",
    embedding_parameters=(GOODS + CATEGORIES) * (ITEM // 2),
)
