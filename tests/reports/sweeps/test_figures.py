"""The figures of sweeps, drawn from made-up numbers."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from reports.figures.style import paper_style
from reports.sweeps.catalogue import FIGURES
from reports.sweeps.figure import panels, spread
from reports.sweeps.frame import COLUMNS
from reports.sweeps.pareto import PARETO, on_front
from reports.sweeps.roofline import ROOFLINE
from reports.sweeps.time import TIME
from reports.sweeps.writing import write_sweep


def made_frame(platforms=6, cores=(4, 8), models=("corrected",), bandwidths=(1.0, 8.0, 64.0), seed=0):
    """A frame of designs whose times follow their ceilings, with some jitter."""
    rng = np.random.default_rng(seed)
    rows = []
    for platform in range(platforms):
        for number in cores:
            for model in models:
                compute, volume = rng.uniform(1.0, 4.0) / number, rng.uniform(5.0, 20.0)
                for bandwidth in bandwidths:
                    bound = max(compute, volume / bandwidth)
                    time = bound * rng.uniform(1.0, 1.2)
                    name = f"platform{platform}"
                    rows.append(
                        {
                            "design": f"{name}, {number} cores",
                            "platform": name,
                            "cores": number,
                            "pes": 2048.0 * number,
                            "cost_model": model,
                            "bandwidth_gbps": bandwidth,
                            "objective": "latency",
                            "makespan_ms": time,
                            "energy_mj": rng.uniform(10.0, 12.0),
                            "bound_ms": bound,
                            "compute_bound_ms": compute,
                            "memory_bound_ms": volume / bandwidth,
                            "turning_point_gbps": volume / compute,
                            "throughput_gflops": 100.0 / time,
                            "reason": "",
                        }
                    )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def figure_of(kind, frame):
    with paper_style():
        figure = kind.draw(kind.numbers(frame))
        figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize("kind", FIGURES, ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"platforms": 1, "cores": (4,), "bandwidths": (16.0,)},
        {"platforms": 7, "cores": (2, 4, 8), "models": ("corrected", "maestro")},
        {"bandwidths": tuple(np.arange(1.0, 40.0))},
    ],
    ids=["twelve designs", "one point", "many panels", "many bandwidths"],
)
def test_no_text_lies_beyond_the_figure_or_on_another_tick(kind, shape):
    figure = figure_of(kind, made_frame(**shape))
    whole = figure.bbox
    renderer = figure._get_renderer()
    for axes in figure.axes:
        assert axes.lines
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts):
            box = text.get_window_extent(renderer)
            if text.get_text():
                assert whole.padded(1.0).contains(box.x0, box.y0), text.get_text()
                assert whole.padded(1.0).contains(box.x1, box.y1), text.get_text()
        shown = [label.get_window_extent(renderer) for label in axes.get_xticklabels() if label.get_text()]
        assert not any(one.overlaps(other) for one, other in combinations(shown, 2))


@pytest.mark.parametrize("seed", range(4))
def test_labels_of_twelve_designs_do_not_overlap(seed):
    figure = figure_of(PARETO, made_frame(seed=seed))
    renderer = figure._get_renderer()
    for axes in figure.axes:
        labels = [t for t in axes.texts if isinstance(t, Annotation) and t.get_text()]
        assert sum(label.get_text().count("\n") + 1 for label in labels) == 12
        boxes = [label.get_window_extent(renderer).padded(-0.5) for label in labels]
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
        dots = [axes.transData.transform(line.get_xydata()[0]) for line in axes.lines if line.get_linestyle() == "None"]
        assert len(dots) == 12
        assert not any(box.contains(*dot) for box in boxes for dot in dots)


def test_the_front_holds_what_nothing_is_better_than():
    points = np.array([[1.0, 4.0], [2.0, 2.0], [2.0, 2.0001], [3.0, 3.0], [4.0, 1.0], [4.0, 1.5]])
    assert on_front(points).tolist() == [True, True, True, False, True, False]


def test_the_ceilings_meet_in_the_turning_point_and_exceed_what_was_found():
    rows = ROOFLINE.numbers(made_frame())
    assert (rows["found"] <= rows[["compute", "memory"]].min(axis=1) * (1 + 1e-12)).all()
    meeting = rows["compute"] / rows["memory"] * rows["bandwidth_gbps"]
    assert meeting.to_numpy() == pytest.approx(rows["turning_point_gbps"].to_numpy())


def test_without_throughput_speeds_are_workloads_a_second():
    rows = ROOFLINE.numbers(made_frame().assign(throughput_gflops=np.nan))
    assert set(rows["unit"]) == {"workloads per second"}
    assert rows["found"].to_numpy() == pytest.approx(1e3 / rows["makespan_ms"].to_numpy())


def test_times_are_over_the_fastest_design_at_the_same_bandwidth():
    rows = TIME.numbers(made_frame())
    least = rows.groupby("bandwidth_gbps")["ratio"].min()
    assert least.tolist() == [1.0, 1.0, 1.0]
    assert (rows["bound_ratio"] <= rows["ratio"]).all()


def test_many_designs_are_divided_by_platform():
    assert [title for title, _ in panels(made_frame())] == [""]
    assert [title for title, _ in panels(made_frame(cores=(2, 4, 8)))] == [f"platform{i}" for i in range(6)]


def test_ticks_are_spread():
    assert spread([1.0, 2.0, 4.0, 8.0], 9) == [1.0, 2.0, 4.0, 8.0]
    assert spread(list(np.arange(1.0, 101.0)), 4)[-1] == 100.0
    assert len(spread(list(np.arange(1.0, 101.0)), 4)) <= 5


def test_files_are_written_once_and_again_if_one_is_gone(tmp_path):
    frame = made_frame(platforms=2, cores=(4,))
    names = {path.name for path in write_sweep(frame, tmp_path)}
    assert names == {f"{f.name}.{s}" for f in FIGURES for s in ("png", "pdf")} | {
        *(f"{name}.{s}" for name in ("sweep", "designs") for s in ("csv", "tex")),
        "sweep.txt",
    }
    assert write_sweep(frame, tmp_path) == []
    (tmp_path / "time.pdf").unlink()
    assert tmp_path / "time.pdf" in write_sweep(frame, tmp_path)
    assert all((tmp_path / name).stat().st_size > 300 for name in names)
    assert pd.read_csv(tmp_path / "sweep.csv")["makespan_ms"].to_numpy() == pytest.approx(frame["makespan_ms"])


@pytest.mark.parametrize("seed", range(4))
def test_a_label_is_nearest_to_its_own_mark_or_a_line_leads_to_it(seed):
    figure = figure_of(PARETO, made_frame(seed=seed))
    renderer = figure._get_renderer()
    for axes in figure.axes:
        texts = [t for t in axes.texts if isinstance(t, Annotation)]
        led = [text.xy for text in texts if text.arrow_patch is not None]
        marks = [line.get_xydata()[0] for line in axes.lines if line.get_linestyle() == "None"]
        dots = axes.transData.transform(marks)
        for text in texts:
            if text.get_text() and text.xy not in led:
                box = text.get_window_extent(renderer)
                away = np.linalg.norm(np.clip(dots, box.min, box.max) - dots, axis=1)
                assert np.linalg.norm(dots[away.argmin()] - axes.transData.transform(text.xy)) < 4.0


@pytest.mark.parametrize(("kind", "platforms"), [(ROOFLINE, 5), (ROOFLINE, 2), (TIME, 7)])
def test_every_panel_without_one_below_has_numbers_on_its_axis(kind, platforms):
    figure = figure_of(kind, made_frame(platforms=platforms, cores=(2, 4, 8) if kind is TIME else (4,)))
    boxes = [axes.get_position() for axes in figure.axes]
    for axes, box in zip(figure.axes, boxes, strict=True):
        lowest = not any(o.y1 < box.y0 and abs(o.x0 - box.x0) < 0.05 for o in boxes)
        assert lowest == any(label.get_text() and label.get_visible() for label in axes.get_xticklabels())


def test_the_times_over_the_fastest_design_have_a_tick_at_one():
    assert 1.0 in figure_of(TIME, made_frame(platforms=3)).axes[1].get_yticks()
