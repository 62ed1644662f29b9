"""Whatever a file holds, the answer is one of the suite's errors, or something that can be written again.

Seeds are valid files of each kind; mutants of them are read. ``ROUNDS`` mutants of each kind are tried here; to try
many more, ``python tests/problems/importing/test_fuzz.py 100000``.
"""

import io
import json
import struct
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from problems.foundation.errors import M3EError
from problems.importing import Workload, read_workload, write_job_table, write_workload
from problems.platforms import read_platform

ROUNDS = 150

JSON = {
    "format": "m3e-workload-1",
    "name": "mine",
    "networks": {
        "net": [
            {"name": "c", "kind": "CONV", "K": 64, "C": 3, "Y": 224, "X": 224, "R": 7, "S": 7, "output_rows": 112},
            {"name": "g", "kind": "GEMM", "K": 20, "C": 30, "Y": 10, "groups": 8, "batch": 2, "after": ["c"]},
        ],
        "other": [{"name": "f", "kind": "FFN", "K": 10, "C": 64}],
    },
    "skipped": [{"operator": "LSTM", "count": 1, "macs": None, "reason": "why"}],
}

TOPOLOGY = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,"

NETWORK = """Constant Size 64; // of a layer
Network net { Layer a { Type: CONV Stride { X: 2, Y: 2 } Dimensions { K: Size, C 3, R 7, S 7, Y 224, X 224 }
Dataflow { SpatialMap(1,1) K; Cluster(64, P); } } Layer b { Type: GEMM Dimensions { M: 3, N: 4, K: 5 } }
Layer c { Type: POOL } Layer d { Type: NGCONV Dimensions { G: 2, K: 4, C: 4, R: 1, S: 1, Y': 3, X': 3 } } }
"""

PLATFORM = """description = "mine"
bandwidth_gbps = 12.5
bandwidth_range_gbps = [1, 32]
[[cores]]
dataflow = "dla"
pes = 1024
cluster = 32
count = 2
clock_ghz = 0.5
[[cores]]
dataflow = "eye"
pes = 512
buffer_kib = 256
"""


def archive(save, **arrays):
    stream = io.BytesIO()
    save(stream, **arrays)
    return stream.getvalue()


TABLE = {"latency": np.ones((2, 3)), "bandwidth": np.ones((2, 3), np.float32), "job_names": np.array(["a", "b"])}

SEEDS = {
    ".json": [json.dumps(JSON).encode(), json.dumps(JSON, indent=1).encode()],
    ".csv": [
        b"1,1,64,3,224,224,7,7,1\n1,2,10,20,30,1,1,1,3\n2,1,1000,512,1,1,1,1,0\n",
        b"K,C,Y,X,R,S,T\n64,3,224,224,7,7,1\n10,20,30,0,0,0,3\n",
        b"thread,layer,K,C,Y,X,R,S,type\n1,a,64,64,56,56,3,3,2\n",
        b"100,200,300\n1,2,3\n",
        f"{TOPOLOGY}\nConv1, 224, 224, 3, 3, 3, 32, 2,\nConv2_DP, 112, 112, 3, 3, 32, 1, 1, 2:4,\n".encode(),
        b"Layer, M, N, K,\nqk,196,192,384,\n",
        b"job,latency_a,latency_b,bandwidth_a,bandwidth_b,energy_a,energy_b\nx,1.5,inf,0.1,,3,nan\ny,1,2,3,4,5,6\n",
    ],
    ".npz": [archive(np.savez, **TABLE), archive(np.savez_compressed, **TABLE, energy=np.ones((2, 3), ">f8"))],
    ".m": [NETWORK.encode()],
    ".toml": [PLATFORM.encode()],
}

TOKENS = (
    *(
        b"",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x98\x80",
        b"\r",
        b"\n\n",
        b"\x1b[31m",
        b'"',
        b"'",
    ),
    *(b"0", b"-1", b"1e999", b"nan", b"NaN", b"Infinity", b"-inf", b"1.0", b"1_0", b"\xd9\xa3", b"9" * 5000, b"9" * 19),
    *(b"true", b"null", b"[]", b"{}", b"[" * 2000, b'{"a":' * 2000, b'"\\ud800"', b'"\\u0000"', b"[/red]", b"[bold]"),
    *(
        b",",
        b",,,",
        b";",
        b"\t",
        b":",
        b"{",
        b"}",
        b"//",
        b"#",
        b"a" * 200_000,
        b"name",
        b"K",
        b"M",
        b"latency_a",
        b"T",
    ),
    *(
        b"Layer",
        b"Network",
        b"Type",
        b"Y'",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"\x93NUMPY\x03\x00",
        b"|O",
        b"<U0",
        b"-5, 3",
    ),
)


def mutant(rng, kind):
    """A file of a kind with some of its bytes changed."""
    seeds = SEEDS[kind]
    content = bytearray(seeds[rng.integers(len(seeds))])
    if kind == ".npz" and rng.random() < 0.5:
        return repacked(rng, bytes(content))
    for _ in range(rng.integers(1, 4)):
        change(rng, content, seeds)
    return bytes(content)


def change(rng, content, seeds):
    place, other = sorted(rng.integers(len(content) + 1, size=2).tolist())
    action = rng.integers(6)
    if action == 0:
        content[place:place] = TOKENS[rng.integers(len(TOKENS))]
    elif action == 1:
        content[place : min(other, place + 12)] = TOKENS[rng.integers(len(TOKENS))]
    elif action == 2:
        del content[place : place + int(rng.integers(1, 20))]
    elif action == 3:
        content[place:place] = content[place:other]
    elif action == 4:
        content[place:other] = bytes(rng.integers(256, size=min(other - place, 8)).tolist())
    else:
        donor = seeds[rng.integers(len(seeds))]
        content[place:] = donor[min(place, len(donor)) :]


def repacked(rng, content):
    """An NPZ whose members are changed, but whose archive is a whole one."""
    stream = io.BytesIO()
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    names = (
        "latency.npy",
        "bandwidth",
        "energy.npy",
        "../latency.npy",
        "job_names.npy",
        "x/",
        "\x1b.npy",
        "\ud7ff.npy",
    )
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that come twice
        for info in old.infolist():
            member = bytearray(old.read(info))
            if rng.random() < 0.5:
                member = with_header(rng, member)
            if rng.random() < 0.5:
                change(rng, member, [bytes(member)])
            name = names[rng.integers(len(names))] if rng.random() < 0.2 else info.filename
            new.writestr(name, bytes(member), methods[rng.integers(4) if rng.random() < 0.3 else 1])
    return stream.getvalue()


def with_header(rng, member):
    """The elements of an array behind a header that says something else."""
    types = (
        "'<f8'",
        "'>f8'",
        "'|O'",
        "'<U0'",
        "'<U9'",
        "'|b1'",
        "'<c16'",
        "'<M8[s]'",
        "[('a', '<f8')]",
        "('<f8', (9,))",
    )
    shapes = (
        "(2, 3)",
        "(3, 2)",
        "()",
        "(6,)",
        "(-2, -3)",
        "(10**12,)",
        "(0, 3)",
        f"({10**30},)",
        "(True, 6)",
        "2",
        "(2.0,)",
    )
    shape, kind = shapes[rng.integers(len(shapes))], types[rng.integers(len(types))]
    header = f"{{'descr': {kind}, 'fortran_order': {bool(rng.integers(2))}, 'shape': {shape}, }}\n".encode()
    version = (b"\x01\x00", b"\x02\x00", b"\x03\x00")[rng.integers(3)]
    length = struct.pack("<H" if version[0] == 1 else "<I", len(header))
    return bytearray(b"\x93NUMPY" + version + length + header + bytes(member[-48:]))


def try_to_read(path):
    """Read a file; what can be read can be written, and then reads the same."""
    if path.suffix == ".toml":
        read_platform(path)
        return
    found, again = read_workload(path), path.with_name("again.json")
    if isinstance(found, Workload):
        write_workload(found, again)
        assert read_workload(again) == found
    else:
        write_job_table(found, again.with_suffix(".npz"))
        assert np.array_equal(read_workload(again.with_suffix(".npz")).latency, found.latency)


def refusal(path):
    """What is said of a file; "" if it can be read."""
    try:
        try_to_read(path)
    except M3EError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", SEEDS)
def test_a_damaged_file_is_one_of_our_errors(kind, tmp_path):
    path = tmp_path / f"file{kind}"
    for number in range(ROUNDS):
        path.write_bytes(mutant(np.random.default_rng(number), kind))
        message = refusal(path)
        assert len(message.encode()) < 50_000, number


@pytest.mark.parametrize("kind", SEEDS)
def test_the_seeds_are_whole(kind, tmp_path):
    for seed in SEEDS[kind]:
        (tmp_path / f"file{kind}").write_bytes(seed)
        try_to_read(tmp_path / f"file{kind}")


def main(rounds):
    """Try many mutants, and say which fail or take long."""
    warnings.simplefilter("error")
    for kind in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            path, refused, longest = Path(folder) / f"file{kind}", 0, 0.0
            for number in range(1_000, 1_000 + rounds):
                path.write_bytes(mutant(np.random.default_rng(number), kind))
                start = time.perf_counter()
                try:
                    message = refusal(path)
                    refused += bool(message)
                    assert len(message.encode()) < 50_000
                except Exception as error:  # what must not be
                    print(kind, number, type(error).__name__, str(error)[:200])
                longest = max(longest, time.perf_counter() - start)
            print(f"{kind}: {rounds} read, {refused} refused, longest {longest:.2f} s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
