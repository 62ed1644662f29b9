"""The points of a sweep."""

from contextlib import ExitStack

import pytest

import problems
from bench.sweeps.points import Sweep, points_of, with_cores
from problems import PLATFORMS, parse_id, read_platform
from problems.foundation.errors import InvalidInput, UnknownName
from problems.platforms.writing import platform_toml

JOBS = "job,latency_a,bandwidth_a,latency_b,bandwidth_b\nx,1000,4,2000,1\ny,500,2,700,1\n"
TINY = 'bandwidth_gbps = 4\n[[cores]]\ndataflow = "dla"\npes = 64\nbuffer_kib = 0.01\n'


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs.csv").write_text(JOBS)
    (tmp_path / "tiny.toml").write_text(TINY)
    return tmp_path


def sweep(workload="mix", platforms=("S2",), bandwidths=(1.0, 4.0), **more):
    return Sweep(workload, platforms, bandwidths, **{"num_jobs": 5, **more})


def test_the_points_are_all_combinations(folder):
    points = points_of(sweep(platforms=("S1", "S2"), cost_models=("maestro", "corrected")), folder / "out", ExitStack())
    ids = [f"mix/{p}/bw{b}/g5/i0{m}" for p in ("S1", "S2") for m in ("", "/corrected") for b in (1, 4)]
    assert [point.problem for point in points] == ids
    assert {point.pes for point in points} == {8192.0}
    assert not (folder / "out").exists()


@pytest.mark.parametrize("number", [1, 3, 4, 5, 8, 9])
def test_cores_are_the_platform_s_in_their_order_repeated(number, folder):
    (point,) = points_of(sweep(bandwidths=(1.0,), cores=(number,)), folder / "out", ExitStack())
    own = PLATFORMS.get("S2").cores
    made = problems.suite.platform_named(parse_id(point.problem).platform)
    assert list(made.cores) == [own[place % len(own)] for place in range(number)]
    assert (point.cores, point.pes) == (number, sum(core.num_pes for core in made.cores))
    assert (made == PLATFORMS.get("S2")) == (number == len(own))


def test_the_file_of_a_platform_has_a_telling_name(folder):
    points_of(sweep(platforms=("S2", "tiny.toml"), cores=(1, 2)), folder / "out", ExitStack())
    names = sorted(path.name for path in (folder / "out" / "platforms").iterdir())
    assert [names[0], names[1]] == ["S2-1-core.toml", "S2-2-cores.toml"]
    assert names[2].startswith("tiny-")
    assert names[2].endswith("-2-cores.toml")


def test_a_written_platform_is_read_as_it_was(folder):
    core = problems.Core("eye", 96, 32, 1.7, 12345)
    for platform in (*map(PLATFORMS.get, PLATFORMS.names()), problems.Platform("x", (core, core), 3.5, 'say "x"')):
        path = folder / f"{platform.name}.toml"
        path.write_text(platform_toml(platform))
        assert read_platform(path) == platform
    assert with_cores(platform, 2) is platform


def test_two_files_of_one_name_are_told_apart(folder):
    (folder / "other").mkdir()
    (folder / "other" / "S2.toml").write_text(TINY.replace("0.01", "100"))
    points = points_of(sweep(platforms=("S2", "other/S2.toml"), bandwidths=(1.0,)), folder, ExitStack())
    assert len({point.design for point in points}) == 2


def test_the_unlimited_bandwidth_is_more_than_all_cores_ever_need(folder):
    (point,) = points_of(sweep(bandwidths=(1.0,)), folder, ExitStack())
    p = problems.get(point.unlimited)
    assert p.system_bandwidth >= p.job_table.bandwidth.max(axis=0).sum()
    assert p.job_table.latency.tolist() == problems.get(point.problem).job_table.latency.tolist()


def test_a_job_table_has_its_own_cores_and_any_bandwidth(folder):
    points = points_of(sweep("jobs.csv", (None,), num_jobs=None), folder, ExitStack())
    assert [(point.cores, point.bandwidth_gbps, point.design) for point in points] == [
        (2, 1.0, "own cores"),
        (2, 4.0, "own cores"),
    ]


def test_an_impossible_point_says_why_and_the_others_go_on(folder):
    points = points_of(sweep(platforms=("tiny.toml", "S2"), cost_models=("corrected",)), folder, ExitStack())
    assert [bool(point.impossible) for point in points] == [True, True, False, False]
    assert "some core of tiny can run" in points[0].impossible


@pytest.mark.parametrize(
    ("wrong", "error", "told"),
    [
        ({"platforms": ("S9",)}, UnknownName, "unknown platform 'S9'"),
        ({"platforms": ("no.toml",)}, InvalidInput, "no such file"),
        ({"cost_models": ("nope",)}, UnknownName, "unknown cost model 'nope'"),
        ({"workload": "nope"}, UnknownName, "unknown task 'nope'"),
        ({"objective": "nope"}, UnknownName, "unknown objective 'nope'"),
        ({"objective": "latency+energy"}, InvalidInput, "expected one objective"),
        ({"platforms": ("tiny.toml",), "cost_models": ("corrected",)}, InvalidInput, "which none can"),
        ({"cores": tuple(range(1, 10_000))}, InvalidInput, "at most 10,000 points, got 19,998"),
        ({"workload": "jobs.csv", "num_jobs": None}, InvalidInput, "its own cores"),
        ({"workload": "jobs.csv", "platforms": (None,), "cores": (2,)}, InvalidInput, "--cores: expected none"),
    ],
)
def test_what_cannot_be_swept_is_one_error(wrong, error, told, folder):
    with pytest.raises(error, match=None) as raised:
        points_of(sweep(**wrong), folder / "out", ExitStack())
    assert told in str(raised.value)
