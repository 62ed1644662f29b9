"""A problem as a function of IOHexperimenter."""

from __future__ import annotations

import re

from problems.doors.scorer import name_of
from problems.doors.unit_cube import UnitCubeFunction
from problems.foundation.extras import from_extra
from problems.space import ProblemLike

with from_extra("ioh", "the door to IOHexperimenter"):
    import ioh

LONGEST_NAME = 60
LARGEST_INSTANCE = 2**16 - 1
"""Largest number that readers of its logs take."""


def problem(problem: ProblemLike) -> ioh.problem.RealSingleObjective:
    """Return ``problem`` as an ioh problem, ``ioh.wrap_problem`` of a function on the unit cube, for its loggers.

    ``f(x)`` is the value of the mapping that ``x`` ``(2G,)`` encodes, see ``problems.doors.unit_cube``, in the unit of
    the problem's objective, by default cycles; 1e20 for a mapping that cannot run, as ioh's logs leave out runs that
    found only ``inf``. ioh itself answers NaN, without evaluating, to points of another length and to those with NaN.

    The instance is that of the id. The name is the id without it, with ``_`` for what does not suit a file: ioh loses
    logs of names with ``/``. The function id is the next free number, so that it depends on the order of calls: tell
    functions apart by their names. Such a problem can be sent to no other process: make it there.

    Raises:
        InvalidInput: If it is no problem, or has two objectives.
        MissingExtra: (at import) If ioh is not installed.
    """
    function = UnitCubeFunction(problem)
    name, instance = _name_and_instance(name_of(problem))
    return ioh.wrap_problem(
        function,
        name=name,
        problem_class=ioh.ProblemClass.REAL,
        dimension=function.dimension,
        instance=instance,
        optimization_type=ioh.OptimizationType.MIN,
        lb=0.0,
        ub=1.0,
    )


def _name_and_instance(problem_id: str) -> tuple[str, int]:
    """Split an id into a name without its instance, and the instance; 0 if it tells none that ioh takes."""
    found = re.search(r"/i(\d{1,5})(?=/|$)", problem_id)
    if found and int(found[1]) <= LARGEST_INSTANCE:
        name, instance = problem_id[: found.start()] + problem_id[found.end() :], int(found[1])
    else:
        name, instance = problem_id, 0
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[-LONGEST_NAME:], instance
