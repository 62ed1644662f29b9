"""A notebook as a script: read results, choose, judge, and report. ``python example_judging.py RUNS... THEIRS.csv``."""

import sys

import reports

# %% Read campaigns, in folders or packed; several are read as one. Results made elsewhere come from CSV files.
*runs, theirs = sys.argv[1:]
campaign = reports.read_results(runs, foreign=[theirs])

# %% Choose among the runs.
campaign = reports.select(campaign, ["problem=mix/*", "optimizer=magma", "optimizer=random", "optimizer=theirs*"])

# %% Make the tables: targets are gaps of 30 and 3 % to the bound, intervals have a level of 90 %.
tables = reports.make_tables(campaign, gaps=(0.3, 0.03), level=0.9)
print(tables.runs.groupby(["case", "optimizer"])["value"].median())  # all tables are pandas frames
print(tables.overall[["optimizer", "runs", "mean_rank", "ratio", "notes"]])
print(tables.trajectories.groupby("optimizer")["cpu_seconds"].max())

# %% Judge: the verdict on each pair, and who leads in one sentence.
verdicts = reports.pair_table(tables)
print(verdicts.frame[["optimizer", "other", "ratio", "p_corrected", "verdict"]])
print(*verdicts.warnings, sep="\n")
print(reports.leading_sentence(tables))

# %% Any other table of the report, by the name of its file; what its columns mean is in the table.
published = {table.name: table for table in reports.published(tables)}
print(published["runtimes"].frame[["case", "optimizer", "ert_30", "ert_cpu_30"]])
print(published["runtimes"].meaning["ert_30"])

# %% Compare one campaign with another, or with itself: an optimizer of the first with one of the second.
print(reports.compare(campaign, campaign, [("random", "magma")]).overall.frame[["ratio", "verdict"]])

# %% Write the report, with the same targets and level.
print(reports.write_report(campaign, "judged", gaps=(0.3, 0.03), level=0.9))
