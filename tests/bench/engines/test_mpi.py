"""MPI: the conformance suite on rank 0 of three, and what is said to those who start it otherwise."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mpi4py")

ROOT = Path(__file__).resolve().parents[3]
MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
OPEN = "from bench.engines.mpi import Mpi\nwith Mpi().open() as pool: print(pool.slots)"

pytestmark = pytest.mark.skipif(MPIEXEC is None, reason="no mpiexec")


def as_ranks(number, *arguments):
    """Run a Python command as so many ranks."""
    # Open MPI, in containers; MPICH knows none of them
    as_root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    oversubscribed = {
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    environment = {**os.environ, **as_root, **oversubscribed, "PYTHONPATH": str(ROOT)}
    command = [MPIEXEC, "-n", str(number), sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False, timeout=300)


def test_the_engine_conforms_on_three_ranks():
    suite = Path(__file__).with_name("inside_mpi.py")
    done = as_ranks(3, "-m", "mpi4py.futures", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(suite))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed" in done.stdout
    assert not done.stderr


def test_an_exception_on_rank_0_ends_the_job():
    done = as_ranks(3, "-m", "mpi4py.futures", "-c", f"{OPEN}; raise SystemExit(3)")
    assert done.returncode == 3
    assert done.stdout == "2\n"


def test_ranks_that_would_all_drive_are_told_how_to_start():
    done = as_ranks(2, "-c", OPEN)
    assert done.returncode != 0
    assert "python -m mpi4py.futures -m bench run" in done.stderr


def test_one_rank_is_too_few():
    done = as_ranks(1, "-m", "mpi4py.futures", "-c", OPEN)
    assert done.returncode != 0
    assert "the engine mpi needs at least 2 ranks, and has 1" in done.stderr
