"""``m3e score``: what it prints, and its exit codes."""

import json

import msgspec
import pytest

from bench.scoring.report import Score

FEW = ("--only", "mix/S2/bw1/g20/*", "--budget", 40)

GOOD = """
from optimizers import AskTellOptimizer

print("printed by the file")

class Mine(AskTellOptimizer):
    names = {"one", "two", "three"}

    def __init__(self, space, *, budget, seed, size=5):
        super().__init__(space, budget=budget, seed=seed)
        self.size = size + len(sorted(self.names)[0])

    def ask(self):
        return self.space.sample(self.rng, self.size + hash("a string") % 3)

    def tell(self, cores, priorities, values):
        pass
"""


@pytest.fixture(autouse=True)
def files(tmp_path):
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(GOOD.replace("return", "return 1 / 0,"))


def test_json_is_one_object_a_line_and_nothing_else_and_always_the_same(m3e):
    said = []
    for hash_seed in ("1", "2"):
        done = m3e("score", "good.py", "--json", *FEW, environment={"PYTHONHASHSEED": hash_seed})
        assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
        said.append(json.loads(done.stdout))
        assert set(said[-1].pop("seconds")) == {"wall", "cpu"}
    assert said[0] == said[1]
    assert said[0]["printed"]["stdout"] == "printed by the file\n"


def test_several_files_are_scored_and_one_without_score_is_told(m3e_here):
    done = m3e_here("score", "bad.py", "good.py:Mine", "--json", "--set", "size=3", *FEW)
    bad, good = (msgspec.json.decode(line, type=Score) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert (bad.status, bad.failure.exception, bad.failure.line) == ("failed", "ZeroDivisionError", 14)
    assert (good.status, good.file, good.parameters) == ("scored", "good.py", {"size": 3})


def test_people_get_a_table_and_a_sentence(m3e_here):
    done = m3e_here("score", "good.py", *FEW)
    assert done.returncode == 0
    assert "good.py *" in done.stdout
    assert "good.py:Mine scores 1." in done.stdout
    assert "on 1 instance of dev (40 evaluations), place " in done.stdout
    done = m3e_here("score", "bad.py", *FEW, columns=1_000)
    assert done.returncode == 1
    where = "(line 14), on mix/S2/bw1/g20/i100, seed 0"
    assert done.stdout == f"bad.py:Mine has no score: error: ZeroDivisionError: division by zero {where}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("none.py",),
        ("good.txt",),
        ("good.py", "none.py"),
        ("good.py", "--on", "nothing"),
        ("good.py", "--only", "nothing"),
        ("good.py", "--set", "size"),
        ("good.py", "--cpu-seconds", 0),
        (),
    ],
)
def test_bad_input_is_one_message(m3e_here, arguments):
    done = m3e_here("score", *arguments, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
