"""Networks and files as the command line names them, alone and together."""

from contextlib import ExitStack
from fractions import Fraction

import pytest

import problems
from bench.sources import Source, one_workload, parse_source, read_sources
from problems.foundation.errors import InvalidInput, M3EError
from problems.layers import Layer
from problems.passes import Passes


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with two different networks of one name, a job table, and a file whose name looks like a count."""
    monkeypatch.chdir(tmp_path)
    for stem, size in (("one", 3), ("two", 5), ("odd:2", 7)):
        workload = problems.Workload(stem, {"net": (Layer.ffn("a", out=size, inp=2),)})
        problems.write_workload(workload, tmp_path / f"{stem}.json")
    (tmp_path / "odd:2.json").rename(tmp_path / "odd:2")
    (tmp_path / "table.csv").write_text("job,latency_a,bandwidth_a\nx,5,1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("resnet50", Source("resnet50")),
        ("resnet50:2", Source("resnet50", Fraction(2))),
        ("net.onnx:30/s", Source("net.onnx", Fraction(30), True)),
        ("net.onnx:29.97/s", Source("net.onnx", Fraction("29.97"), True)),
        ("odd:2", Source("odd:2")),
        ("odd:2:3", Source("odd:2", Fraction(3))),
    ],
)
def test_a_source_may_say_how_often_it_runs(files, text, source):
    assert parse_source(text) == source


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["resnet50:0"], "a number of passes from 1"),
        (["resnet50:1.5"], "a number of passes from 1"),
        (["resnet50:2", "bert_base:3/s"], "a count for each, or a rate for each"),
        (["resnet50", "bert_base:3/s"], "a count for each, or a rate for each"),
        (["resnet50:1/s", "bert_base:29.9973/s"], "at most 10,000 passes.*round it, e.g. to 1:30"),
        (["resnet50", "table.csv"], "a job table"),
        (["resnet50", "mix"], "a task"),
        (["resnet50", "nothing.json"], "no such file"),
        (["resnet50", "resnet5"], "did you mean resnet50"),
        (["resnet50:1e3/s"], "`:N` passes.*, got :1e3/s"),
        (["resnet50:1/3/s", "bert_base:0.3/s"], "`:N` passes.*, got :1/3/s"),
        (["resnet50:1e3"], "`:N` passes.*, got :1e3"),
    ],
)
def test_what_cannot_be_mapped_together_is_refused(files, texts, message):
    with pytest.raises(M3EError, match=message):
        read_sources(texts, {})


@pytest.mark.parametrize(
    ("texts", "counts"),
    [
        (["alexnet:2", "ncf"], {"alexnet": 2, "ncf": 1}),
        (["alexnet", "alexnet:2"], {"alexnet": 3}),
        (["alexnet:30/s", "ncf:20/s"], {"alexnet": 3, "ncf": 2}),
        (["alexnet:2.5/s", "ncf:10/s"], {"alexnet": 1, "ncf": 4}),
        (["alexnet:0.2/s", "ncf:0.3/s"], {"alexnet": 2, "ncf": 3}),
    ],
)
def test_networks_run_as_often_as_counts_and_rates_say(texts, counts):
    workload = read_sources(texts, {})
    assert {name: each.count for name, each in workload.passes.items()} == counts
    asked = {name: each.per_second for name, each in workload.passes.items()}
    periods = {counts[name] / rate for name, rate in asked.items() if rate}
    assert len({round(period, 12) for period in periods}) == ("/s" in texts[0])


def test_different_networks_of_one_name_are_told_apart(files):
    assert list(read_sources(["one.json", "two.json"], {}).networks) == ["net", "two.net"]
    assert read_sources(["one.json", "one.json"], {}).passes == {"net": Passes(2)}


def test_a_file_s_own_rates_stay_where_nothing_else_is_asked(files):
    workload = read_sources(["alexnet:30/s", "ncf:20/s"], {})
    problems.write_workload(workload, files / "camera.json")
    beside = read_sources(["camera.json", "ncf"], {}).passes
    assert beside == {"alexnet": Passes(3, 1, "images", 30.0), "ncf": Passes(3, 128, "samples", 20.0)}
    assert read_sources(["camera.json:5/s"], {}).passes["alexnet"].per_second == 3 * 5.0


def test_dimensions_are_those_of_every_network():
    workload = read_sources(["alexnet:2", "vgg16"], {"batch": 4})
    assert workload.passes == {"alexnet": Passes(2, 4, "images"), "vgg16": Passes(1, 4, "images")}
    assert {layers[0].batch for layers in workload.networks.values()} == {4}


def test_several_become_one_file_whose_name_is_its_digest(files):
    path = one_workload(["ncf:2", "one.json"], {}, files / "made", ExitStack())
    assert one_workload(["ncf:2", "one.json"], {}, files / "made", ExitStack()) == path
    task = f"file:{path}"
    assert path.endswith(f"-{problems.parse_id(f'{task}/S1/bw1/gall/i0').task.rsplit('#')[1]}.json")
    p = problems.get(f"{task}/S1/bw1/gall/i0")
    assert set(p.job_passes) == {"ncf#1", "ncf#2", "net"}
    assert set(p.job_networks) == {"ncf", "net"}
    assert p.passes == {"ncf": Passes(2, 128, "samples"), "net": Passes()}


@pytest.mark.parametrize("text", ["mix", "alexnet", "one.json", "mix/S1/bw1/g5/i0", "nothing"])
def test_what_stands_alone_is_left_to_the_mapping(files, text):
    assert one_workload([text], {}, files / "made", ExitStack()) == text
    assert not (files / "made").exists()


def test_a_job_table_leaves_no_dimension_open(files):
    with pytest.raises(InvalidInput, match="csv files leave none open"):
        one_workload(["table.csv"], {"batch": 2}, files / "made", ExitStack())


def test_a_dimension_that_one_of_several_lacks_is_told_with_what_to_do():
    with pytest.raises(InvalidInput, match=r"unknown dimension of ncf.* Import alone what has other dimensions"):
        read_sources(["resnet50", "ncf"], {"size": 64})
