"""Imported last in the server from which processes are forked, so that they find the evaluator and networks loaded.

Importing this module evaluates a mapping: that loads the machine code, not only the module.
"""

import gc

import problems
from bench.isolation.conditions import warm_up
from problems.foundation.registry import installed

installed()
warm_up(problems.get("mix/S2/bw1/g2/i0"))
gc.collect()
gc.freeze()  # a collection in a forked process would visit all that is loaded, and write to, and so copy, every page
