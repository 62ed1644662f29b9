"""The suite's own optimizers: MAGMA, the mappers it is compared with, and simple baselines."""
