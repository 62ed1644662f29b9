"""The site builds without a warning, opens from disk without a network, and documents what there is, no more."""

import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
from filelock import FileLock

import bench
import optimizers
import problems
import reports
from bench.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built once for all workers of a session."""
    pytest.importorskip("sphinx")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return built(tmp_path_factory.mktemp("site"))
    shared = tmp_path_factory.getbasetemp().parent / "built"  # the workers have one parent
    with FileLock(f"{shared}.lock"):
        if not (shared / "site" / "index.html").exists():
            shared.mkdir()
            built(shared)
    return shared / "site"


def built(folder):
    for name in (
        "docs",
        "tests/trials",
        "tests/plugin",
        "tests/optimizers/adapters/program",
        "optimizers/adapters/program",
    ):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("made", "__pycache__"))
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(folder / "docs"), str(folder / "site")]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    if done.returncode:
        shutil.rmtree(folder)
        pytest.fail(done.stderr[-5000:])
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site):
    """The text of each page, by path."""
    return {page: page.read_text() for page in site.rglob("*.html") if "_static" not in page.parts}


def links(text):
    return [unescape(link) for link in re.findall(r'(?:href|src)="([^"]*)"', text)]


def test_every_internal_link_leads_somewhere_and_every_anchor_is_there(pages):
    dead = []
    for page, text in pages.items():
        for link in links(text):
            parts = urlsplit(link)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            missing = parts.fragment and target in pages and f'id="{unquote(parts.fragment)}"' not in pages[target]
            if not parts.scheme and (missing or not target.exists()):
                dead.append((page.name, link))
    assert not dead


def test_nothing_is_loaded_from_a_network(pages):
    loaded = re.compile(
        r'<(?:script|img|iframe|source)[^>]+src="(\w+:)?//|<link[^>]+rel="stylesheet"[^>]+href="(\w+:)?//'
    )
    assert not [page.name for page, text in pages.items() if loaded.search(text)]


@pytest.mark.parametrize("package", [problems, optimizers, reports, bench], ids=lambda package: package.__name__)
def test_the_python_reference_documents_what_a_package_hands_on_and_nothing_else(pages, site, package):
    text = pages[site / "reference" / "python.html"]
    documented = set(re.findall(rf'<dt class="[^"]*" id="{package.__name__}\.(\w+)"', text))
    assert documented == set(package.__all__)


def test_every_command_and_option_is_documented(pages, site):
    text = pages[site / "reference" / "commands.html"]
    for name in COMMANDS.names():
        command = COMMANDS.get(name).load()
        members = command.commands.values() if isinstance(command, click.Group) else ()
        for own in (command, *members):
            for option in own.params:
                if isinstance(option, click.Option):
                    assert all(f">{word}<" in text for word in option.opts), (name, option.opts)
        assert f"m3e {name}" in text or f">{name}<" in text


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "docs" / "examples").glob("with_*.py")))
def test_the_example_of_a_door_ends_with_the_number_of_the_suite(pages, site, name):
    assert re.search("the same numbers?: True", pages[site / "made" / "examples" / f"{name}.html"])


def test_the_example_of_judging_reads_chooses_and_judges(pages, site):
    text = pages[site / "made" / "examples" / "plot_judging.html"]
    assert "theirs (foreign)" in text
    assert "expected running time to a gap of 30 %, evaluations" in text
    assert "report.html" in text


def test_every_optimizer_and_every_best_known_instance_is_listed(pages, site):
    from problems.best_known.registry import FOLDER, ids_in

    assert all(f">{name}<" in pages[site / "optimizers.html"] for name in optimizers.OPTIMIZERS.names())
    assert all(f">{name}<" in pages[site / "problem" / "library.html"] for name in ids_in(FOLDER))


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_fits_its_width_and_asks_for_nothing_from_outside(site, pages, browser, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or troubles.append(request.url))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    for path in pages:
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 1:
            troubles.append(f"{path.name} is {wide} px too wide")
        if page.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).length"):
            troubles.append(f"{path.name} has broken images")
    context.close()
    assert not troubles


def test_the_search_finds_a_page_from_disk(site, browser):
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=certificate")
    page.wait_for_selector("#search-results li a", timeout=20_000)
    assert page.locator("#search-results li").count() > 2
    page.close()
