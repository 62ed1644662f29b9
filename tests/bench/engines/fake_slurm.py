"""SLURM's commands, as far as submitit calls them, with processes of this computer; a link gives the command's name."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

STATE = Path(sys.argv[0]).parent / "jobs"
JOB = "7"


def sbatch(file):
    """Start the tasks of an array."""
    STATE.mkdir()
    text = Path(file).read_text()
    last = int(re.search(r"--array=0-(\d+)%", text)[1])
    for task in map(str, range(last + 1)):
        own = {"SLURM_JOB_ID": JOB, "SLURM_ARRAY_JOB_ID": JOB, "SLURM_ARRAY_TASK_ID": task}
        nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        job = subprocess.Popen(["bash", file], env={**os.environ, **own}, start_new_session=True, **nowhere)
        (STATE / f"{JOB}_{task}").write_text(str(job.pid))
    print(f"Submitted batch job {JOB}")


def srun(*arguments):
    """Run a task with its logs."""
    options = dict(zip(arguments[1:5:2], arguments[2:5:2], strict=True))
    task = os.environ["SLURM_ARRAY_TASK_ID"]
    named = {key: path.replace("%A_%a", f"{JOB}_{task}").replace("%t", "0") for key, path in options.items()}
    with open(named["--output"], "a") as out, open(named["--error"], "a") as err:
        sys.exit(subprocess.run(arguments[5:], stdout=out, stderr=err, check=False).returncode)


def sacct(*_):
    """Tell which tasks are at work."""
    print("JobID|State|NodeList")
    for job in STATE.iterdir():
        print(f"{job.name}|{'RUNNING' if Path('/proc', job.read_text(), 'cwd').exists() else 'FAILED'}|here")


def scancel(job):
    """End a task."""
    os.killpg(int((STATE / job).read_text()), signal.SIGKILL)


if __name__ == "__main__":
    globals()[Path(sys.argv[0]).name](*sys.argv[1:])
