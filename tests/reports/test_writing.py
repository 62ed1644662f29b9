from __future__ import annotations

import re
import subprocess
import sys

import pandas as pd
import pytest

from problems.foundation.errors import StorageError
from reports import write_report
from reports.figures import FIGURES
from reports.frames.summary import TARGETS, make_tables
from reports.published import published
from reports.storage.campaign_folder import read_campaign


def test_the_report_holds_page_figures_and_tables(tiny, tmp_path):
    page = write_report(tiny, tmp_path / "report")
    found = sorted(str(path.relative_to(tmp_path / "report")) for path in (tmp_path / "report").rglob("*.*"))
    figures = [f"figures/{drawing.name}.{suffix}" for drawing in FIGURES for suffix in ("csv", "pdf", "png")]
    names = [table.name for table in published(make_tables(tiny))]
    tables = [f"tables/{name}.{suffix}" for name in names for suffix in ("csv", "tex")]
    beside = [f"tables/{name}.csv" for name in ("columns", "runs", "trajectories")]
    assert found == sorted([*figures, "report.html", *tables, *beside])
    assert page == tmp_path / "report" / "report.html"
    assert (
        page.read_text(encoding="utf-8").count("data:image/svg+xml;base64,") == len(FIGURES) - 1
    )  # without convergence-cpu


def test_every_file_is_linked_beside_what_it_holds(tiny, tmp_path):
    page = write_report(tiny, tmp_path)
    links = set(re.findall(r'href="([a-z][^:"#]*)"', page.read_text(encoding="utf-8")))
    assert links == {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} - {page.name}


def test_a_report_on_nothing_is_written(make_campaign, tmp_path):
    assert "0 of 0 runs" in write_report(make_campaign([]), tmp_path).read_text(encoding="utf-8")


def test_a_report_on_failed_and_missing_runs_is_written(make_run, make_campaign, tmp_path):
    runs = [make_run(status="failed", message="no"), make_run("random", status="missing")]
    assert "0 of 2 runs" in write_report(make_campaign(runs), tmp_path).read_text(encoding="utf-8")


def test_the_tables_read_back(tiny, tmp_path):
    write_report(tiny, tmp_path)
    runs = pd.read_csv(tmp_path / "tables" / "runs.csv")
    assert len(runs) == 12
    columns = pd.read_csv(tmp_path / "tables" / "columns.csv")
    assert set(runs.columns) == set(columns.loc[columns["table"] == "runs", "column"])
    for path in [*(tmp_path / "tables").glob("*.csv"), *(tmp_path / "figures").glob("*.csv")]:
        name = path.stem if path.parent.name == "tables" else f"figures/{path.stem}"
        if name != "columns":
            known = columns.loc[columns["table"] == name, ["column", "meaning"]]
            assert pd.read_csv(path).columns.tolist() == known["column"].tolist()
            assert known["meaning"].str.len().min() > 5


@pytest.mark.parametrize("targets", TARGETS)
def test_targets_are_gaps_to_what_is_asked_for(tiny, tmp_path, targets):
    write_report(tiny, tmp_path, targets=targets)
    reached = pd.read_csv(tmp_path / "tables" / "runtimes.csv")["reached"]
    assert (reached.max() == 1.0) == (targets == "best")  # one of the runs is the best


def test_improvements_are_a_table_that_tells_them_all(make_run, make_campaign, tmp_path):
    run = make_run(best=1.5)
    write_report(make_campaign([run, make_run("random", best=None)]), tmp_path)
    table = pd.read_csv(tmp_path / "tables" / "trajectories.csv")
    assert list(table) == ["case", "optimizer", "seed", "evaluation", "seconds", "cpu_seconds", "best_value"]
    assert table["best_value"].tolist() == run.trace_values.tolist()
    assert table["evaluation"].tolist() == [1, 10, 50]
    assert table["cpu_seconds"].tolist() == [0.2, 0.4, 0.6]


def test_own_gaps_and_an_own_level_are_those_of_tables_figures_and_texts(tiny, tmp_path):
    page = write_report(tiny, tmp_path, gaps=(0.7, 0.07), level=0.9).read_text(encoding="utf-8")
    runtimes = pd.read_csv(tmp_path / "tables" / "runtimes.csv")
    assert [name for name in runtimes if name.startswith("ert_") and "cpu" not in name] == ["ert_7", "ert_70"]
    assert "90 % percentile bootstrap intervals" in page
    assert "Targets are gaps of 7, 70 % to the reference" in page
    assert "bands are 90 % bootstrap intervals" in page
    assert "corrected p below 0.1 and" in page
    assert "do not differ at the 10 % level" in page
    columns = pd.read_csv(tmp_path / "tables" / "columns.csv")
    assert columns["meaning"].str.contains("90 %").sum() >= 10
    assert not columns["meaning"].str.contains(r"95 %|[{}]").any()
    assert "95 %" not in page.split("</style>")[1].split("<script")[0]


def test_figures_in_pdf_have_their_fonts_embedded_as_outlines(tiny, tmp_path):
    write_report(tiny, tmp_path)
    assert b"/Type3" not in (tmp_path / "figures" / "throughput.pdf").read_bytes()


def test_a_second_report_replaces_the_first(tiny, make_run, make_campaign, tmp_path):
    write_report(tiny, tmp_path)
    write_report(make_campaign([make_run()], name="second"), tmp_path)
    assert "second" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_folder_that_cannot_be_written_is_an_error_of_the_suite(tiny, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        write_report(tiny, tmp_path / "file")


def test_real_runs_make_a_report(finished_campaign, tmp_path):
    page = write_report(read_campaign(finished_campaign), tmp_path / "report")
    assert "12 of 12 runs" in page.read_text(encoding="utf-8")


def test_import_of_the_package_is_light():
    code = "import reports, sys; print([m for m in ('pandas', 'matplotlib', 'jinja2', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_names_of_the_package_are_attribute_errors():
    import reports

    with pytest.raises(AttributeError, match="nothing"):
        _ = reports.nothing
