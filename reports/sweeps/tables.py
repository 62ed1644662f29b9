"""The tables of a sweep: its points, and what each design comes to."""

from __future__ import annotations

import math
from functools import partial

import pandas as pd

from problems.objectives import DEFAULT_OBJECTIVE
from reports.sweeps.frame import CHOICE, COLUMNS, costs_of
from reports.wording.numbers import percent
from reports.wording.table import Column, Table
from reports.wording.units import amount, exact, name_of

DETAILED_ROWS = 24
"""Up to this many points, terminals show a row for each."""

DESIGN_COLUMNS = {
    "design": COLUMNS["design"],
    "cost_model": COLUMNS["cost_model"],
    "lowest_gbps": "lowest bandwidth of the sweep, GB/s",
    "slowest_ms": "makespan of the best mapping at the lowest bandwidth, ms",
    "highest_gbps": "highest bandwidth of the sweep, GB/s",
    "fastest_ms": "makespan of the best mapping at the highest bandwidth, ms",
    "turning_point_gbps": COLUMNS["turning_point_gbps"],
    "enough_gbps": "bandwidth below the highest from which on it takes at most 5 % longer than there, GB/s, or empty",
    "energy_mj": "energy of the mapping at the highest bandwidth, mJ; empty where the cost model does not know it",
    "gap": "greatest certified gap of the design's points",
}

ENOUGH = 1.05
"""Time over that at the highest bandwidth that counts as no slower."""


def points_table(frame: pd.DataFrame) -> Table:
    """Return the table of all points."""
    view = {
        "design": Column("design", number=False),
        "cost_model": Column("cost model", number=False),
        "bandwidth_gbps": Column("GB/s", "{:,.6g}".format),
        "makespan_ms": Column("ms", amount),
        "gap": Column("gap", percent),
        "limited_by": Column("limit", _text, number=False),
        "energy_mj": Column("mJ", amount),
        "throughput_gflops": Column("GFLOP/s", amount),
        "bandwidth_used": Column("BW used", _share),
    }
    note = (
        f"ms: makespan of the best mapping found ({CHOICE}); gap: it is above the best possible by this much at most "
        "(certified); limit: the greater of the certified bounds by compute and by memory, both where no mapping can "
        "reach either; BW used: share of the bandwidth."
    )
    note = f"{costs_of(frame)} {note}"
    title, shown = _title("Points", frame), _without_constant(view, frame)
    return Table("sweep", title, note, frame, COLUMNS, shown)


def designs_table(frame: pd.DataFrame) -> Table:
    """Return the table of designs: their times at both ends of the bandwidths, and where they turn."""
    rows = [_design(own) for _, own in frame.groupby(["design", "cost_model"], sort=False)]
    designs = pd.DataFrame(rows, columns=list(DESIGN_COLUMNS))
    low, high = (f"{frame['bandwidth_gbps'].agg(end):,.6g} GB/s" for end in ("min", "max"))
    view = {
        "design": Column("design", number=False),
        "cost_model": Column("cost model", number=False),
        "slowest_ms": Column(f"ms at {low}", amount),
        "fastest_ms": Column(f"ms at {high}", amount),
        "turning_point_gbps": Column("turns at GB/s", partial(amount, digits=3)),
        "enough_gbps": Column("enough GB/s", exact),
        "energy_mj": Column(f"mJ at {high}", amount),
        "gap": Column("worst gap", percent),
    }
    note = (
        "turns at: bandwidth at which the certified bounds by compute and by memory are equal: well below it memory "
        "limits the design, well above it compute; enough: from there on it takes at most 5 % longer than at the "
        "highest bandwidth; worst gap: no mapping of its points is above the best possible by more (certified)."
    )
    note = f"{costs_of(frame)} {note}"
    shown = _without_constant(view, designs)
    return Table("designs", _title("Designs", frame), note, designs, DESIGN_COLUMNS, shown, warnings=_impossible(frame))


def _design(own: pd.DataFrame) -> dict[str, object]:
    """Return the row of a design; its times are missing if it has none."""
    own = own.sort_values("bandwidth_gbps")
    first, last = own.iloc[0], own.iloc[-1]
    enough = own[own["makespan_ms"] <= ENOUGH * last["makespan_ms"]]["bandwidth_gbps"].min()
    return {
        "design": first["design"],
        "cost_model": first["cost_model"],
        "lowest_gbps": first["bandwidth_gbps"],
        "slowest_ms": first["makespan_ms"],
        "highest_gbps": last["bandwidth_gbps"],
        "fastest_ms": last["makespan_ms"],
        "turning_point_gbps": last["turning_point_gbps"],
        "enough_gbps": enough if enough < last["bandwidth_gbps"] else math.nan,
        "energy_mj": last["energy_mj"],
        "gap": own["gap"].max(),
    }


def _title(what: str, frame: pd.DataFrame) -> str:
    """Return the title, with the objective that mappings are best in unless it is time."""
    objective = frame["objective"].dropna().iloc[0]
    return what if objective == DEFAULT_OBJECTIVE else f"{what}, by {name_of(objective)}"


def _without_constant(view: dict[str, Column], frame: pd.DataFrame) -> dict[str, Column]:
    """Leave out the cost model if there is one, and what is known of no row."""
    alone = {"cost_model"} if frame["cost_model"].nunique() == 1 else set()
    return {key: column for key, column in view.items() if key not in alone and frame[key].notna().any()}


def _impossible(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return a sentence for each reason why points have no mapping."""
    without = frame[frame["reason"] != ""]
    return tuple(
        f"{', '.join(own['design'].unique())}, {_span(own['bandwidth_gbps'])}: no mapping: {reason}"
        for reason, own in without.groupby("reason", sort=False)
    )


def _span(bandwidths: pd.Series) -> str:
    low, high = bandwidths.min(), bandwidths.max()
    return f"{low:,.6g} GB/s" if low == high else f"{low:,.6g} to {high:,.6g} GB/s"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{100.0 * value:.0f} %"
