"""Drivers divide the runs of a folder, and take over what the dead have left."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.campaigns.claims import CLAIMS, DRIVERS, Claims, identity
from problems.foundation.errors import StorageError


def test_a_run_is_claimed_once_until_it_is_released(tmp_path):
    with Claims(tmp_path) as one, Claims(tmp_path) as other:
        assert one.claim("a")
        assert not other.claim("a")
        assert other.claim("b")
        one.release("a")
        assert other.claim("a")
    assert list(tmp_path.iterdir()) == []


def test_many_drivers_never_share_a_run(tmp_path):
    runs = [f"run-{number}" for number in range(50)]

    def take(_):
        with Claims(tmp_path) as claims:
            taken = [run for run in runs if claims.claim(run)]
            time.sleep(0.5)
            return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [run for own in pool.map(take, range(8)) for run in own]
    assert sorted(taken) == sorted(runs)


def left_by(tmp_path, machine=None):
    """Claim a run in a process that is killed; with ``machine`` as if it had been another one's."""
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom bench.campaigns.claims import Claims\n"
        "claims = Claims(Path(sys.argv[1])).__enter__()\nassert claims.claim('a')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (driver,) = (tmp_path / DRIVERS).iterdir()
    if machine:
        driver.write_text(json.dumps(json.loads(driver.read_text()) | {"machine": machine}))
    return driver


def test_the_claim_of_a_driver_that_was_killed_here_is_taken_over_at_once(tmp_path):
    left_by(tmp_path)
    with Claims(tmp_path) as claims:
        assert claims.claim("a")
        assert not Claims(tmp_path).claim("a")


def test_a_driver_elsewhere_is_judged_by_its_heartbeat_and_the_own_clock(tmp_path):
    driver = left_by(tmp_path, machine="elsewhere")
    os.utime(driver, (10**9, 10**9))  # whatever its clock says
    with Claims(tmp_path, dead=0.5) as claims:
        assert not claims.claim("a")
        time.sleep(0.3)
        os.utime(driver)  # its heart beats
        assert not claims.claim("a")
        time.sleep(0.3)
        assert not claims.claim("a")
        time.sleep(0.4)
        assert claims.claim("a")


def test_a_claim_without_a_driver_is_nobodys(tmp_path):
    (tmp_path / CLAIMS).mkdir()
    (tmp_path / CLAIMS / "a").write_text("gone")
    with Claims(tmp_path) as claims:
        assert claims.claim("a")


def test_a_claim_that_was_never_finished_is_waited_for_a_while(tmp_path):
    (tmp_path / CLAIMS).mkdir()
    (tmp_path / CLAIMS / "a").touch()
    with Claims(tmp_path, dead=0.2) as claims:
        assert not claims.claim("a")
        time.sleep(0.3)
        assert claims.claim("a")


def test_another_process_of_the_same_number_is_another_driver(tmp_path):
    driver = left_by(tmp_path)
    driver.write_text(json.dumps(identity() | {"start": "1"}))  # this process has started later
    with Claims(tmp_path) as claims:
        assert claims.claim("a")


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="this system has no folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_one_clear_error():
    from pathlib import Path

    with pytest.raises(StorageError, match="/proc/self/claims"), Claims(Path("/proc/self")):
        pass
