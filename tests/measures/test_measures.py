"""The measures, on figures posed with known angles."""

from __future__ import annotations

import tomllib
import warnings
from dataclasses import replace
from functools import partial
from importlib import resources
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posecheck.landmarks.series import Landmark, LandmarkSeries, Side
from posecheck.measures.calibration import load_calibration
from posecheck.measures.camera_view import View, compute_view_track
from posecheck.measures.catalogue import MEASURES, Unit
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.formulas.back import FULL_BOW, STRAIGHT_BOW, rounding
from posecheck.measures.measured import compute_measures as compute_corrected
from posecheck.pose.silhouette import N_POINTS
from tests.fixtures.bodies import (
    ALL_FOURS,
    HIP_M,
    LEGS_UP,
    PRONE,
    SHANK_M,
    SHOULDER_M,
    STANDING,
    SUPINE,
    THIGH_M,
    TORSO_M,
    Pose,
    Sides,
    mirrored,
    stick_figure,
    times,
)

# The figures' angles are exact: there is nothing to correct.
compute_measures = partial(compute_corrected, correct=False)

FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None)
SIDES: tuple[Side, Side] = ("left", "right")
BOTH = pytest.mark.parametrize("near", SIDES)
# The same in whatever direction the body lies; angles first, then lengths.
TURN_FREE = (
    *("hip_flexion", "knee_flexion", "elbow_flexion", "shoulder_flexion", "ankle_dorsiflexion"),
    *("body_line", "head_pitch", "neck_flexion", "hip_flexion_lead"),
    *("hip_heel_distance", "wrist_hip_distance", "wrist_knee_distance", "wrist_shin_distance"),
    *("wrist_separation", "knee_separation"),
)


def angles(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def sides(low: float, high: float) -> st.SearchStrategy[Sides]:
    return st.builds(Sides, angles(low, high), angles(low, high))


POSES = st.builds(
    Pose,
    trunk=angles(-95, 130),
    hip=sides(-30, 140),
    knee=sides(0, 150),
    ankle=sides(-50, 30),
    shoulder=sides(-40, 180),
    elbow=sides(0, 140),
    neck=angles(-40, 60),
    head=angles(-50, 60),
)
NEAR = st.sampled_from(SIDES)
# From the front the shoulders stand wider than the hips, so the torso is a little longer.
FRONT_TORSO_M = float(np.hypot(TORSO_M, SHOULDER_M - HIP_M))


def measured(series: LandmarkSeries) -> pd.Series:
    """The first frame's row; nothing that numpy would warn of may reach a person."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compute_measures(series).iloc[0]


def columns(*names: str) -> list[str]:
    return [MEASURES[n].column(s) for n in names for s in (SIDES if MEASURES[n].sided else (None,))]


def assert_alike(a: pd.Series, b: pd.Series, names: list[str]) -> None:
    for name in names:
        difference = a[name] - b[name]
        if name.endswith(tuple(n for n in MEASURES if MEASURES[n].unit == "deg")):
            difference = (difference + 180) % 360 - 180  # both ends of a range are one angle
        assert difference == pytest.approx(0, abs=1e-4), name


# --- the table ----------------------------------------------------------------------------------


def described() -> dict[str, dict[str, object]]:
    file = resources.files("posecheck.measures").joinpath("catalogue.toml")
    text = file.read_text(encoding="utf-8")
    return tomllib.loads(text)


def test_every_description_has_a_formula_and_every_formula_a_description() -> None:
    assert set(described()) == set(FORMULAS) == set(MEASURES)


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_descriptions_make_sense(name: str) -> None:
    measure = MEASURES[name]
    assert measure.name == name
    assert measure.unit in get_args(Unit)
    assert measure.views and set(measure.views) <= set(get_args(View)) - {"oblique", "unknown"}
    assert len(set(measure.views)) == len(measure.views)
    assert all((measure.label, measure.zero, measure.sign, measure.source))
    assert 0 < measure.sem < (40 if measure.unit == "deg" else 0.5)
    known = {mark.name for mark in Landmark}
    for point in measure.points:
        assert {point, f"left_{point}"} & known, point
    if measure.prolonged:
        assert measure.unit == "deg" and len(measure.points) == 3
    if measure.possible:
        low, high = measure.possible
        assert low < 0 < high


def test_one_column_a_measure_and_side() -> None:
    table = compute_measures(stick_figure(t_s=times(0.2)))
    expected = []
    for name, measure in MEASURES.items():
        expected += [f"left_{name}", f"right_{name}"] if measure.sided else [name]
    assert table.columns.tolist() == expected
    assert table.index.name == "t_s"
    assert table.index.tolist() == times(0.2).tolist()
    assert set(table.dtypes) == {np.dtype(float)}
    assert table.attrs["torso_from_leg"] is False
    assert compute_measures(stick_figure(kind="photo")).attrs["torso_from_leg"] is True


@pytest.mark.parametrize("view", ["side", "front", "end-on"])
def test_a_measure_is_silent_in_views_that_do_not_show_it(view: str) -> None:
    pose, yaw = (SUPINE, 90) if view == "end-on" else (STANDING, 90 if view == "front" else 0)
    series = stick_figure(replace(pose, shoulder=40, hip=50, knee=60, arm_out=20), yaw_deg=yaw)
    series = replace(series, outline=np.full((1, 2, N_POINTS), 40.0))
    assert compute_view_track(series).view.tolist() == [view]
    row = measured(series)
    for name, measure in MEASURES.items():
        for column in columns(name) if name != "wrist_travel" else ():  # one picture has no travel
            assert np.isfinite(row[column]) == (view in measure.views), column


def test_from_an_oblique_view_nothing_is_said() -> None:
    assert measured(stick_figure(yaw_deg=45)).isna().all()


def test_the_camera_may_have_been_judged_before() -> None:
    series = stick_figure(LEGS_UP)
    assert compute_measures(series, track=compute_view_track(series)).equals(
        compute_measures(series)
    )
    front = compute_view_track(stick_figure(yaw_deg=90))
    assert np.isnan(compute_measures(series, track=front)["left_hip_flexion"]).all()


# --- what must not matter -----------------------------------------------------------------------


@given(pose=POSES, near=NEAR)
@FEW
def test_the_angles_posed_are_the_angles_measured(pose: Pose, near: Side) -> None:
    row = measured(stick_figure(pose, near_side=near))
    for side in SIDES:
        for name in ("hip", "knee", "shoulder", "elbow"):
            posed = getattr(getattr(pose, name), side)
            assert row[f"{side}_{name}_flexion"] == pytest.approx(posed, abs=1e-4)
        assert row[f"{side}_ankle_dorsiflexion"] == pytest.approx(getattr(pose.ankle, side))
    assert row["trunk_inclination"] == pytest.approx(pose.trunk, abs=1e-4)
    assert row["head_pitch"] == pytest.approx(pose.head, abs=1e-4)
    assert row["neck_flexion"] == pytest.approx(pose.neck, abs=1e-4)
    assert row["left_hip_flexion_lead"] == pytest.approx(
        pose.hip.left - pose.hip.right,
        abs=1e-4,
    )


@given(
    pose=POSES,
    near=NEAR,
    roll=angles(-180, 180),
    scale=angles(60, 330),
    x=angles(700, 1220),
    y=angles(500, 580),
)
@FEW
def test_turned_moved_and_scaled_bodies_measure_alike(
    pose: Pose, near: Side, roll: float, scale: float, x: float, y: float
) -> None:
    upright = measured(stick_figure(pose, near_side=near))
    moved = measured(
        stick_figure(pose, near_side=near, roll_deg=roll, px_per_m=scale, hip_px=(x, y))
    )
    assert_alike(moved, upright, columns(*TURN_FREE))
    lean = roll if near == "right" else -roll
    difference = moved["trunk_inclination"] - upright["trunk_inclination"] - lean
    assert (difference + 180) % 360 - 180 == pytest.approx(0, abs=1e-4)


@given(pose=POSES, scale=angles(60, 330), x=angles(700, 1220), y=angles(500, 580))
@FEW
def test_place_and_distance_change_no_measure(pose: Pose, scale: float, x: float, y: float) -> None:
    there = measured(stick_figure(pose, px_per_m=scale, hip_px=(x, y)))
    names = [name for name in there.index if np.isfinite(there[name])]
    assert len(names) > 40
    assert_alike(there, measured(stick_figure(pose)), names)


@given(pose=POSES, near=NEAR, roll=angles(-60, 60))
@FEW
def test_a_mirror_exchanges_the_sides_and_nothing_else(pose: Pose, near: Side, roll: float) -> None:
    series = stick_figure(pose, near_side=near, roll_deg=roll)
    here, there = measured(series), measured(mirrored(series))
    for name, measure in MEASURES.items():
        if "side" in measure.views and not measure.outline and name != "wrist_travel":
            for side in SIDES:
                other = "right" if side == "left" else "left"
                upright = abs(np.sin(np.radians(here[f"{side}_shank_inclination"]))) < 0.01
                if name == "hip_over_leg" and upright:
                    continue  # an upright leg has no upper side
                sign = -1 if name == "shoulder_tilt" else 1
                difference = here[measure.column(side)] - sign * there[measure.column(other)]
                assert (difference + 180) % 360 - 180 == pytest.approx(0, abs=1e-4), name


@given(pose=POSES, size=st.sampled_from([(1080, 1920), (4000, 1100), (1500, 1500)]))
@FEW
def test_the_shape_of_the_picture_does_not_matter(pose: Pose, size: tuple[int, int]) -> None:
    place = (540.0, 540.0)
    wide = measured(stick_figure(pose, hip_px=place))
    other = measured(stick_figure(pose, hip_px=place, size=size))
    assert np.array_equal(wide, other, equal_nan=True)


# --- known poses --------------------------------------------------------------------------------


@BOTH
def test_standing_upright_is_zero(near: Side) -> None:
    row = measured(stick_figure(STANDING, near_side=near))
    names = ["hip_flexion", "knee_flexion", "elbow_flexion", "shoulder_flexion"]
    names += ["ankle_dorsiflexion", "trunk_inclination", "thigh_inclination", "shank_inclination"]
    names += ["upper_arm_inclination", "arm_inclination", "head_pitch", "neck_flexion"]
    names += ["hip_flexion_lead", "hip_position", "ankle_lead", "knee_lead", "knee_lift"]
    names += ["knee_separation", "wrist_separation"]
    for name in columns(*names):
        assert row[name] == pytest.approx(0, abs=1e-6), name
    for side in SIDES:
        assert row[f"{side}_body_line"] == pytest.approx(180)
        assert row[f"{side}_leg_elevation"] == pytest.approx(-90)
        assert row[f"{side}_forearm_elevation"] == pytest.approx(-90)
    assert row["trunk_elevation"] == pytest.approx(90)


@BOTH
def test_legs_up_the_wall(near: Side) -> None:
    row = measured(stick_figure(LEGS_UP, near_side=near))
    for side in SIDES:
        assert row[f"{side}_hip_flexion"] == pytest.approx(90)
        assert row[f"{side}_knee_flexion"] == pytest.approx(0, abs=1e-6)
        assert row[f"{side}_leg_elevation"] == pytest.approx(90)
        assert row[f"{side}_body_line"] == pytest.approx(90)
    assert row["trunk_inclination"] == pytest.approx(-90)
    assert row["trunk_elevation"] == pytest.approx(0, abs=1e-6)


@BOTH
@pytest.mark.parametrize(
    ("pose", "inclination"), [(STANDING, 0), (PRONE, 90), (SUPINE, -90), (Pose(trunk=120), 120)]
)
def test_trunk_inclination(near: Side, pose: Pose, inclination: float) -> None:
    row = measured(stick_figure(pose, near_side=near))
    assert row["trunk_inclination"] == pytest.approx(inclination, abs=1e-6)


@BOTH
def test_extension_is_negative(near: Side) -> None:
    far: Side = "left" if near == "right" else "right"
    pose = Pose(hip=Sides(**{near: -15.0, far: 40.0}), shoulder=-30)
    row = measured(stick_figure(pose, near_side=near))
    assert row[f"{near}_hip_flexion"] == pytest.approx(-15)
    assert row[f"{near}_hip_flexion_lead"] == pytest.approx(-55)
    assert row[f"{far}_hip_flexion_lead"] == pytest.approx(55)
    assert row[f"{near}_shoulder_flexion"] == pytest.approx(-30)


@BOTH
@pytest.mark.parametrize("trunk", [0, -90, 90])
def test_arms_overhead_and_knees_bent(near: Side, trunk: float) -> None:
    row = measured(stick_figure(Pose(trunk=trunk, shoulder=180, knee=90), near_side=near))
    for side in SIDES:
        assert row[f"{side}_shoulder_flexion"] == pytest.approx(180)
        assert row[f"{side}_knee_flexion"] == pytest.approx(90)


@BOTH
def test_arms_a_little_past_overhead_go_on_rising(near: Side) -> None:
    row = measured(stick_figure(Pose(shoulder=200), near_side=near))
    assert row["left_shoulder_flexion"] == pytest.approx(200)


@BOTH
def test_toes_towards_the_shin_are_positive(near: Side) -> None:
    row = measured(stick_figure(Pose(ankle=Sides(20, -40)), near_side=near))
    assert row["left_ankle_dorsiflexion"] == pytest.approx(20)
    assert row["right_ankle_dorsiflexion"] == pytest.approx(-40)
    series = stick_figure(Pose(ankle=20), near_side=near)
    knee, toes, heel = (
        series.point(f"{near}_{name}")[0] for name in ("knee", "foot_index", "heel")
    )
    level = stick_figure(near_side=near)
    assert np.hypot(*(toes - knee)) < np.hypot(
        *(level.point(f"{near}_foot_index")[0] - level.point(f"{near}_knee")[0])
    )
    assert toes[1] < heel[1]


@BOTH
def test_chin_to_the_chest_is_positive(near: Side) -> None:
    down = stick_figure(Pose(head=30), near_side=near)
    assert down.point("nose")[0, 1] > down.point("left_ear")[0, 1]
    assert measured(down)["head_pitch"] == pytest.approx(30)
    assert measured(stick_figure(Pose(head=-40), near_side=near))["head_pitch"] == pytest.approx(
        -40
    )
    on_fours = measured(stick_figure(replace(ALL_FOURS, head=25, neck=10), near_side=near))
    assert on_fours["head_pitch"] == pytest.approx(25)
    assert on_fours["neck_flexion"] == pytest.approx(10)


@BOTH
def test_hips_that_sag_and_hips_that_pike(near: Side) -> None:
    sag = measured(stick_figure(Pose(trunk=80, hip=-12), near_side=near))
    pike = measured(stick_figure(Pose(trunk=100, hip=20), near_side=near))
    assert sag[f"{near}_body_line"] == pytest.approx(192)
    assert pike[f"{near}_body_line"] == pytest.approx(160)
    assert sag[f"{near}_thigh_line"] == pytest.approx(192)
    assert pike[f"{near}_thigh_line"] == pytest.approx(160)
    assert sag[f"{near}_hip_over_leg"] == pytest.approx(0, abs=1e-6)


@BOTH
def test_the_hip_is_as_high_above_the_knee_whatever_the_shank_does(near: Side) -> None:
    """Face down with the chest up; thighs that rise towards the hips, shanks flat or in the air."""
    for knee in (25, 90):
        lifted = measured(stick_figure(Pose(trunk=50, hip=-15, knee=knee), near_side=near))
        height = THIGH_M * np.sin(np.radians(25)) / TORSO_M
        assert lifted[f"{near}_hip_height"] == pytest.approx(height)


@BOTH
def test_segments_that_hang_or_point_forward(near: Side) -> None:
    row = measured(stick_figure(ALL_FOURS, near_side=near))
    for side in SIDES:
        assert row[f"{side}_arm_inclination"] == pytest.approx(0, abs=1e-6)
        assert row[f"{side}_thigh_inclination"] == pytest.approx(0, abs=1e-6)
        assert row[f"{side}_shank_inclination"] == pytest.approx(-90)
    ahead = measured(stick_figure(Pose(trunk=90, shoulder=110, hip=70, knee=20), near_side=near))
    for side in SIDES:
        assert ahead[f"{side}_upper_arm_inclination"] == pytest.approx(20)
        assert ahead[f"{side}_thigh_inclination"] == pytest.approx(-20)
        assert ahead[f"{side}_shank_inclination"] == pytest.approx(-40)


@BOTH
@pytest.mark.parametrize(
    ("joint", "name", "end"), [("hip", "hip_flexion", 0), ("ankle", "ankle_dorsiflexion", 1)]
)
def test_what_no_body_can_do_was_mistaken(near: Side, joint: str, name: str, end: int) -> None:
    limit, outwards = MEASURES[name].possible[end], (-1, 1)[end]
    for beyond, shown in ((-2, True), (2, False)):
        row = measured(stick_figure(Pose(**{joint: limit + outwards * beyond}), near_side=near))
        assert np.isfinite(row[f"{near}_{name}"]) == shown


# --- distances ----------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("scale", [100.0, 330.0])
def test_distances_are_in_torso_lengths(near: Side, scale: float) -> None:
    row = measured(stick_figure(LEGS_UP, near_side=near, px_per_m=scale))
    leg = np.hypot(THIGH_M + SHANK_M + 0.05, 0.05)
    for side in SIDES:
        assert row[f"{side}_hip_heel_distance"] == pytest.approx(leg / TORSO_M)
    row = measured(stick_figure(Pose(trunk=-90, hip=Sides(0, 90)), near_side=near, px_per_m=scale))
    assert row["knee_separation"] == pytest.approx(np.sqrt(2) * THIGH_M / TORSO_M)
    assert row["right_wrist_knee_distance"] > row["left_wrist_hip_distance"]


@BOTH
def test_a_photo_measures_in_torso_lengths_of_the_near_leg(near: Side) -> None:
    row = measured(stick_figure(LEGS_UP, near_side=near, kind="photo"))
    leg = np.hypot(THIGH_M + SHANK_M + 0.05, 0.05)
    assert row["left_hip_heel_distance"] == pytest.approx(leg / 0.66 / (THIGH_M + SHANK_M))


@BOTH
def test_the_nearer_wrist_holds_the_shin(near: Side) -> None:
    series = stick_figure(Pose(trunk=-90, hip=100, knee=100), near_side=near)
    shin = (series.point(f"{near}_knee") + series.point(f"{near}_ankle"))[0] / 2
    for holding in SIDES:
        image = series.image.copy()
        image[0, Landmark[f"{holding}_wrist"]] = shin
        column = f"{near}_wrist_shin_distance"
        held = replace(series, image=image)
        assert measured(held)[column] == pytest.approx(0, abs=1e-6)
        image[0, Landmark[f"{'left' if holding == 'right' else 'right'}_wrist"]] = np.nan
        assert measured(held)[column] == pytest.approx(0, abs=1e-6)


def test_a_wrist_beyond_the_shin_is_as_far_as_its_end() -> None:
    series = stick_figure(Pose(trunk=-90, hip=90))
    ankle = series.point("right_ankle")[0]
    for wrist in (Landmark.left_wrist, Landmark.right_wrist):
        series.image[0, wrist] = ankle + np.array([0, -0.26 * 300])
    assert measured(series)["right_wrist_shin_distance"] == pytest.approx(0.5)


@BOTH
def test_heights_over_the_floor(near: Side) -> None:
    row = measured(stick_figure(STANDING, near_side=near))
    for side in SIDES:
        knee = (SHANK_M + 0.05) / TORSO_M
        assert row[f"{side}_knee_floor_distance"] == pytest.approx(knee)
    fingers = THIGH_M + SHANK_M + 0.05 + TORSO_M - 0.63
    assert row[f"{near}_knuckle_floor_distance"] == pytest.approx(fingers / TORSO_M)
    assert row["head_height"] == pytest.approx((TORSO_M + 0.20) / TORSO_M)
    assert row["nose_height"] == pytest.approx(0, abs=1e-6)
    for ankle in (30, -30):  # on the heels, on the toes: the lower end of the foot is the floor
        series = stick_figure(Pose(ankle=ankle), near_side=near)
        floor = max(series.point(f"{near}_{end}")[0, 1] for end in ("heel", "foot_index"))
        height = (floor - series.point(f"{near}_knee")[0, 1]) / 300 / TORSO_M
        assert measured(series)[f"{near}_knee_floor_distance"] == pytest.approx(height)
    far = "right" if near == "left" else "left"
    series = stick_figure(STANDING, near_side=near)
    for mark in ("knee", "heel", "foot_index"):  # seen from above, all that is far lies higher
        series.image[0, Landmark[f"{far}_{mark}"], 1] -= 30
    assert measured(series)[f"{far}_knee_floor_distance"] == pytest.approx(knee)
    chin_up = measured(stick_figure(Pose(head=-90), near_side=near))
    assert chin_up["nose_height"] == pytest.approx(0.12 / TORSO_M)


@BOTH
def test_one_foot_ahead_and_its_knee_higher(near: Side) -> None:
    """Half-kneeling with the left leg behind."""
    half_kneeling = Pose(hip=Sides(0, 90), knee=Sides(90, 90))
    row = measured(stick_figure(half_kneeling, near_side=near))
    ahead = (SHANK_M + THIGH_M) / TORSO_M
    assert row["right_ankle_lead"] == pytest.approx(ahead)
    assert row["left_ankle_lead"] == pytest.approx(-ahead)
    assert row["right_knee_lead"] == pytest.approx(THIGH_M / TORSO_M)
    assert row["left_knee_lead"] == pytest.approx(-THIGH_M / TORSO_M)
    assert row["right_knee_lift"] == pytest.approx(THIGH_M / TORSO_M)
    front = measured(stick_figure(half_kneeling, yaw_deg=90))
    assert front["left_knee_lift"] == pytest.approx(-THIGH_M / FRONT_TORSO_M)


@BOTH
def test_hips_ahead_of_the_knees_and_above_the_legs(near: Side) -> None:
    ahead = measured(stick_figure(Pose(hip=-20, trunk=0), near_side=near))
    shift = THIGH_M * np.sin(np.radians(20)) / TORSO_M
    assert ahead[f"{near}_hip_position"] == pytest.approx(shift)
    lifted = measured(stick_figure(Pose(trunk=90, hip=30, knee=30), near_side=near))
    height = THIGH_M * np.sin(np.radians(30)) / TORSO_M
    assert lifted[f"{near}_hip_over_leg"] == pytest.approx(height)


# --- from the front, from above, from the feet ----------------------------------------------------


@pytest.mark.parametrize("yaw", [90, -90])
@pytest.mark.parametrize("lean", [25, -25])
def test_leaning_sideways(yaw: float, lean: float) -> None:
    row = measured(stick_figure(Pose(lean=lean), yaw_deg=yaw))
    assert row["left_lateral_trunk_inclination"] == pytest.approx(lean)
    assert row["right_lateral_trunk_inclination"] == pytest.approx(-lean)
    assert row["shoulder_tilt"] == pytest.approx(-lean)
    assert row["hip_tilt"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "camera",
    [
        {"yaw_deg": 90},
        {"yaw_deg": -90},
        {"yaw_deg": 90, "roll_deg": 30},
        {"trunk": -90, "tilt_deg": 90},
        {"trunk": -90, "tilt_deg": 90, "yaw_deg": 90},
        {"trunk": -90, "yaw_deg": 90},
        {"trunk": -90, "yaw_deg": 90, "tilt_deg": 30},
    ],
    ids=["front", "back", "turned", "above", "above, along", "feet", "feet, looking down"],
)
@pytest.mark.parametrize("twist", [30, -30])
def test_shoulders_turned_to_the_left_are_positive(twist: float, camera: dict[str, float]) -> None:
    pose = Pose(twist=twist, trunk=camera.get("trunk", 0.0))
    series = stick_figure(pose, **{k: v for k, v in camera.items() if k != "trunk"})  # type: ignore[arg-type]
    assert measured(series)["left_trunk_rotation"] == pytest.approx(twist)
    assert measured(series)["right_trunk_rotation"] == pytest.approx(-twist)


@pytest.mark.parametrize(
    ("pose", "camera"),
    [
        (STANDING, {"yaw_deg": 90}),
        (STANDING, {"yaw_deg": -90}),
        (SUPINE, {"tilt_deg": 90}),
        (SUPINE, {"tilt_deg": 90, "roll_deg": 75}),
    ],
    ids=["front", "back", "above", "above, turned"],
)
def test_limbs_away_from_the_body(pose: Pose, camera: dict[str, float]) -> None:
    apart = replace(pose, arm_out=Sides(90, 30), thigh_out=Sides(35, 15))
    row = measured(stick_figure(apart, **camera))  # type: ignore[arg-type]
    assert row["left_arm_abduction"] == pytest.approx(90)
    assert row["right_arm_abduction"] == pytest.approx(30)
    assert row["left_thigh_abduction"] == pytest.approx(35)
    assert row["right_thigh_abduction"] == pytest.approx(15)
    assert row["thigh_separation"] == pytest.approx(50)
    assert row["thigh_difference"] == pytest.approx(20)
    out = THIGH_M * np.sin(np.radians(35)) / FRONT_TORSO_M
    assert row["left_knee_hip_offset"] == pytest.approx(out)


@pytest.mark.parametrize("yaw", [90, -90])
def test_knees_that_fall_in_or_out(yaw: float) -> None:
    series = stick_figure(yaw_deg=yaw)
    inwards = np.sign(series.point("right_hip") - series.point("left_hip"))[0] * [1, 0]
    series.image[0, Landmark.left_knee] += 0.1 * 300 * inwards
    row = measured(series)
    assert row["left_knee_foot_offset"] == pytest.approx(-0.1 / FRONT_TORSO_M)
    assert row["left_knee_hip_offset"] == pytest.approx(-0.1 / FRONT_TORSO_M)
    assert row["left_knee_past_midline"] == pytest.approx(0, abs=1e-6)
    assert row["right_knee_foot_offset"] == pytest.approx(0, abs=1e-6)
    series.image[0, Landmark.left_knee] += 0.2 * 300 * inwards
    assert measured(series)["left_knee_past_midline"] == pytest.approx(0.2 / FRONT_TORSO_M)


@pytest.mark.parametrize("yaw", [90, -90])
@pytest.mark.parametrize("turned", [30.0, -30.0])
def test_head_turned(yaw: float, turned: float) -> None:
    row = measured(stick_figure(Pose(face=turned), yaw_deg=yaw))
    assert row["left_head_turn"] == pytest.approx(turned)
    assert row["right_head_turn"] == pytest.approx(-turned)


@pytest.mark.parametrize("drop", [0.0, 60.0, -60.0])
def test_knees_dropped_to_one_side(drop: float) -> None:
    """Seen from the feet: hips at 90 degrees, then rolled under a chest that stays."""
    up = stick_figure(replace(LEGS_UP, knee=90), yaw_deg=90, tilt_deg=40)
    rolled = stick_figure(replace(LEGS_UP, knee=90, roll=drop), yaw_deg=90, tilt_deg=40)
    world = up.world.copy()
    legs = [Landmark[f"{s}_{joint}"] for s in SIDES for joint in ("knee", "ankle")]
    world[:, legs] = rolled.world[:, legs]
    row = measured(replace(up, world=world))
    assert row["left_knee_drop"] == pytest.approx(drop, abs=1e-4)
    assert row["right_knee_drop"] == pytest.approx(-drop, abs=1e-4)


def test_heel_to_the_opposite_hand() -> None:
    series = stick_figure(replace(PRONE, arm_out=90), tilt_deg=90)
    series.image[0, Landmark.left_wrist] = series.point("right_ankle")[0] + np.array([0, 156])
    assert measured(series)["right_ankle_to_other_wrist"] == pytest.approx(0.52 / FRONT_TORSO_M)


# --- the back -----------------------------------------------------------------------------------


def with_back(series: LandmarkSeries, behind: np.ndarray, before: float = 200.0) -> LandmarkSeries:
    """Give a side-on figure a back of so many torso lengths; its belly must not matter."""
    near = compute_view_track(series).near_side[0]
    rows = [np.full(N_POINTS, before), behind * TORSO_M * 300]
    return replace(series, outline=np.array([rows if near == "right" else rows[::-1]]))


ARC = np.linspace(-1, 1, N_POINTS)


@BOTH
@pytest.mark.parametrize("roll", [0, 100])
def test_a_flat_back_has_height_and_no_bow(near: Side, roll: float) -> None:
    figure = stick_figure(ALL_FOURS, near_side=near, roll_deg=roll)
    row = measured(with_back(figure, np.full(N_POINTS, 0.25)))
    assert row["back_height"] == pytest.approx(0.25)
    assert row["back_bow"] == pytest.approx(0, abs=1e-6)


@BOTH
def test_rounding_is_positive_and_arching_negative(near: Side) -> None:
    figure = stick_figure(ALL_FOURS, near_side=near)
    cat = measured(with_back(figure, 0.25 + 0.15 * (1 - ARC**2)))
    cow = measured(with_back(figure, 0.25 - 0.10 * (1 - ARC**2)))
    assert cat["back_height"] > 0.3 and cow["back_height"] < 0.22
    assert cat["back_bow"] > 0.04 and cow["back_bow"] < -0.03


NECK = load_calibration().neck
STRAIGHT = float(np.mean(STRAIGHT_BOW))
ROUNDED, ARCHED = STRAIGHT_BOW[1] + FULL_BOW, STRAIGHT_BOW[0] - FULL_BOW


def aligned(pitch: float, bow: float, near: Side = "right", **pose: float) -> float:
    """Head alignment on all fours with a head pitched so far and a back bowed so far."""
    arc = 1 - ARC**2
    arc /= arc[5:-5].mean() - (arc[1:4].mean() + arc[-4:-1].mean()) / 2
    figure = stick_figure(replace(ALL_FOURS, head=pitch, **pose), near_side=near)
    row = measured(with_back(figure, 0.25 + bow * arc))
    assert row["back_bow"] == pytest.approx(bow, abs=1e-9)
    return float(row["head_alignment"])


@BOTH
@pytest.mark.parametrize("bow", [STRAIGHT, STRAIGHT_BOW[0] + 1e-6, STRAIGHT_BOW[1] - 1e-6])
def test_a_level_head_on_a_straight_back_is_aligned(near: Side, bow: float) -> None:
    assert aligned(NECK.level_deg, bow, near) == pytest.approx(0, abs=1e-6)


@given(bend=angles(-60, 60), bow=angles(-0.2, 0.2), near=NEAR)
@FEW
def test_a_bent_neck_is_read_in_full_whatever_the_back_does(
    bend: float, bow: float, near: Side
) -> None:
    bent = aligned(NECK.level_deg + NECK.share * bend, bow, near)
    assert bent - aligned(NECK.level_deg, bow, near) == pytest.approx(bend, abs=1e-6)


@BOTH
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("bend", [-25, 0, 10])
def test_a_head_that_goes_with_the_back_stays_as_it_is(
    near: Side, part: float, bend: float
) -> None:
    straight = NECK.level_deg + NECK.share * bend
    cat = aligned(straight + part * NECK.rounded_deg, STRAIGHT_BOW[1] + part * FULL_BOW, near)
    cow = aligned(straight - part * NECK.arched_deg, STRAIGHT_BOW[0] - part * FULL_BOW, near)
    assert (cat, cow) == (pytest.approx(bend, abs=1e-6), pytest.approx(bend, abs=1e-6))


def test_a_head_that_stays_behind_is_told_apart_for_cat_and_cow() -> None:
    assert aligned(NECK.level_deg, ROUNDED) < -10 and aligned(NECK.level_deg, ARCHED) > 10
    # A back can be bowed further than fully: the neck has nothing more to follow.
    for bow in (ROUNDED, ARCHED):
        assert aligned(0, 2 * bow) == pytest.approx(aligned(0, bow))


@BOTH
@pytest.mark.parametrize(("shoulder", "beyond"), [(70, -20), (110, 20), (170, 40), (20, -30)])
def test_arms_that_carry_the_shoulders_along_do_not_bend_the_neck(
    near: Side, shoulder: float, beyond: float
) -> None:
    pitch = NECK.level_deg + NECK.arms * beyond
    assert aligned(pitch, STRAIGHT, near, shoulder=shoulder) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("bow", "expected"),
    [
        (STRAIGHT, (0, 0)),
        (ROUNDED, (1, 0)),
        (ARCHED, (0, 1)),
        (STRAIGHT_BOW[1] + FULL_BOW / 4, (0.25, 0)),
        (STRAIGHT_BOW[0] - FULL_BOW / 4, (0, 0.25)),
        (9, (1, 0)),
        (-9, (0, 1)),
    ],
)
def test_how_far_a_back_is_rounded_or_arched(bow: float, expected: tuple[float, float]) -> None:
    assert [float(part) for part in rounding(np.array(bow))] == pytest.approx(expected)


def test_without_an_outline_the_back_is_not_measured() -> None:
    row = measured(stick_figure(ALL_FOURS))
    for name in ("back_height", "back_bow", "head_alignment"):
        assert np.isnan(row[name])
    holes = np.full(N_POINTS, 0.25)
    holes[N_POINTS // 2] = np.nan
    assert np.isnan(measured(with_back(stick_figure(ALL_FOURS), holes))["back_height"])


# --- NaN ----------------------------------------------------------------------------------------

NEEDS = {
    "left_knee_flexion": ("left_hip", "left_knee", "left_ankle"),
    "right_hip_flexion": ("right_hip", "right_shoulder", "right_knee"),
    "left_hip_flexion": ("right_hip", "right_shoulder", "left_hip", "left_knee"),
    "left_elbow_flexion": ("left_shoulder", "left_elbow", "left_wrist"),
    "trunk_inclination": ("right_hip", "right_shoulder"),
    "head_pitch": ("nose", "right_ear", "right_shoulder", "right_hip"),
    "left_ankle_dorsiflexion": ("left_knee", "left_ankle", "left_heel", "left_foot_index"),
    "knee_separation": ("left_knee", "right_knee", "right_hip"),  # the hip for L
}


@pytest.mark.parametrize("column", NEEDS)
def test_a_measure_needs_its_landmarks_and_no_others(column: str) -> None:
    series = stick_figure(replace(ALL_FOURS, neck=5), t_s=times(0.3))
    for mark in Landmark:
        visibility = series.visibility.copy()
        visibility[:, mark] = 0.1
        table = compute_measures(replace(series, visibility=visibility))
        hidden = table[column].isna()
        assert hidden.all() if mark.name in NEEDS[column] else not hidden.any(), mark.name


@given(
    pose=POSES,
    near=NEAR,
    marks=st.lists(st.sampled_from(list(Landmark)), max_size=33),
    frames=st.sets(st.integers(0, 8)),
    yaw=st.sampled_from([0, 45, 90]),
)
@FEW
def test_missing_landmarks_give_missing_measures_and_never_an_error(
    pose: Pose, near: Side, marks: list[Landmark], frames: set[int], yaw: float
) -> None:
    whole = stick_figure(pose, t_s=times(0.3), near_side=near, yaw_deg=yaw)
    rows = np.array(sorted(frames), int)[:, None]
    parts = {}
    for name in ("image", "world", "visibility"):
        parts[name] = getattr(whole, name).copy()
        parts[name][rows, marks] = np.nan
    camera = compute_view_track(whole)
    table = compute_measures(replace(whole, **parts), track=camera)
    full = compute_measures(whole, track=camera)
    assert not np.isinf(table.to_numpy()).any()
    # What is still measured reads what it read before: nothing is made up.
    still = table.notna() & full.notna()
    free = columns(*TURN_FREE[:5])
    assert (abs(table[free] - full[free]) < 1e-3).to_numpy()[still[free].to_numpy()].all()
    assert not (table.notna() & full.isna()).to_numpy().any()


def test_nobody_and_nothing() -> None:
    series = stick_figure(t_s=times(0.5))
    empty = {k: np.full_like(getattr(series, k), np.nan) for k in ("image", "world", "visibility")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compute_measures(replace(series, **empty)).isna().to_numpy().all()
        assert len(compute_measures(series.frames(np.zeros(15, bool)))) == 0


def test_a_body_without_size_measures_nothing() -> None:
    series = stick_figure()
    point = replace(series, image=np.full_like(series.image, 100.0))
    row = measured(point)
    for name in columns("hip_flexion", "knee_flexion", "trunk_inclination", "hip_heel_distance"):
        assert np.isnan(row[name]), name


def test_a_wrist_that_wanders() -> None:
    still = stick_figure(PRONE, t_s=times(2.0), tilt_deg=90)
    assert compute_measures(still)["left_wrist_travel"].max() == pytest.approx(0)
    image = still.image.copy()
    image[30:, Landmark.left_wrist, 0] += np.linspace(0, 60, len(image) - 30)
    moved = compute_measures(replace(still, image=image))
    away = 60 / 300 / FRONT_TORSO_M
    assert 0.7 * away < moved["left_wrist_travel"].max() < away
    assert moved["right_wrist_travel"].max() == pytest.approx(0)


def test_a_wrist_that_has_come_to_rest_wanders_no_more() -> None:
    still = stick_figure(PRONE, t_s=times(5.0), tilt_deg=90)
    image = still.image.copy()
    image[:, Landmark.left_wrist, 0] += np.clip(np.arange(len(image)) - 30, 0, 24)
    travel = compute_measures(replace(still, image=image))["left_wrist_travel"]
    assert travel.iloc[60] > 0.1
    assert travel.iloc[-1] == pytest.approx(0)


@pytest.mark.parametrize("lean", [0.0, 25.0])
def test_shoulders_against_the_trunk_do_not_know_its_lean(lean: float) -> None:
    row = measured(stick_figure(Pose(lean=lean), yaw_deg=90))
    assert row["shoulder_line"] == pytest.approx(0, abs=1e-6)
