"""The door to Nevergrad."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import problems
from problems.doors.encoding import ENCODINGS
from problems.doors.global_random import GlobalRandom
from problems.doors.losses import LARGEST_LOSS
from problems.doors.nevergrad import CoreChoice, experiment_function, ng, point_from, value_of
from problems.foundation.errors import InvalidInput, UnknownName

IMPORTS = Path(__file__).parents[3] / "docs" / "examples" / "nevergrad_imports.py"
ID = "mix/S2/bw1/g20/i0"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_loss_is_the_value_of_the_mapping(p, encoding, points_and_values):
    f = experiment_function(p, encoding)
    for point, expected in zip(*points_and_values(p, encoding), strict=True):
        value = value_of(point, encoding)
        assert (point_from(value) == point).all()
        assert np.ravel(f(value)).tolist() == expected.tolist()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_copy_gives_the_same_loss_to_the_same_candidate(p, encoding):
    f = experiment_function(p, encoding)
    again = f.copy()
    assert again.equivalent_to(f)
    f.parametrization.random_state.seed(0)
    for _ in range(5):
        value = f.parametrization.sample().value
        assert again(value) == f(value)
        child = again.parametrization.spawn_child(new_value=value)
        assert point_from(child.value) == pytest.approx(point_from(value))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_an_optimizer_finds_is_a_mapping_with_that_value(encoding):
    p = problems.get(ID)
    f = experiment_function(p, encoding)
    best = ng.optimizers.registry["OnePlusOne"](f.parametrization, budget=60).minimize(f)
    assert f.evaluation_function(best) == best.loss == p.evaluate(*f.decode(best.value))
    assert f.compute_pseudotime(((best.value,), {}), best.loss) == 1.0


def test_two_objectives_have_the_reference_point_of_the_problem():
    p = problems.get(f"{ID}/latency+energy")
    f = experiment_function(p)
    assert f.multiobjective_upper_bounds.tolist() == p.reference_point().tolist()
    assert f.copy().multiobjective_upper_bounds.tolist() == p.reference_point().tolist()
    optimizer = ng.optimizers.registry["DE"](f.parametrization, budget=60)
    optimizer.tell(ng.p.MultiobjectiveReference(), f.multiobjective_upper_bounds)
    optimizer.minimize(f)
    front = optimizer.pareto_front()
    losses = [np.asarray(p.evaluate(*f.decode(c.value))).tolist() for c in front]
    assert [c.losses.tolist() for c in front] == losses
    assert f.evaluation_function(*front) <= 0.0


def test_descriptors_tell_the_problem_and_the_encoding():
    told = experiment_function(problems.get(ID), "continuous").descriptors
    assert (told["problem"], told["encoding"], told["dimension"]) == (ID, "continuous", 40)


def test_what_is_no_problem_encoding_or_mapping_is_told():
    with pytest.raises(InvalidInput, match=r"problem: expected one with .*problems\.get"):
        experiment_function(ID)
    p = problems.get(ID)
    with pytest.raises(UnknownName, match="did you mean native"):
        experiment_function(p, "nativ")
    f = experiment_function(p)
    with pytest.raises(InvalidInput, match="value: expected cores and priorities, got cores"):
        f({"cores": [0] * 20})
    with pytest.raises(InvalidInput, match="core of job 3: expected an integer from 0 to 3, got 4"):
        f({"cores": [0, 0, 0, 4] + [0] * 16, "priorities": np.zeros(20)})


def test_a_mapping_that_cannot_run_is_no_reason_to_warn(points_and_values):
    p = problems.from_job_table([[np.inf, 1.0], [1.0, 1.0]], np.ones((2, 2)), 1.0)
    f = experiment_function(p)
    optimizer = ng.optimizers.registry["RandomSearch"](f.parametrization, budget=30)
    optimizer.minimize(f)
    assert f({"cores": (0, 0), "priorities": np.zeros(2)}) == LARGEST_LOSS
    assert np.isfinite(f(optimizer.recommend().value))


def test_the_door_loads_none_of_what_the_benchmarks_of_nevergrad_need():
    code = "import sys, problems.doors.nevergrad; assert not {'cv2', 'torch', 'nevergrad.benchmark'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Nevergrad's package of benchmarks loads OpenCV, PyTorch and others for its own functions: an empty one in its place
# leaves its registry and its experiments, which need none of them.
WITHOUT_FUNCTIONS = """
import runpy, sys, types
import nevergrad
empty = types.ModuleType("nevergrad.benchmark")
empty.__path__ = [nevergrad.__path__[0] + "/benchmark"]
sys.modules["nevergrad.benchmark"] = empty
sys.modules["nevergrad.functions.rl.agents"] = types.SimpleNamespace(torch=types.SimpleNamespace(manual_seed=id))
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def test_the_file_for_imports_registers_runs_whose_loss_is_that_of_the_mapping(tmp_path):
    command = [sys.executable, "-c", WITHOUT_FUNCTIONS, str(IMPORTS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("the same number: True\n")


def test_the_command_of_nevergrad_takes_the_file_for_imports(tmp_path):
    for library in ("cv2", "gym", "pyproj", "requests", "torchvision"):
        pytest.importorskip(library, reason=f"Nevergrad's benchmarks need {library}")
    command = [sys.executable, "-m", "nevergrad.benchmark", "m3e_small", f"--imports={IMPORTS}", "--seed=12"]
    done = subprocess.run(
        [*command, "--cap_index=2"], capture_output=True, text=True, cwd=tmp_path, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
    head, *rows = (line.split(",") for line in (tmp_path / "m3e_small.csv").read_text().splitlines())
    assert all(0.0 < float(row[head.index("loss")]) < LARGEST_LOSS for row in rows)
    assert {row[head.index("problem")] for row in rows} <= {ID, "vision/S2/bw1/g20/i0"}


@pytest.mark.parametrize("num_cores", [1, 2, 3, 16])
def test_a_choice_of_cores_is_that_of_the_library(num_cores):
    num_jobs, told = 9, max(num_cores, 2)
    ours = CoreChoice(num_cores, num_jobs)
    theirs = ng.p.TransitionChoice([min(core, num_cores - 1) for core in range(told)], repetitions=num_jobs)
    for choice in (ours, theirs):
        choice.random_state = np.random.RandomState(5)
    assert len(ours) == len(theirs)
    assert ours.dimension == theirs.dimension
    assert ng.p.helpers.analyze(ours) == ng.p.helpers.analyze(theirs)
    pairs = [(ours, theirs)]
    for _ in range(30):
        pairs.append(tuple(choice.sample() for choice in pairs[-1]))
        pairs.append(tuple(choice.spawn_child() for choice in pairs[-1]))
        for choice in pairs[-1]:
            choice.mutate()
        data = np.random.RandomState(len(pairs)).normal(scale=(0.1, 1.0, 30.0)[len(pairs) % 3], size=num_jobs)
        pairs.append(
            tuple(
                choice.spawn_child().set_standardized_data(data, reference=start)
                for choice, start in zip(pairs[-1], pairs[0], strict=True)
            )
        )
        pairs.append(tuple(choice.spawn_child(new_value=choice.value) for choice in pairs[-1]))
        for choice, other in zip(pairs[-1], pairs[-2], strict=True):
            choice.recombine(other)
        pairs.append(tuple(pickle.loads(pickle.dumps(choice)) for choice in pairs[-1]))
    for mine, other in pairs:
        assert mine.value == other.value
        assert mine.get_value_hash() == other.get_value_hash()
        assert mine.indices.value.tolist() == other.indices.value.tolist()
        assert mine.satisfies_constraints()
        vectors = [c.get_standardized_data(reference=start) for c, start in zip((mine, other), pairs[0], strict=True)]
        assert vectors[0].tolist() == vectors[1].tolist()
    assert ours.random_state.randint(2**31) == theirs.random_state.randint(2**31)


@pytest.mark.parametrize("num_cores", [1, 2, 3, 16])
def test_making_a_choice_of_cores_draws_what_the_librarys_draws(num_cores):
    """From the global generator, which optimizers have too."""
    drawn = []
    for make in (lambda: CoreChoice(num_cores, 4), lambda: ng.p.TransitionChoice(max(num_cores, 2), repetitions=4)):
        with GlobalRandom(5).lent():
            choice = make()
            drawn.append((choice.sample().indices.value.tolist(), np.random.randint(2**31)))
    assert drawn[0] == drawn[1]


def test_the_parts_of_a_choice_of_cores_are_those_of_the_library():
    drawn = []
    for cores in (CoreChoice(3, 4), ng.p.TransitionChoice(range(3), repetitions=4)):
        cores.random_state = np.random.RandomState(3)
        before = np.random.get_state()[1].tolist()
        assert cores["choices"].value == cores.choices.value == (0, 1, 2)
        assert np.random.get_state()[1].tolist() == before
        child = cores.spawn_child()
        child["transitions"] = np.array([1e-6, 1.0])
        assert cores.transitions.value.tolist() == [1.0, 1.0]
        assert child.transitions.value.tolist() == [1e-6, 1.0]
        for _ in range(3):
            child = child.spawn_child()
            child.mutate()
        drawn.append((child.value, cores.random_state.randint(2**31)))
    assert drawn[0] == drawn[1]


def test_constraints_on_a_choice_of_cores_hold_as_in_the_library():
    """Registered on the cores, on their parts or on the whole."""

    def is_low(value):
        return max(value["cores"] if isinstance(value, dict) else value) < 2

    for of in ("cores", "indices", "all"):
        parts = []
        for cores in (CoreChoice(3, 4), ng.p.TransitionChoice(range(3), repetitions=4)):
            whole = ng.p.Dict(cores=cores, priorities=ng.p.Array(shape=(4,), lower=0.0, upper=1.0))
            part = {"cores": cores, "indices": cores.indices, "all": whole}[of]
            part.register_cheap_constraint(is_low)
            whole.random_state = np.random.RandomState(3)
            parts.append([whole.sample() for _ in range(20)])
        answers = [[each.satisfies_constraints(each) for each in found] for found in parts]
        assert answers[0] == answers[1]
        assert len(set(answers[0])) == 2


@pytest.mark.parametrize("value", [(0, 1, 3), (0, -1, 2), (0.5, 1, 2)])
def test_a_choice_of_cores_refuses_what_is_none(value):
    choice = CoreChoice(3, 3)
    with pytest.raises(ValueError, match="integers from 0 to 2"):
        choice.value = value
    with pytest.raises(ValueError, match="shape"):
        choice.value = (0, 1)
