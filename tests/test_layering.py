"""The house: what may import what, as one table; a lazy import is for weight, never to dodge the order."""

import ast
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ORDER = """
bench.__main__
bench.cli
bench.commands          a command a file, in a lazy table
bench.sweeps            a workload over platforms and bandwidths
bench.run_campaign      a campaign with its progress shown
bench.console           tables and progress on the terminal
bench.map_workload      one mapping of a workload
bench.update_best_known improvements taken out of results
bench.sources           networks and files as users name them
bench.scoring           the score of a file whose code is not trusted
bench.rates             sizes of groups that come from rates
bench.campaigns         campaigns: read, planned, run
bench.engines           where runs are carried out
bench.isolation         processes of their own
bench

reports.terminal        the summary that the terminal shows
reports.writing         a report: page, figures, tables
reports.schedule_files
reports.exports         results in other formats, a file each
reports.paper           the paper's figures, a file each
reports.sweeps          figures and tables of sweeps
reports.page            HTML
reports.published       the tables that a report publishes
reports.schedules       views of one schedule
reports.figures         figures of every report, a file each
reports.statistics      a statistic a file
reports.frames          tidy tables of runs
reports.storage         runs and campaigns on disk
reports.grid            tables on a terminal
reports.wording         names, numbers, units, LaTeX
reports

optimizers.testing      the conformance suite
optimizers.search       one run
optimizers.costs        what they cost, measured
optimizers.catalogue    the optimizers by name
optimizers.builtin      the table of them
optimizers.derived
optimizers.adapters     other libraries' optimizers
optimizers.native       MAGMA, mappers, baselines
optimizers.evaluators   a wrapper a file
optimizers.journal
optimizers.result
optimizers.contract     what an optimizer is
optimizers.limits
optimizers

problems.facts          whether an instance tells optimizers apart
problems.transfer
problems.feasibility    whether networks can keep latency limits
problems.suite          the problem registry
problems.ids            the grammar of problem ids
problems.platforms      a TOML file each
problems.importing      networks and tables from files
problems.problem        one benchmark function
problems.best_known     the best mappings and certificates known
problems.sampling
problems.schedule
problems.makespan       evaluators
problems.bounds         certificates
problems.doors          how another library sees a mapping, a door a file
problems.costs          cost models
problems.tasks          groups of jobs
problems.networks       a network a file
problems.platform
problems.layers
problems.precedence
problems.objectives
problems.job_table
problems.space          the search space, and what can score a mapping
problems.passes         how often networks run, and what that yields
problems.names
problems.arrays         names for arrays
problems.foundation     errors, registry, files, checks; loads the standard library alone
problems
"""
"""The rooms from the roof to the cellar: each may import those below it, and of its own modules none in a circle.

Last of each folder stands its ``__init__``, which hands on names that are loaded when they are first used.
"""

ONLY = {
    "optimizers": ("optimizers", "problems.doors", "problems.space", "problems.arrays", "problems.foundation"),
    "reports": ("reports", "optimizers.result", "optimizers.limits", "optimizers.journal", "problems"),
    "problems.foundation": ("problems.foundation",),
}
"""What some may import beside their order: an optimizer must not see what a black box hides, no report runs one."""

ROOMS = [line.split()[0] for line in ORDER.splitlines() if line]
FOLDERS = ("bench", "reports", "optimizers", "problems")


def modules():
    return sorted(f for folder in FOLDERS for f in (ROOT / folder).rglob("*.py"))


def module_name(path, root=ROOT):
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(name, room):
    return name == room or name.startswith(f"{room}.")


def room_of(name):
    """The room of a module: that of its folder and the next part, or the folder itself."""
    return next((room for room in ROOMS if room not in FOLDERS and within(name, room)), name)


def handed_on(package):
    """Where a folder's lazy names are really from, by its stub."""
    stub = ROOT / package / "__init__.pyi"
    nodes = ast.parse(stub.read_text()).body if stub.exists() else []
    return {a.name: f"{package}.{n.module}" for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}


HANDED_ON = {folder: handed_on(folder) for folder in FOLDERS}


def imports_of(source):
    """The suite's modules that a source imports, wherever in it, for types and by ``import_module`` too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports say where they are from"
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                is_module = (ROOT / Path(*below.split("."))).with_suffix(".py").exists() or (
                    ROOT / Path(*below.split("."))
                ).is_dir()
                found.add(below if is_module else HANDED_ON.get(node.module, {}).get(alias.name, node.module))
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("import_module", "__import__"):
                found |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return {name for name in found if name.split(".")[0] in FOLDERS}


def wrong_imports(name, source):
    """The imports of a module that the table forbids."""
    own, wrong = room_of(name), set()
    for other in imports_of(source):
        room = room_of(other)
        upward = room != own and ROOMS.index(room) < ROOMS.index(own)
        if room in FOLDERS:  # the package itself hands on names of all its rooms
            upward = within(name, room) or FOLDERS.index(room) < FOLDERS.index(name.split(".")[0])
        lists = [allowed for who, allowed in ONLY.items() if within(name, who)]
        if upward or not all(any(within(other, a) for a in allowed) for allowed in lists):
            wrong.add(other)
    return wrong


def test_every_module_has_its_room():
    names = {module_name(path) for path in modules()}
    assert {room_of(name) for name in names} == set(ROOMS)
    assert len(set(ROOMS)) == len(ROOMS)


def test_the_folders_follow_each_other():
    folders = [room.split(".")[0] for room in ROOMS]
    assert list(dict.fromkeys(folders)) == list(FOLDERS)
    assert sum(a != b for a, b in pairwise(folders)) == len(FOLDERS) - 1


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_a_module_imports_only_what_the_table_allows(path):
    assert not wrong_imports(module_name(path), path.read_text())


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("problems.problem", "import bench.campaigns.campaign"),
        ("problems.layers", "from problems.problem import Problem"),
        ("problems.layers", "def f():\n    from problems import Problem"),
        ("problems.foundation.errors", "def f():\n    import problems.arrays"),
        ("optimizers.native.magma", "from problems.job_table import JobTable"),
        ("optimizers.native.magma", "import problems"),
        ("optimizers.contract", "from optimizers import search"),
        ("reports.frames.runs", "from optimizers import minimize"),
        ("reports.storage.spec", "if TYPE_CHECKING:\n    from reports.frames.summary import Tables"),
        ("bench.campaigns.run_one", "from bench import cli"),
        ("bench.engines.serial", "from bench.campaigns import run_one"),
        ("problems.problem", "import importlib\nimportlib.import_module('bench.cli')"),
        ("problems.problem", "def f():\n    __import__('optimizers.search')"),
    ],
)
def test_an_import_upward_is_found(name, line):
    assert wrong_imports(name, line)


def test_modules_do_not_import_each_other_in_a_circle():
    graph = {module_name(path): imports_of(path.read_text()) for path in modules()}
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join([*path, name])
        if name in done or name not in graph:
            return
        path.append(name)
        for other in graph[name]:
            visit(other)
        path.pop()
        done.add(name)

    for name in graph:
        visit(name)


@pytest.mark.parametrize("path", sorted((ROOT / "problems" / "foundation").glob("*.py")), ids=module_name)
def test_the_foundation_loads_the_standard_library_alone(path):
    nodes = ast.parse(path.read_text()).body
    names = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    names += [n.module for n in nodes if isinstance(n, ast.ImportFrom)]
    known = set(sys.stdlib_module_names) | {"__future__"}
    assert all(name.split(".")[0] in known or within(name, "problems.foundation") for name in names)


def test_importing_the_folders_loads_none_of_their_libraries():
    libraries = {
        "numpy",
        "scipy",
        "pandas",
        "matplotlib",
        "nevergrad",
        "optuna",
        "deap",
        "pymoo",
        "cmaes",
        "alns",
        "ribs",
        "fcmaes",
        "gymnasium",
        "ioh",
        "optunahub",
        "ortools",
        "torch",
    }
    code = f"import bench, optimizers, problems, reports, sys; assert not {libraries} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_optimizers_and_problems_load_no_library_of_an_adapter():
    libraries = {
        "nevergrad",
        "optuna",
        "deap",
        "pymoo",
        "gymnasium",
        "ioh",
        "optunahub",
        "ortools",
        "stable_baselines3",
        "torch",
    }
    libraries |= {"cmaes", "alns", "ribs", "fcmaes"}
    code = (
        "import optimizers, problems, sys; problems.get; optimizers.minimize; "
        f"assert not {libraries} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_trial_or_test_hides_a_module_of_the_standard_library():
    stems = {path.stem for path in (ROOT / "tests").rglob("*.py")}
    assert not stems & sys.stdlib_module_names
