"""The picture of the paper's claims shows what the figures and the reference archive hold."""

import runpy
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]


def test_the_claims_are_those_of_the_figures_and_of_the_archive():
    script = runpy.run_path(str(ROOT / "tests" / "trials" / "claims.py"))
    found = script["measured"]()
    told = pd.read_csv(ROOT / "docs" / "reproduction" / "claims.csv")
    pd.testing.assert_frame_equal(found, told, rtol=1e-5)
    assert set(told["against"]) == set(script["GROUPS"])
