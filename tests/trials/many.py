"""What many short runs cost: CPU beside the runs, disk, memory, resuming, reporting.

``python tests/trials/many.py --runs 1000`` makes so many runs of ten evaluations with ``m3e run``, resumes them, and
writes their report. CPU seconds are those of all processes, counted by a control group (as root).
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reports.storage.campaign_folder import read_campaign

GROUPS = Path("/sys/fs/cgroup")
GROUP = (GROUPS / "cpuacct" if (GROUPS / "cpuacct").is_dir() else GROUPS) / "m3e-trial"
M3E = str(Path(sys.executable).parent / "m3e")


def usage():
    """CPU seconds of the group so far, by either version of control groups."""
    if (GROUP / "cpuacct.usage").exists():
        return int((GROUP / "cpuacct.usage").read_text()) / 1e9
    lines = (GROUP / "cpu.stat").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("usage_usec"))) / 1e6


def called(*arguments, folder):
    """Call the command in the control group; wall seconds, CPU seconds, and the bytes of its largest process."""
    inside = f'echo $$ > {GROUP}/cgroup.procs; exec "$@"'
    command = ["bash", "-c", inside, "bash", "/usr/bin/env", "time", "-f", "%M", M3E, *map(str, arguments)]
    start = time.perf_counter()
    GROUP.mkdir(exist_ok=True)
    before = usage()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall, cpu = time.perf_counter() - start, usage() - before
    assert done.returncode == 0, done.stdout + done.stderr
    return wall, cpu, int(done.stderr.split()[-1]) * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-report", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="m3e-many-") as name:
        folder = Path(name)
        seeds = options.runs // 20
        (folder / "many.toml").write_text(
            'problems = ["mix/S2/bw1/g50/i{0..9}"]\noptimizers = ["random", "native-sa"]\n'
            f"seeds = {seeds}\nbudget = 10\n"
        )
        run = ("run", "many.toml", "--no-report", "--workers", options.workers)
        wall, cpu, driver = called(*run, folder=folder)
        records = list((folder / "runs" / "many" / "records").iterdir())
        count = len(records)
        own = sum(r.seconds["cpu"] for r in read_campaign(folder / "runs" / "many").runs)
        disk = sum(record.stat().st_blocks * 512 for record in records) / count
        print(f"{count:,} runs with {options.workers} workers: {wall:.1f} s, {1e3 * cpu / count:.1f} ms of CPU a run,")
        print(f"  of which {1e3 * own / count:.2f} ms are the run; {disk:,.0f} bytes on disk and 1 file a run;")
        print(f"  driver {driver / 1e6:.0f} MB")
        wall, cpu, _ = called(*run, folder=folder)
        print(f"resumed when finished: {wall:.2f} s, {cpu:.2f} s of CPU")
        if not options.no_report:
            wall, cpu, most = called("report", "runs/many", folder=folder)
            print(f"report: {wall:.1f} s, {cpu:.1f} s of CPU, {most / 1e6:,.0f} MB")
        wall, cpu, most = called("check", "runs/many", folder=folder)
        print(f"check: {wall:.1f} s, {cpu:.1f} s of CPU, {most / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
