"""Agents of stable-baselines3: the library's own loops, what they leave alone, and that they learn."""

import json

import numpy as np
import pytest

import problems
from optimizers import FullTrace, Search, derived_seed, minimize
from optimizers.catalogue import create
from optimizers.testing import Weights
from problems.foundation.errors import InvalidInput, UnknownName
from problems.space import SearchSpace, jobs_of

pytest.importorskip("gymnasium")
sb3 = pytest.importorskip("stable_baselines3")
contrib = pytest.importorskip("sb3_contrib")
torch = pytest.importorskip("torch")

NAMES = ("sb3-a2c", "sb3-ppo", "sb3-trpo", "sb3-dqn")


def all_values(problem, name, budget, **parameters):
    search = Search(problem, name, budget=budget, seed=3, parameters=parameters, full_trace=FullTrace.VALUES)
    search.run()
    return search.result().all_values


class Kept:
    """A problem that remembers its values, and ends the run at the budget like a harness."""

    def __init__(self, problem, budget):
        self._problem, self._budget, self.values = problem, budget, []
        self.num_jobs, self.num_cores = problem.num_jobs, problem.num_cores
        self.job_table, self.system_bandwidth = problem.job_table, problem.system_bandwidth

    def evaluate(self, cores, priorities):
        if len(self.values) == self._budget:
            raise KeyboardInterrupt
        values = self._problem.evaluate(cores, priorities)
        self.values += values.tolist()
        return values


@pytest.mark.parametrize(
    ("name", "algorithm", "num_envs", "arguments"),
    [
        ("sb3-a2c", sb3.A2C, 16, {}),
        ("sb3-ppo", sb3.PPO, 16, {"n_steps": 6}),
        ("sb3-trpo", contrib.TRPO, 16, {"n_steps": 6}),
        ("sb3-dqn", sb3.DQN, 4, {"train_freq": 1, "buffer_size": 100_000}),
    ],
)
@pytest.mark.filterwarnings("ignore:You have specified a mini-batch size")
def test_the_trace_is_that_of_the_librarys_own_loop_on_single_environments(
    name, algorithm, num_envs, arguments, tmp_path, monkeypatch
):
    from stable_baselines3.common.vec_env import DummyVecEnv

    from problems.doors.gymnasium import MappingEnv

    budget = 96
    own = all_values(Weights(), name, budget)
    kept = Kept(Weights(), budget)
    unit = float(own[:num_envs].mean())
    envs = DummyVecEnv([lambda: MappingEnv(kept, flat=name == "sb3-dqn", reward_unit=unit)] * num_envs)
    monkeypatch.setenv("SB3_LOGDIR", str(tmp_path))
    net = {"net_arch": [128, 128, 128]}  # made here: A2C adds to it
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    seed = derived_seed(name, 3)
    model = algorithm("MlpPolicy", envs, seed=seed, device="cpu", policy_kwargs=net, **arguments)
    with pytest.raises(KeyboardInterrupt):
        model.learn((budget + num_envs) * 6)
    torch.set_num_threads(threads)
    assert own.tolist() == kept.values


@pytest.mark.parametrize("name", NAMES)
def test_torch_is_left_as_it_was_and_nothing_is_printed_or_written(name, capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("SB3_LOGDIR", str(tmp_path / "log"))
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(1)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    first = minimize(Weights(), name, budget=40, seed=0)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    torch.manual_seed(2)
    assert minimize(Weights(), name, budget=40, seed=0).trace_values.tolist() == first.trace_values.tolist()
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "parameters", [{"levels": 1}, {"num_envs": 1}, {"net_arch": [8]}, {"num_envs": 3, "levels": 2}]
)
def test_the_smallest_games_can_be_played(name, parameters):
    for size in ((1, 1), (2, 1), (6, 3)):
        assert minimize(Weights(*size), name, budget=20, seed=0, **parameters).num_evaluations == 20


@pytest.mark.parametrize("name", NAMES)
def test_all_settings_of_the_library_are_told(name):
    objective = Weights()
    space = SearchSpace(6, 3, jobs=jobs_of(objective))
    settings = create(name, space, budget=50, seed=0, parameters={"gamma": 0.5}).settings()
    assert json.loads(json.dumps(settings)) == settings
    assert settings["gamma"] == 0.5
    assert settings["activation_fn"] == ("ReLU" if name == "sb3-dqn" else "Tanh")
    assert settings["optimizer"] == ("RMSprop" if name == "sb3-a2c" else "Adam")
    assert settings.get("n_steps") == {"sb3-a2c": 5, "sb3-dqn": settings.get("n_steps")}.get(name, 6)
    assert " at 0x" not in json.dumps(settings)


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("sb3-a2c", "learning_rate", 0.0),
        ("sb3-a2c", "net_arch", [0]),
        ("sb3-a2c", "net_arch", 128),
        ("sb3-a2c", "n_steps", 0),
        ("sb3-a2c", "max_grad_norm", float("nan")),
        ("sb3-ppo", "gamma", 1.5),
        ("sb3-ppo", "num_envs", 0),
        ("sb3-ppo", "batch_size", 1),
        ("sb3-ppo", "n_epochs", 0),
        ("sb3-trpo", "target_kl", -1.0),
        ("sb3-trpo", "levels", 0),
        ("sb3-dqn", "buffer_size", 3),
        ("sb3-dqn", "target_update_interval", 3),
        ("sb3-dqn", "exploration_fraction", 2.0),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(name, parameter, value):
    space = SearchSpace(6, 3, jobs=jobs_of(Weights()))
    from optimizers.adapters.rl import agents

    factory = getattr(agents, name.removeprefix("sb3-").upper())
    with pytest.raises(InvalidInput, match=parameter):
        factory(space, budget=10, seed=0, **{parameter: value})


def test_there_is_one_encoding():
    with pytest.raises(UnknownName, match="native"):
        minimize(Weights(), "sb3-ppo", budget=10, encoding="continuous")


@pytest.mark.parametrize(("name", "budget"), [("sb3-ppo", 640), ("sb3-a2c", 1280)])
def test_the_last_mappings_are_clearly_better_than_the_first(name, budget):
    problem = problems.get("mix/S2/bw1/g20/i4")
    values = all_values(problem, name, budget)
    tenth = budget // 10
    assert np.mean(values[-tenth:]) < 0.6 * np.mean(values[:tenth])
