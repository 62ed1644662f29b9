"""Runs whose records or full traces are damaged in any way are done again, and neither merged nor packed."""

import hashlib
import shutil

import pytest
from click.testing import CliRunner

from bench.commands.export import export
from problems.foundation.errors import StorageError
from reports.storage.checking import faults_of
from reports.storage.merging import merge
from reports.storage.packing import pack
from reports.storage.record import seal_of
from reports.storage.writing import stored_in

TRACED = 'problems = ["mix/S1/bw1/g8/i0"]\noptimizers = ["random"]\nseeds = 3\nbudget = 20\nfull_trace = "mappings"\n'


@pytest.fixture(scope="module")
def traced(run_campaign, tmp_path_factory):
    return run_campaign(TRACED, tmp_path_factory.mktemp("traced"), "traced")


def sealed_with(content, old, new):
    """A record with something exchanged in its canonical part, and digests that fit."""
    canonical, _, rest = content.replace(old, new).partition(b',"sha256":"')
    digest = hashlib.sha256(canonical + b"}").hexdigest().encode()
    timing = rest.partition(b',"timing":')[2].rpartition(b',"sha256":"')[0]
    seal = hashlib.sha256(timing + b"}" + digest).hexdigest().encode()
    record = b'%s,"sha256":"%s","timing":%s,"sha256":"%s"}}\n' % (canonical, digest, timing, seal)
    seal_of(record)
    return record


def swap(first, second):
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


DAMAGES = {
    "swapped records": lambda records, traces: swap(*records[:2]),
    "another format": lambda records, traces: records[0].write_bytes(
        sealed_with(records[0].read_bytes(), b'"format":4', b'"format":3')
    ),
    "flipped record": lambda records, traces: flip(records[0]),
    "flipped trace": lambda records, traces: flip(traces[0]),
    "missing trace": lambda records, traces: traces[0].unlink(),
    "swapped traces": lambda records, traces: swap(*traces[:2]),
}
IN_TRACES = [name for name in DAMAGES if "trace" in name]


@pytest.fixture(params=DAMAGES)
def damaged(request, traced, tmp_path):
    folder = shutil.copytree(traced, tmp_path / "runs" / "traced")
    records = folder / "records"
    DAMAGES[request.param](sorted(records.glob("*.json")), sorted(records.glob("*.npz")))
    assert list(faults_of(folder))
    return folder, request.param


def content(folder):
    """Records without their times, and traces."""
    return {
        path.name: path.read_bytes().partition(b',"timing":')[0] if path.suffix == ".json" else path.read_bytes()
        for path in (folder / "records").iterdir()
    }


def test_the_same_command_does_these_runs_again(damaged, traced, run_campaign, tmp_path):
    folder, _ = damaged
    assert len(stored_in(folder)) < 3
    run_campaign(TRACED, tmp_path, "traced")
    assert not list(faults_of(folder))
    assert content(folder) == content(traced)


def test_they_are_not_packed(damaged, tmp_path):
    folder, _ = damaged
    with pytest.raises(StorageError, match=r"cannot pack .* of 3 records, or their full traces, are damaged"):
        pack(folder, tmp_path / "traced.zip")
    assert not (tmp_path / "traced.zip").exists()


@pytest.mark.parametrize("first", ["damaged", "intact"])
def test_a_merge_takes_what_is_intact_or_says_what_is_not(damaged, traced, first, tmp_path):
    folder, name = damaged
    parts = [folder, traced] if first == "damaged" else [traced, folder]
    out = tmp_path / "merged"
    if name in IN_TRACES:
        merge(parts, out)
        assert content(out) == content(traced)
        with pytest.raises(StorageError, match=r"full traces are missing or damaged: .*-random-s0-"):
            merge([folder], tmp_path / "alone")
    else:
        with pytest.raises(StorageError, match="is damaged, 'm3e check"):
            merge(parts, out)
        assert not out.exists()


def test_an_export_says_what_it_leaves_out(damaged, tmp_path):
    folder, name = damaged
    done = CliRunner().invoke(export, [str(folder), "--out", str(tmp_path / "csv")], catch_exceptions=False)
    assert ("left out, as they cannot be read" in done.output) == (name not in IN_TRACES)
