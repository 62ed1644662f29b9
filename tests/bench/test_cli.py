"""Every command and option as a user types it."""

import re

import pytest


def assert_clean(done, code):
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_help_imports_nothing_heavy(m3e, tmp_path):
    import subprocess
    import sys

    code = (
        "import sys\nfrom bench.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit as e: assert e.code == 0\n"
        "heavy = {'numpy', 'numba', 'scipy', 'pandas', 'matplotlib', 'optuna', 'nevergrad', 'deap', 'rich', 'jinja2'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "list" in done.stdout


@pytest.mark.parametrize(
    "arguments", [("--help",), ("run", "--help"), ("report", "-h"), ("show", "-h"), ("list", "-h")]
)
def test_every_command_has_help(m3e_here, arguments):
    done = m3e_here(*arguments)
    assert_clean(done, 0)
    assert "Usage: m3e" in done.stdout


def test_version_is_told(m3e):
    assert re.search(r"\d+\.\d+", m3e("--version").stdout)


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("problems", ["mix", "S6", "resnet50"]),
        ("optimizers", ["magma", "optuna-tpe", "deap"]),
        ("campaigns", ["quick", "CPU hours"]),
    ],
)
def test_lists_show_what_there_is(m3e_here, what, shown):
    done = m3e_here("list", what)
    assert_clean(done, 0)
    assert all(name in done.stdout for name in shown)
    assert not re.search(r"\de-\d", done.stdout)
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_what_optimizers_cost_is_listed_by_cost(m3e_here):
    done = m3e_here("list", "optimizers", "--costs")
    assert_clean(done, 0)
    assert done.stdout.index("magma ") < done.stdout.index("optuna-tpe ")
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_show_describes_a_problem(m3e_here):
    done = m3e_here("show", "mix/S2/bw1/g100/i0")
    assert_clean(done, 0)
    assert "lower bound" in done.stdout
    assert "3 x dla-2048, 1 x eye-2048" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("runn",), "did you mean run?"),
        (("list", "problem"), "problems"),
        (("list", "campaigns", "--costs"), "--costs: expected with 'm3e list optimizers'"),
        (("show", "mix/S7/bw1/g100/i0"), "unknown platform 'S7': did you mean S6"),
        (("show", "nonsense"), "task/platform/bwB/gG/iI"),
        (("show", "mix/S1/bw0/g1/i0"), "bandwidth: expected a number above 0"),
        (("run", "quik"), "did you mean quick?"),
        (("run", "quick", "--budget", "0"), "--budget"),
        (("run", "quick", "--out", "/proc/nowhere"), "output folder"),
        (("run", "broken.toml"), "broken.toml: expected TOML, got line 1, column"),
        (("report", "nowhere"), "no results in nowhere"),
        (("report",), "run 'm3e run' first"),
        (("report", "empty"), "no runs in empty"),
    ],
)
def test_bad_input_is_one_clear_error_and_exit_code_2(m3e_here, tmp_path, arguments, complaint):
    (tmp_path / "broken.toml").write_text("problems = [}\n")
    (tmp_path / "empty").mkdir()
    done = m3e_here(*arguments)
    assert_clean(done, 2)
    assert complaint in done.stderr
    assert done.stdout == ""


def test_a_campaign_runs_reports_and_is_not_done_twice(m3e, small_campaign, tmp_path):
    first = m3e("run", small_campaign, "--workers", 1)
    assert_clean(first, 0)
    assert "campaign small: 12 runs, at most" in first.stdout
    assert "small: 12 of 12 runs" in first.stdout
    assert "12 of 12 runs, all done" in first.stderr
    page = tmp_path / "runs" / "small" / "report" / "report.html"
    assert f"report: {page}" in first.stdout
    assert "12 of 12 runs" in page.read_text()
    assert {f.suffix for f in (page.parent / "figures").iterdir()} == {".png", ".pdf", ".csv"}
    second = m3e("run", small_campaign, "--no-report")
    assert_clean(second, 0)
    assert "12 runs, 12 of them done" in second.stdout


def test_reports_can_be_written_again_and_elsewhere_and_of_unfinished_campaigns(m3e_here, finished_campaign, tmp_path):
    for end in sorted(finished_campaign.glob("records/*.json"))[:5]:
        end.unlink()
    done = m3e_here("report", "runs/small", "--out", "elsewhere")
    assert_clean(done, 0)
    assert "7 of 12 runs" in done.stdout
    assert (tmp_path / "elsewhere" / "report.html").exists()
    parent = m3e_here("report", "runs")
    assert_clean(parent, 2)
    assert "Did you mean runs/small?" in parent.stderr
    newest = m3e_here("report")
    assert_clean(newest, 0)
    assert (tmp_path / "runs" / "small" / "report" / "report.html").exists()


def test_a_damaged_run_is_told_in_the_report_and_loses_no_other(m3e_here, finished_campaign):
    damaged = sorted(finished_campaign.glob("records/*.json"))[0]
    damaged.write_text("{")
    done = m3e_here("report", "runs/small")
    assert_clean(done, 0)
    assert "11 of 12 runs" in done.stdout
    assert damaged.stem in (finished_campaign / "report" / "report.html").read_text()


def test_options_override_budget_and_seeds_and_keep_full_traces(m3e, small_campaign, tmp_path):
    options = ("--budget", 40, "--seeds", 1, "--full-trace", "--out", "other", "--workers", 1, "--no-report")
    done = m3e("run", small_campaign, *options)
    assert_clean(done, 0)
    assert len(list((tmp_path / "other" / "small-b40-traces").glob("records/*.npz"))) == 6


def test_failed_runs_make_exit_code_1_and_are_done_again_on_demand(m3e, plugin, tmp_path):
    code = (
        "from pathlib import Path\nfrom optimizers.native.random_search import RandomSearch\n"
        "class Moody(RandomSearch):\n"
        "    def ask(self):\n"
        "        if not Path('mended').exists(): raise RuntimeError('not today')\n"
        "        return super().ask()\n"
    )
    folder = plugin(code, 'Entry("moody", "badly:Moody")')
    campaign = tmp_path / "moody.toml"
    campaign.write_text('problems = ["mix/S1/bw1/g8/i0"]\noptimizers = ["moody", "random"]\nseeds = 1\nbudget = 50\n')
    first = m3e("run", campaign, "--workers", 1, path=folder)
    assert_clean(first, 1)
    assert "failed: moody on mix/S1/bw1/g8/i0, seed 0" in first.stderr
    assert "RuntimeError: not today" in first.stdout
    (tmp_path / "mended").touch()
    assert_clean(m3e("run", campaign, "--workers", 1, "--no-report", path=folder), 1)
    again = m3e("run", campaign, "--workers", 1, "--retry", "--no-report", path=folder)
    assert_clean(again, 0)
    assert "2 runs, 1 of them done" in again.stdout


def test_a_class_in_the_folder_is_run_by_its_module_and_again_once_it_has_changed(m3e, small_campaign, tmp_path):
    code = "from optimizers.native.random_search import RandomSearch\nclass Mine(RandomSearch):\n    pass\n"
    (tmp_path / "mine.py").write_text(code)
    small_campaign.write_text(small_campaign.read_text().replace(', "deap-stdga"', ""))
    command = ("run", small_campaign, "--optimizer", "mine:Mine", "--no-report", "--workers")
    assert_clean(m3e(*command, 2), 0)
    assert "12 runs, 12 of them done" in m3e(*command, 1).stdout
    (tmp_path / "mine.py").write_text(code + "\n# a better one\n")
    assert "12 runs, 8 of them done" in m3e(*command, 1).stdout
    mapped = m3e("map", "mix/S2/bw1/g8/i0", "--optimizer", "mine:Mine", "--budget", 50, "--out", "mapped")
    assert_clean(mapped, 0)
    wrong = m3e("run", small_campaign, "--optimizer", "mine:Yours")
    assert_clean(wrong, 2)
    assert "'mine:Yours#" in wrong.stderr
    assert "'Yours': known: Mine" in wrong.stderr


def test_the_fault_of_an_optimizer_of_ones_own_is_told_as_such(m3e, tmp_path):
    code = (
        "from optimizers.native.random_search import RandomSearch\n"
        "class Raises(RandomSearch):\n    def ask(self):\n        raise KeyError('x')\n"
        "class Leaves(RandomSearch):\n    def __init__(self, space, *, budget, seed):\n        raise SystemExit(7)\n"
    )
    (tmp_path / "faulty.py").write_text(code)
    for name, message in (("Raises", "failed: KeyError: 'x' (faulty.py, line 4, in ask)"), ("Leaves", "SystemExit: 7")):
        done = m3e("map", "mix/S2/bw1/g8/i0", "--optimizer", f"faulty:{name}")
        assert done.returncode in (1, 2)
        assert f"optimizer 'faulty:{name}" in done.stderr
        assert message in done.stderr
        assert "internal error" not in done.stderr


def test_a_missing_extra_names_the_command_that_installs_it(m3e, plugin):
    folder = plugin("", 'Entry("fancy", "badly:X", requires="surely-not-installed[fancy]", summary="x", family="y")')
    done = m3e("map", "mix/S2/bw1/g8/i0", "--optimizer", "fancy", path=folder)
    assert_clean(done, 2)
    assert "pip install 'surely-not-installed[fancy]'" in done.stderr
    assert "needs surely-not-installed[fancy] (not installed)" in " ".join(
        m3e("list", "optimizers", path=folder).stdout.split()
    )


def test_a_broken_plugin_is_told_and_harms_nothing_else(m3e, plugin):
    folder = plugin("", "nonsense")
    done = m3e("list", "optimizers", path=folder)
    assert done.returncode == 0
    assert "plug-in 'badly'" in done.stderr
    assert "magma" in done.stdout


def test_a_report_folder_that_cannot_be_is_one_clear_error(m3e_here, finished_campaign):
    (finished_campaign / "report").write_text("a file where the report goes")
    done = m3e_here("report", "runs/small")
    assert_clean(done, 2)
    assert "report" in done.stderr


def test_an_internal_error_shows_no_traceback(monkeypatch, capsys):
    import bench.commands.list_
    from bench.cli import main

    monkeypatch.setitem(bench.commands.list_.LISTS, "problems", lambda: 1 / 0)
    with pytest.raises(SystemExit) as ended:
        main(["list", "problems"])
    assert ended.value.code == 3
    assert "internal error: ZeroDivisionError" in capsys.readouterr().err


def test_a_pipe_whose_reader_has_left_stops_no_work(small_campaign, tmp_path):
    import subprocess
    import sys
    from pathlib import Path

    command = (
        f"{Path(sys.executable).parent / 'm3e'} run {small_campaign} --workers 1 | head -1; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs" / "small" / "report" / "report.html").exists()


@pytest.mark.parametrize(
    ("code", "entry", "complaint"),
    [
        ("", 'Entry("mine", "no_such_module:X")', "'mine' cannot be loaded from 'no_such_module:X'"),
        ("", 'Entry("mine", "badly:Missing")', "'mine' cannot be loaded from 'badly:Missing'"),
        ("def (", 'Entry("mine", "badly:X")', "SyntaxError"),
        (
            "class X:\n    def __init__(self, space, *, budget, seed, rate): pass",
            'Entry("mine", "badly:X")',
            "optimizer 'mine': parameter rate: expected a default",
        ),
    ],
)
def test_an_authors_mistakes_are_told_with_the_optimizers_name(m3e, plugin, tmp_path, code, entry, complaint):
    campaign = tmp_path / "mine.toml"
    campaign.write_text('problems = ["mix/S1/bw1/g8/i0"]\noptimizers = ["mine"]\nseeds = 1\nbudget = 5\n')
    done = m3e("run", campaign, path=plugin(code, entry))
    assert_clean(done, 2)
    assert complaint in done.stderr
