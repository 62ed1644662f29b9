"""The suite's own optimizers: MAGMA, the mappers that it is compared with, and simple baselines."""
