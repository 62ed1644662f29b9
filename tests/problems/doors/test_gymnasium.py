"""The placement game: its rules in NumPy, and as an environment of Gymnasium."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import problems
from optimizers.testing import HOLES, Spoiled, Weights
from problems.doors.placement import Placement, from_flat, to_actions, to_mappings, typical_makespan
from problems.doors.reward import WORST, Rewards
from problems.foundation.errors import BadValue, InvalidInput
from problems.space import Jobs, jobs_of

ID = "problems.doors.gymnasium:m3e/Mapping-v0"


def jobs_with_a_gap():
    latency = np.array([[1.0, 4.0], [np.inf, 2.0], [100.0, 10.0]])
    return Jobs(latency, np.array([[1.0, 3.0], [np.nan, 1.0], [0.0, 1e9]]), 1.0)


@given(st.data())
def test_a_mapping_with_its_priorities_at_levels_survives_the_way_to_actions_and_back(data):
    levels, num_cores = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 16))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    cores = rng.integers(num_cores, size=(3, 7))
    priorities = (rng.integers(levels, size=(3, 7)) + 0.5) / levels
    again = to_mappings(to_actions(cores, priorities, levels), levels)
    assert (again[0] == cores).all()
    assert (again[1] == priorities).all()
    actions = to_actions(cores, priorities, levels)
    numbers = actions[..., 0] * levels + actions[..., 1]
    assert (from_flat(numbers[0], levels) == actions[0]).all()


def test_episodes_in_lockstep_are_what_they_are_alone():
    jobs = jobs_of(problems.get("mix/S2/bw1/g20/i0"))
    actions = np.random.default_rng(0).integers((4, 10), size=(20, 3, 2))
    together, alone = Placement(jobs, 3), [Placement(jobs, 1) for _ in range(3)]
    for step in actions:
        together.place(step)
        for single, action in zip(alone, step, strict=True):
            single.place(action[None, :])
        assert (together.observe() == np.concatenate([single.observe() for single in alone])).all()
    assert together.done
    for of_all, of_each in zip(together.mappings(), zip(*(s.mappings() for s in alone), strict=True), strict=True):
        assert (of_all == np.concatenate(of_each)).all()


def test_what_is_observed_is_bounded_and_marks_what_cannot_run():
    game = Placement(jobs_with_a_gap(), 1, levels=2)
    first = game.observe()[0]
    assert first == pytest.approx([0.0, np.log(4) / np.log(100), 0.5, 0.75, 0.0, 0.0, 0.0])
    game.place(np.array([[0, 1]]))
    second = game.observe()[0]
    assert second[[0, 2]].tolist() == [-1.0, -1.0]
    assert second[4:] == pytest.approx([1.0 / (1.0 + 50.5), 0.0, 1 / 3])
    game.place(np.array([[0, 0]]))  # where it cannot run: no load
    assert (game.observe()[0][4:6] == second[4:6]).all()
    game.place(np.array([[1, 0]]))
    assert (np.abs(game.observe()) <= 1.0).all()
    assert game.done
    assert game.mappings()[1].tolist() == [[0.75, 0.25, 0.25]]


def test_rewards_fall_with_the_value_and_are_finite():
    rewards = Rewards(2.0).of(np.array([0.0, 1.0, 2.0, 50.0, np.inf]))
    assert rewards.tolist() == [0.0, -0.5, -1.0, -25.0, WORST]


def test_without_a_unit_the_first_batch_earns_minus_one_on_average():
    rewards = Rewards()
    assert rewards.of(np.array([np.inf, np.inf])).tolist() == [WORST, WORST]
    assert rewards.of(np.array([1e12, 3e12, np.inf])).tolist() == [-0.5, -1.5, WORST]
    assert rewards.of(np.array([2e12])).tolist() == [-1.0]


def test_values_below_zero_are_paid_the_more_the_lower_they_are():
    rewards = Rewards()
    assert rewards.of(np.array([-1.0, -3.0])).tolist() == [0.5, 1.5]


def test_the_unit_of_values_whose_sum_exceeds_the_floats_is_the_largest():
    assert Rewards().of(np.array([1.7e308, 0.85e308])).tolist() == [-1.0, -0.5]


@pytest.mark.parametrize("problem_id", ["mix/S2/bw1/g20/i0", "vision/S4/bw4/g50/i4", "recommendation/S1/bw16/g20/i3"])
def test_the_typical_makespan_is_that_of_random_mappings_by_order_of_magnitude(problem_id):
    problem = problems.get(problem_id)
    rng = np.random.default_rng(0)
    shape = (200, problem.num_jobs)
    median = np.median(problem.evaluate(rng.integers(problem.num_cores, size=shape), rng.random(shape)))
    assert 0.1 < typical_makespan(jobs_of(problem)) / median < 10


def test_the_game_needs_neither_gymnasium_nor_torch():
    code = "import sys; sys.modules['gymnasium'] = None; import importlib.util as u; f = u.find_spec; "
    code += "u.find_spec = lambda n, *a: None if n == 'gymnasium' else f(n, *a); "
    code += "import problems.doors.placement; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("flat", [False, True])
def test_the_environment_passes_the_checks_of_both_libraries(flat):
    gymnasium = pytest.importorskip("gymnasium")
    from gymnasium.utils.env_checker import check_env

    problem = problems.get("mix/S2/bw1/g20/i0")
    check_env(gymnasium.make(ID, problem=problem, flat=flat).unwrapped, skip_render_check=True)
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(gymnasium.make(ID, problem=problem, flat=flat).unwrapped)


@pytest.mark.parametrize("flat", [False, True])
def test_an_episode_ends_with_the_mapping_and_its_reward(flat):
    gymnasium = pytest.importorskip("gymnasium")
    problem = problems.get("mix/S2/bw1/g20/i0")
    env = gymnasium.make(ID, problem=problem, flat=flat, reward_unit=1e8)
    env.reset(seed=1)
    env.action_space.seed(1)
    steps = [env.step(env.action_space.sample()) for _ in range(20)]
    assert [step[2] for step in steps] == [False] * 19 + [True]
    assert not any(step[1] for step in steps[:-1])
    info = steps[-1][4]
    value = problem.evaluate(info["cores"][None, :], info["priorities"][None, :])[0]
    assert value == info["value"]
    assert steps[-1][1] == max(-value / 1e8, WORST)
    with pytest.raises(InvalidInput, match="reset"):
        env.unwrapped.step(env.action_space.sample())


def test_gymnasium_finds_the_environment_by_its_module_in_a_new_process():
    pytest.importorskip("gymnasium")
    code = (
        f"import gymnasium, problems; p = problems.get('mix/S2/bw1/g20/i0'); gymnasium.make({ID!r}, problem=p).reset()"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_a_problem_that_can_be_played_the_error_says_what_to_give():
    gymnasium = pytest.importorskip("gymnasium")
    for wrong in ({}, {"problem": "mix/S2/bw1/g20/i0"}, {"problem": problems.get("mix/S2/bw1/g20/i0/latency+energy")}):
        with pytest.raises(InvalidInput, match=r"problem of m3e/Mapping-v0.*problems\.get"):
            gymnasium.make(ID, **wrong)
    for wrong in ({"levels": 0}, {"reward_unit": 0.0}):
        with pytest.raises(InvalidInput, match=next(iter(wrong))):
            gymnasium.make(ID, problem=Weights(), **wrong)


def test_the_seed_of_a_reset_is_kept():
    gymnasium = pytest.importorskip("gymnasium")
    with warnings.catch_warnings():
        env = gymnasium.make(ID, problem=Weights())
        assert (env.reset(seed=7)[0] == env.reset(seed=8)[0]).all()
        assert env.unwrapped.np_random_seed == 8


def test_a_mapping_without_a_value_is_paid_like_one_that_cannot_run():
    gymnasium = pytest.importorskip("gymnasium")
    env = gymnasium.make(ID, problem=Spoiled(Weights(), np.nan, HOLES["all"]))
    env.reset()
    for _ in range(6):
        step = env.step(np.array([0, 0]))
    assert step[1] == WORST
    assert step[4]["value"] == np.inf


def test_what_is_no_value_is_told():
    gymnasium = pytest.importorskip("gymnasium")
    env = gymnasium.make(ID, problem=Spoiled(Weights(), -np.inf, HOLES["all"]))
    env.reset()
    for _ in range(5):
        env.step(np.array([0, 0]))
    with pytest.raises(BadValue, match="expected no value of -inf"):
        env.step(np.array([0, 0]))


def test_the_environment_is_found_by_its_former_id_too():
    gymnasium = pytest.importorskip("gymnasium")
    problem = problems.get("mix/S2/bw1/g8/i0")
    made = gymnasium.make("optimizers.adapters.rl:m3e/Mapping-v0", problem=problem)
    assert type(made.unwrapped).__module__ == "problems.doors.gymnasium"
