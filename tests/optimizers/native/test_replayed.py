"""Replaying mappings from a CSV file."""

import hashlib

import numpy as np
import pytest

import optimizers
from optimizers.testing import TwoWeights, Weights
from problems.foundation.errors import InvalidInput

G = 6
HEADER = ",".join([*(f"core_{j}" for j in range(G)), *(f"priority_{j}" for j in range(G))])
ROW = "0,1,2,0,1,2,0.1,0.2,0.3,0.4,0.5,0.6"


@pytest.fixture
def trace(tmp_path):
    """A file of 250 random mappings; its path and the mappings."""
    rng = np.random.default_rng(0)
    cores, priorities = rng.integers(3, size=(250, G)), rng.random((250, G))
    rows = [",".join(map(repr, [*c, *p])) for c, p in zip(cores.tolist(), priorities.tolist(), strict=True)]
    path = tmp_path / "trace.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path, cores, priorities


def test_exactly_these_mappings_are_evaluated_in_order(trace):
    path, cores, priorities = trace
    search = optimizers.Search(
        Weights(),
        "replay-trace",
        budget=1000,
        seed=0,
        parameters={"path": str(path)},
        full_trace=optimizers.FullTrace.MAPPINGS,
    )
    search.run()
    r = search.result()
    assert (r.stopped, r.num_evaluations) == ("finished", 250)
    assert (r.all_cores == cores).all()
    assert (r.all_values == Weights().evaluate(cores, priorities)).all()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert search.settings == {"replayed": True, "mappings": 250, "source_sha256": digest}
    assert search.first_population is None


def test_the_budget_holds(trace):
    path, cores, priorities = trace
    r = optimizers.replay_trace(Weights(), path, budget=130)
    assert (r.stopped, r.num_evaluations) == ("budget", 130)
    assert r.best_value == Weights().evaluate(cores[:130], priorities[:130]).min()
    assert optimizers.replay_trace(Weights(), path).num_evaluations == 250
    assert len(optimizers.replay_trace(TwoWeights(), path).front_values)


def test_another_content_is_another_run(trace):
    path, *_ = trace
    first = optimizers.resolve_parameters("replay-trace", {"path": str(path)})
    assert first == {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert optimizers.resolve_parameters("replay-trace", first) == first
    path.write_text(f"{HEADER}\n{ROW}\n")
    assert optimizers.resolve_parameters("replay-trace", {"path": str(path)}) != first
    with pytest.raises(InvalidInput, match=r"sha256: expected that of .*trace.csv"):
        optimizers.minimize(Weights(), "replay-trace", **first)


def test_windows_line_ends_blank_lines_and_a_byte_order_mark_do_no_harm(tmp_path):
    path = tmp_path / "trace.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\n{ROW}\r\n\r\n{ROW}\r\n".encode())
    assert optimizers.replay_trace(Weights(), path).num_evaluations == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: expected core_0|line 1: expected columns core_0"),
        (f"{HEADER}\n", "expected a mapping a line below the header, got none"),
        (f"evaluation,{HEADER}\n", "line 1, column 1: expected core_0, got evaluation"),
        (f"{HEADER},priority_6\n", "line 1: expected columns core_0, core_1, .* got 13 columns"),
        (f"{HEADER}\n{ROW}\n{ROW},1\n", "line 3: expected 12 cells, got 13"),
        (
            f"{HEADER}\n\n{ROW.replace('0.3', 'x')}\n",
            "line 3, column priority_2: expected a priority from 0 to below 1, got 'x'",
        ),
        (
            f"{HEADER}\n{ROW.replace('0.3', '1')}\n",
            "line 2, column priority_2: expected a priority from 0 to below 1, got '1'",
        ),
        (f"{HEADER}\n{ROW.replace('0.3', 'nan')}\n", "line 2, column priority_2"),
        (f"{HEADER}\n{ROW}\n1.5{ROW[1:]}\n", "line 3, column core_0: expected a core, an integer from 0, got '1.5'"),
        (f"{HEADER}\n{ROW}\n-1{ROW[1:]}\n", "line 3, column core_0: expected a core, an integer from 0, got '-1'"),
        (f"{HEADER}\n{ROW}\ninf{ROW[1:]}\n", "line 3, column core_0: expected a core"),
        (f"{HEADER}\n{ROW}\n0_1{ROW[1:]}\n", "line 3, column core_0: expected a core"),
        (f"{HEADER}\n{ROW}\n\u0661{ROW[1:]}\n", "line 3, column core_0: expected a core"),
        (f"{HEADER}\n{ROW}\n{ROW}_1\n", "line 3, column priority_5: expected a priority"),
        (f"{HEADER}\n{ROW}\n3{ROW[1:]}\n", "line 3, column core_0: expected a core from 0 to 2, got 3"),
        ("core_0,priority_0\n0,0.5\n", "line 1: expected columns for 6 jobs, got columns for 1"),
        (f'{HEADER}\n"a\n', "line 2: expected CSV, got unexpected end of data"),
        ("\udcff", "expected UTF-8 text"),
    ],
)
def test_what_is_no_trace_is_told_with_line_and_column(tmp_path, text, message):
    path = tmp_path / "trace.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InvalidInput, match=message) as told:
        optimizers.replay_trace(Weights(), path)
    assert str(path) in str(told.value)


def test_a_file_that_is_not_there_or_not_named_is_told(tmp_path):
    with pytest.raises(InvalidInput, match=r"nothing.csv: expected a readable file, got No such file"):
        optimizers.replay_trace(Weights(), tmp_path / "nothing.csv")
    with pytest.raises(InvalidInput, match="path: expected the path of a CSV file of mappings, got None"):
        optimizers.minimize(Weights(), "replay-trace")


def test_it_is_run_in_a_campaign(trace, run_campaign, tmp_path):
    import problems
    from reports.storage.campaign_folder import read_campaign

    space = problems.get("mix/S2/bw1/g6/i0")
    text = 'problems = ["mix/S2/bw1/g6/i0"]\nseeds = 1\nbudget = 200\noptimizers = ["random", '
    text += f'{{ name = "replay-trace", label = "elsewhere", parameters = {{ path = "{trace[0]}" }} }}]'
    folder = run_campaign(text, tmp_path, "ways")
    runs = {run.label: run for run in read_campaign(folder).runs}
    assert runs["elsewhere"].best_value == space.evaluate(*(part[:200] for part in trace[1:])).min()
    assert runs["elsewhere"].environment["settings"]["replayed"] is True
