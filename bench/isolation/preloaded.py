"""Imported once in the server from which processes are forked, so that they find the evaluator loaded.

Importing this module evaluates a mapping: that loads the machine code, not only the module.
"""

import problems
from bench.isolation.conditions import warm_up

warm_up(problems.get("vision/S2/bw1/g2/i0"))
