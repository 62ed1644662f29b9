"""The same campaign on every engine and in other surroundings: the canonical parts are the same to the byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from common import M3E, Table, Trial, canonical_parts, conclude, new_trial, objection, times

SINGLE = """
problems = ["mix/S2/bw1/g20/i0", "language/S4/bw1/g20/i0/dep"]
optimizers = ["magma", "nevergrad-de", "optuna-tpe", "deap-es", "list-ljf-heft"]
seeds = 1
budget = 150
full_trace = true
"""
PILOTS = 'engine = "slurm"\nexecutor = "local"\npilots = 2\nworkers = 1\n'
MPIEXEC = os.path.realpath(Path(sys.executable).parent / "mpiexec")  # its helpers lie beside it

WAYS: dict[str, tuple[list[str], dict[str, str]]] = {
    "serial": (["--engine", "serial"], {}),
    "process, 1 worker": (["--workers", "1"], {}),
    "process, 2 workers": (["--workers", "2"], {}),
    "dask, 2 workers": (["--engine", "dask", "--workers", "2"], {}),
    "mpi, 2 ranks and a driver": (["--engine", "mpi"], {}),
    "slurm, 2 local pilots": (["--engine", "pilots.toml"], {}),
    "two drivers": (["--workers", "1"], {}),
    "PYTHONHASHSEED=1": ([], {"PYTHONHASHSEED": "1"}),
    "PYTHONHASHSEED=99": ([], {"PYTHONHASHSEED": "99"}),
    "LC_ALL=C": ([], {"LC_ALL": "C"}),
    "LC_ALL=tr_TR.UTF-8, LANG too": ([], {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}),
    "TZ=Asia/Kathmandu": ([], {"TZ": "Asia/Kathmandu"}),
    "OMP_NUM_THREADS=2, PYTHONUTF8=0": ([], {"OMP_NUM_THREADS": "2", "PYTHONUTF8": "0"}),
}


def begin(trial: Trial, campaign: str, name: str, out: str) -> subprocess.Popen[str]:
    arguments, surroundings = WAYS[name]
    command = [M3E]
    if name.startswith("mpi"):
        root = ["--allow-run-as-root"] if "Open MPI" in version() else []
        command = [MPIEXEC, *root, "-n", "3", sys.executable, "-m", "mpi4py.futures", "-m", "bench"]
    return trial.begin("run", campaign, "--no-report", "--out", out, *arguments, command=command, **surroundings)


def version() -> str:
    return subprocess.run([MPIEXEC, "--version"], capture_output=True, text=True, check=False).stdout


def main() -> None:
    count = times(__doc__, 1)
    tables = []
    with new_trial("engines") as trial:
        (trial.folder / "one.toml").write_text(SINGLE)
        (trial.folder / "pilots.toml").write_text(PILOTS)
        for repetition in range(count):
            expected: dict[str, bytes] = {}
            table = Table("canonical parts, against those of the engine serial")
            tables.append(table)
            for number, name in enumerate(WAYS):
                out = f"{repetition}-{number}"
                processes = [begin(trial, "one.toml", name, out) for _ in range(2 if name == "two drivers" else 1)]
                wrong = []
                for process in processes:
                    _, err = process.communicate(timeout=600)
                    wrong += [f"exit code {process.returncode}: {err[-500:]}"] if process.returncode else []
                folder = trial.folder / out / "one"
                expected = expected or canonical_parts(folder)
                wrong.append(objection(trial, folder, expected))
                wrong += ["processes were left behind"] if trial.seconds_until_ended() == float("inf") else []
                if (folder / "claims").exists() or (folder / "drivers").exists():
                    wrong.append("claims or drivers were left behind")
                traces = {p.name: p.read_bytes() for p in folder.glob("records/*.npz")}
                table.row(name, f"{len(expected)} records, {len(traces)} full traces", wrong)
    conclude(tables)


if __name__ == "__main__":
    main()
