"""The figures of a sweep, in the order in which they are told.

To add one: a file with two functions, ``numbers`` (from the frame of all points to the rows that it shows) and
``draw``, and a line here.
"""

from __future__ import annotations

from reports.sweeps.energy import ENERGY
from reports.sweeps.pareto import PARETO
from reports.sweeps.roofline import ROOFLINE
from reports.sweeps.time import TIME

FIGURES = (TIME, ENERGY, PARETO, ROOFLINE)
