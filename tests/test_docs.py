"""README and CONTRIBUTING do what they say, line by line."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def block(name, text=README):
    """The code block below the comment that names it."""
    (found,) = re.findall(rf"^<!-- {name} -->\n```\w+\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return found


def in_this_environment():
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_first_two_blocks_install_and_run_and_install_and_test():
    assert block("run").strip().endswith("pip install . && m3e run")
    assert block("check").strip().endswith("python tests/check.py")
    assert [block("run"), block("check")] == blocks(README, "sh")[:2]
    assert (ROOT / "tests" / "check.py").exists()


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_every_python_example_runs_as_written(code, tmp_path):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_examples_print_what_the_text_says():
    printed = subprocess.run(
        [sys.executable, "-c", block("minimize")], capture_output=True, text=True, check=True
    ).stdout.split()
    assert 1.0 <= float(printed[0]) < 1.5
    assert printed[1] == "True"


def test_the_workload_of_the_readme_is_imported_mapped_and_replayed(tmp_path):
    *before, replay = block("map").splitlines()
    for line in [*before, *block("map-on").splitlines(), *block("map-together").splitlines(), replay]:
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "to the last digit" in done.stdout
    assert {"mapping.json", "schedule.png", "schedule.svg", "schedule.html", "trace.json"} == {
        f.name for f in (tmp_path / "mapped").iterdir()
    }
    assert list((tmp_path / "front" / "points").iterdir())


def test_the_sweeps_of_the_readme_run_and_share_their_points(tmp_path):
    for line in block("sweep").splitlines():
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "27 runs, 5 of them done" in done.stdout
    files = {f.name for f in (tmp_path / "swept").iterdir() if f.is_file()}
    assert {"sweep.csv", "designs.csv", "sweep.txt", "time.png", "energy.pdf", "pareto.png", "roofline.pdf"} <= files


def test_the_language_model_of_the_readme_is_imported_and_shown(tmp_path):
    for line in block("served").splitlines():
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if line.startswith("m3e show"):
            assert "separates optimizers" in done.stdout


def test_the_race_of_the_readme(tmp_path):
    race, *others = block("race").splitlines()
    for line in (f"{race} --no-report", *others):
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if line.startswith(race):
            assert "native-ga population_size=50 on 27 problems (10,000 evaluations, 2 seeds): place" in " ".join(
                done.stdout.split()
            )


def test_the_guide_to_scores_scores_its_file(tmp_path):
    guide = (ROOT / "docs" / "guides" / "score.md").read_text()
    (tmp_path / "mine.py").write_text(block("mine", guide))
    for line in block("score", guide).splitlines():
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "mine.py" in done.stdout
    command = [sys.executable, "-c", block("python", guide)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == second
    assert first.startswith("scored ")


def test_the_optimizers_of_the_readme_map_and_race(tmp_path):
    from bench.campaigns.campaign import make_contender

    *maps, race = block("optimizers").splitlines()
    for line in maps:
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    added = re.findall(r"--optimizer (\S+)", race)
    assert race.startswith("m3e run quick")
    assert [make_contender(name).name for name in added] == ["list-ljf-heft", "deap-cmaes"]


def test_the_figures_and_comparisons_of_the_readme_run(tmp_path):
    from reports.paper.writing import chosen

    campaign = tmp_path / "quick.toml"
    campaign.write_text(
        'problems = ["mix/S2/bw1/g8/i{0..5}"]\noptimizers = ["magma", "random"]\nseeds = 1\nbudget = 20\n'
    )
    before = ["m3e run quick.toml --no-report", "m3e map mix/S2/bw1/g8/i0 --budget 20 --out second"]
    lines = block("reports").splitlines()
    (quick,) = (line for line in lines if "--quick" in line)
    for line in [*before, *(line for line in lines if line != quick)]:
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "runs" / "figures" / "fig07.pdf").exists()
    names = re.findall(r"fig\d+", quick)
    assert [figure.name for figure in chosen(names, every=False)] == names


def test_the_options_of_reports_of_the_readme_work_and_the_foreign_results_fit(tmp_path):
    (tmp_path / "quick.toml").write_text(
        'problems = ["mix/S2/bw1/g100/i0", "vision/S2/bw1/g8/i0"]\noptimizers = ["magma", "random", "list-ljf-heft"]\n'
        "seeds = 2\nbudget = 20\n"
    )
    (tmp_path / "theirs.csv").write_text(block("foreign"))
    for line in ["m3e run quick.toml --no-report", *block("report-options").splitlines()]:
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "theirs (foreign)" in (tmp_path / "beside" / "tables" / "overall.csv").read_text()
    assert "vision" not in (tmp_path / "some" / "tables" / "runs.csv").read_text()


def test_the_commands_on_stored_results_of_the_readme_run(tmp_path):
    (tmp_path / "quick.toml").write_text(
        'problems = ["mix/S2/bw1/g8/i0"]\noptimizers = ["magma", "random"]\nseeds = 2\nbudget = 20\n'
    )
    for line in ["m3e run quick.toml --no-report", *block("stored").splitlines()]:
        done = subprocess.run(
            line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "quick-report" / "report.html").exists()


def test_the_tests_of_the_extras_are_told_with_the_extras_that_there_are():
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    command = block("check-extras")
    named = re.search(r"\[([\w,]+)\]", command).group(1).split(",")
    assert set(named) <= set(extras)
    assert "pytest -n auto tests/optimizers" in command


def test_the_platform_of_the_readme_is_valid(tmp_path):
    import problems

    path = tmp_path / "mine.toml"
    path.write_text(block("platform"))
    assert len(problems.read_platform(path).cores) == 4


@pytest.mark.parametrize("line", [line for line in block("look").splitlines() if "report" not in line])
def test_every_command_of_the_readme_runs(line, tmp_path):
    done = subprocess.run(
        line, shell=True, capture_output=True, text=True, cwd=tmp_path, env=in_this_environment(), check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_campaign_of_the_readme_is_valid(tmp_path):
    from bench.campaigns.reading import read_campaign_file

    path = tmp_path / "my.toml"
    path.write_text(block("campaign"))
    campaign = read_campaign_file(path)
    assert len(campaign.design()) == 2 * 2 * 3 * 3 * 5


def test_the_engine_of_the_readme_is_valid(tmp_path):
    pytest.importorskip("submitit")
    from bench.engines.settings import engine_from
    from bench.engines.slurm import Slurm

    path = tmp_path / "cluster.toml"
    path.write_text(block("engine"))
    engine = engine_from(str(path))
    assert isinstance(engine, Slurm)
    assert (engine.pilots, engine.workers, engine.keys["timeout_min"]) == (20, 16, 240)


def test_every_link_and_path_of_the_documents_exists():
    for text in (README, CONTRIBUTING):
        links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(
            r"`((?:bench|problems|optimizers|reports|tests)/[\w/.]+)`", text
        )
        missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
        assert set(missing) <= {"optimizers/native/hill_climbing.py"}


def test_adding_an_optimizer_works_as_contributing_says(tmp_path):
    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns("__pycache__", ".git", ".venv", "runs", "*.egg-info", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=ignore)
    assert block("install", CONTRIBUTING).strip() in block("check")
    code, line = block("hill-climber", CONTRIBUTING), block("entry", CONTRIBUTING)
    (copy / "optimizers" / "native" / "hill_climbing.py").write_text(code)
    table = copy / "optimizers" / "builtin.py"
    table.write_text(table.read_text().replace("BUILTIN = (\n", f"BUILTIN = (\n{line}", 1))
    check, use = block("conformance", CONTRIBUTING), block("use", CONTRIBUTING)
    environment = in_this_environment() | {"PYTHONPATH": str(copy)}
    tested = subprocess.run(check, shell=True, capture_output=True, text=True, cwd=copy, env=environment, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert re.search(r"[1-9]\d* passed", tested.stdout)
    used = subprocess.run(use, shell=True, capture_output=True, text=True, cwd=copy, env=environment, check=False)
    assert float(used.stdout) > 0, used.stderr
    for tool in (["ruff", "check", "optimizers"], ["mypy"]):
        linted = subprocess.run([sys.executable, "-m", *tool], capture_output=True, text=True, cwd=copy, check=False)
        assert linted.returncode == 0, linted.stdout


def test_the_rooms_of_contributing_are_those_of_the_layering_table():
    spec = importlib.util.spec_from_file_location("layering", ROOT / "tests" / "test_layering.py")
    layering = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(layering)
    assert block("rooms", CONTRIBUTING) == layering.ORDER.lstrip("\n")
