"""The catalogue against the rendered stills of bodies that nothing was tuned on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from judged import judge, per_still  # noqa: E402
from stills import load_stills  # noqa: E402

from posecheck.stretches import load_stretch, stretch_ids  # noqa: E402


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    """A row a still of a test body in which its stretch was found."""
    stills = [*load_stills("full"), *load_stills("views")]
    tables = []
    for name in stretch_ids():
        own = [s for s in stills if s.facts["stretch"] == name and s.facts["split"] == "test"]
        tables.append(per_still(judge(own, load_stretch(name))))
    table = pd.concat(tables, ignore_index=True)
    return table[table["found"]]


def is_fault(table: pd.DataFrame) -> pd.Series:
    return table["fault"].map(lambda fault: isinstance(fault, str))


def test_every_stretch_is_there_and_found(judged: pd.DataFrame) -> None:
    assert len(stretch_ids()) == 26
    assert set(judged["stretch"]) == set(stretch_ids())


def test_faults_fail_their_own_cue(judged: pd.DataFrame) -> None:
    faults = judged[is_fault(judged) & judged["own"].isin(["pass", "fail"])]
    assert len(faults) > 100
    assert (faults["own"] == "fail").mean() >= 0.95


def test_faults_fail_hardly_another_cue(judged: pd.DataFrame) -> None:
    """Of single photos, a tenth of them hard; the clips have none."""
    faults = judged[is_fault(judged)]
    wrongly = faults["others"].str.split().str.len().sum()
    assert wrongly / faults["n_others_judged"].sum() <= 0.04


def test_correct_forms_hardly_fail(judged: pd.DataFrame) -> None:
    correct = judged[~is_fault(judged)]
    assert len(correct) > 100
    assert (correct["others"] != "").mean() <= 0.05


def test_the_table_has_a_row_for_every_stretch() -> None:
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    _, *rows = re.findall(r"^\| ([a-z]+(?:-[a-z]+)*) \|", page, re.MULTILINE)
    assert rows == list(stretch_ids())
