"""For every reason there is a rendered picture that gives it, and everything that shows it says so.

The pictures are the rendered stills and clips that benchmarks/data holds, as the model saw them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.clips import load_clips
from benchmarks.stills import load_stills
from posecheck.assess.cue_result import CueResult
from posecheck.assess.cues import judge_cue
from posecheck.assess.interval import Interval, Performed
from posecheck.assess.judge import check_series
from posecheck.assess.pain import spare_depth
from posecheck.assess.reasons import HiddenMeasure, ReasonCode
from posecheck.assess.report import Report
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.landmarks.series import LandmarkSeries
from posecheck.live.engine.guide import explain_not_judged
from posecheck.measures.hidden import Cause
from posecheck.measures.measured import CleanedClip
from posecheck.stretches import load_stretch
from posecheck.stretches.schema import Cue
from tests.fixtures.paths import REPO

# (code, still, stretch it is checked against, cue, words that the explanation has)
STILLS = [
    ("nobody", "train-1-00087-pelvic-tilt-knees-too-straight", "pelvic-tilt", "knees-bent",
     "whole body in the picture"),
    ("wrong_view", "train-1-00020-forearm-cat-cow-cat-neck-dropped-50", "forearm-cat-cow",
     "neck-neutral", "Turn side-on"),
    ("out_of_picture", "train-1-00029-forward-fold-correct", "forward-fold", "arms-straight",
     "Move the camera back"),
    ("low_visibility", "tune-7-00149-doorway-hamstring-propped", "doorway-hamstring",
     "raised-leg-straight", "was hidden"),
    ("no_outline", "tune-7-00302-forearm-cat-cow-cat", "forearm-cat-cow", "neck-neutral",
     "the whole back in the picture"),
    ("camera_turned", "tune-7-00251-leg-lift-lift-30", "leg-lift", "legs-straight",
     "Put the camera square"),
    ("disagreement", "train-1-00018-childs-pose-head-up", "childs-pose", "head-down",
     "Bring the camera closer"),
    ("proportions", "test-1-00072-bridge-feet-near", "bridge", "knees-at-90",
     "pointed at the camera"),
    ("needs_time", "train-1-00000-cat-cow-neck-craned-50", "cat-cow", "hips-stay",
     "Film a video"),
    ("near_limit", "tune-7-00192-bridge-hips-low", "bridge", "knees-at-90",
     "too near to the limit"),
    ("half_shown", "train-1-00064-forearm-cat-cow-neutral", "forearm-cat-cow", "hands-together",
     "from the front"),
    ("not_performed", "train-1-00008-hand-heel-rock-arms-bent", "hand-heel-rock", "sit-back",
     "Go all the way into sit-back"),
    ("other_position", "train-1-00033-cobra-lying", "cobra", "hips-down",
     "Check that this is the stretch you mean"),
]  # fmt: skip
# What comes of a measure's values alone is made with a cue of that measure.
OF_A_MEASURE = [
    ("impossible", "test-1-00096-frog-stretch-hips-back", "hip_flexion", "left"),
]
TOLD_LIVE = {
    *("wrong_view", "out_of_picture", "low_visibility", "no_outline", "camera_turned"),
    *("disagreement", "proportions", "near_limit", "half_shown", "jump", "impossible"),
}


@cache
def stills() -> dict[str, LandmarkSeries]:
    tables = (load_stills(name) for name in ("reasons", "tune"))
    return {still.facts["name"]: still.series for table in tables for still in table}


def cue_of(measure: str) -> Cue:
    check = {"measure": measure, "of": "held", "target": [0, 1]}
    advice = {"low": "more", "high": "less"}
    return Cue.model_validate(
        {"id": "it", "kind": "alignment", "title": "It", "check": [check], "advice": advice}
    )


def judged(series: LandmarkSeries, measure: str, side: str, rows: slice) -> CueResult:
    """A cue of one measure over some frames, whatever the body does in them."""
    stretch = load_stretch("single-knee-to-chest")
    readings = StretchMeasures(stretch, CleanedClip.of(series).seen_by("trunk"))
    start_s, end_s = series.t_s[rows.start], series.t_s[rows.stop - 1]
    hold = Interval("hold", "hold", side, start_s, end_s, rows.start, rows.stop)  # type: ignore[arg-type]
    performed = Performed(side, [hold])  # type: ignore[arg-type]
    return judge_cue(cue_of(measure), performed, readings, is_photo=False)


def assert_told(report: Report, result: CueResult) -> None:
    """The terminal, the page and the notebook explain it; live says what a person can change."""
    assert result.why is not None
    explanation = result.why.explanation
    flat = " ".join(str(report).split())
    assert explanation in flat
    for page in (report.to_html(), report._repr_html_()):
        text = " ".join(page.replace("&#39;", "'").split())
        assert explanation in text
    message = explain_not_judged(result)
    assert (message is not None) == (result.reason_code in TOLD_LIVE)
    if message is not None:
        assert result.advice[1:].rstrip(".") in message.text


def with_only(report: Report, result: CueResult) -> Report:
    """The report with another result in the place of all others."""
    passed = replace(report.cues[0], status="pass", why=None, observed=1.0)
    return replace(report, cues=(passed, result), verdict="good")


@pytest.mark.parametrize(("code", "still", "stretch", "cue", "words"), STILLS)
def test_still(code: str, still: str, stretch: str, cue: str, words: str) -> None:
    report = check_series(stills()[still], load_stretch(stretch))
    result = next(r for r in report.cues if r.id == cue and r.status == "not_assessed")
    assert result.reason_code == code
    assert result.why is not None
    assert words in result.why.explanation
    assert_told(report, result)


@pytest.mark.parametrize(("code", "still", "measure", "side"), OF_A_MEASURE)
def test_measure(code: str, still: str, measure: str, side: str) -> None:
    series = stills()[still]
    result = judged(series, measure, side, slice(0, 1))
    assert result.reason_code == code
    assert result.hidden == {code: 1.0}
    assert_told(with_only(check_series(series, load_stretch("bridge")), result), result)


def jumping() -> tuple[LandmarkSeries, slice]:
    """A rendered clip in which the model mistook an ankle for a moment, and when."""
    series = next(c.series for c in load_clips() if c.facts["stretch"] == "foam-roller-extension")
    measured = CleanedClip.of(series).seen_by("trunk")
    column = measured.table["left_ankle_dorsiflexion"].to_numpy()
    for row in np.flatnonzero(~np.isfinite(column)):
        result = judged(series, "ankle_dorsiflexion", "left", slice(int(row), int(row) + 1))
        if result.reason_code == ReasonCode.jump:
            return series, slice(int(row), int(row) + 1)
    raise AssertionError("no ankle jumps in this clip")


def test_jump_and_what_a_cleaned_file_does_not_say() -> None:
    series, rows = jumping()
    result = judged(series, "ankle_dorsiflexion", "left", rows)
    assert isinstance(result.why, HiddenMeasure)
    assert "jumped about" in result.why.text
    assert_told(with_only(check_series(series, load_stretch("bridge")), result), result)
    cleaned = CleanedClip.of(series).cleaned
    again = judged(cleaned, "ankle_dorsiflexion", "left", rows)
    assert again.reason_code == ReasonCode.undetermined
    assert_told(with_only(check_series(series, load_stretch("bridge")), again), again)


def test_pain() -> None:
    still = "train-1-00032-legs-up-the-wall-knees-bent"
    report = spare_depth(check_series(stills()[still], load_stretch("legs-up-the-wall")), 4, None)
    spared = [cue for cue in report.cues if cue.reason_code == ReasonCode.pain]
    assert [cue.kind for cue in spared] == ["depth"]
    assert_told(report, spared[0])


def test_every_code_has_its_picture() -> None:
    shown = {row[0] for row in STILLS} | {row[0] for row in OF_A_MEASURE}
    assert shown | {"jump", "undetermined", "pain"} == {code.value for code in ReasonCode}


def test_every_code_is_explained_in_the_docs() -> None:
    text = (REPO / "docs" / "recordings.md").read_text(encoding="utf-8")
    assert all(f"| `{code.value}` |" in text for code in ReasonCode)


def test_causes_are_codes() -> None:
    assert {cause.name for cause in Cause} - {"seen"} <= {code.value for code in ReasonCode}


def test_a_hidden_joint_is_named_with_what_lies_over_it() -> None:
    """The elbow of a body on its forearms, which the other arm covers."""
    still = "tune-7-00065-forearm-cat-cow-elbows-behind"
    report = check_series(stills()[still], load_stretch("forearm-cat-cow"))
    assert "The right wrist was hidden by the other arm in the photo." in str(report)
