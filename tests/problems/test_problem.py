import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import problems
from problems.foundation.errors import InvalidInput
from problems.makespan import compiled

KERNELS = (compiled._make_keys, compiled._queue_jobs, compiled._integrate)


@pytest.fixture
def p():
    return problems.from_job_table([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[1.0, 0.0], [2.0, 1.0], [0.0, 1.0]], 1.5)


def test_a_mapping_of_one_dimension_gives_a_float_and_a_batch_an_array(p):
    assert isinstance(p.evaluate([0, 1, 0], [0.1, 0.2, 0.3]), float)
    assert p.evaluate([[0, 1, 0]], [[0.1, 0.2, 0.3]]).shape == (1,)
    assert p.evaluate(np.zeros((0, 3), int), np.zeros((0, 3))).shape == (0,)


def test_repair_moves_a_job_to_the_next_core_that_can_run_it():
    latency = np.array([[1.0, np.inf, 3.0], [np.inf, np.inf, 4.0], [5.0, 6.0, 7.0]])
    p = problems.from_job_table(latency, np.zeros((3, 3)), 1.0)
    cores = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]])
    assert p.repair(cores).tolist() == [[0, 2, 0], [2, 2, 1], [2, 2, 2]]
    assert np.isfinite(p.evaluate(p.repair(cores), np.zeros((3, 3)))).all()
    assert cores[0, 1] == 0  # as it was


def test_makespan_by_hand(p):
    # Core 0 runs job 0 (1 cycle, 1 byte/cycle), then 2 (5 cycles, none); core 1 job 1 (4 cycles, 1 byte/cycle).
    # The first cycle needs 2 bytes and gets 1.5, so it takes 4/3; then 1 byte is enough: 4/3 + 5.
    assert p.evaluate([0, 1, 0], [0.1, 0.2, 0.3]) == pytest.approx(4 / 3 + 5)


def test_ties_run_by_job_index(p):
    assert p.evaluate([0, 0, 0], [0.5, 0.5, 0.5]) == p.evaluate([0, 0, 0], [0.1, 0.2, 0.3])


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.uint16, np.int64])
def test_all_integer_types_and_memory_orders_are_taken(p, dtype, rng):
    cores, priorities = rng.integers(2, size=(50, 3)), rng.random((50, 3))
    expected = p.evaluate(cores, priorities)
    assert p.evaluate(np.asfortranarray(cores.astype(dtype)), np.asfortranarray(priorities)).tolist() == list(expected)
    assert p.evaluate(cores[::2], priorities[::2]).tolist() == list(expected[::2])


def test_arguments_are_not_changed(p):
    cores, priorities = np.array([[1, 0, 1]]), np.array([[0.5, 0.5, 0.1]])
    before = cores.copy(), priorities.copy()
    p.evaluate(cores, priorities)
    assert (cores == before[0]).all()
    assert (priorities == before[1]).all()


@pytest.mark.parametrize(
    ("cores", "priorities", "complaint"),
    [
        ([0, 1], [0.1, 0.2], r"cores: expected shape \(P, 3\) or \(3,\), got \(2,\)"),
        ([0, 1, 0], [0.1, 0.2], r"priorities: expected the shape of cores, \(3,\)"),
        ([[[0, 1, 0]]], [[[0.1, 0.2, 0.3]]], "cores: expected shape"),
        ([0.0, 1.0, 0.0], [0.1, 0.2, 0.3], "cores: expected integers, got float64"),
        ([0, 2, 0], [0.1, 0.2, 0.3], "cores, mapping 0, job 1: expected a core from 0 to 1, got 2"),
        ([[0, 1, 0], [0, 0, -1]], [[0.1, 0.2, 0.3]] * 2, "cores, mapping 1, job 2: .* got -1"),
        ([0, 1, 0], [0.1, np.nan, 0.3], "priorities, mapping 0, job 1: expected a finite number, got nan"),
        ([0, 1, 0], [0.1, np.inf, 0.3], "priorities, mapping 0, job 1"),
        ([0, 1, 0], ["a", "b", "c"], "priorities: expected real numbers"),
    ],
)
def test_bad_mappings_are_refused_with_the_place(p, cores, priorities, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        p.evaluate(cores, priorities)


GOOD = [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("latency", "bandwidth", "system_bandwidth", "complaint"),
    [
        ([], [], 1.0, "latency: .* at least one of each"),
        (np.zeros((0, 4)), np.zeros((0, 4)), 1.0, r"latency: .* got \(0, 4\)"),
        ([1.0, 2.0], [1.0, 2.0], 1.0, "latency"),
        (GOOD, [[1.0, 2.0], [3.0, 4.0]], 1.0, "bandwidth: expected the shape of latency"),
        ([[1.0, np.nan]], GOOD, 1.0, "latency, job 0, core 1: expected a number of at least 0, got nan"),
        ([[1.0, -2.0]], GOOD, 1.0, "latency, job 0, core 1: .* got -2.0"),
        (GOOD, [[1.0, -0.5]], 1.0, "bandwidth, job 0, core 1"),
        (GOOD, [[1.0, np.inf]], 1.0, "bandwidth, job 0, core 1: expected a finite value"),
        ([[np.inf, np.inf]], GOOD, 1.0, "latency, job 0: expected a finite value on some core"),
        ([["x", "y"]], GOOD, 1.0, "latency: expected an array of numbers"),
        ([[1.0], [2.0, 3.0]], GOOD, 1.0, "latency"),
        (GOOD, GOOD, 0.0, "system bandwidth: .* above 0, got 0.0"),
        (GOOD, GOOD, -1.0, "system bandwidth"),
        (GOOD, GOOD, np.nan, "system bandwidth"),
        (GOOD, GOOD, np.inf, "system bandwidth"),
        (GOOD, GOOD, "fast", "system bandwidth"),
        (GOOD, GOOD, 1e-320, "system bandwidth: .* exceeds the floats"),
    ],
)
def test_bad_job_tables_are_refused_with_the_place(latency, bandwidth, system_bandwidth, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        problems.from_job_table(latency, bandwidth, system_bandwidth)


def test_the_job_table_is_a_copy_that_cannot_be_written():
    latency = np.ones((2, 2))
    p = problems.from_job_table(latency, latency, 1.0)
    latency[0, 0] = 7.0
    assert p.job_table.latency[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        p.job_table.latency[0, 0] = 7.0


def test_arrays_of_every_kind_score_alike_and_compile_nothing_anew(p):
    cores, priorities = np.array([[0, 1, 0], [1, 1, 0]]), np.array([[0.25, 0.5, 0.75], [0.75, 0.5, 0.25]])
    expected = p.evaluate(cores, priorities).tolist()
    known = [kernel.signatures[:] for kernel in KERNELS]
    frozen = cores.copy(), priorities.copy()
    for array in frozen:
        array.flags.writeable = False
    kinds = [frozen, (np.asfortranarray(cores), np.asfortranarray(priorities))]
    kinds += [(cores.astype(c), priorities.astype(r)) for c in ("u1", ">i4", "u8") for r in ("f2", ">f8", "g")]
    kinds += [(np.repeat(cores, 2, axis=1)[:, ::2], np.repeat(priorities, 2, axis=1)[:, ::2])]
    assert [p.evaluate(*kind).tolist() for kind in kinds] == [expected] * len(kinds)
    assert [kernel.signatures for kernel in KERNELS] == known


def test_threads_share_a_problem():
    p = problems.get("mix/S2/bw1/g100/i0")
    rng = np.random.default_rng(0)
    batches = [(rng.integers(p.num_cores, size=(n, 100)), rng.random((n, 100))) for n in (1, 300, 7, 90, 1, 500)] * 5
    with ThreadPoolExecutor(4) as pool:
        found = [values.tolist() for values in pool.map(lambda batch: p.evaluate(*batch), batches)]
    assert found == [p.evaluate(*batch).tolist() for batch in batches]


def test_a_wrong_value_is_found_in_any_chunk_and_leaves_the_evaluator_as_it_was():
    p = problems.get("mix/S2/bw1/g100/i0")
    rng = np.random.default_rng(0)
    cores, priorities = rng.integers(p.num_cores, size=(500, 100)), rng.random((500, 100))
    expected = p.evaluate(cores, priorities).tolist()
    for array, value in ((cores, -1), (cores, 4), (priorities, np.nan), (priorities, -np.inf)):
        right, array[480, 99] = array[480, 99], value
        with pytest.raises(InvalidInput, match=f"mapping 480, job 99: .* got {value}"):
            p.evaluate(cores, priorities)
        array[480, 99] = right
    assert p.evaluate(cores, priorities).tolist() == expected


def test_a_problem_can_be_copied_and_pickled(p):
    p.evaluate([0, 1, 0], [0.1, 0.2, 0.3])
    for twin in (copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert twin.evaluate([0, 1, 0], [0.1, 0.2, 0.3]) == p.evaluate([0, 1, 0], [0.1, 0.2, 0.3])


def test_the_id_of_a_table_names_its_content(p):
    same = problems.from_job_table(p.job_table.latency, p.job_table.bandwidth, 1.5)
    other = problems.from_job_table(p.job_table.latency, p.job_table.bandwidth, 1.25)
    assert p.id == same.id != other.id


def test_throughput_counts_two_operations_a_mac():
    p = problems.get("vision/S1/bw16/g10/i0")
    assert p.throughput(1000.0) == pytest.approx(2 * p.total_macs / 1000.0)
    assert np.isnan(problems.from_job_table(GOOD, GOOD, 1.0).throughput(1.0))
