"""Real photos and clips, where they lie beside the repository."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import posecheck as pc
from posecheck.landmarks.series import LandmarkSeries

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
PHOTOS = sorted((FOOTAGE / "photos").glob("*.jpg"))

pytestmark = pytest.mark.skipif(not PHOTOS, reason="the footage is not here")


@cache
def _clip(name: str) -> LandmarkSeries:
    return pc.estimate(FOOTAGE / "clips" / f"{name}.mp4")


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.stem)
def test_every_photo_is_answered(path: Path) -> None:
    series = pc.estimate(path)
    for stretch in pc.stretch_ids():
        report = pc.check(series, stretch)
        assert report.verdict in {"good", "needs-work", "not-assessed"}
        assert report.to_json()


@pytest.mark.parametrize(
    ("photo", "stretch", "verdict"),
    [
        ("Childs_Pose_0", "childs-pose", "good"),
        ("Cat_Stretch_0", "cat-cow", "good"),
        ("One_Knee_To_Chest_1", "single-knee-to-chest", "good"),
        ("Standing_Toe_Touches_1", "forward-fold", "good"),
        ("Toe_Touchers_0", "legs-up-the-wall", "good"),
        ("90_90_Hamstring_1", "legs-up-the-wall", "not-assessed"),  # only one leg is up
        ("Hug_Knees_To_Chest_1", "single-knee-to-chest", "not-assessed"),  # both knees are in
        ("Plank_1", "cat-cow", "not-assessed"),
        ("Seated_Overhead_Stretch_0", "forward-fold", "not-assessed"),
    ],
)
def test_photo_gets_the_verdict_an_onlooker_gives(photo: str, stretch: str, verdict: str) -> None:
    report = pc.check(FOOTAGE / "photos" / f"{photo}.jpg", stretch)
    assert report.verdict == verdict


def test_arms_that_do_not_reach_are_seen() -> None:
    report = pc.check(FOOTAGE / "photos" / "Childs_Pose_1.jpg", "childs-pose")
    assert [cue.id for cue in report.to_change] == ["arms-reach"]


def test_reps_of_a_real_cat_cow() -> None:
    report = pc.check(_clip("cat-cow-side"), "cat-cow")
    assert report.verdict == "good"
    assert report.dose.reps["both"] == 2


def test_shots_of_an_edited_clip_are_told_apart() -> None:
    series = _clip("knee-to-chest-side")
    report = pc.check(series, "single-knee-to-chest")
    assert [hold.side for hold in report.holds] == ["right", "left"]
    # The title card ends at 3 s, the close-up runs from 15 to 20.6 s, the end card from 37.9 s.
    for hold in report.holds:
        assert hold.start_s > 3
        assert not (hold.start_s < 20.6 and hold.end_s > 15.05)
        assert hold.end_s < 31
    cuts = series.t_s[1:][np.diff(series.shot) > 0]
    for true in (14.95, 20.65):
        assert np.abs(cuts - true).min() < 0.05


@pytest.mark.parametrize("name", ["portrait-lab-cam01", "portrait-lab-cam03"])
def test_portrait_clips_are_upright(name: str) -> None:
    series = _clip(name)
    assert series.source.height > series.source.width
    head, feet = series.point("nose")[:, 1], series.point("left_ankle")[:, 1]
    assert np.nanmedian(feet - head) > 0.2 * series.source.height


def test_one_of_two_people_is_followed() -> None:
    series = _clip("walking-two-people")
    middle = series.image[series.seen][:, [11, 12, 23, 24]].mean(axis=1)
    steps = np.linalg.norm(np.diff(middle, axis=0), axis=1)
    # Nobody crosses a fifth of the picture between two looks.
    gaps = np.diff(series.t_s[series.seen])
    assert steps[gaps < 0.2].max() < 0.2 * series.source.width
    assert any("More than one person" in note for note in series.warnings)
