"""Reports: tables, figures and an HTML page made from stored runs; nothing here runs an optimizer.

The names of this package are stable: a notebook reads, chooses, judges and reports with no more than these::

    import reports

    campaign = reports.read_results(["runs/quick", "quick.zip"], foreign=["theirs.csv"])  # several are read as one
    campaign = reports.select(campaign, ["problem=mix/*", "optimizer=magma", "optimizer=random"])
    tables = reports.make_tables(campaign, targets="best-known", gaps=(0.1, 0.01), level=0.9)

    tables.runs          # pandas: a row a run
    tables.trajectories  # a row an improvement
    tables.summary       # a row for each problem and optimizer
    tables.overall       # the ranking
    frames = {table.name: table.frame for table in reports.published(tables)}  # and the statistics, by file name

    print(reports.leading_sentence(tables))
    print(reports.pair_table(tables).frame[["optimizer", "other", "ratio", "p_corrected", "verdict"]])
    print(reports.compare(before, after).overall.frame)  # two campaigns, as m3e compare does
    reports.write_report(campaign, "report", gaps=(0.1, 0.01), level=0.9)

Each ``Table`` has the meaning of its columns (``meaning``), and how to read it (``note``, ``warnings``). Campaigns are
never changed, only chosen from. ``docs/examples/plot_judging.py`` is this as a script that runs.

The import is cheap: pandas and matplotlib load when one of these names is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
