"""DIN: deep interest network."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, mlp, output_of
from problems.networks.network import Network

ITEM = 128
"""Width of an item: 64 of its id and 64 of its category (the authors' code for Amazon Electronics)."""

ACTIVATION_UNIT = (4 * ITEM, 80, 40, 1)
"""Of behaviour, candidate, their difference and product (the authors' code)."""

OUTPUT = (2 * ITEM, 80, 40, 1)

USERS, GOODS, CATEGORIES = 192_403, 63_001, 801
"""Amazon Electronics (Zhou 2018, table 1); the code's user table is never read and not counted."""


def din(batch: int = 128, *, history: int = 50) -> tuple[Layer, ...]:
    """Activation unit on every past behaviour, their weighted sum, and the output network; Zhou 2018, section 4.3.

    The weighted sum is one group a sample: each has its own weights and behaviours.

    Args:
        batch: Samples, e.g. the candidates of one ranking request.
        history: Past behaviours a sample. The data set's average is 9; 50 is a busier user's, chosen here.
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
