"""The engines of one machine."""

import pytest

from bench.engines.process import Process
from bench.engines.testing import EngineConformance
from problems.foundation.errors import InvalidInput


class TestProcess(EngineConformance):
    survives_deaths = False  # its workers are threads; the runs have processes of their own

    def engine(self):
        return Process(workers=2)


def test_workers_are_at_least_one():
    with pytest.raises(InvalidInput, match="workers: expected an integer of at least 1, got 0"):
        Process(workers=0)
