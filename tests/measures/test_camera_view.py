"""Is the camera right? Figures turned before it by known angles."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from posecheck.landmarks.series import Landmark, LandmarkSeries, Side
from posecheck.measures.camera_view import (
    NOBODY,
    ViewTrack,
    compute_view_track,
    summarise_view,
    view_advice,
)
from posecheck.measures.clean import clean_landmarks
from tests.fixtures.bodies import (
    ALL_FOURS,
    LEGS_UP,
    PRONE,
    STANDING,
    SUPINE,
    Pose,
    mirrored,
    stick_figure,
    times,
)

POSES = {
    "standing": STANDING,
    "supine": SUPINE,
    "prone": PRONE,
    "all fours": ALL_FOURS,
    "legs up": LEGS_UP,
    "folded": Pose(trunk=120, hip=120),
}
SIDES: tuple[Side, Side] = ("left", "right")
T_S = times(2.0)


def seen_once(series: LandmarkSeries) -> tuple[str, str, float]:
    camera = compute_view_track(series)
    return str(camera.view[0]), str(camera.near_side[0]), float(camera.yaw_deg[0])


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
@pytest.mark.parametrize("near", SIDES)
@pytest.mark.parametrize("yaw", [0, 10, 20, 35])
def test_side_views(pose: Pose, near: Side, yaw: float) -> None:
    view, side, found = seen_once(stick_figure(pose, near_side=near, yaw_deg=yaw))
    assert (view, side) == ("side", near)
    assert found == pytest.approx(yaw, abs=1)


@pytest.mark.parametrize("roll", [-135, -90, -30, 45, 90, 180])
@pytest.mark.parametrize("near", SIDES)
def test_a_turned_picture_is_the_same_view(near: Side, roll: float) -> None:
    figure = stick_figure(ALL_FOURS, near_side=near, yaw_deg=15, roll_deg=roll)
    assert seen_once(figure) == ("side", near, pytest.approx(15, abs=1))


def test_a_mirror_exchanges_the_near_side() -> None:
    figure = stick_figure(LEGS_UP, near_side="left", yaw_deg=12)
    assert seen_once(figure)[:2] == ("side", "left")
    assert seen_once(mirrored(figure)) == ("side", "right", pytest.approx(12, abs=1))


@pytest.mark.parametrize("yaw", [80, 90, 100, -90])
def test_front_and_back_views(yaw: float) -> None:
    view, _, found = seen_once(stick_figure(yaw_deg=yaw))
    assert view == "front"
    assert found == pytest.approx(90 - abs(90 - abs(yaw)), abs=1)


@pytest.mark.parametrize("near", SIDES)
@pytest.mark.parametrize("turned", [{"yaw_deg": 20.0}, {"tilt_deg": 12.0}, {"roll_deg": 30.0}])
def test_across_points_from_the_near_side_to_the_far_one(
    near: Side, turned: dict[str, float]
) -> None:
    figure = stick_figure(ALL_FOURS, near_side=near, **turned)  # type: ignore[arg-type]
    far: Side = "left" if near == "right" else "right"
    hips = figure.world_point(f"{far}_hip") - figure.world_point(f"{near}_hip")
    across = compute_view_track(figure).across
    np.testing.assert_allclose(across, hips / np.linalg.norm(hips), atol=1e-9)
    assert across[0, 2] > 0


def test_across_is_a_unit_vector_that_does_not_flicker() -> None:
    yaw = np.linspace(0.0, 35.0, len(T_S))
    calm = compute_view_track(stick_figure(t_s=T_S, yaw_deg=yaw)).across
    noise = np.zeros(len(T_S))
    noise[[7, 20, 41]] = 180.0  # the model takes the left side for the right
    noise[[12, 33]] = 60.0
    across = compute_view_track(stick_figure(t_s=T_S, yaw_deg=yaw + noise)).across
    np.testing.assert_allclose(np.linalg.norm(across, axis=1), 1)
    assert np.degrees(np.arccos(np.clip((across * calm).sum(axis=1), -1, 1))).max() < 3


def test_a_twist_counts_half() -> None:
    _, _, yaw = seen_once(stick_figure(Pose(twist=30), near_side="right"))
    assert yaw == pytest.approx(15, abs=1)


def test_beyond_40_degrees_the_view_is_oblique() -> None:
    assert seen_once(stick_figure(yaw_deg=38))[0] == "side"
    assert seen_once(stick_figure(yaw_deg=42))[0] == "oblique"
    assert seen_once(stick_figure(yaw_deg=48))[0] == "oblique"
    assert seen_once(stick_figure(yaw_deg=52))[0] == "front"


def test_end_on_from_the_feet_or_the_head_of_somebody_lying() -> None:
    assert seen_once(stick_figure(SUPINE, yaw_deg=90))[0] == "end-on"
    assert seen_once(stick_figure(PRONE, yaw_deg=90))[0] == "end-on"


def test_from_above_somebody_lying_is_seen_from_the_front() -> None:
    assert seen_once(stick_figure(SUPINE, tilt_deg=90))[0] == "front"
    assert seen_once(stick_figure(STANDING, tilt_deg=90))[0] == "end-on"


def test_flicker_of_single_frames_is_removed() -> None:
    yaw = np.zeros(len(T_S))
    yaw[[7, 20, 21, 40]] = 70.0
    steady = compute_view_track(stick_figure(t_s=T_S, yaw_deg=yaw))
    assert (steady.view == "side").all()
    yaw = np.zeros(len(T_S))
    yaw[[7, 20, 21, 40]] = 180.0  # the model takes the left side for the right
    assert (compute_view_track(stick_figure(t_s=T_S, yaw_deg=yaw)).near_side == "right").all()


def test_somebody_who_turns_is_seen_to_turn() -> None:
    yaw = np.where(T_S < 1.0, 0.0, 90.0)
    camera = compute_view_track(stick_figure(t_s=T_S, yaw_deg=yaw))
    assert (camera.view[T_S < 0.9] == "side").all()
    assert (camera.view[T_S > 1.1] == "front").all()


def test_each_shot_has_its_own_view() -> None:
    shot = np.repeat([0, 1, 2], [30, 5, 25])
    figure = stick_figure(t_s=T_S, yaw_deg=np.where(shot == 1, 90.0, 0.0))
    assert (compute_view_track(figure).view == "side").all()  # five frames are flicker
    cut = replace(figure, shot=shot)
    assert compute_view_track(cut).view.tolist() == ["side"] * 30 + ["front"] * 5 + ["side"] * 25


def test_where_nobody_is_seen_nothing_is_said() -> None:
    figure = stick_figure(t_s=T_S)
    image, world, visibility = (
        values.copy() for values in (figure.image, figure.world, figure.visibility)
    )
    for values in (image, world, visibility):
        values[10:20] = np.nan
    camera = compute_view_track(replace(figure, image=image, world=world, visibility=visibility))
    gone = np.arange(10, 20)
    assert np.flatnonzero(camera.view == "unknown").tolist() == gone.tolist()
    assert np.flatnonzero(camera.near_side == "").tolist() == gone.tolist()
    assert np.flatnonzero(np.isnan(camera.yaw_deg)).tolist() == gone.tolist()
    assert np.flatnonzero(np.isnan(camera.size)).tolist() == gone.tolist()
    assert np.flatnonzero(np.isnan(camera.across).any(axis=1)).tolist() == gone.tolist()
    assert not camera.whole_body[gone].any()
    assert camera.whole_body[:10].all()


def test_hidden_frames_and_no_frames_are_no_trouble() -> None:
    figure = stick_figure(t_s=T_S)
    visibility = figure.visibility.copy()
    visibility[10:30] = 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        camera = compute_view_track(clean_landmarks(replace(figure, visibility=visibility)))
        assert (camera.view[12:28] == "unknown").all()
        assert np.isnan(camera.size[12:28]).all()
        assert len(compute_view_track(figure.frames(np.zeros(60, bool))).view) == 0


@pytest.mark.parametrize("name", ["nose", "left_wrist", "right_foot_index"])
def test_a_body_that_leaves_the_picture_is_not_whole(name: str) -> None:
    figure = stick_figure()
    assert compute_view_track(figure).whole_body.tolist() == [True]
    for outside in ([-3, 500], [500, 1083], [1925, 500], [500, -1]):
        image = figure.image.copy()
        image[0, Landmark[name]] = outside
        assert compute_view_track(replace(figure, image=image)).whole_body.tolist() == [False]


def test_a_finger_outside_the_picture_does_not_matter() -> None:
    figure = stick_figure()
    image = figure.image.copy()
    image[0, Landmark.left_pinky] = [-5, 10]
    assert compute_view_track(replace(figure, image=image)).whole_body.tolist() == [True]


def test_size_is_the_share_of_the_pictures_diagonal() -> None:
    small, large = (compute_view_track(stick_figure(px_per_m=k)).size[0] for k in (100, 300))
    assert large == pytest.approx(3 * small)
    points = stick_figure(px_per_m=300).image[0]
    diagonal = np.hypot(*(points.max(axis=0) - points.min(axis=0)))
    assert large == pytest.approx(diagonal / np.hypot(1920, 1080))


# --- the verdict --------------------------------------------------------------------------------


def frames(**figure: object) -> ViewTrack:
    return compute_view_track(stick_figure(**{"t_s": T_S, "px_per_m": 500.0} | figure))  # type: ignore[arg-type]


ALL = np.ones(len(T_S), bool)


def test_a_good_side_view_needs_no_advice() -> None:
    camera = summarise_view(frames(near_side="left"), ALL, wanted=("side",), position="standing")
    assert (camera.view, camera.near_side, camera.ok, camera.whole_body) == (
        "side",
        "left",
        True,
        True,
    )
    assert camera.yaw_deg == pytest.approx(0, abs=1)
    assert camera.advice == ()


@pytest.mark.parametrize("near", SIDES)
def test_the_wrong_view_says_which_side_to_turn(near: Side) -> None:
    camera = summarise_view(
        frames(near_side=near, yaw_deg=70.0), ALL, wanted=("side",), position="standing"
    )
    assert (camera.view, camera.ok) == ("front", False)
    assert len(camera.advice) == 1
    assert camera.advice[0].startswith(f"Turn side-on: your {near} side")


def test_a_side_view_where_the_front_is_wanted() -> None:
    camera = summarise_view(frames(), ALL, wanted=("front",), position="seated")
    assert (camera.view, camera.ok) == ("side", False)
    assert camera.advice == ("Turn to face the camera.",)


def test_a_slanted_side_view_passes_with_advice() -> None:
    camera = summarise_view(
        frames(near_side="left", yaw_deg=30.0), ALL, wanted=("side",), position="standing"
    )
    assert camera.ok
    assert camera.yaw_deg == pytest.approx(30, abs=1)
    assert len(camera.advice) == 1
    assert "30°" in camera.advice[0] and "left side" in camera.advice[0]


def test_lying_and_seen_from_the_front_is_from_above() -> None:
    from_above = frames(pose=SUPINE, tilt_deg=90)
    assert summarise_view(from_above, ALL, wanted=("above",), position="supine").view == "above"
    assert summarise_view(from_above, ALL, wanted=("above",), position="supine").ok
    assert summarise_view(from_above, ALL, wanted=("above",), position="standing").view == "front"


def test_nobody_in_view() -> None:
    for keep in (np.zeros(len(T_S), bool), ALL):
        seen = frames()
        if keep.any():
            seen.view[:] = "unknown"
        camera = summarise_view(seen, keep, wanted=("side",), position="standing")
        assert (camera.view, camera.near_side, camera.yaw_deg) == ("unknown", None, None)
        assert not camera.ok and not camera.whole_body
        assert camera.advice == (NOBODY,)


def test_only_the_frames_that_are_judged_count() -> None:
    turning = frames(yaw_deg=np.where(T_S < 1.0, 0.0, 90.0))
    first = summarise_view(turning, T_S < 0.8, wanted=("side",), position="standing")
    second = summarise_view(turning, T_S > 1.2, wanted=("side",), position="standing")
    assert (first.view, second.view) == ("side", "front")


def test_cut_off_and_small_bodies_are_told() -> None:
    cut = summarise_view(frames(hip_px=(960.0, 1000.0)), ALL, wanted=("side",), position="standing")
    assert not cut.whole_body
    assert any("outside the picture" in line for line in cut.advice)
    small = summarise_view(frames(px_per_m=120.0), ALL, wanted=("side",), position="standing")
    assert small.whole_body
    assert any("bring the camera closer" in line for line in small.advice)


def test_advice_names_every_view_that_would_do() -> None:
    advice = view_advice(("side", "above"), "right")
    assert advice.startswith("Turn side-on: your right side")
    assert " Or: Film from above" in advice
    assert "feet" in view_advice(("end-on",), "left")
