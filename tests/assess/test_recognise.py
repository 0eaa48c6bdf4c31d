"""Which stretch is it? On stick figures and sample clips."""

from __future__ import annotations

import pytest

import posecheck as pc
from posecheck.assess.recognise import Recognition, recognise
from posecheck.measures.measured import CleanedClip
from posecheck.stretches import Stretch, load_stretch, stretch_ids, unknown_stretch
from posecheck.stretches.drawing import figure_landmarks
from tests.fixtures.bodies import LEGS_UP, STANDING, Pose, stick_figure
from tests.fixtures.paths import SAMPLES

ALL = [load_stretch(name) for name in stretch_ids()]


def recognised(pose: Pose, **camera: float) -> Recognition:
    return recognise(CleanedClip.of(stick_figure(pose, kind="photo", **camera)), ALL)  # type: ignore[arg-type]


@pytest.mark.parametrize("stretch", ALL, ids=lambda stretch: stretch.id)
def test_a_drawing_is_recognised_or_unclear(stretch: Stretch) -> None:
    """Never as another one; some are moments of each other, or differ by a wall."""
    for figure in stretch.figures:
        found = recognise(CleanedClip.of(figure_landmarks(stretch, figure)), ALL)
        assert found.stretch in (stretch, None)
        assert stretch.id in [candidate.stretch.id for candidate in found.candidates[:3]]


def test_most_drawings_are_recognised() -> None:
    first = [recognise(CleanedClip.of(figure_landmarks(s, s.figures[0])), ALL).stretch for s in ALL]
    assert sum(found is not None for found in first) > 0.6 * len(ALL)


def test_legs_up_from_either_side() -> None:
    for side in ("left", "right"):
        best = recognised(LEGS_UP, near_side=side).candidates[0]  # type: ignore[arg-type]
        assert best.stretch.id == "legs-up-the-wall"


def test_standing_about_is_no_stretch() -> None:
    found = recognised(STANDING)
    assert found.stretch is None
    assert "--stretch" in found.words


def test_wrong_view_is_not_recognised() -> None:
    """From the feet, legs up the wall could be anything."""
    assert recognised(LEGS_UP, yaw_deg=90).stretch is None


def test_nobody() -> None:
    series = stick_figure(LEGS_UP, kind="photo")
    series.image[:] = series.world[:] = float("nan")
    series.visibility[:] = float("nan")
    found = recognise(CleanedClip.of(series), ALL)
    assert found.stretch is None
    assert "nearest" not in found.words


@pytest.mark.parametrize("name", ["legs-up-the-wall", "childs-pose", "forearm-cat-cow"])
def test_check_without_a_stretch(name: str) -> None:
    report = pc.check(SAMPLES / f"{name}.mp4")
    assert report.stretch.id == name
    assert "Recognised" in report.warnings[0]
    told = pc.check(report.series, name)
    assert [cue.status for cue in report.cues] == [cue.status for cue in told.cues]


def test_check_that_does_not_know() -> None:
    report = pc.check(SAMPLES / "legs-up-the-wall-wrong-view.mp4")
    assert report.stretch is unknown_stretch()
    assert report.verdict == "not-assessed"
    assert "not clear" in report.warnings[0]
    assert report.to_dict()["stretch"] == "unknown"
    assert "unknown" not in stretch_ids()
