"""Compilation is nobody's time: what is loaded or compiled is so before the clocks of a run start."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

import optimizers
import problems
from optimizers.native.magma import Magma
from optimizers.native.random_search import RandomSearch
from optimizers.testing import Weights

COLD_OR_WARM = """
import json, sys, time
import numpy as np
import optimizers, problems
from optimizers.native.magma import Magma

class Timed(Magma):
    asks = []
    def ask(self):
        start = time.process_time()
        asked = super().ask()
        self.asks.append(time.process_time() - start)
        return asked

p = problems.get("mix/S2/bw1/g100/i0/dep")
r = optimizers.minimize(p, Timed, budget=10**9, cpu_limit_seconds=1.0)
print(json.dumps([r.num_evaluations, max(Timed.asks[:2]), float(np.median(Timed.asks[2:]))]))
"""


def test_a_search_with_a_cold_cache_gets_as_far_as_one_with_a_warm_cache(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", COLD_OR_WARM]
    assert not list(tmp_path.iterdir())
    cold, warm = (
        json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout) for _ in range(2)
    )
    assert list(tmp_path.iterdir())
    assert cold[0] > 0.5 * warm[0]
    for _, first, later in (cold, warm):
        assert first < 100 * later + 0.02  # to compile takes a second, to load a tenth


def test_a_problem_of_ones_own_sees_no_evaluation_beyond_the_budget():
    problem = Weights()
    optimizers.minimize(problem, "magma", budget=250)
    assert problem.num_evaluations == 250


def test_a_problem_derived_from_the_suites_sees_no_evaluation_beyond_the_budget():
    seen = []

    class Counting(problems.Problem):
        def evaluate(self, cores, priorities):
            seen.append(len(cores))
            return super().evaluate(cores, priorities)

    p = problems.get("mix/S2/bw1/g8/i0")
    optimizers.minimize(Counting(p.id, p.job_table, p.system_bandwidth), "random", budget=250)
    assert sum(seen) == 250


def test_what_a_problem_does_to_warm_up_is_no_time_of_the_run():
    class Sluggish(Weights):
        ready = False

        def warm_up(self):
            time.sleep(0.3)
            self.ready = True

        def evaluate(self, cores, priorities):
            assert self.ready
            return super().evaluate(cores, priorities)

    r = optimizers.minimize(Sluggish(), "random", budget=100, wall_limit_seconds=0.2)
    assert (r.num_evaluations, r.stopped) == (100, "budget")
    assert r.seconds.total < 0.2


def test_what_an_optimizer_does_to_warm_up_is_no_time_of_the_run():
    class Sluggish(RandomSearch):
        @classmethod
        def warm_up(cls):
            time.sleep(0.3)

    r = optimizers.minimize(Weights(), Sluggish, budget=100, wall_limit_seconds=0.2)
    assert (r.num_evaluations, r.stopped) == (100, "budget")


@pytest.mark.parametrize("rates", [{}, {"mutation_rate": 1, "crossover_gen_rate": 1, "crossover_rg_rate": 0}])
def test_magma_warms_up_all_that_it_calls(rates):
    from optimizers.native import magma_operators

    p = problems.get("mix/S2/bw1/g8/i0")
    Magma.warm_up()
    known = {name: list(getattr(magma_operators, name).signatures) for name in ("breed", "mutate")}
    cores, priorities = np.zeros(8, int).tolist(), np.zeros(8).tolist()
    for start in (None, [{"cores": cores, "priorities": priorities}]):
        optimizers.minimize(p, "magma", budget=300, warm_start=start, **rates)
    assert {name: getattr(magma_operators, name).signatures for name in known} == known


def test_warming_up_leaves_the_global_random_state_alone():
    before = np.random.get_state()[1].tolist()
    Magma.warm_up()
    problems.get("mix/S2/bw1/g8/i0").warm_up()
    assert np.random.get_state()[1].tolist() == before


IMPORTS_OF_A_RUN = """
import sys
import optimizers
from optimizers.testing import Weights

search = optimizers.Search(Weights(), sys.argv[1], budget=60, seed=0, parameters={})
before = {name.partition(".")[0] for name in sys.modules}
search.run()
print(*{name.partition(".")[0] for name in sys.modules} - before)
"""


LOAD_MUCH = ("nevergrad-cma", "optuna-cmaes", "optuna-qmc", "cmaes-catcmawm", "scipy-de", "alns", "ribs-mapelites")


@pytest.mark.parametrize("name", LOAD_MUCH)
def test_libraries_that_others_would_load_late_are_loaded_before_the_run(name):
    command = [sys.executable, "-W", "ignore", "-c", IMPORTS_OF_A_RUN, name]
    late = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {"cma", "matplotlib", "cmaes", "scipy", "numba"} & set(late)
