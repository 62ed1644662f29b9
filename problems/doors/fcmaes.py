"""The optimizers of fcmaes; import them from here: the package changes how NumPy prints when it is first imported."""

from __future__ import annotations

import numpy as np

with np.printoptions():
    from fcmaes.bitecpp import Bite_C
    from fcmaes.crfmnescpp import CRFMNES_C

__all__ = ["CRFMNES_C", "Bite_C"]
