"""The conformance suite for the engine ``mpi``; ``test_mpi.py`` runs it as rank 0 of an MPI job."""

from bench.engines.mpi import Mpi
from bench.engines.testing import EngineConformance


class TestMpi(EngineConformance):
    owns_workers = False
    survives_deaths = False

    def engine(self):
        return Mpi()
