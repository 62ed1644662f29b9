"""
Judging results in Python
=========================

Read results, choose among them, judge, and report, with the stable names of ``reports``.
"""

# %%
# Something to judge: a small campaign, and results of a method that cannot run here.
import tempfile
from pathlib import Path

import bench
import problems
import reports

folder = Path(tempfile.mkdtemp())
(folder / "small.toml").write_text("""
problems = ["{mix,vision}/S2/bw1/g20/i{0..2}"]
optimizers = ["random", "magma", "native-sa"]
seeds = 2
budget = 300
""")
results = bench.run(folder / "small.toml", folder / "runs")
bound = problems.get("mix/S2/bw1/g20/i0").lower_bound()
theirs = folder / "theirs.csv"
size = theirs.write_text(f"problem,optimizer,seed,evaluations,value\nmix/S2/bw1/g20/i0,theirs,0,300,{1.5 * bound}\n")

# %%
# Read campaigns, in folders or packed; several are read as one. Results made elsewhere come from CSV files.
campaign = reports.read_results([results], foreign=[theirs])

# %%
# Choose among the runs.
campaign = reports.select(campaign, ["problem=mix/*", "optimizer=magma", "optimizer=random", "optimizer=theirs*"])

# %%
# Make the tables: targets are gaps of 30 and 3 % to the bound, intervals have a level of 90 %. All are pandas frames.
tables = reports.make_tables(campaign, gaps=(0.3, 0.03), level=0.9)
tables.runs.groupby(["case", "optimizer"])["value"].median()

# %%
tables.overall[["optimizer", "runs", "mean_rank", "ratio", "notes"]]

# %%
tables.trajectories.groupby("optimizer")["cpu_seconds"].max()

# %%
# Judge: the verdict on each pair, and who leads in one sentence.
verdicts = reports.pair_table(tables)
print(*verdicts.warnings, sep="\n")
print(reports.leading_sentence(tables))
verdicts.frame[["optimizer", "other", "ratio", "p_corrected", "verdict"]]

# %%
# Any other table of the report, by the name of its file; what its columns mean is in the table.
published = {table.name: table for table in reports.published(tables)}
print(published["runtimes"].meaning["ert_30"])
published["runtimes"].frame[["case", "optimizer", "ert_30", "ert_cpu_30"]]

# %%
# Compare one campaign with another, or with itself: an optimizer of the first with one of the second.
reports.compare(campaign, campaign, [("random", "magma")]).overall.frame[["ratio", "verdict"]]

# %%
# Write the report, with the same targets and level.
page = reports.write_report(campaign, folder / "judged", gaps=(0.3, 0.03), level=0.9)
print(page.name)
