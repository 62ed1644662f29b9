"""The paper's claims against what was measured, in one picture: ``python tests/trials/claims.py``.

Reads the figures' numbers and the agents' runs in ``docs/reproduction``, and the reference archive of ``core``, and
writes ``claims.csv`` and ``claims.png`` beside them: for each claim the ratio of MAGMA's throughput to that of what it
is compared with, a mark for each setting or instance (medians over seeds).
"""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from bench.campaigns.reference import reference
from reports.figures.style import FULL, new_figure, paper_style
from reports.storage.archive import open_archive

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reproduction"
HOMOGENEOUS = ("S1", "S3")

AI_MT = {True: "AI-MT-like, homogeneous", False: "AI-MT-like, heterogeneous"}
HERALD = "Herald-like, homogeneous"
HERALD_SHORT, HERALD_AMPLE = "Herald-like, heterogeneous, 1 to 4 GB/s", "Herald-like, heterogeneous, above 4 GB/s"
HERALD_LARGE = "Herald-like, 500 and 1,000 jobs"
STANDARD_GA = "standard GA"
BOXES = {True: "DE, CMA-ES, TBPSA, PSO, homogeneous", False: "DE, CMA-ES, TBPSA, PSO, heterogeneous"}
AGENTS = "A2C, PPO2 (tasks mixed, S1 to S4)"
PAPERS = "DE, PSO, NSGA-II (core)"
OTHERS = "CMA-ES, annealing of SciPy, ALNS (core)"
NO_CROSSOVERS, NO_MUTATION = "without crossovers", "without mutation"
PLAIN_GA, SWAPS, IDENTIFYING = "plain GA (core)", "annealing that swaps jobs (core)", "identifying black box (core)"
GROUPS = (
    *AI_MT.values(),
    *(HERALD, HERALD_SHORT, HERALD_AMPLE, HERALD_LARGE),
    STANDARD_GA,
    *BOXES.values(),
    AGENTS,
    *(PAPERS, OTHERS),
    *(NO_CROSSOVERS, NO_MUTATION),
    *(PLAIN_GA, SWAPS, IDENTIFYING),
)
CORE = {"native-ga": PLAIN_GA, "native-swap-sa": SWAPS, "native-identifying": IDENTIFYING}
CORE |= dict.fromkeys(("nevergrad-de", "nevergrad-pso", "optuna-nsga2"), PAPERS)
CORE |= dict.fromkeys(("cmaes-cma", "cmaes-catcmawm", "scipy-dual-annealing", "alns"), OTHERS)


def measured() -> pd.DataFrame:
    """A row for each mark of the picture."""
    return pd.DataFrame([*by_task(), *swept(), *groups_of_jobs(), *agents(), *operators(), *core()])


def main() -> None:
    rows = measured()
    rows.to_csv(FOLDER / "claims.csv", index=False, float_format="%.6g")
    with paper_style():
        drawn(rows).savefig(FOLDER / "claims.png", dpi=200)
    print(rows.groupby("against", sort=False)["ratio"].describe()[["count", "min", "50%", "max"]].round(3).to_string())


def by_task():
    """Figures 8 and 9: all methods on S1 and S3, and on S2 and S4, by task."""
    numbers = pd.concat([pd.read_csv(FOLDER / f"{name}.csv") for name in ("fig08", "fig09")]).dropna(subset="value")
    for _, own in numbers[numbers["group"].isin(["vision", "language", "recommendation", "mix"])].iterrows():
        names = mappers(own["platform"], own["bandwidth_gbps"])
        names |= dict.fromkeys(("DE", "CMA-ES", "TBPSA", "PSO"), BOXES[own["platform"] in HOMOGENEOUS])
        if own["optimizer"] in names:
            at = f"{own['group']}/{own['platform']}/{own['bandwidth_gbps']}"
            yield row(names[own["optimizer"]], own["optimizer"], at, 1.0 / own["value"])


def swept():
    """The sweeps of bandwidths and platforms, figures 12 and 13."""
    keys = ["task", "platform", "bandwidth_gbps"]
    numbers = pd.concat([pd.read_csv(FOLDER / f"{name}.csv") for name in ("fig12", "fig13")])
    numbers = numbers.drop_duplicates([*keys, "optimizer"])
    for at, own in numbers.groupby(keys, sort=False):
        found = own.set_index("optimizer")["throughput_gflops"]
        names = mappers(at[1], at[2])
        for name, group in names.items():
            yield row(group, name, "/".join(map(str, at)), found["MAGMA"] / found[name])


def mappers(platform, bandwidth):
    """The groups of the mappers, and of the standard GA, on a platform."""
    alike = platform in HOMOGENEOUS
    herald = HERALD if alike else HERALD_SHORT if bandwidth <= 4.0 else HERALD_AMPLE
    return {"AI-MT-like": AI_MT[alike], "Herald-like": herald, "stdGA": STANDARD_GA}


def groups_of_jobs():
    """Figure 17, from 500 jobs on."""
    numbers = pd.read_csv(FOLDER / "fig17.csv")
    for (panel, jobs), own in numbers[numbers["num_jobs"] >= 500].groupby(["panel", "num_jobs"], sort=False):
        found = own.set_index("optimizer")["throughput_gflops"]
        yield row(HERALD_LARGE, "Herald-like", f"{panel}, {jobs} jobs", found["MAGMA"] / found["Herald-like"])


def operators():
    """Figure 16: the makespan without some operators over that with all, at the end."""
    numbers = pd.read_csv(FOLDER / "fig16.csv")
    last = numbers.sort_values("evaluation", kind="stable").groupby(["case", "optimizer"], sort=False).tail(1)
    for _, own in last[last["optimizer"].isin(["mutation only", "no mutation"])].iterrows():
        group = NO_CROSSOVERS if own["optimizer"] == "mutation only" else NO_MUTATION
        yield row(group, own["optimizer"], own["case"], own["median"])


def agents():
    """Agents of reinforcement learning, on the problems of figures 8 and 9 that mix tasks."""
    yield from beside_magma(open_archive(FOLDER / "agents-runs"), {"A2C": AGENTS, "PPO2": AGENTS}, "MAGMA")


def core():
    """The reference results of the campaign ``core``."""
    yield from beside_magma(reference("core"), CORE, "magma")


def beside_magma(archive, groups, magma):
    """The medians over seeds in an archive, over those of the label ``magma``."""
    values = defaultdict(lambda: defaultdict(list))
    for run in archive.runs():
        values[run.spec.problem][run.label].append(run.best_value)
    for problem, own in values.items():
        for name, group in groups.items():
            if name in own:
                yield row(group, name, problem, float(np.median(own[name]) / np.median(own[magma])))


def row(group: str, name: str, at: str, ratio: float) -> dict[str, object]:
    return {"against": group, "optimizer": name, "at": at, "ratio": ratio}


def drawn(rows: pd.DataFrame) -> Figure:
    figure = new_figure(FULL, 4.2)
    axis = figure.add_subplot()
    for place, group in enumerate(GROUPS):
        own = rows.loc[rows["against"] == group, "ratio"].to_numpy()
        axis.vlines(own, place - 0.3, place + 0.3, colors=[colour(ratio) for ratio in own], linewidths=1, alpha=0.6)
        mean = float(np.exp(np.log(own).mean()))
        axis.plot([mean], [place], "o", color=colour(mean), markersize=5, markeredgecolor="white", zorder=3)
    axis.axvspan(1 / 1.01, 1.01, color="#dddddd", zorder=0)
    axis.set(
        xscale="log", xlim=(0.45, 100), yticks=range(len(GROUPS)), yticklabels=GROUPS, ylim=(len(GROUPS) - 0.4, -0.6)
    )
    ticks = [0.5, 1, 2, 5, 10, 20, 50, 100]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_xlabel("throughput of MAGMA / of what it is compared with (bars: settings; dots: geometric means)")
    axis.grid(axis="x")
    return figure


def colour(ratio: float) -> str:
    return "#0072B2" if ratio > 1.01 else "#D55E00" if ratio < 0.99 else "#6a6a6a"


if __name__ == "__main__":
    main()
