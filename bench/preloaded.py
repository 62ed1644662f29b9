"""Imported once where the processes of runs are forked from: they find the evaluator loaded.

Importing this module evaluates a mapping: only so is the machine code there, and not only the module.
"""

import problems
from bench import worker

worker.warm_up(problems.get("vision/S2/bw1/g2/i0"))
