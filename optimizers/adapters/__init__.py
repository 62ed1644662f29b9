"""Adapters: the optimizers of other libraries under the suite's contract, one file a library."""
