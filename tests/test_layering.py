"""Who may import whom: one-way dependencies, no cycles, nothing heavy at the foundation."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bench", "problems", "optimizers", "reports")
FOUNDATION = ("bench.errors", "bench.registry", "bench.tomlfile", "bench.compiling", "bench.extras", "bench.text")
ALLOWED = {
    "problems": ("problems", *FOUNDATION),
    "optimizers": ("optimizers", *FOUNDATION),
    "reports": ("reports", "problems", "bench.store", "bench.spec", "bench.files", *FOUNDATION),
}


def modules():
    return sorted(f for package in PACKAGES for f in (ROOT / package).rglob("*.py"))


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def only_for_types(tree):
    """The nodes that only type checkers see, by identity."""
    blocks = [b for b in ast.walk(tree) if isinstance(b, ast.If) and "TYPE_CHECKING" in ast.unparse(b.test)]
    return {id(node) for block in blocks for node in ast.walk(block)}


def own_imports(path, everywhere=True):
    """The project's modules that a file imports; at module level only unless ``everywhere``."""
    tree = ast.parse(path.read_text())
    nodes = ast.walk(tree) if everywhere else tree.body
    found, unseen = set(), only_for_types(tree)
    for node in nodes:
        if id(node) in unseen:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] in PACKAGES}


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_a_module_imports_only_what_its_package_may(path):
    allowed = ALLOWED.get(module_name(path).split(".")[0], PACKAGES)
    wrong = {n for n in own_imports(path) if not any(n == a or n.startswith(f"{a}.") for a in allowed)}
    assert not wrong


@pytest.mark.parametrize("name", FOUNDATION)
def test_the_foundation_needs_only_the_standard_library(name):
    assert own_imports(ROOT / Path(*name.split(".")).with_suffix(".py")) <= set(FOUNDATION)
    code = f"import sys, {name}; print(*{{m.split('.')[0] for m in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(loaded.stdout.split()) <= set(sys.stdlib_module_names) | {"bench", "__main__"}


def test_modules_do_not_import_each_other_in_a_circle():
    graph = {module_name(p): own_imports(p, everywhere=False) for p in modules()}
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


def test_no_module_of_the_adapters_is_imported_by_the_package():
    libraries = {"nevergrad", "optuna", "deap", "pymoo", "gymnasium", "stable_baselines3", "torch"}
    code = f"import optimizers, problems, sys; assert not {libraries} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
