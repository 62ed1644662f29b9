"""The optimizers: a common contract, a native MAGMA, and adapters to established libraries.

>>> import optimizers, problems
>>> r = optimizers.minimize(problems.get("mix/S2/bw1/g20/i0"), "magma", budget=500, seed=0)
>>> r.num_evaluations
500
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
