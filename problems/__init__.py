"""Benchmark problems: map the layers of several DNNs onto the cores of an accelerator.

>>> import problems
>>> p = problems.get("mix/S2/bw1/g100/i0")
>>> p.num_jobs, p.num_cores
(100, 4)
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
