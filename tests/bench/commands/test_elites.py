"""The picture of what good mappings look like, from stored runs."""

import io

import numpy as np
import pandas as pd
import pytest

import problems
from problems.doors.measures import Measures
from problems.foundation.errors import StorageError
from problems.space import jobs_of
from reports.figures.elites import elite_numbers
from reports.storage.campaign_folder import read_campaign
from reports.storage.stored_mapping import mappings_at

FILES = {f"elites.{suffix}" for suffix in ("png", "pdf", "svg", "csv")}
ID = "mix/S2/bw16/g8/i0/corrected"


@pytest.fixture
def campaign(m3e_here, tmp_path):
    """Run a campaign; the stored runs by label."""

    def run(optimizers, problem=ID, trace='"mappings"'):
        (tmp_path / "kinds.toml").write_text(
            f'problems = ["{problem}"]\noptimizers = {optimizers}\nseeds = 1\nbudget = 300\nfull_trace = {trace}\n'
        )
        done = m3e_here("run", "kinds.toml", "--no-report")
        assert done.returncode == 0, done.stderr
        return {run.label: run for run in read_campaign(tmp_path / "runs" / "kinds").runs}

    return run


def test_every_cell_holds_the_best_of_its_mappings(campaign, m3e_here, tmp_path):
    run = campaign('["random"]')["random"]
    numbers = elite_numbers(mappings_at(run.place), 5)
    trace, table = run.full_trace(), problems.get(ID).job_table
    loads = np.stack([np.where(trace["cores"] == c, table.latency[np.arange(8), trace["cores"]], 0) for c in range(4)])
    balance = loads.sum(axis=2).mean(axis=0) / loads.sum(axis=2).max(axis=0)
    energy = table.energy[np.arange(8), trace["cores"]].sum(axis=1)
    least, most = table.energy.min(axis=1).sum(), table.energy.max(axis=1).sum()
    cells = np.floor(np.stack([balance, (energy - least) / (most - least)], axis=1) * 5).clip(0, 4) / 5
    assert numbers["mappings"].sum() == 300
    assert numbers["value"].min() == run.best_value
    for row in numbers.itertuples():
        own = trace["values"][np.isclose(cells, [row.balance, row.share]).all(axis=1)]
        assert (row.mappings, row.value) == (len(own), own.min())
        assert trace["values"][row.evaluation - 1] == row.value
        assert row.ratio == pytest.approx(row.value / problems.get(ID).lower_bound())
    done = m3e_here("elites", run.place, "--cells", 5)
    folder = tmp_path / "runs" / "kinds" / "elites" / run.id
    assert (done.returncode, {path.name for path in folder.iterdir()}) == (0, FILES), done.stderr
    stored = pd.read_csv(io.BytesIO((folder / "elites.csv").read_bytes()))
    assert stored["value"].tolist() == numbers["value"].tolist()
    assert (folder / "elites.png").read_bytes().startswith(b"\x89PNG")
    assert m3e_here("check", tmp_path / "runs" / "kinds").returncode == 0


def test_a_picture_of_map_elites_has_the_cells_of_its_archive(campaign):
    pytest.importorskip("ribs")
    from optimizers.adapters.ribs import _archive

    run = campaign('[{ name = "ribs-mapelites", parameters = { cells = 7 } }]')["ribs-mapelites"]
    numbers, trace = elite_numbers(mappings_at(run.place)), run.full_trace()
    archive = _archive(1, 7, 0)
    measures = Measures(jobs_of(problems.get(ID))).of(trace["cores"].astype(int))
    archive.add(np.arange(300.0)[:, None], -trace["values"], measures)
    assert set(numbers["cells"]) == {7}
    assert sorted(numbers["value"]) == sorted(-archive.data("objective"))


def test_values_are_over_the_best_known_where_there_is_one(campaign):
    known = next(p for p in ("mix/S2/bw1/g20/i0", "mix/S2/bw4/g20/i2") if problems.get(p).best_known())
    run = campaign('["random"]', known)["random"]
    numbers = elite_numbers(mappings_at(run.place))
    assert set(numbers["over"]) == {"best known"}
    assert numbers["ratio"].min() == pytest.approx(run.best_value / problems.get(known).best_known().value)
    assert set(numbers["second"]) == {"latency"}


@pytest.mark.parametrize(
    ("problem", "optimizer", "trace", "message"),
    [
        (ID, "random", "true", "holds only the best of its mappings: the campaign needs full_trace"),
        (f"{ID}/latency+energy", "random", '"mappings"', "has two objectives"),
    ],
)
def test_a_run_without_a_picture_says_why(campaign, m3e_here, problem, optimizer, trace, message):
    run = campaign(f'["{optimizer}"]', problem, trace)[optimizer]
    with pytest.raises(StorageError, match=message):
        elite_numbers(mappings_at(run.place))
    done = m3e_here("elites", run.place)
    assert (done.returncode, message in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_what_map_has_found_has_no_picture(m3e_here):
    assert m3e_here("map", "mix/S2/bw1/g8/i0", "--budget", 20, "--out", "mapped").returncode == 0
    assert "holds only the best of its mappings" in " ".join(m3e_here("elites", "mapped").stderr.split())
