"""
With populations in NumPy, PyTorch or JAX
=========================================

A batch function scores whole populations in one call: points of the unit cube ``(n, 2G)``, or cores and priorities
``(n, G)`` each. It reads any array that NumPy can, and returns a NumPy array ``(n,)`` of float64.
"""

# %%
import numpy as np

import problems
from problems.doors.batch import function

p = problems.get("mix/S2/bw1/g20/i0")
f = function(p)
rng = np.random.default_rng(0)

# %%
# A cross-entropy method on the unit cube: 10 generations of 50, each drawn around the ten best of the last.
mean, deviation = np.full(f.dimension, 0.5), np.full(f.dimension, 0.3)
for _ in range(10):
    points = np.clip(rng.normal(mean, deviation, (50, f.dimension)), 0.0, 1.0)
    values = f(points)
    elite = points[np.argsort(values, kind="stable")[:10]]
    mean, deviation = elite.mean(axis=0), elite.std(axis=0) + 0.02
print(f"best of the last generation {values.min():.6g} cycles, {values.min() / p.lower_bound():.3f} times the bound")

# %%
# Populations of PyTorch and JAX go in as they are. Their float32 differs from float64, and so may the mappings: compare
# values of the same array. Values have no gradient. Within ``jax.jit``, call it by ``jax.pure_callback``.
try:
    import torch
except ImportError:
    print("PyTorch is not installed")
else:
    tensor = torch.from_numpy(points)
    print("PyTorch:", torch.equal(torch.from_numpy(f(tensor)), torch.from_numpy(values)))
try:
    import jax
except ImportError:
    print("JAX is not installed")
else:
    array = jax.numpy.asarray(points)
    shape = jax.ShapeDtypeStruct((len(points),), jax.numpy.float32)
    inside = jax.jit(lambda x: jax.pure_callback(lambda y: f(y).astype(np.float32), shape, x))(array)
    print("JAX:", np.array_equal(inside, f(array).astype(np.float32)))

# %%
# Cores and priorities are a batch too, and values are those of the suite.
cores, priorities = f.decode(points)
assert (f(cores, priorities) == values).all()
assert (values == p.evaluate(cores, priorities)).all()
print("the same numbers:", (values == p.evaluate(cores, priorities)).all())
