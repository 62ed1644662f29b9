"""Dask: workers of this computer, at an address, and of any class of cluster."""

import pytest

from bench.engines.testing import EngineConformance, echo
from problems.foundation.errors import InvalidInput, WorkerError

pytest.importorskip("distributed")

from bench.engines.dask import Dask


class TestDask(EngineConformance):
    def engine(self):
        return Dask(workers=2)


class TestDaskAtAnAddress(EngineConformance):
    owns_workers = False

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _cluster(cls):
        from distributed import LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
            cls.address = cluster.scheduler_address
            yield

    def engine(self):
        return Dask(address=self.address)

    def test_workers_limit_the_calls_at_a_time(self):
        with Dask(address=self.address, workers=1).open() as pool:
            assert pool.slots == 1


def test_a_cluster_is_found_by_its_class_and_gets_its_own_keys():
    keys = {"n_workers": 0, "threads_per_worker": 1, "dashboard_address": ":0"}
    with Dask(cluster="distributed.LocalCluster", workers=2, keys=keys).open() as pool:
        assert pool.slots == 2
        assert pool.submit(echo, 1).result(60) == b"1"


def test_a_key_that_the_cluster_does_not_take_is_an_error():
    with (
        pytest.raises(InvalidInput, match=r"keys: expected keys that distributed\.LocalCluster takes"),
        Dask(keys={"n_workerz": 2}).open(),
    ):
        pass


@pytest.mark.parametrize("name", ["nowhere.Cluster", "distributed.NoCluster", "Cluster"])
def test_a_cluster_that_is_not_there_is_an_error(name):
    with pytest.raises(InvalidInput, match=r"cluster: expected a class, e\.g\. dask_jobqueue.SLURMCluster"):
        Dask(cluster=name)


def test_a_scheduler_that_does_not_answer_is_an_error():
    with (
        pytest.raises(WorkerError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        Dask(address="tcp://127.0.0.1:9", keys={"timeout": 1}).open(),
    ):
        pass


def test_a_cluster_without_workers_is_an_error_in_time():
    keys = {"n_workers": 0, "dashboard_address": ":0"}
    engine = Dask(cluster="distributed.LocalCluster", keys=keys, timeout_seconds=1)
    with pytest.raises(WorkerError, match="no Dask worker was there for 1 s"), engine.open():
        pass
