"""Colour bars of values over a reference, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.style import log_ticks

COLOURS = "viridis"
"""Colour map: even in lightness, also for colour-blind readers; dark is good."""


def ratio_scale(values: pd.Series) -> LogNorm:
    """Return the colour scale from the best value to the 95th percentile, spanning at least a factor of 1.02."""
    low, high = float(values.min()), float(values.quantile(0.95))
    return LogNorm(low, max(high, 1.02 * low), clip=True)


def set_ratio_ticks(axis: Axes, norm: LogNorm) -> None:
    """Set ticks at round ratios on the colour bar."""
    axis.yaxis.set_major_locator(FixedLocator(_ticks(float(norm.vmin or 1.0), float(norm.vmax or 1.0))))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axis.yaxis.set_minor_locator(NullLocator())


def _ticks(low: float, high: float) -> Sequence[float]:
    """Return ticks of a logarithmic axis; evenly spaced round numbers if the range is short."""
    if high / low > 8.0:
        return log_ticks(low, high)
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 1e9) if (high - low) / s <= 6.0)
    return [float(tick) for tick in np.arange(np.ceil(low / step), np.floor(high / step) + 1.0) * step]
