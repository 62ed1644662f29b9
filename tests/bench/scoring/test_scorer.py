"""Scores of well-behaved files, and reasons for wrong ones; each in a real process."""

import json
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from bench.scoring.report import SCHEMA_FILE, Limits, Score, schema
from bench.scoring.scorer import Candidate, Scorer, score
from optimizers import AskTellOptimizer
from optimizers.search import Search
from problems.foundation.errors import InvalidInput, UnknownName

INSTANCE = "mix/S2/bw1/g20/i100"

LIMITS = Limits(cpu_seconds=20, wall_seconds=60.0, memory_mib=2048)

IMPORTS = "import numpy as np\nfrom optimizers import AskTellOptimizer, Optimizer\n"

RANDOM = (
    IMPORTS
    + '''
class Random(AskTellOptimizer):
    """Uniform random mappings."""

    def __init__(self, space, *, budget, seed, size=7):
        super().__init__(space, budget=budget, seed=seed)
        self.size = size

    def ask(self):
        return self.space.sample(self.rng, self.size)

    def tell(self, cores, priorities, values):
        pass
'''
)


@pytest.fixture(scope="module")
def scorer():
    return Scorer(only=(INSTANCE,), budget=40, limits=LIMITS)


@pytest.fixture
def scored(scorer, tmp_path):
    """Score a file of this text."""

    def call(text, name="", parameters=None, scorer=scorer):
        path = tmp_path / "mine.py"
        path.write_text(text)
        return scorer.score(Candidate.read(f"{path}:{name}" if name else str(path)), parameters or {})

    return call


def with_body(body):
    """An optimizer with one method of its own, at line 4 of the file."""
    methods = {"ask": "(self): return self.space.sample(self.rng, 5)", "tell": "(self, c, p, v): pass"}
    rest = "".join(f"    def {name}{code}\n" for name, code in methods.items() if f"def {name}(" not in body)
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{IMPORTS}class Mine(AskTellOptimizer):\n{lines}{rest}"


def test_a_score_is_that_of_the_suite_s_own_run(scored, scorer):
    found = scored(RANDOM)
    (instance,) = scorer.instances

    class Here(AskTellOptimizer):
        def ask(self):
            return self.space.sample(self.rng, 7)

        def tell(self, cores, priorities, values):
            pass

    Here.__module__, Here.__qualname__ = "scored", "Optimizer"
    search = Search(instance.problem, Here, budget=40, seed=0, parameters={})
    search.run()
    (run,) = found.instances
    assert run.values == [search.result().best_value]
    assert (run.ratio, run.evaluations) == (run.values[0] / instance.best_known, [40])
    assert (found.status, found.score) == ("scored", float(f"{run.ratio:.12g}"))
    assert found.optimizer == "Random"


def test_scores_depend_on_the_content_alone(scored, tmp_path, scorer):
    first = scored(RANDOM)
    (tmp_path / "elsewhere.py").write_text(RANDOM.replace("class Random", "class Other"))
    with ThreadPoolExecutor() as pool:
        others = list(pool.map(scorer.score, [Candidate.read(str(tmp_path / "elsewhere.py"))] * 2))
    assert [other.instances for other in others] == [first.instances] * 2


def test_a_score_fits_its_schema_which_is_the_file_that_ships(scored):
    content = msgspec.json.encode(scored(RANDOM))
    assert msgspec.json.decode(content, type=Score, strict=True).schema == 1
    assert json.loads(SCHEMA_FILE.read_text()) == schema()
    assert set(json.loads(content)) == set(schema()["$defs"]["Score"]["properties"])


def test_references_are_those_of_the_archive_within_the_budget(scored, scorer):
    found = scored(RANDOM)
    assert {"magma", "random", "native-ga"} <= {point.optimizer for point in found.references}
    assert [point.score for point in found.references] == sorted(point.score for point in found.references)
    assert found.place == 1 + sum(point.score < found.score for point in found.references)
    longer = Scorer(only=(INSTANCE,), budget=10_000)
    assert max(p.score for p in longer.references) < max(p.score for p in scorer.references)
    assert Scorer(only=(INSTANCE,), budget=10_001).references == []


def test_references_at_the_whole_budget_are_the_archive_s_results():
    from statistics import median

    from bench.campaigns.reference import reference

    scorer = Scorer(only=(INSTANCE,))
    values = [r.best_value for r in reference("dev").runs(["magma"]) if r.spec.problem == INSTANCE]
    told = {point.optimizer: point.score for point in scorer.references}
    assert told["magma"] == pytest.approx(median(values) / scorer.instances[0].best_known)


def test_parameters_seeds_and_class_are_chosen(scored):
    scorer = Scorer(only=(INSTANCE,), budget=40, seeds=2, limits=LIMITS)
    text = f"{RANDOM}\nclass Second(Random):\n    pass\n"
    found = scored(text, "Second", {"size": 3}, scorer=scorer)
    assert (found.optimizer, found.parameters, found.seeds) == ("Second", {"size": 3}, [0, 1])
    assert len(set(found.instances[0].values)) == 2
    failure = scored(text).failure
    assert (failure.kind, failure.problem) == ("class", None)
    assert "got Random, Second; FILE.py:Class chooses one" in failure.message


def test_runs_share_nothing_that_the_file_keeps(scored):
    body = """
seen = []
def ask(self):
    self.seen.append(1)
    assert len(self.seen) < 9
    return self.space.sample(self.rng, 5)
"""
    scorer = Scorer(only=(INSTANCE,), budget=40, seeds=2, limits=LIMITS)
    assert scored(with_body(body), scorer=scorer).status == "scored"


def test_global_generators_are_seeded(scored):
    body = """
def ask(self):
    import random
    cores, priorities = self.space.sample(self.rng, 1)
    priorities[:] = random.random() * np.random.random()
    return cores, priorities
"""
    assert scored(with_body(body)).instances == scored(with_body(body)).instances


def test_an_optimizer_of_the_suite_can_be_built_upon(scored):
    found = scored("from optimizers.native.magma import Magma\nclass Mine(Magma):\n    pass\n")
    assert (found.status, found.failure) == ("scored", None)


def test_one_that_owns_its_loop_may_end_early_or_overstep(scored):
    run = """
class Mine(Optimizer):
    def run(self, evaluator):
        evaluator.evaluate(*self.space.sample(self.rng, {}))
"""
    assert scored(IMPORTS + run.format(6)).instances[0].evaluations == [6]
    assert scored(IMPORTS + run.format(500)).instances[0].evaluations == [40]


def test_a_caught_end_of_the_run_gains_nothing(scored):
    run = """
class Mine(Optimizer):
    def run(self, evaluator):
        for _ in range(300):
            try:
                evaluator.evaluate(*self.space.sample(self.rng, 9))
            except BaseException:
                pass
"""
    found = scored(IMPORTS + run)
    assert (found.status, found.instances[0].evaluations) == ("scored", [40])


@pytest.mark.parametrize(
    ("text", "kind", "exception", "message", "line"),
    [
        ("def f(:\n", "error", "SyntaxError", "invalid syntax", 1),
        ("\nimport nothing_of_that_name\n", "error", "ModuleNotFoundError", "nothing_of_that_name", 2),
        ("", "class", "UnfitClass", "got none; it needs ask and tell, or run", None),
        (f"{IMPORTS}class Mine(AskTellOptimizer):\n    pass\n", "class", "UnfitClass", "got none", None),
        (with_body("sees_jobs = True"), "class", "UnfitClass", "only black boxes", None),
        (with_body("def run(self, evaluator): pass"), "class", "UnfitClass", "a run of its own", None),
        (with_body("def __init__(self, space, *, budget, seed): 1 / 0"), "error", "ZeroDivisionError", "zero", 4),
        (with_body("def ask(self): raise ValueError('no idea')"), "error", "ValueError", "no idea", 4),
        (with_body("def tell(self, c, p, v): v[99]"), "error", "IndexError", "out of bounds", 4),
        (with_body("def ask(self): raise SystemExit(0)"), "error", "SystemExit", "0", 4),
        (with_body("def ask(self): return ['a'], ['b']"), "error", "TypeError", "an array of numbers", None),
    ],
)
def test_exceptions_are_told_with_their_line(scored, text, kind, exception, message, line):
    found = scored(text)
    assert (found.status, found.score, found.place) == ("failed", None, None)
    assert (found.failure.kind, found.failure.exception, found.failure.line) == (kind, exception, line)
    assert message in found.failure.message
    at_load = found.failure.problem is None
    assert found.instances[0].status == ("not run" if at_load else "failed")


@pytest.mark.parametrize(
    ("proposal", "message"),
    [
        ("c, p * np.nan", "expected priorities in [0, 1), got nan to nan"),
        ("c + 99, p", "expected cores from 0 to"),
        ("c[:, 1:], p[:, 1:]", "expected cores and priorities of shape (P, 20)"),
        ("c[:0], p[:0]", "P at least 1"),
        ("c[0], p[0]", "got (20,) and (20,)"),
        ("c + 0.5, p", "expected integer cores and float priorities"),
        ("c, p.astype(complex)", "must be an array of numbers"),
    ],
)
def test_what_is_no_mapping_is_refused(scored, proposal, message):
    found = scored(with_body(f"def ask(self):\n    c, p = self.space.sample(self.rng, 5)\n    return {proposal}"))
    assert message in found.failure.message
    assert found.failure.kind == ("error" if "complex" in proposal else "proposal")
    assert found.failure.problem == INSTANCE


def test_nothing_is_no_score(scored):
    found = scored(f"{IMPORTS}class Mine(Optimizer):\n    def run(self, evaluator):\n        pass\n")
    assert (found.failure.kind, found.failure.message) == ("proposal", "optimizer 'Mine' proposed nothing at all")


def test_what_the_command_cannot_do_is_an_error(tmp_path):
    (tmp_path / "mine.py").write_text(RANDOM)
    for file in ("none.py", "mine.txt", f"{tmp_path / 'mine.py'}:1"):
        with pytest.raises(InvalidInput):
            score(file)
    with pytest.raises(UnknownName):
        score(str(tmp_path / "mine.py"), on="nothing", limits=LIMITS)
    with pytest.raises(InvalidInput):
        score(str(tmp_path / "mine.py"), only=("nothing/*",), limits=LIMITS)
    (tmp_path / "own.toml").write_text('problems = ["mix/S2/bw1/g8/i0"]\n')
    with pytest.raises(InvalidInput, match="best known value"):
        score(str(tmp_path / "mine.py"), on=str(tmp_path / "own.toml"), limits=LIMITS)
