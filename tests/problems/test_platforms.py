"""Platform files: what is read, and what errors say."""

import os

import pytest

import problems
from problems.foundation.errors import InvalidInput, M3EError

GOOD = """
description = "mine"
bandwidth_gbps = 12.5
bandwidth_range_gbps = [1, 32]

[[cores]]
dataflow = "dla"   # the first kind: pes = 99 in a comment
pes = 1024
cluster = 32
count = 2
clock_ghz = 0.5

[[cores]]
dataflow = "eye"
pes = 512
buffer_kib = 256
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_platform_file_is_read_as_written(write):
    p = problems.read_platform(write(GOOD))
    assert (p.name, p.summary, p.bandwidth_gbps, p.bandwidths_gbps) == ("mine", "mine", 12.5, (1.0, 32.0))
    slow, small = problems.Core("dla", 1024, 32, 0.5), problems.Core("eye", 512, 64, 1.0, 256 * 1024)
    assert p.cores == (slow, slow, small)


def test_cores_may_stand_in_braces(write):
    cores = '[\n { dataflow = "dla", pes = 64 },\n { dataflow = "shi", pes = 9, cluster = 3, count = 3 },\n]'
    text = f"bandwidth_gbps = 1\ncores = {cores}\n"
    assert [str(c) for c in problems.read_platform(write(text)).cores] == ["dla-64", *["shi-9/3"] * 3]


@pytest.mark.parametrize("name", problems.PLATFORMS.names())
def test_shipped_platforms_are_such_files_and_studied_at_their_own_bandwidth(name):
    p = problems.PLATFORMS.get(name)
    assert p.bandwidths_gbps[0] <= p.bandwidth_gbps <= p.bandwidths_gbps[1]
    assert p.summary


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "pes = 512",
            "pes = -512",
            "line 15: cores[1].pes: expected processing elements, an integer from 1 to 2,147,",
        ),
        ("pes = 512", "pes = 100000000000", "an integer from 1 to 2,147,483,648, got 100000000000"),
        (
            "cluster = 32",
            "cluster = 100000000000",
            "cores[0].cluster: expected PEs per cluster, an integer from 1 to",
        ),
        ("pes = 512", f"pes = {'9' * 5000}", "mine.toml: expected TOML, got Exceeds the limit"),
        ("bandwidth_gbps = 12.5", "bandwidth_gbps = 1e16", "a number above 0, at most 1e+15, got 1e+16"),
        ("[1, 32]", "[1, 1e16]", "line 4: bandwidth_range_gbps: expected two numbers above 0, at most 1e+15"),
        ("pes = 512", "pes = 512.0", "mine.toml, line 15: cores[1].pes"),
        ("pes = 512", 'pes = "512"', "mine.toml, line 15: cores[1].pes"),
        ("pes = 512", "pes = true", "mine.toml, line 15: cores[1].pes"),
        ("pes = 512", "pes = 32", "mine.toml, line 15: cores[1].pes: expected at least a cluster, 64, got 32"),
        ("pes = 512", "pess = 512", "mine.toml, line 15: 'pess': did you mean pes?"),
        ("pes = 512\n", "", "mine.toml, line 13: cores[1].pes: expected processing elements"),
        ("pes = 1024", "pes = 0", "mine.toml, line 8: cores[0].pes"),
        ("cluster = 32", "cluster = 2048", "mine.toml, line 8: cores[0].pes: expected at least a cluster, 2048"),
        ("count = 2", "count = 0", "mine.toml, line 10: cores[0].count"),
        (
            "count = 2",
            "count = 100000",
            "line 10: cores[0].count: expected how many such cores, an integer from 1 to 4,096",
        ),
        ("clock_ghz = 0.5", "clock_ghz = 0", "mine.toml, line 11: cores[0].clock_ghz"),
        ("clock_ghz = 0.5", "clock_ghz = nan", "mine.toml, line 11: cores[0].clock_ghz"),
        (
            "clock_ghz = 0.5",
            "clock_ghz = 800",
            "clock_ghz: expected GHz, from 1e-06 to 100; optional, 1, got 800",
        ),
        ("clock_ghz = 0.5", "clock_ghz = 1e-320", "cores[0].clock_ghz: expected GHz"),
        ("buffer_kib = 256", "buffer_kib = -1", "mine.toml, line 16: cores[1].buffer_kib"),
        ('"eye"', '"eyes"', "mine.toml, line 14: cores[1].dataflow: expected one of dla, eye, shi, got eyes"),
        ('"eye"', "3", "mine.toml, line 14: cores[1].dataflow"),
        ("bandwidth_gbps = 12.5", "bandwidth_gbps = 0", "mine.toml, line 3: bandwidth_gbps"),
        ("bandwidth_gbps = 12.5", "bandwidth_gbps = inf", "mine.toml, line 3: bandwidth_gbps"),
        ("bandwidth_gbps = 12.5\n", "", "mine.toml: bandwidth_gbps: expected the shared memory bandwidth"),
        ("bandwidth_gbps = 12.5", "bandwith_gbps = 12.5", "line 3: 'bandwith_gbps': did you mean bandwidth_gbps"),
        ("[1, 32]", "[32, 1]", "mine.toml, line 4: bandwidth_range_gbps: expected two numbers above 0"),
        ("[1, 32]", "[1]", "mine.toml, line 4: bandwidth_range_gbps"),
        ("[1, 32]", "[1, 32", "mine.toml: expected TOML, got line 6"),
        ("[[cores]]", "[[core]]", "mine.toml, line 6: 'core': did you mean cores"),
    ],
)
def test_an_error_names_file_line_key_expected_and_actual(write, old, new, message):
    with pytest.raises(M3EError) as caught:
        problems.read_platform(write(GOOD.replace(old, new)))
    assert message in str(caught.value)


@pytest.mark.parametrize("cores", ["cores = []", "cores = 3", "cores = [3]", ""])
def test_a_platform_without_cores_is_refused(write, cores):
    with pytest.raises(InvalidInput, match="cores"):
        problems.read_platform(write(f"bandwidth_gbps = 1\n{cores}\n"))


def test_the_line_of_a_core_in_braces_is_told(write):
    text = 'bandwidth_gbps = 1\ncores = [\n  { dataflow = "dla", pes = 64 },\n  { dataflow = "shi", pes = 0 },\n]\n'
    with pytest.raises(InvalidInput, match=r"mine.toml, line 4: cores\[1\].pes"):
        problems.read_platform(write(text))


def test_a_file_that_is_not_there_is_one_error(tmp_path):
    with pytest.raises(InvalidInput, match=r"nowhere.toml: expected a readable file, got No such file"):
        problems.read_platform(tmp_path / "nowhere.toml")


def test_nothing_but_a_small_file_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    for path, actual in ((tmp_path, "a folder"), (tmp_path / "pipe.toml", "a named pipe"), ("/dev/zero", "a device")):
        with pytest.raises(InvalidInput, match=f"expected a readable file, got {actual}"):
            problems.read_platform(path)
    (tmp_path / "large.toml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(InvalidInput, match=r"large\.toml: expected a file of at most 1,048,576 bytes, got 1,048,577"):
        problems.read_platform(tmp_path / "large.toml")


def test_a_platform_file_stands_in_a_problem_id(write):
    path = write(GOOD)
    p = problems.get(f"mix/file:{path}/bw2/g20/i0")
    assert p.num_cores == 3
    assert p.id == str(problems.parse_id(p.id))
    assert "#" in p.id
    assert problems.get(p.id).id == p.id
    path.write_text(GOOD.replace("count = 2", "count = 1"), encoding="utf-8")
    with pytest.raises(InvalidInput, match="the file has changed"):
        problems.get(p.id)


def test_cycles_count_at_1_ghz_whatever_the_clock(write):
    half = problems.get(f"resnet50/file:{write(GOOD)}/bw2/gall/i0")
    full = problems.get(f"resnet50/file:{write(GOOD.replace('clock_ghz = 0.5', 'clock_ghz = 1'))}/bw2/gall/i0")
    assert (half.job_table.latency[:, 0] == 2 * full.job_table.latency[:, 0]).all()
    assert (half.job_table.bandwidth[:, 0] == full.job_table.bandwidth[:, 0] / 2).all()
    assert (half.job_table.latency[:, 2] == full.job_table.latency[:, 2]).all()


def test_a_buffer_keeps_out_the_jobs_that_need_more(write):
    small = problems.get(f"vgg16/file:{write(GOOD.replace('buffer_kib = 256', 'buffer_kib = 0.25'))}/bw2/gall/i0")
    assert (small.job_table.latency[:, 2] == float("inf")).any()
    nothing = GOOD.replace("clock_ghz = 0.5", "buffer_kib = 0.001").replace("buffer_kib = 256", "buffer_kib = 0.001")
    with pytest.raises(InvalidInput, match=r"jobs that some core of mine can run, got vgg16/conv1_1"):
        problems.get(f"vgg16/file:{write(nothing)}/bw2/gall/i0")


def test_cores_may_be_named(write):
    text = (
        'bandwidth_gbps = 2\n[[cores]]\ndataflow = "dla"\npes = 512\ncount = 2\nname = "big"\n'
        '[[cores]]\ndataflow = "eye"\npes = 512\n[[cores]]\ndataflow = "dla"\npes = 512\nname = "spare"\n'
    )
    platform = problems.read_platform(write(text))
    assert platform.core_names == ("big 1: dla-512", "big 2: dla-512", "2: eye-512", "spare: dla-512")
    assert platform.cores[0] == platform.cores[3] == problems.Core("dla", 512)
    twice = text.replace("spare", "big 1")
    with pytest.raises(InvalidInput, match="'big 1' more than once"):
        problems.read_platform(write(twice))
