"""What ``m3e import`` says."""

import io
import os

import pytest
from rich.console import Console

from bench.commands.import_ import MOST_SHOWN, import_workload
from bench.commands.list_ import problems_tables
from bench.commands.options import parse_dims
from bench.commands.show import problem_tables
from bench.sources import read_source
from problems.foundation.errors import InvalidInput, UnknownName

TABLE = "latency_a,bandwidth_a\n1,1\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def shown(parts):
    console = Console(width=200, record=True, file=io.StringIO())
    for part in parts:
        console.print(part)
    return " ".join(console.export_text().split())


def test_a_job_table_is_told_with_an_id_that_can_be_used(tmp_path):
    (tmp_path / "jobs.csv").write_text(TABLE)
    text = shown(import_workload(["jobs.csv"], {}, None))
    assert "wrote jobs.npz; use it as file:jobs.npz, with the platform table in ids" in text
    problem = text.partition("m3e show ")[2]
    assert "1 x 0" in shown(problem_tables(problem)) or "cores 1" in shown(problem_tables(problem))


def test_the_list_of_problems_says_what_the_platform_of_a_job_table_is():
    assert "file:PATH/table/bw4/gall/i0" in shown(problems_tables())


def test_of_very_many_networks_the_first_are_shown(tmp_path):
    (tmp_path / "jobs.csv").write_text("".join(f"{i},1,1,1,1,1,1,1,0\n" for i in range(MOST_SHOWN + 7)))
    text = shown(import_workload(["jobs.csv"], {}, None))
    assert "thread_99 1" in text
    assert "and 7 more networks" in text
    assert "thread_100 " not in text
    assert "1 x thread_59, and 47 more" in shown(problem_tables("file:jobs.csv/S2/bw4/gall/i0"))


@pytest.mark.parametrize("size", ["", "-1", "1.5", "9" * 5000, "\u0663"])
def test_a_size_is_a_number_of_a_few_digits(size):
    with pytest.raises(InvalidInput, match="--dim: expected NAME=SIZE"):
        parse_dims([f"batch={size}"])


def test_a_size_may_be_a_word_and_the_network_says_which_there_are(tmp_path):
    dims = parse_dims(["phase=decode", "batch=8"])
    assert dims == {"phase": "decode", "batch": 8}
    assert list(read_source("llama3_1_8b", dims).networks) == ["llama3_1_8b"]
    with pytest.raises(InvalidInput, match=r"^llama3_1_8b: phase: expected prefill or decode, got 'train'$"):
        read_source("llama3_1_8b", parse_dims(["phase=train"]))
    (tmp_path / "net.onnx").write_bytes(b"")
    with pytest.raises(InvalidInput, match="--dim batch: expected an integer of at least 1, got 'many'"):
        read_source("net.onnx", parse_dims(["batch=many"]))


def test_what_is_no_file_is_told_as_what_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "resnet50").mkdir()
    with pytest.raises(InvalidInput, match=r"pipe\.csv: expected a readable file, got a named pipe"):
        read_source("pipe.csv", {})
    assert list(read_source("resnet50", {}).networks) == ["resnet50"]  # the network, not the folder
    for name in ("nothing.csv", f"{'a' * 5000}.csv"):
        with pytest.raises(InvalidInput, match="expected a file, or the name of a network, got no such file"):
            read_source(name, {})
    with pytest.raises(UnknownName, match="unknown file or network"):
        read_source("a" * 5000, {})


def test_several_networks_become_one_file_that_says_how_often_each_runs(tmp_path):
    text = shown(import_workload(["ncf:30/s", "dlrm:20/s"], {"batch": 8}, None))
    assert "ncf 4 0.000853" in text
    assert "3 (30 a second) 8 samples" in text
    assert "2 (20 a second) 8 samples" in text
    assert "wrote ncf+dlrm.json" in text
    assert "4 x ncf," not in shown(problem_tables("file:ncf+dlrm.json/S1/bw4/gall/i0"))
    assert "4 x ncf#1" in shown(problem_tables("file:ncf+dlrm.json/S1/bw4/gall/i0"))


@pytest.mark.parametrize("text", ["4 images", "12 camera frames"])
def test_what_a_pass_yields_can_be_told(tmp_path, text):
    (tmp_path / "jobs.csv").write_text("0,0,64,3,224,224,7,7,1\n")
    shown(import_workload(["jobs.csv"], {}, None, yields=text))
    (passes,) = read_source("jobs.json", {}).passes.values()
    assert f"{passes.items} {passes.unit}" == text


@pytest.mark.parametrize(("text", "table"), [("images", ""), ("0 images", ""), ("4", ""), ("4 images", TABLE)])
def test_what_a_pass_cannot_yield_is_refused(tmp_path, text, table):
    (tmp_path / "jobs.csv").write_text(table or "0,0,64,3,224,224,7,7,1\n")
    with pytest.raises(InvalidInput, match=r"--yields|items"):
        shown(import_workload(["jobs.csv"], {}, None, yields=text))
    assert not list(tmp_path.glob("*.json"))
