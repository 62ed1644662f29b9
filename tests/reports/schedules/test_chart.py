from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread

import problems
from problems.foundation.errors import InvalidInput, StorageError
from reports.schedules.chart import MOST_ENTRIES, network_looks, schedule_figure, write_schedule


def problem_of(jobs, cores, *, networks=0, system_bandwidth=4.0, **changes):
    """Random jobs of so many networks; none: they have no names."""
    rng = np.random.default_rng(0)
    latency = np.exp(rng.normal(9.0, 1.0, (jobs, cores)))
    names = tuple(f"net-{job % networks}/layer.{job}" for job in range(jobs)) if networks else ()
    table = problems.JobTable(latency, np.exp(rng.normal(0.0, 1.0, (jobs, cores))), None, names)
    return replace(problems.Problem("synthetic", table, system_bandwidth), **changes)


def mapping_of(problem, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(problem.num_cores, size=problem.num_jobs), rng.random(problem.num_jobs)


def figure_of(problem, **options):
    return schedule_figure(problem, problem.schedule(*mapping_of(problem)), **options)


def hostile():
    names = ("a$b/x_$", "\u4e2d\u6587\n/\t\x07", r"\frac{$/$", "x" * 300, "/", "", "<b>&/'\"", "a/b/c")
    table = problems.JobTable(np.full((8, 2), 10.0), np.ones((8, 2)), None, names, ("$\\core\n", "y" * 200))
    return problems.Problem("<hostile> & $id_$", table, 1.0)


CASES = {
    "mix": lambda: problems.get("mix/S2/bw1/g30/i0"),
    "one job": lambda: problems.from_job_table([[1234.5]], [[2.0]], 1.0),
    "one core": lambda: problem_of(50, 1, networks=3),
    "idle cores": lambda: problem_of(3, 20),
    "no names": lambda: problem_of(40, 4),
    "no time at all": lambda: problems.from_job_table([[0.0], [0.0]], [[1.0], [2.0]], 1.0),
    "some take no time": lambda: problems.from_job_table([[0.0, 1.0], [5.0, 7.0], [0.0, 0.0]], np.ones((3, 2)), 1.0),
    "no traffic": lambda: problems.from_job_table(np.ones((4, 2)), np.zeros((4, 2)), 1.0),
    "shortest": lambda: problems.from_job_table(np.full((4, 2), 1e-9), np.ones((4, 2)), 1.0),
    "longest": lambda: problems.from_job_table(np.full((4, 2), 1e20), np.ones((4, 2)), 1.0),
    "narrow memory": lambda: problem_of(40, 4, networks=9, system_bandwidth=1e-9),
    "wide memory": lambda: problem_of(40, 4, networks=9, system_bandwidth=1e9),
    "many networks": lambda: problem_of(200, 4, networks=100),
    "many cores": lambda: problem_of(300, 200, networks=5),
    "hostile": hostile,
}


@pytest.fixture(params=CASES)
def any_problem(request):
    return CASES[request.param]()


def test_every_figure_bears_every_schedule_and_is_legible(any_problem):
    figure = figure_of(any_problem, title=any_problem.id)
    figure.savefig(io.BytesIO(), format="png", dpi=80)
    assert figure.get_figwidth() == 7.16
    assert figure.get_figheight() < 11.0
    assert all(text.get_fontsize() >= 7.0 for text in figure.findobj(matplotlib.text.Text) if text.get_text())
    inches = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer())
    assert inches.x0 >= -0.01
    assert inches.y0 >= -0.01
    assert inches.x1 <= figure.get_figwidth() + 0.01
    assert inches.y1 <= figure.get_figheight() + 0.01


def test_the_axes_share_the_time_and_reach_the_makespan(any_problem):
    jobs, memory = figure_of(any_problem).axes
    assert jobs.get_xlim() == memory.get_xlim()
    units = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
    unit = units.get(memory.get_xlabel().split()[1], 1.0)
    makespan = any_problem.schedule(*mapping_of(any_problem)).makespan
    assert jobs.get_xlim() == pytest.approx((0.0, makespan / unit or 1.0))


def test_every_job_has_a_bar_in_the_row_of_its_core():
    problem = problem_of(60, 5, networks=3)
    schedule = problem.schedule(*mapping_of(problem))
    axis = schedule_figure(problem, schedule).axes[0]
    bars = [path.get_extents() for path in axis.collections[0].get_paths()]
    unit = schedule.makespan / axis.get_xlim()[1]
    drawn = sorted((round((bar.y0 + bar.y1) / 2), bar.x0 * unit) for bar in bars)
    expected = sorted(zip(schedule.cores.tolist(), schedule.starts.tolist(), strict=True))
    assert np.array(drawn) == pytest.approx(np.array(expected), rel=1e-9)


def test_rows_are_named_by_their_cores_from_the_top():
    problem = problems.get("mix/S2/bw1/g10/i0")
    axis = figure_of(problem).axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == list(problem.core_names)
    assert axis.yaxis_inverted()


def test_labels_stay_within_their_bars():
    problem = problem_of(60, 4, networks=3)
    figure = figure_of(problem)
    axis = figure.axes[0]
    renderer = FigureCanvasAgg(figure).get_renderer()
    bars = [path.get_extents(axis.transData) for path in axis.collections[0].get_paths()]
    assert axis.texts
    for text in axis.texts:
        box = text.get_window_extent(renderer)
        assert any(
            bar.x0 <= box.x0 and box.x1 <= bar.x1 and bar.y0 - 1 <= box.y0 and box.y1 <= bar.y1 + 1 for bar in bars
        )


def test_rows_too_low_for_text_have_none():
    assert not figure_of(problem_of(64, 64, networks=3)).axes[0].texts


@pytest.mark.parametrize("networks", [1, 21, 28, 29, 100])
def test_the_legend_names_all_networks_of_the_tasks_and_counts_those_beyond(networks):
    (legend,) = figure_of(problem_of(200, 4, networks=networks)).legends
    names = [text.get_text() for text in legend.get_texts()]
    assert len(names) == min(networks, MOST_ENTRIES)
    if networks > MOST_ENTRIES:
        assert f"and {networks - MOST_ENTRIES + 1} other networks" in names


def test_a_job_table_without_names_has_no_legend_but_job_numbers():
    figure = figure_of(problem_of(10, 2))
    assert not figure.legends
    assert {text.get_text() for text in figure.axes[0].texts} <= {str(job) for job in range(10)}


def test_networks_look_the_same_in_all_schedules_of_a_problem():
    problem = problem_of(60, 4, networks=10)

    def colours(seed):
        (legend,) = schedule_figure(problem, problem.schedule(*mapping_of(problem, seed))).legends
        entries = zip(legend.get_texts(), legend.get_patches(), strict=True)
        return {text.get_text(): (patch.get_facecolor(), patch.get_hatch()) for text, patch in entries}

    assert colours(0) == colours(1)
    assert len(set(colours(0).values())) == 10


def memory_of(system_bandwidth):
    """The axis of two jobs that ask for 8 GB/s one after another."""
    problem = problems.from_job_table([[3.0], [5.0]], [[8.0], [8.0]], system_bandwidth)
    return schedule_figure(problem, problem.schedule([0, 0], [0, 1])).axes[1]


@pytest.mark.parametrize(
    ("limit", "scale"), [(0.5, "log"), (1.0, "linear"), (4.0, "linear"), (70.0, "linear"), (90.0, "log")]
)
def test_the_axis_is_logarithmic_where_demand_and_limit_are_far_apart(limit, scale):
    axis = memory_of(limit)
    assert axis.get_yscale() == scale
    assert f"({scale} axis)" in axis.get_ylabel()
    low, high = axis.get_ylim()
    assert low < min(limit, 8.0) < max(limit, 8.0) < high


def test_used_asked_for_and_limit_are_drawn():
    axis = memory_of(4.0)
    used, asked = (np.asarray(steps.get_data().values) for steps in axis.patches)
    assert (set(used), set(asked)) == ({4.0}, {8.0})
    assert axis.lines[0].get_ydata()[0] == 4.0
    labels = [text.get_text() for text in axis.get_legend().get_texts()]
    assert labels == ["used", "requested", "limit, 4 GB/s"]


def test_the_files_are_a_png_of_200_dpi_and_an_svg_with_text_as_text(tmp_path):
    problem = problems.get("mix/S2/bw1/g30/i0")
    png, svg = write_schedule(problem, *mapping_of(problem), tmp_path / "new" / "folder", stem="own")
    assert (png.name, svg.name) == ("own.png", "own.svg")
    assert imread(png).shape[1] == 1432
    texts = ["".join(e.itertext()) for e in ElementTree.parse(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert problem.core_names[0] in texts
    assert any(text.startswith(f"{problem.id}: ") for text in texts)
    assert "sans-serif" in svg.read_text()


@pytest.mark.parametrize("case", ["hostile", "mix"])
def test_svg_is_well_formed_and_the_same_bytes_each_time(case, tmp_path):
    problem = CASES[case]()
    contents = []
    for stem in ("a", "b"):
        files = write_schedule(problem, *mapping_of(problem), tmp_path, stem)
        contents.append([file.read_bytes() for file in files])
        ElementTree.parse(files[1])
    assert contents[0] == contents[1]
    assert b"<dc:date>" not in contents[0][1]


def test_svg_is_the_same_in_another_process(tmp_path):
    problem = problems.get("mix/S2/bw1/g10/i0")
    _, here = write_schedule(problem, [0] * 10, range(10), tmp_path, "here")
    code = (
        "import problems, pathlib; from reports.schedules.chart import write_schedule; "
        f"write_schedule(problems.get({problem.id!r}), [0] * 10, range(10), pathlib.Path({str(tmp_path)!r}), 'there')"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env={"PYTHONHASHSEED": "7"})
    assert here.read_bytes() == (tmp_path / "there.svg").read_bytes()


def test_what_cannot_be_drawn_or_written_is_refused(tmp_path):
    stuck = problems.from_job_table([[1.0, np.inf]], [[0.0, 0.0]], 1.0)
    with pytest.raises(InvalidInput, match="a core that can run it"):
        write_schedule(stuck, [1], [0.0], tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        write_schedule(stuck, [0], [0.0], tmp_path / "file")
    assert [f.name for f in tmp_path.iterdir()] == ["file"]


def test_drawing_leaves_the_settings_of_the_caller_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    problem = CASES["one job"]()
    write_schedule(problem, *mapping_of(problem), tmp_path)
    assert dict(matplotlib.rcParams) == before


def test_a_thousand_jobs_on_sixty_four_cores_take_seconds(tmp_path):
    problem = problem_of(1000, 64, networks=20)
    mapping = mapping_of(problem)
    start = time.process_time()
    _, svg = write_schedule(problem, *mapping, tmp_path)
    assert time.process_time() - start < 10.0  # 3 s on the developers' machine
    assert svg.stat().st_size < 1_000_000
    assert not re.search("NaN|nan|inf", svg.read_text().partition("</style>")[2])


def passes_of(number, networks=2):
    """A problem with so many passes of each network."""
    rng = np.random.default_rng(0)
    names = [f"net-{n}#{k + 1}/layer" for n in range(networks) for k in range(number)]
    table = problems.JobTable(rng.uniform(1e5, 2e5, (len(names), 4)), np.ones((len(names), 4)), None, tuple(names))
    return problems.Problem("synthetic", table, 4.0)


def test_many_passes_share_the_colour_of_their_network():
    (legend,) = figure_of(passes_of(40)).legends
    assert sorted(text.get_text() for text in legend.get_texts()) == ["net-0", "net-1"]
    (legend,) = figure_of(passes_of(3, 1)).legends
    assert len(legend.get_texts()) == 3


def test_networks_with_equal_work_are_listed_in_natural_order():
    names = [f"net#{number}" for number in (10, 2, 100, 1)]
    assert list(network_looks(names, [0.1 + 0.2, 0.3, 0.3, 0.3])) == ["net#1", "net#2", "net#10", "net#100"]


@pytest.mark.parametrize("cores", [("a", "b", "c", "d"), ("x" * 60,) * 4])
def test_the_note_below_the_chart_lies_within_the_picture(cores):
    p = problem_of(12_000, 4, networks=200)
    p = replace(p, job_table=replace(p.job_table, core_names=tuple(f"{name}{n}" for n, name in enumerate(cores))))
    figure = figure_of(p)
    figure.draw_without_rendering()
    box = figure._supxlabel.get_window_extent()
    assert "jobs are shorter" in figure._supxlabel.get_text()
    assert figure.bbox.padded(-1.0).contains(box.x0, box.y0)
    assert figure.bbox.padded(-1.0).contains(box.x1, box.y1)
    assert box.y1 < figure.axes[1].xaxis.label.get_window_extent().y0
