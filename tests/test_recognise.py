"""Which stretch is it? On stick figures and sample clips."""

from __future__ import annotations

from pathlib import Path

import pytest

import posecheck as pc
from posecheck.recognise import Recognition, recognise
from posecheck.stretches import load_stretch, stretch_ids, unknown_stretch
from tests.bodies import LEGS_UP, STANDING, Pose, stick_figure

SAMPLES = Path(__file__).parents[1] / "sample_videos"
ALL = [load_stretch(name) for name in stretch_ids()]


def recognised(pose: Pose, **camera: float) -> Recognition:
    return recognise(stick_figure(pose, kind="photo", **camera), ALL)  # type: ignore[arg-type]


def test_legs_up_from_either_side() -> None:
    for side in ("left", "right"):
        found = recognised(LEGS_UP, near_side=side)  # type: ignore[arg-type]
        assert found.stretch is not None
        assert found.stretch.id == "legs-up-the-wall"
        assert found.candidates[0].stretch is found.stretch
        assert "Legs up the wall" in found.words


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
    found = recognise(series, ALL)
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
