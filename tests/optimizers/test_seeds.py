"""What the seed of a run decides, for whom."""

import numpy as np
import pytest

import optimizers
from optimizers.builtin import BUILTIN
from optimizers.testing import Weights

ALIKE = (
    ("random", "pymoo-ga", "pymoo-de", "pymoo-brkga", "pymoo-nsga2", "scipy-de-100"),
    ("magma", "native-ga"),
    ("nevergrad-de", "nevergrad-twopointsde"),
    ("optuna-tpe", "optuna-nsga2", "optuna-nsga3", "optuna-random"),
    ("deap-de", "deap-es", "deap-nsga2"),
)
"""Methods that would begin with the same mappings if they got the same seed."""


def mappings(name, seed, count=5, **parameters):
    """The first mappings that it proposes, each as bytes."""
    search = optimizers.Search(
        Weights(), name, budget=count, seed=seed, parameters=parameters, full_trace=optimizers.FullTrace.MAPPINGS
    )
    search.run()
    result = search.result()
    return [c.tobytes() + p.tobytes() for c, p in zip(result.all_cores, result.all_priorities, strict=True)]


@pytest.mark.parametrize("names", ALIKE, ids=" ".join)
def test_methods_that_draw_alike_do_not_begin_with_the_same_mappings(names):
    begun = [mappings(name, seed=3) for name in names if not optimizers.OPTIMIZERS.get(name).missing_libraries()]
    assert len(set().union(*begun)) == 5 * len(begun)


def test_no_two_optimizers_share_what_they_draw():
    names = [entry.name for entry in BUILTIN if entry.family != "mapper" and not entry.missing_libraries()]
    begun = {seed: {name: set(mappings(name, seed)) for name in names} for seed in (0, 1)}
    fixed = set().union(*begun[0].values()) & set().union(*begun[1].values())  # no luck: the middle, a sequence
    for i, name in enumerate(names):
        for other in names[:i]:
            assert begun[0][name] & begun[0][other] <= fixed, (name, other)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("random", {"batch_size": 2}),
        ("magma", {"mutation_rate": 0.2}),
        ("deap-de", {"crossover_rate": 0.5}),
        ("optuna-tpe", {"sampler_parameters": {"n_ei_candidates": 5}}),
    ],
)
def test_runs_of_one_optimizer_begin_alike_whatever_its_parameters(name, parameters):
    assert mappings(name, 7) == mappings(name, 7, **parameters) != mappings(name, 8)


def test_a_derived_seed_is_the_same_for_ever():
    assert optimizers.derived_seed("magma", 0) == 649626418
    assert optimizers.derived_seed("random", 2**32 - 1) == 1290302525


def test_derived_seeds_have_32_bits_and_hardly_ever_meet():
    names = [entry.name for entry in BUILTIN]
    derived = [optimizers.derived_seed(name, seed) for name in names for seed in range(100)]
    assert 0 <= min(derived) < 2**26
    assert 2**32 - 2**26 < max(derived) < 2**32
    assert len(set(derived)) >= len(derived) - 2
    assert np.mean(derived) == pytest.approx(2**31, rel=0.05)


def test_the_optimizer_gets_the_derived_seed():
    search = optimizers.Search(Weights(), "magma", budget=5, seed=4, parameters={})
    assert search.optimizer.seed == optimizers.derived_seed("magma", 4)
