"""A body in the picture: its torso length, its near side, its points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posecheck.landmarks.series import Landmark, LandmarkSeries, Side
from posecheck.measures.body import TORSO_PER_LEG, Body
from posecheck.measures.camera_view import compute_view_track
from tests.fixtures.bodies import SHANK_M, THIGH_M, TORSO_M, Pose, Sides, stick_figure, times

T_S = times(2.0)
SCALE = 300.0
SIDES: tuple[Side, Side] = ("left", "right")


def body_of(series: LandmarkSeries) -> Body:
    return Body.of(series, compute_view_track(series))


def shortened(series: LandmarkSeries, share: np.ndarray) -> LandmarkSeries:
    """The trunk bent, so that the shoulders come nearer to the hips."""
    image = series.image.copy()
    for side in SIDES:
        shoulder, hip = Landmark[f"{side}_shoulder"], Landmark[f"{side}_hip"]
        image[:, shoulder] = image[:, hip] + share[:, None] * (image[:, shoulder] - image[:, hip])
    return replace(series, image=image)


@pytest.mark.parametrize("near", SIDES)
@pytest.mark.parametrize("trunk", [0, 90, -90, 130])
def test_a_straight_torso_is_measured(near: Side, trunk: float) -> None:
    body = body_of(stick_figure(Pose(trunk=trunk), t_s=T_S, near_side=near, px_per_m=SCALE))
    assert body.torso_px == pytest.approx(np.full(60, TORSO_M * SCALE))
    assert not body.torso_from_leg


def test_the_longest_torso_is_the_neutral_one() -> None:
    share = np.where(np.arange(60) < 12, 1.0, 0.7)  # straight for a fifth of the time
    body = body_of(shortened(stick_figure(t_s=T_S, px_per_m=SCALE), share))
    assert body.torso_px == pytest.approx(np.full(60, TORSO_M * SCALE))


def test_a_few_wild_frames_do_not_make_it_longer() -> None:
    share = np.where(np.arange(60) % 15 == 0, 1.5, 1.0)
    body = body_of(shortened(stick_figure(t_s=T_S, px_per_m=SCALE), share))
    assert body.torso_px == pytest.approx(np.full(60, TORSO_M * SCALE))


def test_a_torso_that_was_never_straight_is_guessed_from_the_leg() -> None:
    body = body_of(shortened(stick_figure(t_s=T_S, px_per_m=SCALE), np.full(60, 0.7)))
    assert body.torso_from_leg
    assert body.torso_px == pytest.approx(np.full(60, TORSO_PER_LEG * (THIGH_M + SHANK_M) * SCALE))


@pytest.mark.parametrize("near", SIDES)
@pytest.mark.parametrize("bent", [0.6, 0.95])
def test_a_photo_uses_the_near_leg(near: Side, bent: float) -> None:
    photo = stick_figure(Pose(hip=60, knee=40), near_side=near, kind="photo", px_per_m=SCALE)
    image = photo.image.copy()
    far = "right" if near == "left" else "left"
    image[0, Landmark[f"{far}_knee"]] += [200, 0]
    body = body_of(shortened(replace(photo, image=image), np.array([bent])))
    assert body.torso_from_leg
    assert body.torso_px == pytest.approx([TORSO_PER_LEG * (THIGH_M + SHANK_M) * SCALE])


def test_a_photo_without_a_leg_uses_the_torso() -> None:
    photo = stick_figure(kind="photo", px_per_m=SCALE)
    image = photo.image.copy()
    image[0, Landmark.right_ankle] = np.nan
    body = body_of(replace(photo, image=image))
    assert not body.torso_from_leg
    assert body.torso_px == pytest.approx([TORSO_M * SCALE])


def test_without_a_trunk_the_leg_has_to_do() -> None:
    figure = stick_figure(t_s=T_S, px_per_m=SCALE)
    image = figure.image.copy()
    image[:, Landmark.right_shoulder] = np.nan
    body = Body.of(replace(figure, image=image), compute_view_track(figure))
    assert body.torso_from_leg
    assert body.torso_px == pytest.approx(np.full(60, TORSO_PER_LEG * (THIGH_M + SHANK_M) * SCALE))


def test_each_shot_has_its_own_scale() -> None:
    shot = np.repeat([0, 1], 30)
    figure = replace(stick_figure(t_s=T_S, px_per_m=np.where(shot == 0, 300.0, 150.0)), shot=shot)
    expected = TORSO_M * np.where(shot == 0, 300.0, 150.0)
    assert body_of(figure).torso_px == pytest.approx(expected)


def test_where_nobody_is_there_is_no_torso() -> None:
    figure = stick_figure(t_s=T_S)
    nothing = replace(
        figure,
        image=np.full_like(figure.image, np.nan),
        world=np.full_like(figure.world, np.nan),
        visibility=np.full_like(figure.visibility, np.nan),
    )
    body = body_of(nothing)
    assert np.isnan(body.torso_px).all() and np.isnan(body.forward).all()
    assert not body.torso_from_leg
    assert len(body_of(figure.frames(np.zeros(60, bool))).torso_px) == 0


@pytest.mark.parametrize("near", SIDES)
def test_near_points_are_the_near_sides(near: Side) -> None:
    figure = stick_figure(Pose(hip=Sides(20, 50)), t_s=T_S, near_side=near)
    body = body_of(figure)
    assert np.array_equal(body.near("knee"), figure.point(f"{near}_knee"))
    assert not np.array_equal(figure.point("left_knee"), figure.point("right_knee"))


@pytest.mark.parametrize("near", SIDES)
@pytest.mark.parametrize("roll", [0, 90, 200])
def test_forward_is_where_the_chest_is(near: Side, roll: float) -> None:
    figure = stick_figure(Pose(shoulder=90), near_side=near, roll_deg=roll)
    body = body_of(figure)
    up = (body.near("shoulder") - body.near("hip"))[0]
    arm = (body.near("wrist") - body.near("shoulder"))[0]
    clockwise = np.sign(up[0] * arm[1] - up[1] * arm[0])
    assert body.forward.tolist() == [clockwise]


def test_points_with_and_without_a_side() -> None:
    figure = stick_figure(Pose(hip=Sides(0, 80)))
    body = body_of(figure)
    assert np.array_equal(body.point("knee", "left"), figure.point("left_knee"))
    assert np.array_equal(body.point("right_knee"), figure.point("right_knee"))
    assert np.array_equal(body.point("nose", "left"), figure.point("nose"))
    middle = (figure.point("left_knee") + figure.point("right_knee")) / 2
    assert body.point("knee") == pytest.approx(middle)
