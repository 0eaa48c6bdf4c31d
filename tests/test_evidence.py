"""The catalogue against the rendered stills of bodies that nothing was tuned on."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from clips import load_clips  # noqa: E402
from judged import all_stills, check_stills, is_fault, judge, per_still  # noqa: E402

from posecheck.form import check_form  # noqa: E402
from posecheck.landmarks import LandmarkSeries  # noqa: E402
from posecheck.stretches import load_stretch, stretch_ids  # noqa: E402


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    """A row a still of a test body in which its stretch was found."""
    stills = [still for still in all_stills() if still.facts["split"] == "test"]
    tables = [per_still(judge(check_stills(stills, load_stretch(name)))) for name in stretch_ids()]
    table = pd.concat(tables, ignore_index=True)
    return table[table["found"]]


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


# --- cues of time: the clips, played at another speed ---------------------------------------------


@pytest.fixture(scope="module")
def clips() -> dict[str, LandmarkSeries]:
    return {clip.facts["stretch"]: clip.series for clip in load_clips()}


def played(name: str, series: LandmarkSeries, t_s: np.ndarray) -> dict[str, str]:
    """Status of the alignment cues of a clip whose frames come at other times."""
    checked = check_form(replace(series, t_s=t_s), load_stretch(name))
    return {cue.id: cue.status for cue in checked.cues if cue.kind == "alignment"}


def test_uneven_reps_fail_the_even_tempo(clips: dict[str, LandmarkSeries]) -> None:
    name = "toe-touch-to-extension"
    times = clips[name].t_s
    assert played(name, clips[name], times)["even-tempo"] == "pass"
    # Reps begin at 1.2 s, every 3 s; every other one takes twice as long.
    slow = ((times - 1.2) // 3.05) % 2 == 1
    steps = np.diff(times, prepend=times[0]) * np.where(slow, 2.0, 1.0)
    uneven = played(name, clips[name], np.cumsum(steps))
    assert uneven["even-tempo"] == "fail"
    assert "fail" not in (uneven["knees-soft"], uneven["arms-overhead"])


def test_short_holds_fail_the_three_counts(clips: dict[str, LandmarkSeries]) -> None:
    name = "prone-heel-to-hand"
    assert played(name, clips[name], clips[name].t_s)["hold-3s"] == "pass"
    hurried = played(name, clips[name], clips[name].t_s / 2)
    assert hurried["hold-3s"] == "fail"
    assert hurried["arms-in-t"] == "pass"
