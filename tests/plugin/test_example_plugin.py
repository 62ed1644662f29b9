"""The tests of the plug-in: the conformance suite, once by its registered name and once by its module."""

from optimizers.testing import OptimizerConformance


class TestIteratedLocalSearch(OptimizerConformance):
    optimizer = "example-ils"


class TestByItsModule(OptimizerConformance):
    optimizer = "m3e_example_plugin:IteratedLocalSearch"
