"""The gradient steps of A2C and PPO: the library's own, up to rounding."""

import numpy as np
import pytest

from optimizers import minimize
from optimizers.testing import Weights
from problems.doors.global_random import GlobalRandom
from problems.space import jobs_of

pytest.importorskip("gymnasium")
sb3 = pytest.importorskip("stable_baselines3")
torch = pytest.importorskip("torch")

SIZES = {"net_arch": [32, 16]}


def learned(algorithm, policy, settings, num_steps, **arguments):
    """Return the parameters and the actions of the last rollout."""
    from stable_baselines3.common.logger import Logger

    from optimizers.adapters.rl.agent import TorchRandom
    from optimizers.adapters.rl.lockstep import LockstepEnv

    with GlobalRandom(3).lent(), TorchRandom().lent():
        env = LockstepEnv(jobs_of(Weights()), num_envs=16, levels=10, flat=False)
        env.evaluator = Weights()
        model = algorithm(policy, env, seed=3, device="cpu", policy_kwargs={**SIZES, **settings}, **arguments)
        model.set_logger(Logger(folder=None, output_formats=[]))
        model.learn(num_steps)
    parameters = torch.nn.utils.parameters_to_vector(model.policy.parameters()).detach().numpy()
    return parameters, model.rollout_buffer.actions.reshape(-1, 2)


def assert_the_same_is_learned(name, num_steps, **arguments):
    from optimizers.adapters.rl import actor_critic, agents
    from optimizers.adapters.rl.policy import VectorPolicy

    expected, expected_actions = learned(getattr(sb3, name), "MlpPolicy", {}, num_steps, **arguments)
    start, _ = learned(getattr(sb3, name), "MlpPolicy", {}, 0, **arguments)
    settings = getattr(agents, name).policy_settings
    actual, actions = learned(getattr(actor_critic, name), VectorPolicy, settings, num_steps, **arguments)
    assert np.array_equal(actions, expected_actions)
    assert np.abs(expected - start).max() > 0.01
    assert actual == pytest.approx(expected, rel=1e-3, abs=2e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"ent_coef": 0.1, "vf_coef": 0.2},
        {"max_grad_norm": 1e-3},
        {"max_grad_norm": 1e3},
        {"normalize_advantage": True, "gae_lambda": 0.9},
    ],
)
def test_a2c_learns_what_the_librarys_own_learns(arguments):
    assert_the_same_is_learned("A2C", 30 * 5 * 16, n_steps=5, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"ent_coef": 0.1, "vf_coef": 0.2},
        {"clip_range": 0.01},
        {"max_grad_norm": 0.01, "gamma": 0.9},
        {"batch_size": 19},  # the last minibatch is a single step, whose advantage is not normalized
        {"normalize_advantage": False, "n_epochs": 3},
    ],
)
@pytest.mark.filterwarnings("ignore:You have specified a mini-batch size")
def test_ppo_learns_what_the_librarys_own_learns(arguments):
    assert_the_same_is_learned("PPO", 10 * 6 * 16, **{"n_steps": 6, "batch_size": 64, **arguments})


@pytest.mark.parametrize("name", ["sb3-a2c", "sb3-ppo"])
def test_the_number_of_threads_outside_changes_nothing(name):
    threads = torch.get_num_threads()
    traces = []
    for outside in (1, 2):
        torch.set_num_threads(outside)
        traces.append(minimize(Weights(), name, budget=160, seed=0).trace_values.tolist())
    torch.set_num_threads(threads)
    assert traces[0] == traces[1]


def test_the_librarys_other_ways_into_the_policy_see_what_is_learned():
    from gymnasium import spaces

    from optimizers.adapters.rl.policy import VectorPolicy

    policy = VectorPolicy(spaces.Box(-1, 1, (7,)), spaces.MultiDiscrete([3, 4]), lambda _: 1e-3, **SIZES)
    observations = torch.rand(5, 7)
    policy.vector.mul_(1.5)
    values, log_probs, _ = policy.evaluate_actions(observations, torch.ones(5, 2))
    assert torch.allclose(policy.predict_values(observations), values)
    actions, values, log_probs = policy(observations)
    again = policy.evaluate_actions(observations, actions)
    assert torch.allclose(values, again[0])
    assert torch.allclose(log_probs, again[1], atol=1e-6)
    best, _, _ = policy(observations, deterministic=True)
    assert torch.equal(best, policy.get_distribution(observations).mode())


def test_adam_takes_the_steps_of_torchs_own():
    from optimizers.adapters.rl.adam import Adam

    expected, actual = torch.ones(100, requires_grad=True), torch.ones(100)
    optimizers = [torch.optim.Adam([expected], lr=0.01, eps=1e-5), Adam([actual], lr=0.01, eps=1e-5)]
    draws = torch.Generator().manual_seed(0)
    for _ in range(50):
        gradient = torch.randn(100, generator=draws) * torch.logspace(-6, 2, 100)
        for vector, optimizer in zip((expected, actual), optimizers, strict=True):
            vector.grad = gradient.clone()
            optimizer.step()
    assert actual.numpy() == pytest.approx(expected.detach().numpy(), rel=1e-5)
    assert abs(actual - 1).min() > 1e-4


def test_warming_up_compiles_all_that_a_run_needs():
    from optimizers.adapters.rl import adam, agents, loss

    agents.PPO.warm_up()
    compiled = [len(function.signatures) for function in (adam._step, loss.loss_gradients)]
    for name in ("sb3-a2c", "sb3-ppo"):
        minimize(Weights(), name, budget=40, seed=0, ent_coef=0, vf_coef=1, max_grad_norm=1)
    assert [len(function.signatures) for function in (adam._step, loss.loss_gradients)] == compiled
