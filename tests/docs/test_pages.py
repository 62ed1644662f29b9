"""Every block of code in README and the site's pages runs as it stands, page by page and from top to bottom."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.cli import exit_code_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if not {"made", "examples"} & set(p.parts)),
]
FENCE = re.compile(r"^(?:<!-- ([^\n]+) -->\n)?(`{3,})([^\n]*)\n(.*?)^\2$", flags=re.MULTILINE | re.DOTALL)

QUICK = """\
problems = ["mix/S2/bw1/g100/i0", "{mix,vision}/S2/bw1/g8/i{0..2}"]
optimizers = ["magma", "random", "list-ljf-heft"]
seeds = 2
budget = 20
"""
A_QUICK_CAMPAIGN = {"quick.toml": QUICK}
PROGRAM = ROOT / "tests" / "optimizers" / "adapters" / "program" / "sampling.py"

RUN = "m3e run quick.toml --no-report"
"""Stands for ``m3e run``: results of the same name, in a second instead of minutes."""

FILES = {
    "README.md": {"core.toml": QUICK, "mine.py": PROGRAM.read_text()},
    "docs/guides/archive.md": A_QUICK_CAMPAIGN,
    "docs/guides/cluster.md": A_QUICK_CAMPAIGN,
    "docs/guides/optimizer.md": A_QUICK_CAMPAIGN,
    "docs/guides/race.md": {"quick.toml": QUICK.replace("mix/S2/bw1/g100/i0", "mix/S2/bw4/g20/i2")},
    "docs/guides/report.md": A_QUICK_CAMPAIGN,
    "docs/guides/results.md": A_QUICK_CAMPAIGN,
    "docs/reproduction/README.md": {"ea.py": (ROOT / "docs" / "reproduction" / "ea.py").read_text()},
    "docs/start.md": A_QUICK_CAMPAIGN,
}
"""Files that a page takes as there."""

BEFORE = {
    "docs/guides/archive.md": [RUN],
    "docs/guides/race.md": [RUN],
    "docs/guides/report.md": [RUN],
    "docs/guides/results.md": [RUN],
}
"""Commands that a page takes as done."""

INSTEAD = {
    "python3 -m venv .venv && . .venv/bin/activate && pip install . && m3e run": "m3e --version",
    "python3 -m venv .venv && . .venv/bin/activate && pip install -e '.[test]' "
    "&& python tests/check.py": "m3e --version",
    "python3 -m venv .venv-rl && . .venv-rl/bin/activate && pip install -e '.[test,rl,gp]' "
    '&& python -m pytest -n auto tests/optimizers -k "sb3 or rl or gp"': "m3e --version",
    "pip install -e '.[test]' && python -m sphinx -W --keep-going docs site": "m3e --version",
    "python3 -m venv .venv && . .venv/bin/activate && pip install .": "m3e --version",
    "m3e run": RUN,
    "m3e run my.toml": "m3e run my.toml --no-report --budget 10 --seeds 1",
    "m3e run my.toml --seeds 6 --optimizer list-ljf-heft": "m3e run my.toml --no-report --budget 10 --seeds 1 "
    "--optimizer list-ljf-heft",
    "m3e run quick --optimizer mine:HillClimbing": "m3e run quick.toml --no-report --optimizer mine:HillClimbing",
    "m3e run quick --optimizer list-ljf-heft --optimizer deap-cmaes": "m3e run quick.toml --no-report "
    "--optimizer list-ljf-heft --optimizer deap-cmaes",
    "m3e run quick --engine dask": f"{RUN} --engine dask",
    "mpiexec -n 3 python -m mpi4py.futures -m bench run quick --engine mpi": "mpiexec -n 3 python -m mpi4py.futures "
    "-m bench run quick.toml --no-report --seeds 3 --engine mpi",
    "m3e run quick --engine cluster.toml": 'python -c "from bench.engines.settings import engine_from; '
    "assert engine_from('cluster.toml').keys['timeout_min'] == 240\"",
    "m3e race native-ga --set population_size=50 --seeds 2": "m3e race native-ga --set population_size=50 --seeds 2 "
    "--no-report",
    "m3e race native-ga --dev --seeds 1 --budget 1000": "m3e race native-ga --dev --seeds 1 --budget 100 --no-report",
    "m3e race mine:HillClimbing --set mutation_rate=0.05 --dev --seeds 1 --budget 1000": "m3e race mine:HillClimbing "
    "--set mutation_rate=0.05 --dev --seeds 1 --budget 50 --no-report",
    "m3e report runs/quick --against core --out beside": "m3e report runs/quick --against core --out beside "
    "--only 'problem=mix/S2/bw4/*'",
    "m3e race native-ga --on quick --archive reference --seeds 2 --budget 20": "m3e race native-ga --on quick.toml "
    "--archive reference --seeds 2 --budget 20 --no-report",
    "m3e run core --engine slurm": "m3e run core.toml --no-report",
    "m3e figures fig07 fig08 fig09 fig10 fig11 fig12 fig13 fig14 fig15 fig16 fig17 table5": "m3e figures --help",
    "m3e run agents.toml": f"m3e archive list {ROOT}/docs/reproduction/agents-runs",
    "m3e race ea:OnePlusOne": "m3e race ea:OnePlusOne --seeds 1 --budget 20 --no-report",
    "m3e report core": "m3e report dev --only problem=mix/S1/*",
    "m3e run slow.toml": f"m3e archive list {ROOT}/docs/reproduction/slow-runs",
    "m3e run gp.toml": f"m3e archive list {ROOT}/docs/reproduction/gp-runs",
    "m3e archive verify fig08-runs fig09-runs agents-runs slow-runs gp-runs": "m3e archive verify "
    + " ".join(f"{ROOT}/docs/reproduction/{name}-runs" for name in ("fig08", "fig09", "agents", "slow", "gp")),
    "m3e figures fig10 --quick": "m3e figures --help",
    "m3e figures fig08 fig09 --quick": "m3e figures --help",
}
"""What is run in place of a command that takes minutes, or needs a cluster."""


SHOWS = {
    "docs/guides/language-models.md": {"m3e show llm/S4/bw256/g100/i0/corrected": "separates optimizers"},
    "docs/guides/network.md": {"m3e replay mapped/mapping.json": "to the last digit"},
    "docs/guides/race.md": {
        "m3e race native-ga --set population_size=50 --seeds 2": "native-ga population_size=50 on 27 problems "
        "(10,000 evaluations, 2 seeds): place"
    },
    "docs/guides/score.md": {"m3e score mine.py --budget 2000": "mine.py"},
    "docs/guides/sweep.md": {
        "m3e sweep mix --jobs 20 --cost-model corrected --platform S2 --cores 2,4,8 --steps 5000 --out swept": (
            "27 runs, 5 of them done"
        )
    },
    "docs/reference/formats.md": {"python verify.py mapped/mapping.json": "sound"},
}
"""What a command of a page prints."""

MAKES = {
    "docs/guides/network.md": dict.fromkeys(
        (
            "mapped/mapping.json",
            "mapped/schedule.png",
            "mapped/schedule.svg",
            "mapped/schedule.html",
            "mapped/trace.json",
        ),
        "",
    ),
    "docs/guides/report.md": {
        "report/report.html": "",
        "beside/tables/overall.csv": "theirs (foreign)",
        "own/report.html": "",
        "runs/figures/fig07.pdf": "",
    },
    "docs/guides/results.md": {"quick-report/report.html": "", "merged/campaign.json": ""},
    "docs/guides/sweep.md": dict.fromkeys(
        (
            *("swept/sweep.csv", "swept/designs.csv", "swept/sweep.txt"),
            *("swept/time.png", "swept/energy.pdf", "swept/pareto.png", "swept/roofline.pdf"),
        ),
        "",
    ),
}
"""Files that a page makes, with a text that is in them, or ""."""


@dataclass(frozen=True)
class Block:
    comment: str
    language: str
    code: str

    @property
    def file(self):
        return self.comment.removeprefix("file: ") if self.comment.startswith("file: ") else ""


def blocks(page):
    found = (Block(m[1] or "", m[3], m[4]) for m in FENCE.finditer(page.read_text()))
    return [block for block in found if not block.language.startswith("{")]


def lines_of(code):
    return [re.sub(r" +#.*", "", line) for line in code.replace("\\\n", " ").splitlines() if line.strip()]


def printed_by(line, folder):
    """What a line prints; a plain call of ours runs in this process, which has loaded all, if no module lies there."""
    words = shlex.split(line)
    if words[0] != "m3e" or set(line) & set("|&;<>$`*") or any(folder.glob("*.py")):
        return run(line, folder)
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = exit_code_of(words[1:])
        except SystemExit as ended:
            code = ended.code or 0
    assert code == 0, f"{line}\n{out.getvalue()}"
    return out.getvalue()


def run(line, folder):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "-euo", "pipefail", "-c", line]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def name_of(page):
    return str(page.relative_to(ROOT))


WITH_CODE = [page for page in PAGES if any(b.language != "text" for b in blocks(page))]


def printed(page, folder):
    """Do what a page says, in a folder; what each of its commands has printed, with blanks as one."""
    found, last = {}, None  # last: what Python code has printed, which a text below it shows
    for block in blocks(page):
        if block.file:
            (folder / block.file).write_text(block.code)
        elif block.language == "sh":
            found |= {line: printed_by(INSTEAD.get(line, line), folder) for line in lines_of(block.code)}
        elif block.language == "python":
            (folder / "block.py").write_text(block.code)
            found[block.code] = run("python block.py", folder)
            (folder / "block.py").unlink()
            last = found[block.code]
        else:
            assert block.language == "text", f"a block of {block.language} that is no file"
            assert last is None or block.code.split() == last.split()
            last = None
    return {line: " ".join(text.split()) for line, text in found.items()}


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_every_block_of_a_page_runs_from_top_to_bottom(page, tmp_path):
    name = name_of(page)
    for file, content in FILES.get(name, {}).items():
        (tmp_path / file).write_text(content)
    for line in BEFORE.get(name, []):
        printed_by(line, tmp_path)
    found = printed(page, tmp_path)
    for line, text in SHOWS.get(name, {}).items():
        assert text in found[line]
    for path, text in MAKES.get(name, {}).items():
        assert (tmp_path / path).exists()
        assert not text or text in (tmp_path / path).read_text()
    assert all(found[block.code] for block in blocks(page) if block.language == "python" and not block.file)
    if name == "docs/guides/report.md":
        assert "vision" not in (tmp_path / "some" / "tables" / "runs.csv").read_text()
    if name == "docs/guides/network.md":
        assert list((tmp_path / "front" / "points").iterdir())
    if name == "docs/guides/score.md":
        first, second = next(text for line, text in found.items() if line.startswith("import bench")).split(" scored ")
        assert first == f"scored {second}"


def file_of(page, name):
    (code,) = (block.code for block in blocks(ROOT / page) if block.file == name)
    return code


def test_the_search_of_the_readme_and_of_the_start_ends_near_the_bound(tmp_path):
    for page in ("README.md", "docs/start.md"):
        (code,) = (block.code for block in blocks(ROOT / page) if block.language == "python")
        (tmp_path / "block.py").write_text(code)
        ratio, same = run("python block.py", tmp_path).split()
        assert 1.0 <= float(ratio) < 1.5
        assert same == "True"


def test_the_campaign_of_its_page_is_of_so_many_runs(tmp_path):
    from bench.campaigns.reading import read_campaign_file

    (tmp_path / "my.toml").write_text(file_of("docs/guides/campaign.md", "my.toml"))
    assert len(read_campaign_file(tmp_path / "my.toml").design()) == 2 * 2 * 3 * 3 * 5


def test_the_platform_of_its_page_has_four_cores(tmp_path):
    import problems

    (tmp_path / "mine.toml").write_text(file_of("docs/guides/platform.md", "mine.toml"))
    assert len(problems.read_platform(tmp_path / "mine.toml").cores) == 4


@pytest.mark.parametrize("line", [line for line in INSTEAD if line.startswith("m3e figures")])
def test_figures_that_are_not_made_here_are_figures(line):
    from reports.paper.writing import chosen

    names = re.findall(r"fig\d+|table\d+", line)
    assert names
    assert [figure.name for figure in chosen(names, every=False)] == names


def test_the_settings_of_engines_are_valid(tmp_path):
    pytest.importorskip("submitit")
    pytest.importorskip("distributed")
    from bench.engines.settings import engine_from

    settings = [block for block in blocks(ROOT / "docs" / "guides" / "cluster.md") if block.file]
    assert len(settings) == 3
    for block in settings[:2]:  # the third needs the library of a batch system
        (tmp_path / block.file).write_text(block.code)
    slurm, dask = (engine_from(str(tmp_path / block.file)) for block in settings[:2])
    assert (type(slurm).__name__, slurm.pilots, slurm.workers, slurm.keys["timeout_min"]) == ("Slurm", 20, 16, 240)
    assert (type(dask).__name__, dask.address) == ("Dask", "tcp://10.0.0.1:8786")


def test_what_is_run_instead_and_before_is_of_pages_that_there_are():
    lines = {line for page in PAGES for block in blocks(page) for line in lines_of(block.code)}
    assert set(INSTEAD) <= lines
    assert set(BEFORE) | set(FILES) | set(SHOWS) | set(MAKES) <= set(map(name_of, PAGES))
